"""A form is read again with every key: rows that did not change are not read again, and nothing else differs."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import Form, Row, RowReading, read
from shopdesk.domain.money import Currency, Marks
from shopdesk.domain.shop import Seller, Shop, ShopTax
from shopdesk.domain.tax import TaxRate

TODAY = date(2026, 11, 22)
SHOP = Shop(
    seller=Seller(name="Corner Shop", country="US"),
    currency=Currency.of("USD"),
    prices_include_tax=True,
    taxes=(ShopTax(key=UUID(int=1), name="Standard", rate=TaxRate.percent(16), is_default=True),),
)
ROWS = (
    Row("Milk", "2", "0.89"),
    Row(),
    Row("Bread", "1", "a lot"),
    Row("Tea", "1", "1.00", "2.00"),
    Row("Milk", "2", "0.89"),
)


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.CREDIT_NOTE])
def test_a_form_reads_the_same_with_rows_that_are_known(kind: Kind) -> None:
    form = Form(key=UUID(int=2), kind=kind, rows=ROWS)
    known: dict[Row, RowReading] = {}
    first = read(form, shop=SHOP, marks=Marks(), today=TODAY, known=known)
    assert read(form, shop=SHOP, marks=Marks(), today=TODAY, known=known) == first
    assert read(form, shop=SHOP, marks=Marks(), today=TODAY) == first
    assert [(fault.field, fault.row) for fault in first.faults] == [("unit_price", 2), ("discount", 3)]
    sign = -1 if kind is Kind.CREDIT_NOTE else 1
    assert first.amounts == (sign * 178, None, None, None, sign * 178)


def test_only_the_row_that_changed_is_read() -> None:
    known: dict[Row, RowReading] = {}
    form = Form(key=UUID(int=2), rows=ROWS)
    read(form, shop=SHOP, marks=Marks(), today=TODAY, known=known)
    before = dict(known)
    changed = replace(form, rows=(Row("Milk", "3", "0.89"), *ROWS[1:]))
    assert read(changed, shop=SHOP, marks=Marks(), today=TODAY, known=known).amounts[0] == 267
    assert known.keys() - before.keys() == {changed.rows[0]}
    assert all(known[row] is before[row] for row in before)
