"""What is written into a cell reads back as the same value, in every language and currency."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind, Line, State
from shopdesk.domain.draft import parse
from shopdesk.domain.money import Currency, NumberSymbols
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Seller, Shop, ShopTax
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import AmountOff, Discount, PercentOff, PricedLine, calculate, line_amount
from shopdesk.render import formatting
from shopdesk.ui.editor.cell_format import CellFormat, ItemColumn, shop_for

LANGUAGES = ["en", "en-IN", "de", "de-CH", "fr", "es", "sw", "ar", "he", "hi", "pl", "ja", "tr", "fa"]
TODAY = date(2026, 11, 22)
TAXES = (
    ShopTax(key=UUID(int=1), name="Standard", rate=TaxRate.percent(16), is_default=True),
    ShopTax(key=UUID(int=2), name="Reduced", rate=TaxRate(8_875)),
    ShopTax(key=UUID(int=3), name="No tax", rate=TaxRate.percent(0)),
    ShopTax(key=UUID(int=4), name="Exempt", rate=TaxRate(0, Category.EXEMPT)),
)


def _notation(language: str, currency: str = "USD") -> CellFormat:
    shop = Shop(
        seller=Seller(name="Corner Shop", country="US"),
        currency=Currency.of(currency),
        prices_include_tax=True,
        taxes=TAXES,
        language=language,
    )
    return CellFormat(shop, formatting.number_symbols(shop.locale))


def _document(notation: CellFormat, lines: tuple[Line, ...], discount: Discount | None, kind: Kind) -> Document:
    signed = tuple(line.negated() for line in lines) if kind is Kind.CREDIT_NOTE else lines
    priced = [PricedLine(line.quantity, line.unit_price, line.tax, line.discount) for line in signed]
    return Document(
        key=UUID(int=5),
        draft_key=UUID(int=6),
        kind=kind,
        number="R-A-2026-000001",
        state=State.ISSUED,
        revision=3,
        till="A",
        seller=notation.shop.seller,
        buyer=Buyer(key=UUID(int=7), name="Ada"),
        currency=notation.shop.currency,
        prices_include_tax=True,
        language="en",
        lines=signed,
        discount=discount,
        totals=calculate(priced, prices_include_tax=True, discount=discount),
        note="Ring\ntwice",
        date_on=TODAY,
        due_on=date(2026, 12, 6),
        issued_at=datetime(2026, 11, 22, tzinfo=UTC),
        issued_by="Ada",
        issued_by_key=UUID(int=8),
    )


_DISCOUNTS = st.one_of(
    st.none(),
    st.integers(1, 100_000).map(PercentOff),
    st.integers(1, 100).map(AmountOff),
)
_LINES = st.builds(
    Line,
    item=st.sampled_from(["Milk", "خبز", "パン 🍞", "1,000 nails (box)"]),
    quantity=st.integers(1000, 9_999_999),
    unit_price=st.integers(1_000_000, 10**9),
    tax=st.sampled_from([tax.rate for tax in TAXES]),
    discount=_DISCOUNTS,
    product_key=st.none(),
)


@given(
    language=st.sampled_from(LANGUAGES),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    lines=st.lists(_LINES, min_size=1, max_size=3).map(tuple),
    discount=_DISCOUNTS,
    kind=st.sampled_from(Kind),
)
def test_a_document_reads_back_as_it_was(
    language: str, currency: str, lines: tuple[Line, ...], discount: Discount | None, kind: Kind
) -> None:
    notation = _notation(language, currency)
    total = sum(line_amount(PricedLine(line.quantity, line.unit_price, line.tax, line.discount)) for line in lines)
    assume(not isinstance(discount, AmountOff) or discount.minor <= total)  # else there is no such document
    document = _document(notation, lines, discount, kind)
    form = notation.form_of(document, key=UUID(int=9))
    reading = parse(form, shop=notation.shop, symbols=notation.symbols, today=TODAY, buyer=document.buyer)
    assert not reading.faults
    assert reading.draft is not None
    assert reading.draft.signed_lines == document.lines
    assert reading.draft.discount == document.discount
    assert reading.totals == document.totals
    assert (reading.draft.date_on, reading.draft.due_on, reading.draft.note) == (TODAY, document.due_on, "Ring\ntwice")
    assert (form.edits, form.revision, form.customer_key) == (document.key, 3, document.buyer.key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_of_a_cell_reads_as_the_same_value(language: str) -> None:
    notation = _notation(language)
    line = Line(item="Milk", quantity=1_234_567, unit_price=12_345_678, tax=TaxRate(8_875), discount=PercentOff(12_500))
    row = notation.row_of(line)
    shown = replace(
        row,
        quantity=notation.shown(row, ItemColumn.QUANTITY),
        unit_price=notation.shown(row, ItemColumn.UNIT_PRICE),
        discount=notation.shown(row, ItemColumn.DISCOUNT),
        tax=notation.shown(row, ItemColumn.TAX),
    )
    form = notation.form_of(_document(notation, (line,), None, Kind.RECEIPT), key=UUID(int=9))
    reading = parse(replace(form, rows=(shown,)), shop=notation.shop, symbols=notation.symbols, today=TODAY)
    assert reading.draft is not None, reading.faults
    assert reading.draft.lines == (line,)


def test_rates_of_the_same_percentage_go_by_their_names() -> None:
    notation = _notation("en")
    assert [notation.tax(tax.rate) for tax in TAXES] == ["16 %", "8.875 %", "No tax", "Exempt"]


def test_a_product_brings_name_price_and_tax_and_leaves_the_quantity() -> None:
    notation = _notation("de")
    product = Product(key=UUID(int=10), code="1", name="Milch", price=123456, tax_key=TAXES[1].key)
    row = notation.row_with(replace(notation.row_of(_LINE), quantity="3", discount="1"), product)
    assert (row.item, row.quantity, row.unit_price, row.discount, row.tax) == ("Milch", "3", "12,3456", "1", "8,875 %")
    assert notation.row_with(row, replace(product, tax_key=None)).tax == ""


_LINE = Line(item="Tea", quantity=1000, unit_price=100, tax=TaxRate.percent(16))


def test_more_of_a_row_is_counted_as_it_is_written() -> None:
    notation = _notation("de")
    row = notation.row_of(_LINE)
    more = notation.add_quantity(replace(row, quantity="1,5"), 2000)
    assert more is not None
    assert more.quantity == "3,5"
    assert notation.add_quantity(replace(row, quantity="some"), 1000) is None
    assert notation.add_quantity(replace(row, quantity="999999"), 1000) is None


def test_a_correction_reads_with_the_rates_currency_and_prices_of_its_time() -> None:
    notation = _notation("en", "KWD")
    document = _document(notation, (replace(_LINE, tax=TaxRate.percent(21)),), None, Kind.RECEIPT)
    now = replace(notation.shop, currency=Currency.of("USD"), prices_include_tax=False)
    then = shop_for(document, now)
    assert (then.currency, then.prices_include_tax) == (document.currency, True)
    form = CellFormat(then, NumberSymbols()).form_of(document, key=UUID(int=9))
    reading = parse(form, shop=then, symbols=NumberSymbols(), today=TODAY)
    assert reading.draft is not None, reading.faults
    assert reading.draft.lines == document.lines
