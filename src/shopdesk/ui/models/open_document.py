"""The document that is open in the editor: what is typed, what it says, and how safe it is.

The one thing to know: the form is the state. Every change goes through here, is handed to the keeper, and is read again
by ``domain.draft.read`` before the next paint; nobody else computes anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from shopdesk.domain import draft
from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import Form, Reading, Row, RowReading
from shopdesk.domain.errors import Fault
from shopdesk.domain.shop import Shop
from shopdesk.ui import fresh
from shopdesk.ui.desk import Desk
from shopdesk.ui.models.items import ItemsModel
from shopdesk.ui.models.keeper import Keeper
from shopdesk.ui.notation import Notation, shop_for

_ON_TERMS = frozenset({Kind.INVOICE, Kind.DEBIT_NOTE})
"""Kinds that are paid later: they begin with the shop's usual due date."""
_TYPED_IN = {"customer": "customer", "date": "on", "due": "due", "discount": "discount", "note": "note"}
"""Where in the form a fault's field is typed."""
_REMEMBERED = 2000


class OpenDocument(QObject):
    """One form at a time."""

    opened = Signal()  # another form is open
    forked = Signal()  # it is typed elsewhere, too, and goes on as a draft of its own
    read = Signal()  # it was read again: amounts, totals and faults are new

    def __init__(self, desk: Desk, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.customer: Customer | None = None
        self.document: Document | None = None  # the one that is being corrected
        self._form = Form(key=fresh.key())
        self._known: dict[Row, RowReading] = {}
        self._blamed: list[tuple[Fault, object]] = []
        self._is_touched = False
        self._reading: Reading | None = None
        self.items = ItemsModel(self._notation(), parent=self)
        self.items.changed.connect(self._changed)
        self.keeper = Keeper(desk, parent=self)
        self.keeper.begin(self._form, is_kept=False)
        self.keeper.collided.connect(self._on_collided)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(lambda: self.read_now())
        desk.shop_changed.connect(self._on_shop)

    # --- what is open ---

    @property
    def form(self) -> Form:
        """Everything as typed."""
        return replace(self._form, rows=self.items.rows)

    @property
    def kind(self) -> Kind:
        """What it will be."""
        return self._form.kind

    @property
    def shop(self) -> Shop:
        """The shop as this document is read: the one of its time, when it is a correction."""
        return self._desk.shop if self.document is None else shop_for(self.document, self._desk.shop)

    @property
    def reading(self) -> Reading:
        """What it says at this moment."""
        return self._reading or self.read_now()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong: what reading found, and what the books refused as long as it is typed as it was then."""
        still = tuple(fault for fault, typed in self._blamed if typed == self._typed(fault))
        return (*self.reading.faults, *still)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed yet."""
        return self.form.is_blank

    @property
    def count(self) -> int:
        """How many rows it has, blank ones aside."""
        return sum(not row.is_blank for row in self.items.rows)

    def begin(self, kind: Kind) -> None:
        """A fresh document."""
        self.open(Form(key=fresh.key(), kind=kind, due=self._usual_due(kind, "")), is_kept=False)

    def open(
        self,
        form: Form,
        *,
        is_kept: bool,
        kept_at: datetime | None = None,
        customer: Customer | None = None,
        document: Document | None = None,
    ) -> None:
        """Another form; the one that was open is kept."""
        if (left := self.keeper.left(form.key)) is not None:
            customer = customer if left.customer_key == form.customer_key else None
            form = left
        self.keeper.begin(form, is_kept=is_kept, kept_at=kept_at)
        self._form, self.customer, self.document = form, customer, document
        self._known.clear()
        self._blamed = []
        self._is_touched = is_kept
        self._reading = None
        self.items.load(form.rows, self._notation())
        self.opened.emit()
        self.read_now()

    def correct_instead(self, document: Document) -> None:
        """What is typed was saved as ``document`` before the last of it was typed: go on, as a correction of it."""
        form = replace(self.form, key=fresh.key(), edits=document.key, revision=document.revision)
        self.keeper.forget()
        self.open(form, is_kept=False, customer=self.customer, document=document)
        self._changed(frozenset())

    # --- what changes ---

    def change(self, **typed: Any) -> None:
        """Another text in one of the fields of ``Form``. The usual due date follows the kind and the date."""
        before = self._form
        after = replace(before, **typed)
        if after == before:
            return
        if "due" not in typed and before.due == self._usual_due(before.kind, before.on):
            after = replace(after, due=self._usual_due(after.kind, after.on))
        self._form = after
        self._changed(frozenset())

    def choose(self, text: str, customer: Customer | None) -> None:
        """Another customer: one of the shop's, or what was typed about somebody new."""
        self.customer = customer
        self._reading = None
        self.change(customer=text, customer_key=customer.key if customer else None)

    def place(self, row: int, column: int) -> None:
        """The cursor moved: the document opens again there."""
        if (row, column) != (self._form.row, self._form.column):
            self._form = replace(self._form, row=row, column=column)
            if self._is_touched:
                self.keeper.note(self.form, frozenset())

    def blame(self, faults: Iterable[Fault]) -> None:
        """The books refused it: each fault stands beside its field until something else is typed there."""
        self._blamed = [(fault, self._typed(fault)) for fault in faults]
        self.read_now()

    def read_now(self) -> Reading:
        """Read the form, and show what it says."""
        self._soon.stop()
        if len(self._known) > _REMEMBERED + 2 * self.items.rowCount():
            self._known.clear()
        reading = self._reading = draft.read(
            self.form,
            shop=self.shop,
            marks=self._desk.marks,
            today=self._desk.today(),
            buyer=Buyer.of(self.customer) if self.customer else None,
            known=self._known,
        )
        self.items.show_reading(reading.amounts, self.faults)
        self.read.emit()
        return reading

    # --- inside ---

    def _notation(self) -> Notation:
        return Notation(self.shop, self._desk.marks)

    def _usual_due(self, kind: Kind, on: str) -> str:
        if kind not in _ON_TERMS:
            return ""
        try:
            day = date.fromisoformat(on) if on else self._desk.today()
            return (day + timedelta(days=self._desk.shop.due_days)).isoformat()
        except (ValueError, OverflowError):
            return ""

    def _typed(self, fault: Fault) -> object:
        if fault.row is not None:
            return self.items.row(fault.row) if fault.row < self.items.rowCount() else None
        return getattr(self._form, _TYPED_IN.get(fault.field, ""), None)

    def _changed(self, rows: frozenset[int]) -> None:
        self._is_touched = True
        self.keeper.note(self.form, rows)
        self._reading = None
        self._soon.start()

    def _on_collided(self) -> None:
        self._form = replace(self._form, key=fresh.key())
        self.keeper.go_on_as(self.form)
        self._reading = None
        self._soon.start()
        self.forked.emit()

    def _on_shop(self) -> None:
        self._known.clear()
        self.items.set_notation(self._notation())
        self.read_now()
