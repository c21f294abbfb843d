"""Changing many prices at once: it does what it said it would, all or nothing, and overwrites no other change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.activity import Activity
from shopdesk.domain.errors import Refused
from shopdesk.domain.price_change import PriceChange, PriceRounding, ProductChoice
from shopdesk.domain.product import Product
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import activity, price_previews
from shopdesk.queries import products as ask
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.store import products as store_products
from shopdesk.usecases import products
from shopdesk.usecases.price_changes import change_prices
from support.shops import SampleShop

MILK = Product(key=new_key(), code="1", name="Milk", price=8_900, department="Dairy")


@pytest.mark.parametrize(
    ("rounding", "percent", "amount", "before", "after"),
    [
        (PriceRounding.EXACT, 5_000, 0, 8_900, 9_345),
        (PriceRounding.MINOR, 5_000, 0, 8_900, 9_300),
        (PriceRounding.MINOR, -5_000, 0, 10_000, 9_500),
        (PriceRounding.COIN, 5_000, 0, 8_900, 9_500),
        (PriceRounding.COIN, -50_000, 0, 200, 500),  # a price stays one
        (PriceRounding.FIVE, 10_000, 0, 10_000, 11_500),  # in the middle: the higher one
        (PriceRounding.NINE, 10_000, 0, 10_000, 10_900),
        (PriceRounding.NINE, 0, 0, 300, 900),
        (PriceRounding.NINE, 0, 2_000, 9_900, 11_900),
        (PriceRounding.MINOR, 0, -9_000, 8_900, -100),
        (PriceRounding.NINE, 50_000, 500, 0, 0),  # typed at each sale
    ],
)
def test_prices_are_rounded_as_price_tags_are(
    rounding: PriceRounding, percent: int, amount: int, before: int, after: int
) -> None:
    change = PriceChange(percent_milli=percent, amount=amount, rounding=rounding, coin=5)
    assert change.changed(replace(MILK, price=before)).price == after


@given(
    st.integers(0, 10**9), st.integers(-100_000, 1_000_000), st.sampled_from(PriceRounding), st.sampled_from([1, 5, 10])
)
def test_a_rounded_price_is_the_nearest_one_and_never_negative_by_a_percentage(
    price: int, percent: int, rounding: PriceRounding, coin: int
) -> None:
    exact = PriceChange(percent_milli=percent, rounding=PriceRounding.EXACT).changed(replace(MILK, price=price)).price
    found = PriceChange(percent_milli=percent, rounding=rounding, coin=coin).changed(replace(MILK, price=price)).price
    step = {PriceRounding.EXACT: 1, PriceRounding.MINOR: 100, PriceRounding.COIN: 100 * coin}.get(rounding, 1_000)
    assert found >= 0
    assert abs(found - exact) <= step / 2 or exact < step


def test_what_the_check_shows_is_what_is_done_and_journaled(sample_shop: SampleShop) -> None:
    for code, price, department in (
        ("1", 8_900, "Dairy"),
        ("2", 12_000, "Dairy"),
        ("3", 5_000, "Tools"),
        ("4", 0, "Dairy"),
    ):
        product = Product(key=new_key(), code=code, name=f"Item {code}", price=price, department=department)
        sample_shop.do(products.save, product)
    choice = ProductChoice(department="Dairy")
    change = PriceChange(percent_milli=10_000, rounding=PriceRounding.NINE)
    said = sample_shop.ask(price_previews.check, choice=choice, change=change, by=sample_shop.by)
    assert (said.chosen, said.changed, said.negative) == (3, 2, 0)
    first = sample_shop.ask(
        price_previews.preview, choice=choice, change=change, by=sample_shop.by, after=None, limit=2
    )
    rest = sample_shop.ask(price_previews.preview, choice=choice, change=change, by=sample_shop.by, after=first[-1])
    shown = {one.key: one.after.price for one in (*first, *rest)}
    assert sample_shop.do(change_prices, choice, change, state=said.state) == 2
    now = sample_shop.ask(ask.page, text="", after=None)
    assert {one.key: one.price for one in now if one.department == "Dairy"} == shown
    assert [one.price for one in now] == [9_900, 12_900, 5_000, 0]
    told = [
        (one.change.subject, one.change.before, one.change.after)
        for one in sample_shop.ask(activity.page, by=sample_shop.by)
    ]
    assert set(told[:2]) == {("Item 1 (1)", "0.89", "0.99"), ("Item 2 (2)", "1.20", "1.29")}
    with pytest.raises(Refused, match="Another user has changed"):  # the first run has changed them itself
        sample_shop.do(change_prices, choice, change, state=said.state)


def test_a_price_changed_since_the_check_refuses_the_whole_change(sample_shop: SampleShop) -> None:
    tea = sample_shop.do(products.save, replace(MILK, key=new_key(), code="2", name="Tea"))
    milk = sample_shop.do(products.save, replace(MILK, key=new_key()))
    choice, change = ProductChoice(keys=(tea.key, milk.key)), PriceChange(amount=-20_000)
    said = sample_shop.ask(price_previews.check, choice=choice, change=change, by=sample_shop.by)
    assert said.negative == 2
    with pytest.raises(Refused, match="less than nothing"):
        sample_shop.do(change_prices, choice, change, state=said.state)
    sample_shop.do(products.save, replace(tea, price=100), base=tea)
    with pytest.raises(Refused, match="Another user has changed"):
        sample_shop.do(change_prices, choice, replace(change, amount=100), state=said.state)
    assert sample_shop.ask(ask.get, tea.key).price == 100
    with pytest.raises(Refused, match="no longer in use"):
        sample_shop.do(change_prices, choice, replace(change, changes_tax=True, tax_key=new_key()), state=said.state)


def test_many_prices_and_taxes_change_in_one_act(sample_shop: SampleShop) -> None:
    shop = sample_shop.ask(ask_shop.current)
    assert shop is not None
    rates = (*shop.taxes, ShopTax(key=new_key(), name="Reduced", rate=TaxRate.percent(8)))
    sample_shop.change_shop(taxes=rates)
    many = [Product(key=new_key(), code=str(at), name=f"Item {at}", price=100 * at) for at in range(1_500)]
    with sample_shop.database.sessions.begin() as session:
        store_products.add_all(session, many, language="en")
    choice = ProductChoice()
    change = PriceChange(changes_price=False, changes_tax=True, tax_key=rates[-1].key)
    said = sample_shop.ask(price_previews.check, choice=choice, change=change, by=sample_shop.by)
    assert sample_shop.do(change_prices, choice, change, state=said.state) == said.changed == 1_500
    told = sample_shop.ask(activity.page, by=sample_shop.by)[0]
    assert (told.act, told.change.after) == (Activity.TAX, "Reduced, 8 %")
    back = replace(change, tax_key=None)
    said = sample_shop.ask(price_previews.check, choice=choice, change=back, by=sample_shop.by)
    assert sample_shop.do(change_prices, choice, back, state=said.state) == 1_500
    assert {one.tax_key for one in sample_shop.ask(ask.page, text="", after=None, limit=2_000)} == {None}
