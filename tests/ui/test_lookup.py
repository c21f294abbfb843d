"""What Enter takes of a beginning that somebody typed: what is plain, and nothing else."""

from __future__ import annotations

import pytest

from shopdesk.domain.customer import Customer
from shopdesk.domain.product import Product
from shopdesk.row_keys import new_key
from shopdesk.ui.editor import lookup
from shopdesk.usecases import customers, products
from support.shops import SampleShop


def known(name: str, email: str = "", phone: str = "") -> Customer:
    return Customer(key=new_key(), name=name, email=email, phone=phone)


def sold(code: str, name: str, barcode: str = "") -> Product:
    return Product(key=new_key(), code=code, name=name, price=100, barcode=barcode)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("Household 88", 1),
        ("household  88", 1),
        ("Household 883", 0),
        ("Household", 0),
        ("Ho", 0),
        ("H", -1),
        ("Household 8", -1),  # digits are no beginning
        ("88", -1),
        ("", -1),
        ("   ", -1),
    ],
)
def test_a_beginning_means_the_first_but_digits_mean_themselves(typed: str, at: int) -> None:
    found = [sold("a", "Household 883"), sold("b", "Household 88")]
    assert lookup.match(typed, found, lookup.product_names) == at


def test_where_nothing_is_suggested_nothing_is_meant() -> None:
    assert lookup.match("Tea", [], lookup.product_names) == -1


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("ada@example.org", 1),
        ("ADA@Example.org", 1),
        ("Ada <ada@example.org>", 1),
        ("ad@example.org", -1),  # an address is the whole address
        ("+1 202 555 0123", 0),
        ("202-555-0123", 0),
        ("+1 202 555 0124", -1),
        ("ada by", 0),
        ("Ada", 0),
    ],
)
def test_an_address_or_a_number_means_its_own_customer_alone(typed: str, at: int) -> None:
    found = [known("Ada Byron", phone="+12025550123"), known("Ada Lovelace", "ada@example.org")]
    assert lookup.choice(typed, found, "US") == at


@pytest.fixture
def stocked(shop: SampleShop) -> SampleShop:
    """A shop with products and customers whose names begin alike."""
    for code, name, barcode in (
        ("88", "Household 883", "4006381333931"),
        ("90", "Household 88", ""),
        ("T1", "Tea", ""),
    ):
        shop.do(products.save, sold(code, name, barcode))
    for name, email, phone in (
        ("Ada Byron", "byron@example.org", "+12025550123"),
        ("Ada Lovelace", "ada@example.org", ""),
        ("Adam", "", ""),
    ):
        shop.do(customers.save, known(name, email, phone))
    return shop


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("88", "Household 883"),  # the code is first
        ("4006381333931", "Household 883"),
        ("Household 88", "Household 88"),
        ("te", "Tea"),
        ("tea", "Tea"),
        ("400638133393", None),
        ("coffee", None),
    ],
)
def test_enter_takes_the_product_that_was_meant(stocked: SampleShop, typed: str, name: str | None) -> None:
    found = stocked.ask(lookup.product_meant, typed)
    assert (found.name if found else None) == name


def test_a_product_is_named_by_the_whole_of_its_code_or_name(stocked: SampleShop) -> None:
    for typed, name in (("t1", "Tea"), ("TEA", "Tea"), ("te", None), ("Household 88", "Household 88")):
        found = stocked.ask(lookup.product_named, typed)
        assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ada@example.org", "Ada Lovelace"),
        ("(202) 555-0123", "Ada Byron"),
        ("Adam", "Adam"),
        ("Ada L", "Ada Lovelace"),
        ("Ada", "Ada Byron"),
        ("nobody@example.org", None),
        ("Grace", None),
    ],
)
def test_enter_takes_the_customer_who_was_meant(stocked: SampleShop, typed: str, name: str | None) -> None:
    found = stocked.ask(lookup.customers_meant, typed, "US")
    assert [one.name for one in found] == ([name] if name else [])


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ADA@EXAMPLE.ORG", "Ada Lovelace"),
        ("+12025550123", "Ada Byron"),
        ("Adam", "Adam"),
        ("Ada", None),
        ("", None),
        ("Ada <nobody@example.org>", None),
    ],
)
def test_issuing_finds_a_customer_by_the_whole_of_what_was_typed(
    stocked: SampleShop, typed: str, name: str | None
) -> None:
    found = stocked.ask(lookup.customers_named, typed, "US")
    assert [one.name for one in found] == ([name] if name else [])


def test_who_is_called_or_reached_exactly_so_is_suggested_first_and_once(stocked: SampleShop) -> None:
    found = stocked.ask(lookup.customers_for, "Adam", "US")
    assert [one.name for one in found] == ["Adam"]
    assert stocked.ask(lookup.products_for, "88")[0].name == "Household 883"
    everyone = stocked.ask(lookup.customers_for, "Ada", "US")
    assert len({one.key for one in everyone}) == len(everyone) == 3


def test_enter_takes_none_of_several_who_fit_exactly(stocked: SampleShop) -> None:
    for email in ("second@example.org", "third@example.org"):
        stocked.do(customers.save, known("ada  byron", email))
    for typed in ("Ada Byron", "ADA BYRON"):
        assert len(stocked.ask(lookup.customers_meant, typed, "US")) == 3
        suggested = stocked.ask(lookup.customers_for, typed, "US")
        assert [one.name.casefold() for one in suggested] == ["ada byron"] * 3
        assert lookup.choice(typed, suggested, "US") == -1
    (found,) = stocked.ask(lookup.customers_named, "second@example.org", "US")
    assert found.email == "second@example.org"
