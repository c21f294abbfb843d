"""The document that is open in the editor: its form as typed, the parsed result, and its autosave.

The form is the state. Every change goes through here, is autosaved, and is parsed again by
``domain.draft.parse`` before the next paint; no other module of the editor computes amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from shopdesk.domain import draft
from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftForm, DraftRow, ParsedForm, ParsedRow
from shopdesk.domain.errors import FieldError
from shopdesk.domain.shop import Shop
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.editor.autosave import Autosave
from shopdesk.ui.editor.cell_format import CellFormat, shop_for
from shopdesk.ui.editor.items_model import ItemsModel

_TYPED_IN = {"customer": "customer", "date": "on", "due": "due", "discount": "discount", "note": "note"}
"""The field of ``Form`` for the field of a fault."""
_REMEMBERED = 2000
_DAY_CHECK_SECONDS = 15


class EditedDocument(QObject):
    """The open form, its rows and its autosave; one form at a time."""

    opened = Signal()  # emitted when another form was opened
    forked = Signal()  # emitted when it was also changed elsewhere, and continues as a separate draft
    read = Signal()  # emitted when the form was parsed: amounts, totals and faults are new

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.customer: Customer | None = None
        self._is_new_customer = False
        self.document: Document | None = None  # the issued document being corrected
        self.origin: Document | None = None  # the document that this one was made from
        self.confirmed: frozenset[str] = frozenset()
        """The questions of Save that were answered before the document was opened."""
        self._prices: Mapping[UUID, int] = {}
        self._form = DraftForm(key=new_key(), kind=context.till_preferences.default_kind)
        self._known: dict[DraftRow, ParsedRow] = {}
        self._blamed: list[tuple[FieldError, object]] = []
        self._is_touched = False
        self._reading: ParsedForm | None = None
        self.items = ItemsModel(self._notation(), parent=self)
        self.items.changed.connect(self._changed)
        self.autosave = Autosave(context, parent=self)
        self.autosave.open(self._form, is_kept=False)
        self.autosave.conflicted.connect(self._on_collided)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(lambda: self.read_now())
        context.shop_changed.connect(self._on_shop)
        self._read_on = context.today()
        midnight = QTimer(self, interval=_DAY_CHECK_SECONDS * 1000, timerType=Qt.TimerType.VeryCoarseTimer)
        midnight.timeout.connect(lambda: self.follow_day())
        midnight.start()

    # --- what is open ---

    @property
    def form(self) -> DraftForm:
        """The form as typed, with its rows."""
        return replace(self._form, rows=self.items.rows)

    @property
    def kind(self) -> Kind:
        """The kind of document."""
        return self._form.kind

    @property
    def shop(self) -> Shop:
        """The shop that the form is parsed with; for a correction, as it was at the time of the document.

        The prices of a document made from another one include tax or not as they did there.
        """
        shop = self._context.shop
        if self.document is not None:
            return shop_for(self.document, shop)
        if self.origin is not None:
            return replace(shop, prices_include_tax=self.origin.prices_include_tax)
        return shop

    @property
    def reading(self) -> ParsedForm:
        """The parsed form: amounts, totals and faults."""
        return self._reading or self.read_now()

    @property
    def faults(self) -> tuple[FieldError, ...]:
        """The faults found by parsing, and those of the last refused save whose fields are unchanged since."""
        still = tuple(fault for fault, typed in self._blamed if typed == self._typed(fault))
        return (*self.reading.faults, *still)

    @property
    def is_blank(self) -> bool:
        """True if nothing was typed."""
        return self.form.is_blank

    def start_new(self, kind: Kind) -> None:
        """Open a new, blank document."""
        self.open(DraftForm(key=new_key(), kind=kind), is_kept=False)

    def open(
        self,
        form: DraftForm,
        *,
        is_kept: bool,
        kept_at: datetime | None = None,
        customer: Customer | None = None,
        document: Document | None = None,
        origin: Document | None = None,
        prices: Mapping[UUID, int] | None = None,
        is_typed: bool = False,
    ) -> None:
        """Open another form, after saving the previous one.

        ``is_kept``: the database has it. ``kept_at``: the time of the last change that the database has. ``is_typed``:
        it is stored at once, as if it had been typed. ``prices`` are today's prices of its products.
        """
        if (left := self.autosave.left(form.key)) is not None:
            customer = customer if left.customer_key == form.customer_key else None
            form = left
        self.autosave.open(form, is_kept=is_kept, kept_at=kept_at)
        self._form, self.customer, self.document = form, customer, document
        self.origin, self._prices, self.confirmed = origin, prices or {}, frozenset()
        self._is_new_customer = False
        self._known.clear()
        self._blamed = []
        self._is_touched = is_kept
        self._reading = None
        self.items.load(form.rows, self._notation())
        self.opened.emit()
        self.read_now()
        if is_typed:
            self._changed(frozenset())

    def correct_instead(self, document: Document) -> None:
        """Continue as a correction of ``document``, because it was saved before the last changes were typed."""
        form = replace(self.form, key=new_key(), edits=document.key, revision=document.revision)
        self.autosave.close()
        self.open(form, is_kept=False, customer=self.customer, document=document)
        self._changed(frozenset())

    # --- changes ---

    def change(self, **typed: Any) -> None:
        """Set fields of ``DraftForm``."""
        before = self._form
        after = replace(before, **typed)
        if after == before:
            return
        self._form = after
        self._changed(frozenset())

    def choose(self, text: str, customer: Customer | None, *, is_new: bool = False) -> None:
        """Set the customer: one of the shop's, or None and the text typed for a new one.

        ``is_new``: it is a new one even if others are called so.
        """
        self.customer, self._is_new_customer = customer, is_new
        self._reading = None
        self.change(customer=text, customer_key=customer.key if customer else None)

    def remember_cell(self, row: int, column: int) -> None:
        """Remember the cursor position, so that the document opens there again."""
        if (row, column) != (self._form.row, self._form.column):
            self._form = replace(self._form, row=row, column=column)
            if self._is_touched:
                self.autosave.record_change(self.form, frozenset())

    def show_error(self, faults: Iterable[FieldError]) -> None:
        """Show the faults of a refused save, each until its field is changed."""
        self._blamed = [(fault, self._typed(fault)) for fault in faults]
        self.read_now()

    def follow_day(self) -> bool:
        """Parse again after midnight: a date that was not typed is the day of issue. Return True if it was another."""
        is_another = self._context.today() != self._read_on
        if is_another:
            self.read_now()
        return is_another

    @property
    def today(self) -> date:
        """The day that the form was parsed on: the date of a document if none was typed."""
        return self._read_on

    @property
    def usual_due(self) -> date | None:
        """The due date if none is typed: the shop's terms after the date; None where there is none."""
        try:
            day = date.fromisoformat(self._form.on) if self._form.on else self._read_on
        except ValueError:
            return None
        return draft.usual_due(self._form.kind, day, self._context.shop.due_days)

    def read_now(self) -> ParsedForm:
        """Parse the form now, and show its amounts and faults."""
        self._soon.stop()
        self._read_on = self._context.today()
        if len(self._known) > _REMEMBERED + 2 * self.items.rowCount():
            self._known.clear()
        reading = draft.parse(
            self.form,
            shop=self.shop,
            symbols=self._context.symbols,
            today=self._read_on,
            buyer=Buyer.of(self.customer) if self.customer else None,
            cache=self._known,
        )
        if self._is_new_customer:
            reading = replace(reading, contact=replace(reading.contact, is_new=True))
        self._reading = reading
        self.items.show_reading(reading.amounts, self.faults)
        self.items.compare_prices(self._compared_prices)
        self.read.emit()
        return reading

    # --- internals ---

    @property
    def _compared_prices(self) -> Mapping[UUID, int]:
        """Today's prices where rows are compared with them: those of a quote bind the shop, those of a sale do not."""
        origin = self.origin
        if origin is None or origin.prices_include_tax is not self._context.shop.prices_include_tax:
            return {}
        is_quoted = origin.kind is Kind.QUOTE and self._form.kind is not Kind.QUOTE
        return {} if is_quoted else self._prices

    def _notation(self) -> CellFormat:
        return CellFormat(self.shop, self._context.symbols)

    def _typed(self, fault: FieldError) -> object:
        if fault.row is not None:
            return self.items.row(fault.row) if fault.row < self.items.rowCount() else None
        return getattr(self._form, _TYPED_IN.get(fault.field, ""), None)

    def _changed(self, rows: frozenset[int]) -> None:
        self._is_touched = True
        self.autosave.record_change(self.form, rows)
        self._reading = None
        self._soon.start()

    def _on_collided(self) -> None:
        self._form = replace(self._form, key=new_key())
        self.autosave.continue_as(self.form)
        self._reading = None
        self._soon.start()
        self.forked.emit()

    def _on_shop(self) -> None:
        self._known.clear()
        self.items.set_notation(self._notation())
        self.read_now()
