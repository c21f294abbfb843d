"""A form is read again with every key: rows that did not change are not read again, and nothing else differs."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow, ParsedRow, parse
from shopdesk.domain.money import Currency, NumberSymbols
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
    DraftRow("Milk", "2", "0.89"),
    DraftRow(),
    DraftRow("Bread", "1", "a lot"),
    DraftRow("Tea", "1", "1.00", "2.00"),
    DraftRow("Milk", "2", "0.89"),
)


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.CREDIT_NOTE])
def test_a_form_reads_the_same_with_rows_that_are_known(kind: Kind) -> None:
    form = DraftForm(key=UUID(int=2), kind=kind, rows=ROWS)
    known: dict[DraftRow, ParsedRow] = {}
    first = parse(form, shop=SHOP, symbols=NumberSymbols(), today=TODAY, cache=known)
    assert parse(form, shop=SHOP, symbols=NumberSymbols(), today=TODAY, cache=known) == first
    assert parse(form, shop=SHOP, symbols=NumberSymbols(), today=TODAY) == first
    assert [(fault.field, fault.row) for fault in first.faults] == [("unit_price", 2), ("discount", 3)]
    sign = -1 if kind is Kind.CREDIT_NOTE else 1
    assert first.amounts == (sign * 178, None, None, None, sign * 178)


def test_only_the_row_that_changed_is_read() -> None:
    known: dict[DraftRow, ParsedRow] = {}
    form = DraftForm(key=UUID(int=2), rows=ROWS)
    parse(form, shop=SHOP, symbols=NumberSymbols(), today=TODAY, cache=known)
    before = dict(known)
    changed = replace(form, rows=(DraftRow("Milk", "3", "0.89"), *ROWS[1:]))
    assert parse(changed, shop=SHOP, symbols=NumberSymbols(), today=TODAY, cache=known).amounts[0] == 267
    assert known.keys() - before.keys() == {changed.rows[0]}
    assert all(known[row] is before[row] for row in before)
