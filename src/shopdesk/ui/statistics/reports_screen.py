"""The page of reports: the money report and the number report of a period, and their files."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.render.export import FileKind
from shopdesk.render.report_pdf import ReportHead
from shopdesk.ui.base import display_names, shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.pages import Page
from shopdesk.ui.output.export_button import ReportButton
from shopdesk.ui.statistics.accountant_dialog import AccountantDialog
from shopdesk.ui.statistics.money_pane import MoneyPane
from shopdesk.ui.statistics.money_sections import report_head
from shopdesk.ui.statistics.number_pane import NumberPane
from shopdesk.ui.statistics.period import Period, PeriodPicker
from shopdesk.ui.widgets.buttons import Button, QuietButton, Segment
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.page_parts import EmptyState, Head

_TABLES = frozenset({"documents", "payments"})
_ROWS = 6
"""The rows of a table in the smallest window."""


class ReportsScreen(FocusedPage):
    """The page, or for roles without the right a notice that explains it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Reports"))
        self._context = context
        self.period = PeriodPicker(context, begin=Period.THIS_MONTH)
        self.money, self.numbers = MoneyPane(context), NumberPane(context)
        self.of_money = Segment(tr("Money report"), self._on_turned)
        self.of_numbers = Segment(tr("Number report"), self._on_turned)
        self._turns = QButtonGroup(self)
        for segment in (self.of_money, self.of_numbers):
            self._turns.addButton(segment)
        self.of_money.setChecked(True)
        self.export = ReportButton(context, self._on_export)
        self.for_accountant = Button(tr("For the accountant …"), self._on_accountant, icon="documents")
        self.back = QuietButton(tr("Statistics"), lambda: context.navigation.show_page(Page.STATISTICS), icon="back")
        self._not_for_them = EmptyState("lock", tr("You do not have access to reports"))
        self._body = QStackedLayout(self)
        self._body.addWidget(self._not_for_them)
        self._body.addWidget(self._page())
        self.begin_at(self.period)
        self.period.changed.connect(self._read)
        context.background.changed.connect(self._on_changed)
        context.actor_changed.connect(self._on_actor)
        shortcuts.bind(self, "refresh", self._read)
        self._on_actor()

    def _page(self) -> QWidget:
        head = Head(tr("Reports"))
        head.add_after_title(self.back)
        head.add(self.for_accountant)
        head.add(self.export)
        days = QHBoxLayout()
        days.addWidget(self.period, 1)
        days.addWidget(self.period.own)
        turns = QHBoxLayout()
        turns.setSpacing(tokens.XS)
        for segment in (self.of_money, self.of_numbers):
            turns.addWidget(segment, alignment=Qt.AlignmentFlag.AlignBottom)
        turns.addStretch(1)
        for choice in (self.money.rate, self.numbers.series):
            choice.setMinimumWidth(tokens.NARROW)
            turns.addWidget(choice)
        panes = QWidget()
        panes.setMinimumHeight(_ROWS * tokens.ROW)
        # The tables scroll themselves: the page is not to grow to their height.
        panes.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._panes = QStackedLayout(panes)
        self._panes.addWidget(self.money)
        self._panes.addWidget(self.numbers)
        page = QWidget()
        page.setProperty("role", "column")
        column = QVBoxLayout(page)
        column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(head)
        column.addLayout(days)
        column.addLayout(turns)
        column.addWidget(panes, 1)
        self._show_pane()
        return page

    # --- reading ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed."""
        super().showEvent(event)
        self._read()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & _TABLES and self.isVisible():
            self._read()

    def _on_actor(self) -> None:
        """Show the reports to a person with the right to see them, and the notice to others."""
        role = display_names.role(self._context.actor.staff.role)
        self._not_for_them.set_text(
            tr("You do not have access to reports"),
            tr("Your role ({role}) does not include them. The owner assigns roles in Settings, People.", role=role),
        )
        self._body.setCurrentIndex(int(self._context.may(Right.STATISTICS)))
        self.for_accountant.setEnabled(self._context.may(Right.EXPORT))
        if self.isVisible():
            self._read()

    def _on_turned(self) -> None:
        self._show_pane()
        self._read()

    def _show_pane(self) -> None:
        is_money = self.of_money.isChecked()
        self._panes.setCurrentWidget(self.money if is_money else self.numbers)
        self.money.rate.setVisible(is_money)
        self.numbers.series.setVisible(not is_money)

    def _read(self) -> None:
        if self._context.may(Right.STATISTICS):
            span = self.period.span
            shown = self.money if self.of_money.isChecked() else self.numbers
            shown.read(span.since, span.until)

    # --- files ---

    def _on_export(self, kind: FileKind) -> None:
        is_money = self.of_money.isChecked()
        (self.money if is_money else self.numbers).save(kind, self.head())

    def _on_accountant(self) -> None:
        span = self.period.span
        AccountantDialog(self._context, span.since, span.until, parent=self.window()).open()

    def head(self) -> ReportHead:
        """Return what stands above the report in a file."""
        context, span = self._context, self.period.span
        day = context.format.day
        period = tr("{first} – {last}", first=day(span.since), last=day(span.until))
        is_practice = context.settings.is_practice
        if self.of_money.isChecked():
            note = tr("Sales count by the date of the document, payments by the day they were taken.")
            return report_head(tr("Money report"), period, context.shop, note=note, is_practice=is_practice)
        chosen = self.numbers.series.text().rstrip("-")
        return report_head(tr("Number report"), chosen or period, context.shop, is_practice=is_practice)
