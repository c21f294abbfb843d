"""Printing of a PDF: the dialog for printer and paper, and the pages drawn as pictures on a worker.

A document counts as printed only when the system's spooler has accepted its last page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QRectF, QSettings, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.render import pdfium
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.output import pdf_pages
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

DOTS_PER_INCH = 300
MOST_COPIES = 20
_NARROW_MM = 120
"""Narrower paper is a roll."""
_PAPER = "printing/paper"
_PRINTER = "printing/printer"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """The choice made in the print dialog."""

    printer: str
    paper: PaperSize
    copies: int = 1


def printers() -> tuple[str, ...]:
    """Return the names of this computer's printers, the system's default first; often empty."""
    from PySide6.QtPrintSupport import QPrinterInfo

    default = QPrinterInfo.defaultPrinterName()
    return tuple(sorted(QPrinterInfo.availablePrinterNames(), key=lambda name: (name != default, name)))


def no_printer() -> str:
    """Return the text shown if there is no printer."""
    return tr("This computer has no printer. Save the PDF instead, or add a printer in the system settings.")


class PrintDialog(ConfirmDialog):
    """Asks for the printer (one of ``names``), the paper and the number of copies. Enter prints.

    Preselected: the printer of the settings, else the last one chosen; and the last paper chosen.
    """

    def __init__(self, title: str, names: Sequence[str], *, preferred: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, yes=tr("Print"), parent=parent)
        kept = QSettings()
        self.printer = Field(tr("Printer"), QComboBox(), name="printer", compact=True)
        self.paper = Field(tr("Paper"), QComboBox(), name="paper", compact=True)
        self.copies = Field(tr("Copies"), QSpinBox(), name="copies", compact=True)
        _fill(self.printer, [(name, name) for name in names])
        _fill(self.paper, [(each.value, _named(each)) for each in PaperSize])
        for field, wanted in (
            (self.printer, [preferred, str(kept.value(_PRINTER, ""))]),
            (self.paper, [str(kept.value(_PAPER, ""))]),
        ):
            for value in wanted:
                if value in _values(field):
                    field.set_text(value)
                    break
        if isinstance(self.copies.control, QSpinBox):
            self.copies.control.setRange(1, MOST_COPIES)
        for field in (self.printer, self.paper, self.copies):
            self.body.addWidget(field)

    @property
    def job(self) -> PrintJob:
        """The current choice."""
        count = self.copies.control
        return PrintJob(
            printer=self.printer.text(),
            paper=PaperSize(self.paper.text()),
            copies=count.value() if isinstance(count, QSpinBox) else 1,
        )

    def accept(self) -> None:
        """Save the choice for the next time and close."""
        kept = QSettings()
        kept.setValue(_PRINTER, self.job.printer)
        kept.setValue(_PAPER, self.job.paper.value)
        super().accept()


def _fill(field: Field, entries: Sequence[tuple[str, str]]) -> None:
    if isinstance(field.control, QComboBox):
        for value, name in entries:
            field.control.addItem(name, value)


def _values(field: Field) -> list[str]:
    combo = field.control
    return [str(combo.itemData(at)) for at in range(combo.count())] if isinstance(combo, QComboBox) else []


def _named(paper: PaperSize) -> str:
    return {PaperSize.A4: tr("A4 sheet"), PaperSize.ROLL_80: tr("80 mm roll")}[paper]


def opened(job: PrintJob) -> QPrinter:
    """Return the printer of a job, ready to draw on. Call it on the window thread; a worker may draw."""
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    info = QPrinterInfo.printerInfo(job.printer)
    printer = QPrinter(info, QPrinter.PrinterMode.HighResolution) if not info.isNull() else QPrinter()
    printer.setCopyCount(job.copies)
    if job.paper is PaperSize.A4:
        # Use the size of the sheets in the tray: on Letter the page is scaled down, not cut.
        tray = info.defaultPageSize() if not info.isNull() else QPageSize()
        is_sheet = tray.isValid() and tray.size(QPageSize.Unit.Millimeter).width() > _NARROW_MM
        printer.setPageSize(tray if is_sheet else QPageSize(QPageSize.PageSizeId.A4))
    return printer


def print_pages(pdf: bytes, printer: QPrinter, *, title: str) -> int:
    """Print every page of the PDF; return how many. Raises Unavailable if the printer does not accept a page.

    Call it on a worker: a page at 300 dots per inch takes a tenth of a second.
    """
    sizes = pdf_pages.sizes(pdf)
    printer.setDocName(title)
    printer.setResolution(DOTS_PER_INCH)
    printer.setFullPage(True)
    printer.setPageMargins(QMarginsF())
    painter = QPainter()
    for at, size in enumerate(sizes):
        if size.width() * _MM_PER_POINT < _NARROW_MM:
            _lay_roll(printer, size)
        started = printer.newPage() if at else painter.begin(printer)
        if not started:
            if painter.isActive():
                painter.end()
            raise _unavailable(printer)
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # letters must not blur
        page = printer.pageLayout().fullRectPixels(DOTS_PER_INCH)
        scale = min(page.width() / size.width(), page.height() / size.height())
        width, height = size.width() * scale, size.height() * scale
        picture = pdf_pages.picture(pdf, at, width=max(1, round(width)))
        painter.drawImage(QRectF((page.width() - width) / 2, 0, width, height), picture)
    if not painter.end() or printer.printerState() is type(printer.printerState()).Error:
        raise _unavailable(printer)
    return len(sizes)


_MM_PER_POINT = 25.4 / pdfium.POINTS_PER_INCH


def _lay_roll(printer: QPrinter, size: QSizeF) -> None:
    """Set the paper to the length of the page: a roll is cut where the page ends."""
    details = QPageSize(size, QPageSize.Unit.Point, "Roll", QPageSize.SizeMatchPolicy.ExactMatch)
    printer.setPageLayout(QPageLayout(details, QPageLayout.Orientation.Portrait, QMarginsF()))
    printer.setFullPage(True)


def _unavailable(printer: QPrinter) -> Unavailable:
    name = printer.printerName() or printer.outputFileName()
    return Unavailable(
        sentence("The printer {name} did not accept the document.", name=name),
        advice=sentence("Check that it is switched on and has paper, then print again."),
    )
