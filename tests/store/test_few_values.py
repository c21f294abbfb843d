"""A sale of scanned products asks for a few of them at once, by statements that are compiled once."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import event, select

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.product import Product
from shopdesk.domain.unit import Unit
from shopdesk.row_keys import new_key
from shopdesk.store import few_values, tables
from shopdesk.usecases import customers, documents, products
from support.shops import SampleShop

_CODES = select(tables.products.c.code).where(few_values.among(tables.products.c.key))


def _stocked(sample_shop: SampleShop, count: int) -> list[Product]:
    """Add products at 1.00, every third sold by the kilogram."""
    made = [
        Product(
            key=new_key(),
            code=f"{number}",
            barcode=f"T-{number}",
            name=f"Tea {number}",
            price=10_000,
            unit=Unit.PIECE if number % 3 else Unit.KILOGRAM,
        )
        for number in range(count)
    ]
    for product in made:
        sample_shop.do(products.save, product)
    return made


def _rows(sold: list[Product]) -> list[DraftRow]:
    return [DraftRow(product.name, "1", "1", product_key=product.key) for product in sold]


@pytest.mark.parametrize("count", [0, 1, few_values.AT_ONCE, few_values.AT_ONCE + 1])
def test_each_value_is_asked_for_however_many_there_are(sample_shop: SampleShop, count: int) -> None:
    wanted: list[UUID] = [product.key for product in _stocked(sample_shop, few_values.AT_ONCE + 2)][:count]
    found = sample_shop.ask(
        lambda session: [row.code for asked in few_values.asked(_CODES, wanted) for row in session.fetch(*asked)]
    )
    assert sorted(found, key=int) == [f"{number}" for number in range(count)]


def test_each_of_many_products_has_its_own_unit(sample_shop: SampleShop) -> None:
    sold = _stocked(sample_shop, 2 * few_values.AT_ONCE + 1)
    issued = sample_shop.do(documents.issue, sample_shop.draft(*_rows(sold)))
    assert [line.unit for line in issued.lines] == [product.unit for product in sold]


def test_the_last_of_many_products_may_not_be_too_cheap_either(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(cashier_discount_milli=5_000)
    *others, cheapened = _stocked(sample_shop, few_values.AT_ONCE + 1)
    *dear, last = _rows([*others, cheapened])
    till = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    typed = (cheapened.name, cheapened.code, cheapened.barcode)
    for cheap in (
        DraftRow("Special", "1", "0.50", product_key=cheapened.key),
        *(DraftRow(text, "1", "0.50") for text in typed),
    ):
        with pytest.raises(NotAllowed, match="at most 5 % off") as refused:
            till.do(documents.issue, till.draft(*dear, cheap))
        assert [fault.row for fault in refused.value.faults] == [few_values.AT_ONCE]
    assert till.do(documents.issue, till.draft(*dear, last)).gross.minor == 900


def test_a_cashier_s_sale_of_some_products_asks_no_more_than_a_sale_of_one(sample_shop: SampleShop) -> None:
    sold = _stocked(sample_shop, few_values.AT_ONCE)
    till = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    till.do(documents.issue, till.draft(*_rows(sold[:1])))
    one, some = till.draft(*_rows(sold[:1])), till.draft(*_rows(sold))
    counts = []
    for draft in (one, some):
        sent: list[str] = []

        def on_statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)  # noqa: B023 - heard in this round only

        event.listen(sample_shop.database.engine, "before_cursor_execute", on_statement)
        try:
            till.do(documents.issue, draft)
        finally:
            event.remove(sample_shop.database.engine, "before_cursor_execute", on_statement)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_sale_to_a_merged_customer_is_one_to_the_customer_that_stays(sample_shop: SampleShop) -> None:
    ada, double = (
        sample_shop.do(customers.save, Customer(key=new_key(), name=name, email=f"{name}@example.org"))
        for name in ("Ada", "Adah")
    )
    sample_shop.do(customers.merge, ada, double, base=ada)
    issued = sample_shop.do(documents.issue, replace(sample_shop.draft(), buyer=Buyer.of(double)))
    assert (issued.buyer.key, issued.buyer.name) == (ada.key, "Ada")
