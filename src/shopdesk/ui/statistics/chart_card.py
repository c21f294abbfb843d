"""The chart of Statistics in its card: sales by day, week or month, as bars or as a table."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from shopdesk.message_catalogues import mark
from shopdesk.queries.statistics import Step
from shopdesk.render.export import Cell
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, tr_marked
from shopdesk.ui.output.export import ExportSource, rows_of
from shopdesk.ui.output.export_button import ExportIcon
from shopdesk.ui.statistics.bar_chart import Bar, BarChart
from shopdesk.ui.statistics.bars_model import BarRow, BarsModel
from shopdesk.ui.statistics.statistics_data import StatisticsData
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.labels import Label, ShortLabel
from shopdesk.ui.widgets.page_parts import Card, EmptyState
from shopdesk.ui.widgets.table import Table

_STEPS = {Step.DAY: mark("Day"), Step.WEEK: mark("Week"), Step.MONTH: mark("Month")}
_TITLES = {Step.DAY: mark("Sales by day"), Step.WEEK: mark("Sales by week"), Step.MONTH: mark("Sales by month")}
_WEEKDAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
_FEW = 14
"""Largest number of bars that have room for their weekday."""


class ChartCard(Card):
    """The card with the sales chart, the buttons for its step and its table."""

    opened = Signal(int)  # emitted with the index of a bar, to show its documents
    step_changed = Signal()  # emitted when another step is selected

    def __init__(self, context: Context, step: Step, *, parent: QWidget | None = None) -> None:
        super().__init__(spacing=tokens.S, parent=parent)
        self._context = context
        self._report: StatisticsData | None = None
        self.chart = BarChart(tr("Sales over time"), self._write)
        self.title = Label(role="heading")
        self.told = ShortLabel(role="soft")
        self.told.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # fills the remaining width
        self.legend = Label(role="small")
        self._steps = QButtonGroup(self)
        self.as_table = Segment(tr("As a table"), self._on_as_table)
        self.model = BarsModel(context, parent=self)
        self.export = ExportIcon(context, self.exported)
        self.table = Table(tr("Sales over time"))
        self.table.setProperty("role", "bare")
        self.table.show_model(self.model)
        self.table.opened.connect(lambda row: self.opened.emit(row.key))
        self.nothing = EmptyState("statistics", tr("No sales in this period"))
        self._body = QStackedWidget(self)
        for part in (self.chart, self.table, self.nothing):
            self._body.addWidget(part)
        self.chart.opened.connect(self.opened)
        self.chart.marked.connect(self._describe)
        self._lay_out()
        self.show_step(step)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(tokens.XS)
        top.addWidget(self.title)
        top.addSpacing(tokens.M)
        top.addWidget(self.told, 1)
        top.addSpacing(tokens.M)
        for at, step in enumerate(Step):
            segment = Segment(tr_marked(_STEPS[step]), self.step_changed.emit)
            segment.setAccessibleName(tr_marked(_TITLES[step]))
            self._steps.addButton(segment, at)
            top.addWidget(segment)
        top.addSpacing(tokens.S)
        top.addWidget(self.as_table)
        top.addWidget(self.export)
        self._body.setFixedHeight(tokens.NARROW - tokens.FIGURE_CARD)
        self.add(top)
        self.add(self._body)
        self.add(self.legend)

    def exported(self) -> ExportSource:
        """Return the bars as a list for a file, with numbers in its cells."""
        digits = self._context.shop.currency.digits

        def row(bar: BarRow) -> tuple[Cell, ...]:
            before = None if bar.before is None else Decimal(bar.before).scaleb(-digits)
            return (bar.days, bar.orders, Decimal(bar.gross).scaleb(-digits), before)

        head = tuple(column.title for column in self.model.columns)
        return ExportSource(title=self.title.text(), query=rows_of(self.model.rows), head=head, row=row)

    # --- by day, week or month ---

    @property
    def step(self) -> Step:
        """The period that one bar covers."""
        return list(Step)[self._steps.checkedId()]

    def show_step(self, step: Step) -> None:
        """Select the period that one bar covers."""
        self._steps.button(list(Step).index(step)).setChecked(True)

    def button(self, step: Step) -> Segment:
        """Return the button of a step."""
        button = self._steps.button(list(Step).index(step))
        if not isinstance(button, Segment):
            raise TypeError("every step has a Segment")
        return button

    # --- showing ---

    def show_report(self, report: StatisticsData) -> None:
        """Show the bars of a report."""
        self._report = report
        title = tr_marked(_TITLES[report.step])
        if report.charted_since < report.span.since:
            count = (report.span.until - report.charted_since).days + 1
            title = tr("{title}, last {count} days", title=title, count=count)
        self.title.setText(title)
        self.legend.setText(self._legend(report))
        self.model.show_bars(tuple(self._row(at) for at in range(len(report.periods))))
        self.chart.show_bars([self._bar(at) for at in range(len(report.periods))], title)
        self._show_body()

    def _legend(self, report: StatisticsData) -> str:
        if any(period.gross for period in report.before):
            return tr("The line across each bar shows {then}.", then=report.span.then)
        return tr("Earlier days are shown in grey.") if report.charted_since < report.span.since else " "

    def _show_body(self) -> None:
        report = self._report
        is_empty = report is not None and not any(period.orders or period.gross for period in report.periods)
        if is_empty:
            self._body.setCurrentWidget(self.nothing)
        elif self.as_table.isChecked():
            self._body.setCurrentWidget(self.table)
        else:
            self._body.setCurrentWidget(self.chart)
        if is_empty:
            self.told.clear()
        self.legend.setVisible(not is_empty and not self.as_table.isChecked())

    def _describe(self, at: int) -> None:
        """Describe the marked bar, or the best one if none is marked."""
        report = self._report
        if report is None or not report.periods:
            self.told.clear()
        elif at >= 0:
            self.told.setText(self._sentence(at))
        else:
            best = max(range(len(report.periods)), key=lambda one: report.periods[one].gross.minor)
            self.told.setText(tr("Best: {bar}", bar=self._sentence(best)))

    def _on_as_table(self) -> None:
        self._show_body()
        (self.table if self.as_table.isChecked() else self.chart).setFocus()

    # --- a bar in words ---

    def _before(self, at: int) -> int | None:
        before = self._report.before if self._report is not None else ()
        return before[at].gross.minor if at < len(before) else None

    def _bar(self, at: int) -> Bar:
        report = self._report
        if report is None:
            raise LookupError("no report is shown")
        return Bar(
            value=report.periods[at].gross.minor,
            before=self._before(at),
            foot=self._foot(at),
            description=self._sentence(at),
            is_inside=report.is_inside(at),
        )

    def _row(self, at: int) -> BarRow:
        report = self._report
        if report is None:
            raise LookupError("no report is shown")
        period = report.periods[at]
        return BarRow(at, self._days(at), period.orders, period.gross.minor, self._before(at))

    def _sentence(self, at: int) -> str:
        report = self._report
        if report is None:
            return ""
        period = report.periods[at]
        said = tr(
            "{days}: {amount}, {orders}",
            days=self._days(at),
            amount=self._context.format.money(period.gross),
            orders=counted(period.orders, "{count} order", "{count} orders"),
        )
        before = self._before(at)
        if before is None:
            return said
        return tr("{bar} (before: {amount})", bar=said, amount=self._context.format.amount(before))

    def _days(self, at: int) -> str:
        report = self._report
        if report is None:
            return ""
        first, last = report.days(at)
        if report.step is Step.DAY:
            return f"{tr_marked(_WEEKDAYS[first.weekday()])} {self._context.format.day(first)}"
        if report.step is Step.MONTH and (first.day, (last + timedelta(days=1)).day) == (1, 1):
            return self._context.format.month(first)
        return tr("{first} to {last}", first=self._context.format.day(first), last=self._context.format.day(last))

    def _foot(self, at: int) -> str:
        report = self._report
        if report is None:
            return ""
        start = report.periods[at].start
        if report.step is Step.DAY and len(report.periods) <= _FEW:
            return f"{tr_marked(_WEEKDAYS[start.weekday()])} {start.day}"
        write = self._context.format
        return write.short_month(start) if report.step is Step.MONTH else write.day_of_month(start)

    def _write(self, minor: int) -> str:
        scale = self._context.shop.currency.scale
        return self._context.format.amount(minor) if minor % scale else self._context.format.count(minor // scale)
