"""The filters above a list of documents: search box, kind, period, what is owed, and chips for any other filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopdesk.domain.account import Staff
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Kind, State
from shopdesk.domain.draft import EARLIEST_DATE
from shopdesk.message_catalogues import mark
from shopdesk.queries import accounts, customers
from shopdesk.queries.documents import DocumentFilter
from shopdesk.render.formatting import first_weekday
from shopdesk.ui.base import display_names, icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import as_title, tr, tr_marked
from shopdesk.ui.base.scanner import mark_search
from shopdesk.ui.documents.documents_model import KINDS_OF_ORDER
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.date_field import FilterDate

_TYPING_MS = 150
"""Delay in ms after the last key before the search starts."""
_LEAST = 10
"""Letters of a choice that are seen in the narrowest window."""


class DateFilter(StrEnum):
    """The periods to filter by; the value is the English label."""

    ALL = mark("All days")
    TODAY = mark("Today")
    YESTERDAY = mark("Yesterday")
    THIS_WEEK = mark("This week")
    LAST_WEEK = mark("Last week")
    THIS_MONTH = mark("This month")
    LAST_MONTH = mark("Last month")
    THIS_QUARTER = mark("This quarter")
    LAST_QUARTER = mark("Last quarter")
    THIS_YEAR = mark("This year")
    LAST_YEAR = mark("Last year")
    CHOSEN = mark("From … to …")

    def days(self, today: date, *, first_weekday: int = 0) -> tuple[date | None, date | None]:
        """Return the first and the last day, relative to today; ``first_weekday`` counts from 0, Monday."""
        month = today.replace(day=1)
        begin = today - timedelta(days=(today.weekday() - first_weekday) % 7)
        quarter = month.replace(month=(today.month - 1) // 3 * 3 + 1)
        match self:
            case DateFilter.TODAY:
                return today, today
            case DateFilter.YESTERDAY:
                return today - timedelta(days=1), today - timedelta(days=1)
            case DateFilter.THIS_WEEK:
                return begin, today
            case DateFilter.LAST_WEEK:
                return begin - timedelta(days=7), begin - timedelta(days=1)
            case DateFilter.THIS_MONTH:
                return month, today
            case DateFilter.LAST_MONTH:
                last = month - timedelta(days=1)
                return last.replace(day=1), last
            case DateFilter.THIS_QUARTER:
                return quarter, today
            case DateFilter.LAST_QUARTER:
                last = quarter - timedelta(days=1)
                return last.replace(month=last.month - 2, day=1), last
            case DateFilter.THIS_YEAR:
                return today.replace(month=1, day=1), today
            case DateFilter.LAST_YEAR:
                return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
            case _:
                return None, None


class DocumentFilters(QWidget):
    """The controls above a list of documents; ``wanted`` is the filter they show and change."""

    changed = Signal()  # emitted when ``wanted`` changes
    entered = Signal()  # emitted on Enter in the search box
    downed = Signal()  # emitted on Down in the search box

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._find = DocumentFilter()
        self._customer: Button | None = None
        self._cashier: Button | None = None
        self._make_search()
        self._make_choices()
        self._lay_out()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.setFocusProxy(self.search)
        self._show()

    # --- construction ---

    def _make_search(self) -> None:
        self.search = QLineEdit()
        mark_search(self.search)
        self.search.setAccessibleName(tr("Search"))
        self.search.setPlaceholderText(tr("Number or customer"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._on_enter)
        self.search.installEventFilter(self)

    def _make_choices(self) -> None:
        self.kind = _combo(tr("Kind"))
        self.kind.addItem(tr("All kinds"), frozenset())
        self.kind.addItem(tr("Orders: invoices and receipts"), KINDS_OF_ORDER)
        for which in Kind:
            self.kind.addItem(display_names.kind(which), frozenset({which}))
        self.kind.currentIndexChanged.connect(self._on_choice)
        self.period = _combo(tr("Period"))
        for period in DateFilter:
            self.period.addItem(tr_marked(period.value), period)
        self.period.currentIndexChanged.connect(self._on_period)
        self.since = FilterDate(self._context, tr("From"), self._context.today())
        self.until = FilterDate(self._context, tr("Until"), self._context.today())
        for day in (self.since, self.until):
            day.picked.connect(self._on_choice)
        self.unpaid = QCheckBox(tr("Unpaid only"))
        self.to_refund = QCheckBox(tr("To be refunded"))
        for box in (self.unpaid, self.to_refund):
            box.toggled.connect(self._on_choice)

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(tokens.S)
        controls.addWidget(self.search, 1, Qt.AlignmentFlag.AlignTop)
        for box in (self.unpaid, self.to_refund):
            box.setFixedHeight(tokens.CONTROL)
        for control in (self.kind, self.period, self.unpaid, self.to_refund):
            controls.addWidget(control, alignment=Qt.AlignmentFlag.AlignTop)
        days = QHBoxLayout()
        days.setSpacing(tokens.S)
        for day in (self.since, self.until):
            days.addWidget(day, alignment=Qt.AlignmentFlag.AlignTop)  # a date's fault stands below it
        days.addStretch(1)
        self._chip_row = QWidget()
        self._chips = QHBoxLayout(self._chip_row)
        self._chips.setSpacing(tokens.S)
        self._chips.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.M)
        column.addLayout(controls)
        column.addLayout(days)
        column.addWidget(self._chip_row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    # --- the filter ---

    @property
    def wanted(self) -> DocumentFilter:
        """The current filter; relative periods are computed from today's date."""
        since, until = self._days()
        return replace(self._find, since=since, until=until)

    def want(self, find: DocumentFilter) -> None:
        """Set the filter and show it in the controls."""
        self._find = find
        self._show()
        self._emit_changed()

    def _set(self, **fields: object) -> None:
        self._find = replace(self.wanted, **fields)  # type: ignore[arg-type]
        self._emit_changed()

    def _emit_changed(self) -> None:
        self._typing.stop()
        self.changed.emit()

    @property
    def _first_weekday(self) -> int:
        return first_weekday(self._context.shop.locale)

    def _days(self) -> tuple[date | None, date | None]:
        period = DateFilter(self.period.currentData())
        if period is not DateFilter.CHOSEN:
            return period.days(self._context.today(), first_weekday=self._first_weekday)
        first, last = sorted((self.since.chosen, self.until.chosen))
        return first, last

    # --- display ---

    def _show(self) -> None:
        find, today = self._find, self._context.today()
        controls = (self.search, self.kind, self.period, self.unpaid, self.to_refund)
        blocked = [QSignalBlocker(control) for control in controls]
        self.search.setText(find.text)
        at = next((at for at in range(self.kind.count()) if self.kind.itemData(at) == find.kinds), -1)
        self.kind.setCurrentIndex(at)
        days = (find.since, find.until)
        period = next(
            (each for each in DateFilter if each.days(today, first_weekday=self._first_weekday) == days),
            DateFilter.CHOSEN,
        )
        self.period.setCurrentIndex(self.period.findData(period))
        self.since.set_date(find.since or EARLIEST_DATE)
        self.until.set_date(find.until or today)
        self.unpaid.setChecked(find.unpaid)
        self.to_refund.setChecked(find.to_refund)
        for one in blocked:
            one.unblock()
        self._show_days(period)
        self._show_chips()

    def _show_days(self, period: DateFilter) -> None:
        for edit in (self.since, self.until):
            edit.setVisible(period is DateFilter.CHOSEN)

    def _show_chips(self) -> None:
        """Show each filter that has no control as a chip that can be removed."""
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        find = self._find
        self._customer = self._cashier = None
        if find.customer_key is not None:
            self._customer = self._chip(tr("One customer"), lambda: {"customer_key": None})
            self._ask_customer()
        if find.item:
            self._chip(tr("Item: {item}", item=find.item), lambda: {"item": ""})
        if find.paid_by is not None:
            self._chip(tr("Paid by: {method}", method=display_names.method(find.paid_by)), lambda: {"paid_by": None})
        self._show_statistics_chips()
        for state in sorted(find.states):
            name = as_title(display_names.state(state).word)
            self._chip(name, partial(self._without, state))
        self._chip_row.setVisible(self._chips.count() > 0)
        self._chips.addStretch(1)

    def _show_statistics_chips(self) -> None:
        find = self._find
        if find.department is not None:
            named = tr("Department: {name}", name=find.department) if find.department else tr("Without a department")
            self._chip(named, lambda: {"department": None})
        if find.cashier_key is not None:
            self._cashier = self._chip(tr("One cashier"), lambda: {"cashier_key": None})
            self._ask_cashier()
        if find.weekday is not None:
            self._chip(display_names.weekday(find.weekday), lambda: {"weekday": None})
        if find.hour is not None:
            at = display_names.hour(find.hour, self._context.language)
            self._chip(tr("From {hour}, one hour", hour=at), lambda: {"hour": None})

    def _without(self, state: State) -> dict[str, object]:
        return {"states": self._find.states - {state}}

    def _chip(self, label: str, without: Callable[[], dict[str, object]]) -> Button:
        def take_off() -> None:
            self._set(**without())
            self._show_chips()

        chip = Button(label, take_off, icon="close", tip=tr("Remove this filter"))
        chip.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._chips.addWidget(chip)
        return chip

    def _ask_customer(self) -> None:
        key = self._find.customer_key

        def then(customer: Customer) -> None:
            if self._customer is not None and self._find.customer_key == key:
                self._customer.set_label(tr("Customer: {name}", name=customer.name))

        # On failure the chip keeps "One customer": the list itself shows the error.
        self._context.ask(customers.get, key, owner=self, then=then, failed=lambda _: None)

    def _ask_cashier(self) -> None:
        key = self._find.cashier_key

        def then(staff: Staff | None) -> None:
            if staff is not None and self._cashier is not None and self._find.cashier_key == key:
                self._cashier.set_label(tr("Cashier: {name}", name=staff.name))

        self._context.ask(accounts.staff, key, owner=self, then=then, failed=lambda _: None)

    # --- changes in the controls ---

    def _on_search(self, text: str) -> None:
        self._find = replace(self._find, text=text)
        self._typing.start()

    def _on_enter(self) -> None:
        self._typing.stop()
        self.entered.emit()

    def _on_choice(self, *_: object) -> None:
        kinds = self.kind.currentData()
        self._set(
            unpaid=self.unpaid.isChecked(),
            to_refund=self.to_refund.isChecked(),
            kinds=self._find.kinds if kinds is None else kinds,
        )

    def _on_period(self, *_: object) -> None:
        period = DateFilter(self.period.currentData())
        self._show_days(period)
        if period is DateFilter.CHOSEN:
            self._propose_days()
            self.since.setFocus(Qt.FocusReason.OtherFocusReason)
        self._emit_changed()

    def _propose_days(self) -> None:
        """Fill the range with the period shown before, or with this month."""
        today = self._context.today()
        self.since.set_date(self._find.since or today.replace(day=1))
        self.until.set_date(self._find.until or today)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move from the search box to the list on Down; clear the search box on Esc."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.downed.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setMaxVisibleItems(len(DateFilter) + len(Kind))
    combo.setMinimumContentsLength(_LEAST)  # in a narrow window the choice is cut, not the page
    return combo
