"""The open document as it is typed: raw text in, a Draft or faults out. Nothing typed is ever thrown away.

The editor keeps a Form; every change of it is stored as it is. ``read`` turns it into values and is the only place
that decides whether a typed document is complete. It never raises: faults come back beside what could be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from shopdesk.domain.customer import WALK_IN, Buyer, Contact, read_contact
from shopdesk.domain.document import Draft, Kind, Line
from shopdesk.domain.errors import Fault, Refused
from shopdesk.domain.money import QUANTITY_UNIT, Currency, Marks, read_minor, read_percent, read_price, read_quantity
from shopdesk.domain.shop import Shop
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.text import clean, clean_lines
from shopdesk.domain.totals import AmountOff, Discount, PercentOff, Totals, calculate, line_amount

LONGEST_ITEM = 500
EARLIEST = date(2000, 1, 1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table as typed. ``tax`` is the typed or chosen percentage; empty is the shop's default."""

    item: str = ""
    quantity: str = ""
    unit_price: str = ""
    discount: str = ""
    tax: str = ""
    product_key: UUID | None = None

    @property
    def is_blank(self) -> bool:
        """Nothing was typed here: the row does not count."""
        return not (self.item.strip() or self.unit_price.strip() or self.discount.strip() or self.quantity.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Everything typed into the editor, as text, and where the cursor stands.

    ``on`` and ``due`` are ISO dates when they could be read, else the text as typed. ``edits`` is the document that
    is being corrected, if any; ``customer_key`` the customer chosen from the suggestions.
    """

    key: UUID
    kind: Kind = Kind.RECEIPT
    customer: str = ""
    customer_key: UUID | None = None
    on: str = ""
    due: str = ""
    discount: str = ""
    note: str = ""
    rows: tuple[Row, ...] = (Row(),)
    row: int = 0
    column: int = 0
    edits: UUID | None = None
    revision: int = 0
    """The revision of the document in ``edits`` that this form started from; another one means somebody else saved."""

    @property
    def is_blank(self) -> bool:
        """Nothing typed yet: not worth offering again."""
        return not self.customer.strip() and self.edits is None and all(row.is_blank for row in self.rows)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a form says: line amounts (None where a row cannot be read yet), totals of what can, and every fault.

    ``draft`` is there only when nothing is wrong. ``contact`` is what the customer field says when no customer was
    chosen; its buyer is found or created when the document is issued.
    """

    amounts: tuple[int | None, ...]
    totals: Totals
    faults: tuple[Fault, ...]
    draft: Draft | None
    contact: Contact = field(default_factory=Contact)


@dataclass(frozen=True, slots=True)
class RowReading:
    """What one row says by itself: its line and its amount, or its faults."""

    line: Line | None
    amount: int | None
    faults: tuple[Fault, ...] = ()


def read(
    form: Form,
    *,
    shop: Shop,
    marks: Marks,
    today: date,
    buyer: Buyer | None = None,
    known: dict[Row, RowReading] | None = None,
) -> Reading:
    """Read a form. ``buyer`` is the chosen customer, where one was chosen.

    ``known`` remembers rows between readings with the same shop and marks, so that a key typed among a thousand rows
    reads one row; whoever keeps it drops it when the shop changes.
    """
    known = {} if known is None else known
    faults: list[Fault] = []
    lines: list[Line] = []
    amounts: list[int | None] = []
    sign = -1 if form.kind is Kind.CREDIT_NOTE else 1
    for at, row in enumerate(form.rows):
        says = known.get(row)
        if says is None:
            says = known[row] = _read_row(row, shop=shop, marks=marks)
        amounts.append(None if says.amount is None else says.amount * sign)
        if says.line is not None:
            lines.append(says.line)
        faults.extend(replace(fault, row=at) for fault in says.faults)
    contact = Contact()
    if buyer is None:
        contact = _collect(faults, "customer", lambda: read_contact(form.customer, shop.seller.country)) or Contact()
    on = _collect(faults, "date", lambda: _read_date(form.on, today) or today)
    due = _collect(faults, "due", lambda: _read_due(form.due, on))
    discount = _collect(faults, "discount", lambda: read_discount(form.discount, marks, shop.currency))
    note = _collect(faults, "note", lambda: clean_lines(form.note, most=2000, field="note")) or ""
    draft = Draft(
        key=form.key,
        kind=form.kind,
        lines=tuple(lines),
        date_on=on or today,
        due_on=due,
        currency=shop.currency,
        prices_include_tax=shop.prices_include_tax,
        buyer=buyer or WALK_IN,
        discount=discount,
        note=note,
        language=(buyer.language if buyer else "") or shop.language,
    )
    totals, complaint = _totals(draft)
    if complaint and not any(fault.field in _ROW_FIELDS for fault in faults):
        faults.extend(complaint)
    return Reading(tuple(amounts), totals, tuple(_in_order(faults)), None if faults else draft, contact)


_ROW_FIELDS = ("item", "quantity", "unit_price", "discount", "tax", "items")
_FIELDS = ("kind", "customer", "date", "due", "items", *_ROW_FIELDS, "note")


def read_discount(text: str, marks: Marks, currency: Currency) -> Discount | None:
    """A discount as typed: ``15 %`` takes a percentage off, ``2.50`` an amount; nothing or 0 takes nothing."""
    written = text.strip()
    if not written:
        return None
    if written.endswith("%"):
        milli = read_percent(written, marks)
        return PercentOff(milli) if milli else None
    minor = read_minor(written, marks, currency)
    if minor < 0:
        raise Refused("A discount cannot be negative.", field="discount")
    return AmountOff(minor) if minor else None


def _read_row(row: Row, *, shop: Shop, marks: Marks) -> RowReading:
    if row.is_blank:
        return RowReading(None, None)
    faults: list[Fault] = []
    item = _collect(faults, "item", lambda: clean(row.item, most=LONGEST_ITEM))
    if item == "":
        faults.append(Fault("Say what is sold: a name or a code.", "item"))
    quantity = QUANTITY_UNIT
    if row.quantity.strip():
        quantity = _collect(faults, "quantity", lambda: read_quantity(row.quantity, marks)) or 0
    if not row.unit_price.strip():
        faults.append(Fault("The price is missing.", "unit_price"))
    price = _collect(faults, "unit_price", lambda: read_price(row.unit_price or "0", marks, shop.currency))
    discount = _collect(faults, "discount", lambda: read_discount(row.discount, marks, shop.currency))
    tax = _collect(faults, "tax", lambda: _read_tax(row.tax, shop, marks))
    if faults or item is None or price is None or tax is None:
        return RowReading(None, None, tuple(faults))
    line = Line(item=item, quantity=quantity, unit_price=price, tax=tax, discount=discount, product_key=row.product_key)
    try:
        return RowReading(line, line_amount(line.priced))
    except Refused as refused:
        return RowReading(None, None, refused.faults)


def _read_tax(text: str, shop: Shop, marks: Marks) -> TaxRate:
    written = text.strip()
    if not written:
        return shop.default_tax.rate
    for tax in shop.taxes:
        if written == tax.name:
            return tax.rate
    milli = read_percent(written, marks)
    for tax in shop.taxes:
        if tax.rate.milli == milli:
            return tax.rate
    raise Refused("The shop has no such tax rate. Rates are kept in Settings, Taxes.")


def _read_date(text: str, today: date) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Refused("This is not a date.") from None
    if day < EARLIEST:
        raise Refused(f"A date before {EARLIEST.year} cannot be right.")
    if (day - today).days > 366 * 10:
        raise Refused("This date is more than ten years ahead.")
    return day


def _read_due(text: str, on: date | None) -> date | None:
    due = _read_date(text, on or EARLIEST.replace(year=2100))
    if due is not None and on is not None and due < on:
        raise Refused("The due date lies before the document's date.")
    return due


def _totals(draft: Draft) -> tuple[Totals, tuple[Fault, ...]]:
    try:
        return draft.totals(), ()
    except Refused as refused:
        lines = [line.priced for line in draft.signed_lines]
        return calculate(lines, prices_include_tax=draft.prices_include_tax), refused.faults


def _collect(faults: list[Fault], name: str, reading: Callable[[], T]) -> T | None:
    try:
        return reading()
    except Refused as refused:
        faults.extend(Fault(fault.text, name) for fault in refused.faults)
        return None


def _in_order(faults: list[Fault]) -> list[Fault]:
    return sorted(
        faults, key=lambda fault: (_FIELDS.index("items" if fault.row is not None else fault.field), fault.row or 0)
    )
