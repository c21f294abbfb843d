"""The number report on the page of reports: every number of a period or of a series, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from shopdesk.queries import number_report as ask
from shopdesk.queries.number_report import NumberEntry, NumberRange
from shopdesk.render.export import FileKind, Writer
from shopdesk.render.report_pdf import ReportHead
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.output.export import ExportSource, export_list
from shopdesk.ui.statistics import number_rows
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.page_parts import Card, Column, EmptyState
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.table import Table

_ALL = ""


class NumberPane(QWidget):
    """The table of the numbers, and the choice of the series."""

    shown = Signal()  # emitted when the first numbers are there

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self._days: tuple[date, date] | None = None
        self._series: dict[str, NumberRange] = {}
        self._ranges: tuple[NumberRange, ...] = ()
        self.series = ChoiceField(tr("Series"), [(_ALL, tr("All of the period"))], name="series", compact=True)
        self.series.edited.connect(self._read)
        self.model = NumbersModel(context, parent=self)
        self.table = Table(tr("Number report"))
        self.table.setProperty("role", "bare")
        self.table.show_model(self.model)
        self.empty = EmptyState("series", tr("No numbers"), tr("No document is dated in this period."))
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        card = Card(margin=0)
        card.add(body)
        column = Column(margin=0, parent=self)
        column.add(card, 1)
        self.setLayout(column.column)
        self.table.opened.connect(self._on_opened)
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)

    def read(self, since: date, until: date) -> None:
        """Show the numbers of a period, or those of the series that is chosen."""
        self._days = (since, until)
        context = self._context
        context.ask(ask.all_series, by=context.actor, owner=self, then=self._on_series, failed=self._on_failed)
        self._read()

    def save(self, kind: FileKind, head: ReportHead) -> None:
        """Ask for a file and write the numbers to it, page by page."""
        export_list(self.source(kind, head), kind, context=self._context, parent=self.window())

    def source(self, kind: FileKind, head: ReportHead) -> ExportSource:
        """Return the report as a list for a file; paper has fewer columns."""

        def open_pdf(file: BinaryIO, made_at: datetime) -> Writer:
            return number_rows.writer(FileKind.PDF, file, head, made_at=made_at)

        return ExportSource(
            title=head.title,
            query=ask.page,
            given={"ranges": self._ranges, "by": self._context.actor},
            head=number_rows.head(),
            row=number_rows.pdf_cells if kind is FileKind.PDF else number_rows.cells,
            open=open_pdf,
        )

    def _on_series(self, found: Sequence[NumberRange]) -> None:
        self._series = {one.prefix: one for one in found}
        self.series.offer([(_ALL, tr("All of the period")), *((prefix, prefix.rstrip("-")) for prefix in self._series)])

    def _read(self) -> None:
        if self._days is None:
            return
        self._asked += 1
        asked = self._asked
        if chosen := self._series.get(self.series.text()):
            self._show((chosen,))
            return

        def then(ranges: tuple[NumberRange, ...]) -> None:
            if asked == self._asked:  # ignore the answer to an older query
                self._show(ranges)

        since, until = self._days
        by = self._context.actor
        self._context.ask_slow(
            ask.ranges_of, since=since, until=until, by=by, owner=self, then=then, failed=self._on_failed
        )

    def _show(self, ranges: tuple[NumberRange, ...]) -> None:
        self._ranges = ranges
        self.model.show(ask.page, ranges=ranges, by=self._context.actor)

    def _on_read(self) -> None:
        self._body.setCurrentWidget(self.table if self.model.rows else self.empty)
        self.shown.emit()

    def _on_failed(self, error: Exception) -> None:
        self._context.report_unanswered(error)

    def _on_opened(self, entry: NumberEntry) -> None:
        if entry.document_key is not None:
            self._context.navigation.open_document(entry.document_key)


class NumbersModel(PagedModel[NumberEntry]):
    """Every number with what became of it."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        def day(one: NumberEntry) -> str:
            return context.format.day(one.date_on) if one.date_on else ""

        def total(one: NumberEntry) -> str:
            return context.format.amount(one.gross.minor) if one.gross else ""

        def when(one: NumberEntry) -> str:
            return context.format.instant(one.acted_at) if one.acted_at else ""

        columns: tuple[ColumnOf[NumberEntry], ...] = (
            ColumnOf(title=tr("Number"), text=number_rows.number, width=132, tip=number_rows.number),
            ColumnOf(title=tr("Date"), text=day, width=92, rank=2),
            ColumnOf(title=tr("Total"), text=total, width=84, is_number=True, rank=1),
            ColumnOf(title=tr("What became of it"), text=_word, look=number_rows.look, width=104, tip=number_rows.why),
            ColumnOf(title=tr("By"), text=number_rows.who, width=84, tip=number_rows.who),
            ColumnOf(title=tr("When"), text=when, width=120),
            ColumnOf(title=tr("Why"), text=number_rows.why, tip=number_rows.why),
        )
        super().__init__(context, columns, parent=parent)


def _word(one: NumberEntry) -> str:
    return number_rows.look(one).word
