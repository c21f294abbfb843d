"""All documents, newest first: found by number or customer, filtered, opened, exported. Reads what is in sight only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

from PySide6.QtCore import QDate, QEvent, QObject, QPoint, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from shopdesk.domain.account import Right
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import EARLIEST
from shopdesk.queries import customers, documents
from shopdesk.queries.documents import DocumentSummary, Find
from shopdesk.render.export import FileKind
from shopdesk.ui import keys, theme, words
from shopdesk.ui.desk import Desk
from shopdesk.ui.exporting import WholeList, export_list
from shopdesk.ui.models.documents import KINDS_OF_ORDER, DocumentsModel, file_head, file_row
from shopdesk.ui.text import counted, tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.cards import EmptyState, Head
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.table import Table

_TABLES = frozenset({"documents", "payments", "outbox"})
_TYPING_MS = 150
"""How long the search waits for the next key."""


class Period(StrEnum):
    """Which days; the value is what a translation starts from."""

    ALL = "All days"
    TODAY = "Today"
    YESTERDAY = "Yesterday"
    THIS_WEEK = "This week"
    THIS_MONTH = "This month"
    LAST_MONTH = "Last month"
    THIS_YEAR = "This year"
    CHOSEN = "From … to …"

    def days(self, today: date) -> tuple[date | None, date | None]:
        """The first and the last day, seen from today; weeks begin on Monday (ISO 8601)."""
        month = today.replace(day=1)
        match self:
            case Period.TODAY:
                return today, today
            case Period.YESTERDAY:
                return today - timedelta(days=1), today - timedelta(days=1)
            case Period.THIS_WEEK:
                return today - timedelta(days=today.weekday()), today
            case Period.THIS_MONTH:
                return month, today
            case Period.LAST_MONTH:
                last = month - timedelta(days=1)
                return last.replace(day=1), last
            case Period.THIS_YEAR:
                return today.replace(month=1, day=1), today
            case _:
                return None, None


class DocumentsScreen(QWidget):
    """The list with its filters. ``find`` sets them all at once: a figure leads here."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._find = Find()
        self._is_stale = True
        self._opens_first = False
        self._asked_customer: object = None
        self._make_filters()
        self.model = DocumentsModel(desk, parent=self)
        self.table = Table(tr("Documents"))
        self.table.show_model(self.model)
        self.table.opened.connect(self._on_opened)
        self.table.typed.connect(self._on_typed)
        self.empty = EmptyState("documents", "", "", (tr("Show all documents"), lambda: self.find(Find())))
        self.foot = Label(role="small")
        self._lay_out()
        self.setFocusProxy(self.search)
        self.model.read.connect(self._on_read)
        self.model.failed.connect(self._on_failed)
        desk.background.changed.connect(self._on_changed)
        keys.bind(self, "refresh", self.model.refresh)
        self._show_find()

    # --- how it is made ---

    def _make_filters(self) -> None:
        self.search = QLineEdit()
        self.search.setAccessibleName(tr("Search"))
        self.search.setPlaceholderText(tr("Number or customer"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._on_enter)
        self.search.installEventFilter(self)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._ask)
        self.kind = _combo(tr("Kind"))
        self.kind.addItem(tr("All kinds"), frozenset())
        self.kind.addItem(tr("Orders: invoices and receipts"), KINDS_OF_ORDER)
        for which in Kind:
            self.kind.addItem(words.kind(which), frozenset({which}))
        self.kind.currentIndexChanged.connect(self._on_filter)
        self.period = _combo(tr("Period"))
        for period in Period:
            self.period.addItem(tr(period.value), period)
        self.period.currentIndexChanged.connect(self._on_period)
        self.since = self._day_edit(tr("From"))
        self.until = self._day_edit(tr("To"))
        self.unpaid = QCheckBox(tr("Unpaid only"))
        self.unpaid.toggled.connect(self._on_filter)

    def _day_edit(self, name: str) -> QDateEdit:
        edit = QDateEdit(_qdate(self._desk.today()))
        edit.setAccessibleName(name)
        edit.setCalendarPopup(True)
        edit.setMinimumDate(_qdate(EARLIEST))
        edit.setDisplayFormat("d MMM yyyy")
        edit.setFixedHeight(theme.CONTROL)
        edit.dateChanged.connect(self._on_filter)
        return edit

    def _lay_out(self) -> None:
        self.head = Head(tr("Documents"))
        self.export = Button(tr("Export"), self._on_export, icon="export", tip=self._why_no_export())
        self.export.setEnabled(self._desk.may(Right.EXPORT))
        self.head.add(self.export)
        filters = QHBoxLayout()
        filters.setSpacing(theme.S)
        filters.addWidget(self.search, 1)
        for control in (self.kind, self.period, self.since, self.until, self.unpaid):
            filters.addWidget(control)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(theme.S)
        self._chip_row = QWidget()
        self._chip_row.setLayout(self._chips)
        self._chips.setContentsMargins(0, 0, 0, 0)
        self._chip_row.hide()
        list_or_word = QWidget()
        self._body = QStackedLayout(list_or_word)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.L, theme.XL, theme.S)
        column.setSpacing(theme.M)
        column.addWidget(self.head)
        column.addLayout(filters)
        column.addWidget(self._chip_row)
        column.addWidget(list_or_word, 1)
        column.addWidget(self.foot)
        QWidget.setTabOrder(self.table, self.export)  # before the focus proxy, Tab would never come to it

    def _why_no_export(self) -> str:
        if self._desk.may(Right.EXPORT):
            return tr("Write what is shown into a file")
        return tr("Your role may not export. The owner gives rights in Settings.")

    # --- which documents ---

    def find(self, find: Find) -> None:  # type: ignore[override]  # QWidget.find(window id) is for nobody here
        """Show these documents, and the filters that say so."""
        self._find = find
        self._show_find()
        self._ask()

    @property
    def shown(self) -> Find:
        """Which documents are listed."""
        return self._find

    def _show_find(self) -> None:
        """Set the controls to what is looked for; what they cannot say stands as a word that can be taken off."""
        find, today = self._find, self._desk.today()
        controls = (self.search, self.kind, self.period, self.since, self.until, self.unpaid)
        blocked = [QSignalBlocker(control) for control in controls]
        self.search.setText(find.text)
        at = next((at for at in range(self.kind.count()) if self.kind.itemData(at) == find.kinds), -1)
        self.kind.setCurrentIndex(at)
        days = (find.since, find.until)
        period = next((each for each in Period if each.days(today) == days), Period.CHOSEN)
        self.period.setCurrentIndex(self.period.findData(period))
        self.since.setDate(_qdate(find.since or EARLIEST))
        self.until.setDate(_qdate(find.until or today))
        self.unpaid.setChecked(find.unpaid)
        for one in blocked:
            one.unblock()
        self._show_days(period)
        self._show_chips()

    def _show_days(self, period: Period) -> None:
        for edit in (self.since, self.until):
            edit.setVisible(period is Period.CHOSEN)

    def _show_chips(self) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        find = self._find
        if find.customer_key is not None:
            self._chip(tr("One customer"), replace(find, customer_key=None), name="customer")
            self._ask_customer()
        if find.item:
            self._chip(tr("Item: {item}", item=find.item), replace(find, item=""))
        if find.paid_by is not None:
            self._chip(tr("Paid by: {method}", method=words.method(find.paid_by)), replace(find, paid_by=None))
        for state in sorted(find.states):
            self._chip(words.state(state).word.capitalize(), replace(find, states=find.states - {state}))
        self._chip_row.setVisible(self._chips.count() > 0)
        self._chips.addStretch(1)

    def _chip(self, label: str, without: Find, *, name: str = "") -> None:
        chip = Button(label, lambda: self.find(without), icon="close", tip=tr("Take this filter off"))
        chip.setObjectName(name)
        chip.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._chips.addWidget(chip)

    def _ask_customer(self) -> None:
        key = self._find.customer_key

        def then(customer: Customer) -> None:
            chip = self._chip_row.findChild(Button, "customer")
            if chip is not None and self._find.customer_key == key:
                chip.set_label(tr("Customer: {name}", name=customer.name))

        # A customer who cannot be read any more stays "one customer": the list itself says what went wrong.
        self._desk.ask(customers.whole, key, owner=self, then=then, failed=lambda _: None)

    def _ask(self) -> None:
        self._typing.stop()
        since, until = self._days()
        self._find = replace(self._find, since=since, until=until)
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.model.show(documents.page, find=self._find)

    def _days(self) -> tuple[date | None, date | None]:
        """The days of the period as it is now: “today” moves on at midnight."""
        period = Period(self.period.currentData())
        if period is not Period.CHOSEN:
            return period.days(self._desk.today())
        first, last = sorted((_date(self.since), _date(self.until)))
        return first, last

    # --- what the controls say ---

    def _on_search(self, text: str) -> None:
        self._find = replace(self._find, text=text)
        self._typing.start()

    def _on_filter(self, *_: object) -> None:
        kinds = self.kind.currentData()
        find = replace(self._find, unpaid=self.unpaid.isChecked())
        if kinds is not None:
            find = replace(find, kinds=kinds)
        self._find = find
        self._ask()

    def _on_period(self, *_: object) -> None:
        period = Period(self.period.currentData())
        self._show_days(period)
        if period is not Period.CHOSEN:
            self._ask()
            return
        today = self._desk.today()
        blocked = [QSignalBlocker(self.since), QSignalBlocker(self.until)]
        self.since.setDate(_qdate(self._find.since or today.replace(day=1)))
        self.until.setDate(_qdate(self._find.until or today))
        for one in blocked:
            one.unblock()
        self.since.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_filter()

    def _on_typed(self, text: str) -> None:
        """Typing in the list goes on in the search box."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.insert(text)

    def _on_enter(self) -> None:
        """Enter opens the one document that was found, such as a scanned number; of several it goes to the first."""
        self._opens_first = True
        self._ask()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the search box into the list, Esc empties it first."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and self.model.rows:
                self._to_first()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def _to_first(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.table.selectRow(max(0, self.table.currentIndex().row()))

    # --- reading and showing ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._ask()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if not tables & _TABLES:
            return
        if self.isVisible():
            self.model.refresh()
        else:
            self._is_stale = True

    def _on_read(self) -> None:
        rows = self.model.rows
        self._body.setCurrentWidget(self.table if rows else self.empty)
        if not rows:
            self._say_why_empty()
        if self.model.is_whole:
            self.foot.setText(counted(len(rows), "{count} document", "{count} documents") if rows else " ")
        else:
            self.foot.setText(tr("The newest {count}; scroll for more.", count=self._desk.count(len(rows))))
        if self._opens_first:
            self._opens_first = False
            if len(rows) == 1:
                self._on_opened(rows[0])
            elif rows:
                self._to_first()

    def _say_why_empty(self) -> None:
        is_all = self._find == Find()
        if self.empty.button is not None:
            self.empty.button.setVisible(not is_all)
        if is_all:
            self.empty.say(
                tr("No documents yet"), tr("Every invoice, receipt, note and quote will stand here, newest first.")
            )
        else:
            self.empty.say(tr("Nothing found"), tr("No document fits what is searched and filtered above."))

    def _on_failed(self, error: Exception) -> None:
        self._is_stale = True
        self._opens_first = False
        self._desk.trouble(error)

    def _on_opened(self, row: DocumentSummary) -> None:
        self._desk.open_document(row.key)

    # --- exporting ---

    def _on_export(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for label, kind in ((tr("CSV file …"), FileKind.CSV), (tr("Excel file (XLSX) …"), FileKind.XLSX)):
            menu.addAction(label, self._exporting(kind))
        menu.popup(self.export.mapToGlobal(QPoint(0, self.export.height())))
        menu.setActiveAction(menu.actions()[0])

    def _exporting(self, kind: FileKind) -> Callable[[], None]:
        def act() -> None:
            whole = WholeList(
                title=tr("Documents"),
                query=documents.page,
                given={"find": self._find},
                head=file_head(),
                row=file_row,
            )
            export_list(whole, kind, desk=self._desk, parent=self)

        return act


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setMaxVisibleItems(len(Period) + len(Kind))
    return combo


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)


def _date(edit: QDateEdit) -> date:
    day = edit.date()
    return date(day.year(), day.month(), day.day())
