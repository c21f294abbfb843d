"""What the editor holds is read with every key: a draft when it is complete, else a fault beside each wrong field."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.customer import WALK_IN, Buyer, Contact
from shopdesk.domain.document import MAX_ROWS, Draft, Kind, Line
from shopdesk.domain.draft import DraftForm, DraftRow, ParsedForm, parse
from shopdesk.domain.errors import FieldError
from shopdesk.domain.money import LARGEST_MINOR, Currency, NumberSymbols
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seller, Shop, ShopTax
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import AmountOff, PercentOff, calculate

TODAY = date(2026, 11, 22)
KEY = UUID(int=7)
STANDARD, REDUCED = TaxRate.percent(16), TaxRate.percent(8)
ZERO, EXEMPT = TaxRate.percent(0), TaxRate(0, Category.EXEMPT)
SHOP = Shop(
    seller=Seller(name="Corner Shop", country="KE"),
    currency=Currency.of("EUR"),
    prices_include_tax=True,
    taxes=(
        ShopTax(key=UUID(int=1), name="Reduced", rate=REDUCED),
        ShopTax(key=UUID(int=2), name="Standard", rate=STANDARD, is_default=True),
        ShopTax(key=UUID(int=3), name="Nothing", rate=ZERO),
        ShopTax(key=UUID(int=4), name="Exempt", rate=EXEMPT),
    ),
)
TEA = DraftRow("Tea", "2", "1.50")


def form(*rows: DraftRow, **typed: Any) -> DraftForm:
    return replace(DraftForm(key=KEY, rows=rows), **typed)


ENGLISH = NumberSymbols()


def reading(
    of: DraftForm, *, buyer: Buyer | None = None, shop: Shop = SHOP, symbols: NumberSymbols = ENGLISH
) -> ParsedForm:
    return parse(of, shop=shop, symbols=symbols, today=TODAY, buyer=buyer)


def draft(of: DraftForm) -> Draft:
    found = reading(of)
    assert found.faults == ()
    assert found.draft is not None
    return found.draft


def faults(of: DraftForm) -> list[tuple[str, int | None, str]]:
    found = reading(of)
    assert found.draft is None
    return [(fault.field, fault.row, fault.text) for fault in found.faults]


# --- a complete document --------------------------------------------------------------------------------------------


def test_a_complete_form_is_a_draft_with_everything_typed() -> None:
    found = reading(
        form(
            TEA,
            DraftRow("Cake", "0.255", "12.50", "15 %", "8", product_key=UUID(int=9)),
            kind=Kind.INVOICE,
            customer="Ada <ada@example.org>",
            on="2026-11-20",
            due="2026-12-04",
            discount="1.00",
            note=" Thank you \n",
        )
    )
    assert found.faults == ()
    assert found.draft == Draft(
        key=KEY,
        kind=Kind.INVOICE,
        lines=(
            Line(item="Tea", quantity=2000, unit_price=15_000, tax=STANDARD),
            Line(
                item="Cake",
                quantity=255,
                unit_price=125_000,
                tax=REDUCED,
                discount=PercentOff(15_000),
                product_key=UUID(int=9),
            ),
        ),
        date_on=date(2026, 11, 20),
        due_on=date(2026, 12, 4),
        currency=SHOP.currency,
        prices_include_tax=True,
        discount=AmountOff(100),
        note="Thank you",
        language="en-KE",
    )
    assert found.contact == Contact("Ada", "ada@example.org")
    assert found.amounts == (300, 271)
    assert found.totals == found.draft.totals()
    assert found.totals.gross == 471


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("on", "due"), [("", TODAY), ("2026-11-20", date(2026, 11, 20)), ("soon", None)])
def test_a_due_date_that_nobody_typed_is_the_terms_after_the_date(kind: Kind, on: str, due: date | None) -> None:
    found = reading(form(TEA, kind=kind, on=on))
    usual = due + timedelta(days=SHOP.due_days) if due and kind in {Kind.INVOICE, Kind.DEBIT_NOTE} else None
    assert (found.draft.due_on if found.draft else None) == usual


def test_what_is_left_empty_takes_its_usual_value() -> None:
    found = reading(form(DraftRow("Tea", unit_price="1.50")))
    assert found.draft is not None
    (line,) = found.draft.lines
    assert (line.quantity, line.tax, line.discount) == (1000, STANDARD, None)
    assert (found.draft.date_on, found.draft.due_on, found.draft.buyer) == (TODAY, None, WALK_IN)
    assert found.contact == Contact()


def test_a_chosen_customer_is_the_buyer_whatever_the_field_says() -> None:
    ada = Buyer(key=UUID(int=5), name="Ada", language="sw")
    found = reading(form(TEA, customer="not @n address", customer_key=ada.key), buyer=ada)
    assert found.draft is not None
    assert (found.draft.buyer, found.draft.language, found.contact) == (ada, "sw-KE", Contact())


def test_a_chosen_customer_who_is_gone_is_read_from_the_field_again() -> None:
    found = reading(form(TEA, customer="Ada", customer_key=UUID(int=404)))
    assert found.draft is not None
    assert (found.draft.buyer, found.contact) == (WALK_IN, Contact("Ada"))


def test_names_of_every_script_and_emoji_work() -> None:
    for name in ("فاطمة الزهراء", "שרה", "👩🏽\u200d💻", "🫨", "李小龍"):
        found = reading(form(DraftRow(name, "1", "1.00"), customer=name))
        assert found.draft is not None
        assert (found.draft.lines[0].item, found.contact.name) == (name, name)


def test_control_characters_are_left_out_of_what_is_printed() -> None:
    found = draft(form(DraftRow("\x1bp0Tea\x00\ud800", "1", "1.00"), note="Hello\x07\nAda\x1b"))
    assert (found.lines[0].item, found.note) == ("p0Tea", "Hello\nAda")


def test_numbers_are_read_in_the_marks_of_the_locale() -> None:
    german = NumberSymbols(",", ".")
    rows = form(DraftRow("Tea", "1,5", "1.234,50", "2,50"), discount="12,5 %")
    found = reading(rows, symbols=german)
    assert found.draft is not None
    assert found.draft.lines[0].quantity == 1500
    assert found.draft.discount == PercentOff(12_500)
    assert [fault.field for fault in reading(rows).faults] == ["quantity", "unit_price", "discount", "discount"]


# --- rows -----------------------------------------------------------------------------------------------------------


def test_blank_rows_are_skipped_and_faults_name_the_row_as_it_stands_on_the_screen() -> None:
    rows = (DraftRow(), TEA, DraftRow("  ", "\t", " ", "\u200b", "8"), DraftRow("Cake", "1", "x"), DraftRow())
    found = reading(form(*rows))
    assert found.amounts == (None, 300, None, None, None)
    assert [(fault.field, fault.row) for fault in found.faults] == [("unit_price", 3)]
    assert [line.item for line in draft(form(*rows[:3])).lines] == ["Tea"]


@pytest.mark.parametrize("rows", [(), (DraftRow(),), (DraftRow(), DraftRow(tax="8"), DraftRow(" ", " ", " ", " "))])
def test_an_empty_document_says_so_in_its_first_row(rows: tuple[DraftRow, ...]) -> None:
    found = reading(form(*rows))
    assert found.faults == (FieldError(sentence("The document is empty. Add at least one item."), "items", 0),)
    assert found.draft is None
    assert found.totals == calculate([], prices_include_tax=True)


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    [
        (DraftRow("", "1", "1.00"), "item", "Enter the name or code of an item."),
        (DraftRow("\x00\u200b", "1", "1.00"), "item", "Enter the name or code of an item."),
        (DraftRow("x" * 10_000, "1", "1.00"), "item", "This text has 10,000 characters. At most 500 are allowed here."),
        (
            DraftRow("Tea", "-1", "1.00"),
            "quantity",
            "The quantity must be more than 0. To take something back, use a credit note.",
        ),
        (
            DraftRow("Tea", "0", "1.00"),
            "quantity",
            "The quantity must be more than 0. To take something back, use a credit note.",
        ),
        (DraftRow("Tea", "1000000", "1.00"), "quantity", "The quantity must be less than 1 000 000."),
        (DraftRow("Tea", "9" * 10_000, "1.00"), "quantity", "This quantity is too long."),
        (DraftRow("Tea", "two", "1.00"), "quantity", "“two” is not a quantity. Type it like 1.5."),
        (DraftRow("Tea", "1", ""), "unit_price", "The price is missing."),
        (DraftRow("Tea", "1", "  "), "unit_price", "The price is missing."),
        (DraftRow("Tea", "1", "much"), "unit_price", "“much” is not a price. Type it like 1234.56."),
        (
            DraftRow("Tea", "1", "-1"),
            "unit_price",
            "A price cannot be negative. To take something back, use a credit note.",
        ),
        (DraftRow("Tea", "1", "0.00001"), "unit_price", "“0.00001” has too many decimals. At most 4 are allowed here."),
        (DraftRow("Tea", "1", "9" * 20), "unit_price", "This price is too large."),
        (DraftRow("Tea", "999999", "9" * 11), "unit_price", "This amount is too large."),
        (DraftRow("Tea", "1", "1.00", "x"), "discount", "“x” is not an amount. Type it like 1234.56."),
        (DraftRow("Tea", "1", "1.00", "x %"), "discount", "“x” is not a percentage. Type it like 12.5."),
        (DraftRow("Tea", "1", "1.00", "-0.01"), "discount", "A discount cannot be negative."),
        (DraftRow("Tea", "1", "1.00", "100.001 %"), "discount", "A percentage must be between 0 and 100."),
        (DraftRow("Tea", "1", "1.00", "1.01"), "discount", "The discount is more than the amount it is taken from."),
        (
            DraftRow("Tea", "1", "1.00", "", "17"),
            "tax",
            "The shop does not have this tax rate. Tax rates are set in Settings, Taxes.",
        ),
        (DraftRow("Tea", "1", "1.00", "", "VAT"), "tax", "“VAT” is not a percentage. Type it like 12.5."),
    ],
)
def test_each_wrong_cell_gets_its_sentence_beside_it(row: DraftRow, field: str, sentence: str) -> None:
    assert faults(form(TEA, row)) == [(field, 1, sentence)]


def test_every_wrong_cell_of_a_row_is_told_at_once() -> None:
    found = faults(form(DraftRow("", "x", "", "x", "x")))
    assert [(field, row) for field, row, _ in found] == [
        ("item", 0),
        ("quantity", 0),
        ("unit_price", 0),
        ("discount", 0),
        ("tax", 0),
    ]


def test_the_preview_shows_the_total_of_the_rows_that_can_be_read() -> None:
    found = reading(form(TEA, DraftRow("Cake", "1", "12."), DraftRow("Pie", "1", "1x"), discount="50 %"))
    assert found.amounts == (300, 1200, None)
    assert (found.totals.sum, found.totals.discount, found.totals.gross) == (1500, 750, 750)
    assert found.draft is None


def test_a_document_of_more_rows_than_one_may_have_is_refused() -> None:
    assert draft(form(*[TEA] * MAX_ROWS)).totals().gross == 300 * MAX_ROWS
    assert faults(form(*[TEA] * (MAX_ROWS + 1))) == [("items", None, "A document can have at most 10,000 rows.")]


@pytest.mark.parametrize("discount", ["", "100 %"])
def test_a_sum_larger_than_the_books_can_keep_is_refused_even_if_a_discount_takes_it_all(discount: str) -> None:
    large = DraftRow("Palace", "999", "9" * 10)
    assert LARGEST_MINOR < 2 * 999 * 10**12
    found = reading(form(large, large, discount=discount))
    assert [(fault.field, fault.row, fault.text) for fault in found.faults] == [
        ("items", None, "The total is too large.")
    ]


# --- discounts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "discount"),
    [
        ("15 %", PercentOff(15_000)),
        ("15%", PercentOff(15_000)),
        ("%15", PercentOff(15_000)),
        ("١٥٪", PercentOff(15_000)),
        ("12.5 %", PercentOff(12_500)),
        ("100 %", PercentOff(100_000)),
        ("2.50", AmountOff(250)),
        ("0", None),
        ("0.00", None),
        ("0 %", None),
        ("-0", None),
        ("", None),
        (" \u200b", None),
    ],
)
def test_a_discount_is_a_percentage_with_its_sign_and_else_an_amount(typed: str, discount: object) -> None:
    assert draft(form(replace(TEA, discount=typed))).lines[0].discount == discount
    assert draft(form(TEA, discount=typed)).discount == discount


def test_a_discount_on_the_document_beyond_its_sum_is_told_beside_it_and_left_out_of_the_preview() -> None:
    found = reading(form(TEA, discount="3.01"))
    assert [(fault.field, fault.row) for fault in found.faults] == [("discount", None)]
    assert (found.totals.discount, found.totals.gross) == (0, 300)
    assert draft(form(TEA, discount="3.00")).totals().gross == 0


def test_a_discount_is_not_called_too_large_while_a_row_is_still_unreadable() -> None:
    found = reading(form(TEA, DraftRow("Cake", "1", "x"), discount="3.01"))
    assert [(fault.field, fault.row) for fault in found.faults] == [("unit_price", 1)]


def test_an_unreadable_discount_does_not_hide_that_the_document_is_empty() -> None:
    found = reading(form(discount="x"))
    assert [(fault.field, fault.row) for fault in found.faults] == [("items", 0), ("discount", None)]


# --- tax ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("", STANDARD),
        (" ", STANDARD),
        ("16", STANDARD),
        ("16 %", STANDARD),
        ("%16", STANDARD),
        ("16.000", STANDARD),
        ("Standard", STANDARD),
        ("8", REDUCED),
        ("0", ZERO),
        ("Nothing", ZERO),
        ("Exempt", EXEMPT),
        (" Exempt ", EXEMPT),
    ],
)
def test_a_tax_is_named_by_its_name_or_its_percentage(typed: str, rate: TaxRate) -> None:
    assert draft(form(replace(TEA, tax=typed))).lines[0].tax == rate


def test_without_a_default_the_first_rate_is_the_default() -> None:
    shop = replace(SHOP, taxes=tuple(replace(tax, is_default=False) for tax in SHOP.taxes))
    found = reading(form(TEA), shop=shop)
    assert found.draft is not None
    assert found.draft.lines[0].tax == REDUCED


def test_a_shop_without_rates_says_so_beside_the_tax() -> None:
    found = reading(form(TEA), shop=replace(SHOP, taxes=()))
    assert [(fault.field, fault.row, fault.text) for fault in found.faults] == [
        ("tax", 0, "The shop has no tax rate yet. Tax rates are set in Settings, Taxes.")
    ]


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1800-01-01", "The date must be in 2000 or later."),
        ("1999-12-31", "The date must be in 2000 or later."),
        ("0001-01-01", "The date must be in 2000 or later."),
        ("2036-12-31", "The date is more than ten years ahead."),
        ("9999-12-31", "The date is more than ten years ahead."),
        ("garbage", "“garbage” is not a date. Type it like 2026-11-22."),
        ("2026-02-30", "“2026-02-30” is not a date. Type it like 2026-11-22."),
        ("22.11.", "“22.11.” is not a date. Type it like 2026-11-22."),
        ("2026-11-2\ud800", "“2026-11-2” is not a date. Type it like 2026-11-22."),
        ("x" * 10_000, f"“{'x' * 39}…” is not a date. Type it like 2026-11-22."),
    ],
)
def test_a_date_that_cannot_be_right_gets_its_sentence(typed: str, sentence: str) -> None:
    assert faults(form(TEA, on=typed)) == [("date", None, sentence)]
    assert faults(form(TEA, due=typed)) == [("due", None, sentence)]


@pytest.mark.parametrize("typed", ["2026-11-20", " 2026-11-20 ", "20261120", "\u200e2026-11-20"])
def test_a_date_is_read_as_the_calendar_writes_it(typed: str) -> None:
    assert draft(form(TEA, on=typed)).date_on == date(2026, 11, 20)


def test_a_document_is_due_on_its_own_day_or_later() -> None:
    assert draft(form(TEA, on="2026-11-20", due="2026-11-20")).due_on == date(2026, 11, 20)
    assert faults(form(TEA, on="2026-11-20", due="2026-11-19")) == [
        ("due", None, "The due date is before the document's date.")
    ]
    assert faults(form(TEA, due="2026-11-21")) == [("due", None, "The due date is before the document's date.")]


def test_a_due_date_is_not_compared_with_a_date_that_is_none() -> None:
    assert [field for field, _, _ in faults(form(TEA, on="x", due="2020-01-01"))] == ["date"]
    assert [field for field, _, _ in faults(form(TEA, on="x", due="2099-01-01"))] == ["date", "due"]


# --- kinds, notes, order --------------------------------------------------------------------------------------------


def test_a_credit_note_is_typed_without_signs_and_comes_to_less_than_nothing() -> None:
    found = reading(form(TEA, replace(TEA, discount="1.00"), kind=Kind.CREDIT_NOTE, discount="10 %"))
    assert found.amounts == (-300, -200)
    assert (found.totals.sum, found.totals.discount, found.totals.gross) == (-500, -50, -450)
    assert found.draft is not None
    assert [line.quantity for line in found.draft.lines] == [2000, 2000]
    assert [line.quantity for line in found.draft.signed_lines] == [-2000, -2000]


def test_a_discount_on_a_credit_note_never_exceeds_it() -> None:
    assert [fault.field for fault in reading(form(TEA, kind=Kind.CREDIT_NOTE, discount="3.01")).faults] == ["discount"]
    assert draft(form(TEA, kind=Kind.CREDIT_NOTE, discount="3.00")).totals().gross == 0


def test_a_note_keeps_its_lines_and_is_not_longer_than_a_page() -> None:
    assert draft(form(TEA, note="one\ntwo")).note == "one\ntwo"
    assert faults(form(TEA, note="x" * 10_000)) == [
        ("note", None, "This text has 10,000 characters. At most 2,000 are allowed here.")
    ]


def test_a_customer_who_only_looks_like_an_address_is_told_beside_the_customer() -> None:
    assert faults(form(TEA, customer="ada@")) == [
        ("customer", None, "“ada@” is not an e-mail address. Type it like ada@example.org.")
    ]


def test_faults_come_in_the_order_of_the_screen() -> None:
    found = faults(
        form(
            TEA,
            DraftRow("Cake", "x", "y"),
            DraftRow("Pie", "1", "1.00", "2.00"),
            customer="@",
            on="x",
            due="y",
            discount="z",
            note="x" * 2001,
        )
    )
    assert [(field, row) for field, row, _ in found] == [
        ("customer", None),
        ("date", None),
        ("due", None),
        ("quantity", 1),
        ("unit_price", 1),
        ("discount", 2),
        ("discount", None),
        ("note", None),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        {"customer": "Ada"},
        {"discount": "5 %"},
        {"note": "Thank you"},
        {"edits": UUID(int=1)},
        {"rows": (DraftRow(), DraftRow(quantity="2"))},
    ],
)
def test_a_form_in_which_anything_was_typed_is_worth_offering_again(typed: dict[str, object]) -> None:
    assert not form(DraftRow(), **typed).is_blank


def test_a_form_in_which_nothing_was_typed_is_not() -> None:
    assert DraftForm(key=KEY).is_blank
    assert form(
        DraftRow(" "), DraftRow(tax="8"), customer=" ", kind=Kind.INVOICE, on="2026-11-22", due="2026-12-06"
    ).is_blank


# --- whatever is typed ----------------------------------------------------------------------------------------------

TYPED = st.text(st.characters() | st.sampled_from("0123456789.,-% ٠٫@<>\u200f\ud800\n"), max_size=20)
NUMBERS = st.decimals(min_value=-10, max_value=10**12, allow_nan=False, places=2).map(str) | TYPED
DATES = st.dates().map(date.isoformat) | TYPED
ROWS = st.builds(
    DraftRow,
    item=TYPED,
    quantity=NUMBERS,
    unit_price=NUMBERS,
    discount=NUMBERS,
    tax=st.sampled_from(["", "8", "Exempt"]) | TYPED,
)
FORMS = st.builds(
    DraftForm,
    key=st.uuids(),
    kind=st.sampled_from(Kind),
    customer=TYPED,
    on=DATES,
    due=DATES,
    discount=NUMBERS,
    note=TYPED,
    rows=st.lists(ROWS, max_size=4).map(tuple),
)
PLACES = ["customer", "date", "due", "items", "discount", "note"]


@given(
    FORMS,
    st.sampled_from(
        [NumberSymbols(), NumberSymbols(",", "."), NumberSymbols(",", "\u202f"), NumberSymbols(".", ",", sizes=(3, 2))]
    ),
)
def test_any_form_is_read_without_an_error_into_a_draft_or_faults_in_order(
    typed: DraftForm, symbols: NumberSymbols
) -> None:
    found = reading(typed, symbols=symbols)
    assert (found.draft is None) == bool(found.faults)
    assert len(found.amounts) == len(typed.rows)
    for fault in found.faults:
        assert fault.text.isprintable()
        assert fault.text.endswith(".")
    order = [
        (PLACES.index("items" if fault.row is not None else fault.field), fault.row or 0) for fault in found.faults
    ]
    assert order == sorted(order)
    if found.draft is not None:
        assert found.totals == found.draft.totals()
        assert [amount for amount in found.amounts if amount is not None] == list(found.totals.amounts)
        assert max(map(abs, (found.totals.sum, found.totals.gross))) <= LARGEST_MINOR


READABLE = st.builds(
    DraftRow,
    item=st.just("Tea"),
    quantity=st.sampled_from(["", "1", "2.5", "0.333"]),
    unit_price=st.sampled_from(["0", "1.50", "0.0125", "99.99"]),
    discount=st.sampled_from(["", "10 %", "0"]),
    tax=st.sampled_from(["", "8", "0", "Exempt"]),
)


@given(st.lists(st.one_of(READABLE, st.just(DraftRow())), min_size=1), st.booleans(), st.sampled_from(["", "33.333 %"]))
def test_blank_rows_change_nothing(rows: list[DraftRow], include: bool, discount: str) -> None:
    shop = replace(SHOP, prices_include_tax=include)
    filled = [row for row in rows if not row.is_blank]
    assert (
        reading(form(*rows, discount=discount), shop=shop).draft
        == reading(form(*filled, discount=discount), shop=shop).draft
    )
