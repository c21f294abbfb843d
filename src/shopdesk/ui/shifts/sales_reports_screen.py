"""The page of X and Z reports: the Z reports in a list, the chosen one as it is printed beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.business_day import DayClose
from shopdesk.domain.money import Money
from shopdesk.domain.sales_report import SalesReport
from shopdesk.queries import shifts as ask
from shopdesk.render.export import Cell
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.render.sales_report_pdf import sales_report_pdf
from shopdesk.ui.base import shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.output import printing
from shopdesk.ui.output.export import ExportSource, ask_where, save_bytes
from shopdesk.ui.output.export_button import ExportButton
from shopdesk.ui.output.pdf_view import PdfView
from shopdesk.ui.output.printing import PrintDialog
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.page_parts import EmptyState, Head
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.table import ChoosingTable

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

LATEST = -1
"""The number that stands for the latest Z report."""
_LIST = tokens.READING // 2


class ZReportsModel(PagedModel[DayClose]):
    """The Z reports, newest first."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        write = context.format
        columns: tuple[ColumnOf[DayClose], ...] = (
            ColumnOf(title=tr("Z"), text=lambda row: write.count(row.number or 0), width=56, is_number=True),
            ColumnOf(title=tr("Business day"), text=lambda row: write.day(row.until), tip=lambda row: row.by_name),
        )
        super().__init__(context, columns, parent=parent)


class SalesReportsScreen(FocusedPage):
    """X and Z reports, to be read, printed and saved."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._wanted: int | None = None
        self.report: SalesReport | None = None
        self.x_report = Button(tr("X report"), lambda: self.show_report(0), icon="document")
        self.export = ExportButton(context, self._listing)
        self.save = Button(tr("Save PDF"), self._on_save, icon="pdf", shortcut="save pdf")
        self.print = Button(tr("Print"), self._on_print, icon="print", shortcut="print")
        self.model = ZReportsModel(context, parent=self)
        self.table = ChoosingTable(tr("Z reports"))
        self.table.show_model(self.model)
        self.table.setFixedWidth(_LIST)
        self.paper = PdfView(context.background)
        self.paper.setAccessibleName(tr("The report"))
        self.empty = EmptyState(
            "documents",
            tr("No Z reports yet"),
            tr("The close of the day makes one. The X report shows the figures so far, at any time."),
        )
        self._lay_out()
        self.begin_at(self.table)
        self.table.chosen.connect(self._on_chosen)
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)
        context.background.changed.connect(self._on_changed)
        shortcuts.bind(self, "save pdf", self._on_save)
        shortcuts.bind(self, "print", self._on_print)
        self._offer()

    def _lay_out(self) -> None:
        head = Head(tr("X and Z reports"))
        for button in (self.x_report, self.export, self.save, self.print):
            head.add(button)
        body = QHBoxLayout()
        body.setSpacing(tokens.L)
        body.addWidget(self.table)
        body.addWidget(self.paper, 1)
        body.addWidget(self.empty, 1)
        self.empty.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(head)
        column.addLayout(body, 1)

    # --- reading ---

    def show_report(self, number: int) -> None:
        """Show the X report (0), a Z report by its number, or the latest one."""
        self._read(number)
        self.model.show(ask.z_reports, by=self._context.actor)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the reports, unless one was asked for."""
        super().showEvent(event)
        if self._wanted is None:
            self.show_report(LATEST)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "day_closes" in tables and self.isVisible():
            self.model.refresh()

    def _read(self, number: int) -> None:
        self._wanted = number
        context, by = self._context, self._context.actor
        failed = context.report_unanswered
        if number == 0:
            context.ask(ask.x_report, by=by, now=context.now(), owner=self, then=self._on_report, failed=failed)
        elif number != LATEST:
            context.ask(ask.z_report, number, by=by, owner=self, then=self._on_report, failed=failed)

    def _on_read(self) -> None:
        numbers = [row.number for row in self.model.rows]
        if self._wanted == LATEST and numbers and numbers[0]:
            self._read(numbers[0])
        if self._wanted in numbers:
            self.table.selectRow(numbers.index(self._wanted))
        is_empty = not numbers and self.report is None
        self.empty.setVisible(is_empty)
        self.paper.setVisible(not is_empty)

    def _on_chosen(self, row: DayClose | None) -> None:
        if row is not None and row.number is not None and row.number != self._wanted and self._wanted != LATEST:
            self._read(row.number)

    def _on_report(self, report: SalesReport) -> None:
        if report.number != self._wanted:
            return  # another one was chosen meanwhile
        self.report = report
        self.empty.hide()
        self.paper.show()
        self._offer()
        self._context.background.run_in_pool(self.pdf(report), owner=self, then=self.paper.show_pdf)

    def _offer(self) -> None:
        for button in (self.save, self.print):
            button.setEnabled(self.report is not None)

    # --- paper and files ---

    def pdf(self, report: SalesReport, paper: PaperSize = PaperSize.A4) -> Callable[[], bytes]:
        """Return the call that makes the PDF, for a worker."""
        is_practice = self._context.settings.is_practice
        return partial(sales_report_pdf, report, paper=paper, is_practice=is_practice)

    def _on_save(self) -> None:
        if self.report is not None:
            report, name = self.report, _file_name(self.report)
            ask_where(tr("Save PDF"), f"{name}.pdf", ["PDF (*.pdf)"], self, lambda path: self.save_as(report, path))

    def save_as(self, report: SalesReport, path: Path) -> None:
        """Write the PDF, completely or not at all."""

        def saved(_: object) -> None:
            self._context.navigation.notify(
                tr("Saved as {file}.", file=str(path)),
                action=NoticeAction(tr("Open"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))),
            )

        make = self.pdf(report)
        self._context.background.run_in_pool(lambda: save_bytes(path, make()), owner=self, then=saved)

    def _on_print(self) -> None:
        report, context = self.report, self._context
        if report is None:
            return
        if context.settings.is_practice:
            context.navigation.notify(tr("Practice prints nothing. Save PDF shows the paper."), tone=Tone.WARN)
            return
        names = printing.printers()
        if not names:
            save = NoticeAction(tr("Save PDF"), self._on_save)
            context.navigation.notify(printing.no_printer(), tone=Tone.WARN, action=save)
            return
        dialog = PrintDialog(_title(report), names, preferred=context.settings.till.printer, parent=self)
        dialog.ask(lambda: self.print_on(printing.opened(dialog.job), report, dialog.job.paper))

    def print_on(self, printer: QPrinter, report: SalesReport, paper: PaperSize) -> None:
        """Print the report on a worker."""
        make, title = self.pdf(report, paper), _title(report)

        def printed(_: object) -> None:
            self._context.navigation.notify(tr("{number} was printed.", number=title))

        self._context.background.run_in_pool(
            lambda: printing.print_pages(make(), printer, title=title), owner=self, then=printed
        )

    def _listing(self) -> ExportSource:
        return ExportSource(
            title=tr("Z reports"),
            query=ask.z_report_rows,
            given={"by": self._context.actor},
            head=_FILE_HEAD,
            row=_file_row,
        )


_FILE_HEAD = (
    "number", "business_day", "closed_at", "closed_by", "currency", "documents", "gross", "running_total",
)  # fmt: skip


def _file_row(report: SalesReport) -> tuple[Cell, ...]:
    """Return a Z report as a row of an exported list."""
    code, sales = report.currency.code, report.figures.sales
    gross, total = (_decimal(report, minor) for minor in (sales.amount, report.running_total))
    made_at = report.made_at.astimezone().replace(tzinfo=None)
    return (report.number, report.day, made_at, report.by_name, code, sales.count, gross, total)


def _decimal(report: SalesReport, minor: int) -> Cell:
    return Money(minor, report.currency).decimal


def _title(report: SalesReport) -> str:
    return tr("Z report {number}", number=report.number) if report.number else tr("X report")


def _file_name(report: SalesReport) -> str:
    return f"z-report-{report.number:06d}" if report.number else f"x-report {report.made_at:%Y-%m-%d %H%M}"
