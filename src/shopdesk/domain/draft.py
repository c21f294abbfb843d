"""The open document as typed: parses raw text into a ``Draft`` or errors, and never discards any of it.

The editor holds a ``DraftForm`` and stores every change of it unchanged. ``parse`` is the only place that decides
whether a typed document is complete. It never raises: it returns errors beside what it could parse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from shopdesk.domain.clean_text import clean, clean_lines, quoted, strip_invisible
from shopdesk.domain.customer import WALK_IN, Buyer, Contact, read_contact
from shopdesk.domain.document import Draft, Kind, Line
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.language_tag import regional
from shopdesk.domain.money import (
    LARGEST_MINOR,
    QUANTITY_UNIT,
    Currency,
    NumberSymbols,
    is_percentage,
    read_minor,
    read_percent,
    read_price,
    read_quantity,
)
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Shop
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import AmountOff, Discount, PercentOff, Totals, calculate, line_amount

MAX_ITEM_LENGTH = 500
MAX_NOTE_LENGTH = 2000
EARLIEST_DATE = date(2000, 1, 1)
LATEST_DATE = timedelta(days=366 * 10)

ON_TERMS = frozenset({Kind.INVOICE, Kind.DEBIT_NOTE})
"""The kinds that are paid later: without a due date typed, they are due on the shop's terms."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One row of the table as typed. ``tax`` is the typed or chosen percentage; empty is the shop's default."""

    item: str = ""
    quantity: str = ""
    unit_price: str = ""
    discount: str = ""
    tax: str = ""
    product_key: UUID | None = None

    @property
    def is_blank(self) -> bool:
        """True if nothing was typed here: the row does not count."""
        return not any(map(strip_invisible, (self.item, self.quantity, self.unit_price, self.discount)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftForm:
    """The text of every field of the editor, and the position of the cursor.

    ``on`` and ``due`` are ISO dates when they could be parsed, else the text as typed; empty they are the day of issue
    and the shop's terms after it, however long the draft waits. ``edits`` is the document that is being corrected, if
    any; ``customer_key`` the customer chosen from the suggestions.
    """

    key: UUID
    kind: Kind = Kind.RECEIPT
    customer: str = ""
    customer_key: UUID | None = None
    on: str = ""
    due: str = ""
    discount: str = ""
    note: str = ""
    rows: tuple[DraftRow, ...] = (DraftRow(),)
    row: int = 0
    column: int = 0
    edits: UUID | None = None
    revision: int = 0
    """The revision of the document in ``edits`` that this form started from, to detect a concurrent edit."""
    origin: UUID | None = None
    """The document that this form was made from: the quote that it invoices, or the document that it repeats."""

    @property
    def is_blank(self) -> bool:
        """True if nothing was typed yet: not worth offering again."""
        typed = self.customer, self.discount, self.note
        return self.edits is None and not any(map(strip_invisible, typed)) and all(row.is_blank for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDraft:
    """A form saved on one machine while the database is unreachable: its till, author and time of change."""

    form: DraftForm
    till_key: UUID
    by_key: UUID
    changed_at: datetime


class EditedElsewhere(Refused):
    """The same open document is being edited elsewhere: this copy has to continue as a draft of its own."""


@dataclass(frozen=True, slots=True)
class ParsedForm:
    """A parsed form: line amounts (None for a row that cannot be parsed), totals of the valid rows, and all errors.

    ``valid_part`` is what the totals were calculated of; ``draft`` is the same, or None when there are errors.
    ``contact`` is the parsed customer field when no customer was chosen; the buyer is found or created when the
    document is issued.
    """

    amounts: tuple[int | None, ...]
    totals: Totals
    faults: tuple[FieldError, ...]
    draft: Draft | None
    valid_part: Draft
    contact: Contact = field(default_factory=Contact)


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One parsed row: its line and amount, or its errors."""

    line: Line | None
    amount: int | None
    faults: tuple[FieldError, ...] = ()


def parse(
    form: DraftForm,
    *,
    shop: Shop,
    symbols: NumberSymbols,
    today: date,
    buyer: Buyer | None = None,
    cache: dict[DraftRow, ParsedRow] | None = None,
) -> ParsedForm:
    """Parse a form. ``buyer`` is the chosen customer, if any.

    ``cache`` holds rows between calls with the same shop and symbols, so that a key typed among a thousand rows parses
    one row; the caller drops the cache when the shop changes.
    """
    cache = {} if cache is None else cache
    rows = [cache.get(row) or cache.setdefault(row, _read_row(row, shop, symbols)) for row in form.rows]
    faults = [replace(fault, row=at) for at, row in enumerate(rows) for fault in row.faults]
    contact = Contact()
    if buyer is None:
        contact = _collect(faults, "customer", contact, lambda: read_contact(form.customer, shop.seller.country))
    on: date | None = _collect(faults, "date", None, lambda: _read_date(form.on, near=today) or today)
    draft = Draft(
        key=form.key,
        kind=form.kind,
        lines=tuple(row.line for row in rows if row.line is not None),
        date_on=on or today,
        due_on=_collect(faults, "due", None, lambda: _read_due(form, on, today, shop.due_days)),
        currency=shop.currency,
        prices_include_tax=shop.prices_include_tax,
        buyer=buyer or WALK_IN,
        discount=_collect(faults, "discount", None, lambda: read_discount(form.discount, symbols, shop.currency)),
        note=_collect(faults, "note", "", lambda: clean_lines(form.note, max_length=MAX_NOTE_LENGTH)),
        language=regional((buyer.language if buyer else "") or shop.language, shop.seller.country),
        origin=form.origin,
    )
    totals, complaints = _totals(draft)
    if all(fault.row is None for fault in faults):  # otherwise the missing rows may be the reason
        faults.extend(complaints)
    sign = -1 if form.kind is Kind.CREDIT_NOTE else 1
    amounts = tuple(None if row.amount is None else sign * row.amount for row in rows)
    return ParsedForm(amounts, totals, tuple(_in_order(faults)), None if faults else draft, draft, contact)


def read_discount(text: str, symbols: NumberSymbols, currency: Currency) -> Discount | None:
    """Parse a discount: ``15 %`` is a percentage, ``2.50`` an amount; return None for nothing or 0."""
    if not strip_invisible(text):
        return None
    if is_percentage(text):
        milli = read_percent(text, symbols)
        return PercentOff(milli) if milli else None
    minor = read_minor(text, symbols, currency)
    if minor < 0:
        raise Refused(sentence("A discount cannot be negative."), field="discount")
    return AmountOff(minor) if minor else None


def _read_row(row: DraftRow, shop: Shop, symbols: NumberSymbols) -> ParsedRow:
    if row.is_blank:
        return ParsedRow(None, None)
    faults: list[FieldError] = []
    line = Line(
        item=_collect(faults, "item", "", lambda: _read_item(row.item)),
        quantity=_collect(faults, "quantity", 0, lambda: _read_quantity(row.quantity, symbols)),
        unit_price=_collect(faults, "unit_price", 0, lambda: _read_price(row.unit_price, symbols, shop.currency)),
        discount=_collect(faults, "discount", None, lambda: read_discount(row.discount, symbols, shop.currency)),
        tax=_collect(faults, "tax", _NO_TAX, lambda: _read_tax(row.tax, shop, symbols)),
        product_key=row.product_key,
    )
    amount = 0 if faults else _collect(faults, "discount", 0, lambda: line_amount(line.priced))
    if amount > LARGEST_MINOR:
        faults.append(FieldError(sentence("This amount is too large."), "unit_price"))
    return ParsedRow(None, None, tuple(faults)) if faults else ParsedRow(line, amount)


_NO_TAX = TaxRate.percent(0)


def _read_item(text: str) -> str:
    item = clean(text, max_length=MAX_ITEM_LENGTH)
    if not item:
        raise Refused(sentence("Enter the name or code of an item."))
    return item


def _read_quantity(text: str, symbols: NumberSymbols) -> int:
    return read_quantity(text, symbols) if strip_invisible(text) else QUANTITY_UNIT


def _read_price(text: str, symbols: NumberSymbols, currency: Currency) -> int:
    if not strip_invisible(text):
        raise Refused(sentence("The price is missing."))
    return read_price(text, symbols, currency)


def _read_tax(text: str, shop: Shop, symbols: NumberSymbols) -> TaxRate:
    written = strip_invisible(text)
    if not written:
        return shop.default_tax.rate
    for tax in shop.taxes:
        if written == tax.name:
            return tax.rate
    milli = read_percent(written, symbols)
    for tax in shop.taxes:
        if tax.rate.milli == milli:
            return tax.rate
    raise Refused(sentence("The shop does not have this tax rate. Tax rates are set in Settings, Taxes."))


def _read_date(text: str, *, near: date) -> date | None:
    written = strip_invisible(text)
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Refused(
            sentence("{text} is not a date. Type it like {example}.", text=quoted(text), example=near.isoformat())
        ) from None
    if day < EARLIEST_DATE:
        raise Refused(sentence("The date must be in {year} or later.", year=str(EARLIEST_DATE.year)))
    if day - near > LATEST_DATE:
        raise Refused(sentence("The date is more than ten years ahead."))
    return day


def usual_due(kind: Kind, on: date, days: int) -> date | None:
    """Return the due date of a document on the shop's terms of so many days; None for a kind that is paid at once."""
    try:
        return on + timedelta(days=days) if kind in ON_TERMS else None
    except OverflowError:
        return None


def _read_due(form: DraftForm, on: date | None, today: date, days: int) -> date | None:
    """Parse the due date; ``on`` is the document's date, or None where that could not be parsed."""
    due = _read_date(form.due, near=on or today)
    if due is None and on is not None:
        return usual_due(form.kind, on, days)
    if due is not None and on is not None and due < on:
        raise Refused(sentence("The due date is before the document's date."))
    return due


def _totals(draft: Draft) -> tuple[Totals, tuple[FieldError, ...]]:
    try:
        return draft.totals(), ()
    except Refused as refused:
        lines = [line.priced for line in draft.signed_lines]
        return calculate(lines, prices_include_tax=draft.prices_include_tax), refused.faults


def _collect(faults: list[FieldError], field: str, otherwise: T, reading: Callable[[], T]) -> T:
    """Return what ``reading`` returns; when it is refused, return ``otherwise`` and add the errors at ``field``."""
    try:
        return reading()
    except Refused as refused:
        faults.extend(FieldError(fault.text, field) for fault in refused.faults)
        return otherwise


def _in_order(faults: list[FieldError]) -> list[FieldError]:
    """Sort errors from the top of the screen to the bottom; within a row, keep them from left to right."""
    return sorted(
        faults, key=lambda fault: (_PLACES["items" if fault.row is not None else fault.field], fault.row or 0)
    )


_PLACES = {name: place for place, name in enumerate(("customer", "date", "due", "items", "discount", "note"))}
