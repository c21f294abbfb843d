"""A PDF onto paper: which printer, which format, and the pages drawn as pictures, on a worker.

The one thing to know: nothing is told as printed before the system's spooler has taken the last page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QRectF, QSettings, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from shopdesk.domain.errors import Unavailable
from shopdesk.render.receipt_pdf import Paper
from shopdesk.ui import pdf_pages
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.question import Question

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

DOTS_PER_INCH = 300
MOST_COPIES = 20
_NARROW_MM = 120
"""What is narrower is a roll."""
_PAPER = "printing/paper"
_PRINTER = "printing/printer"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """What was chosen in the question."""

    printer: str
    paper: Paper
    copies: int = 1


def printers() -> tuple[str, ...]:
    """The printers of this computer by name, the system's default first; none is an everyday answer."""
    from PySide6.QtPrintSupport import QPrinterInfo

    default = QPrinterInfo.defaultPrinterName()
    return tuple(sorted(QPrinterInfo.availablePrinterNames(), key=lambda name: (name != default, name)))


def no_printer() -> str:
    """What to say where there is none."""
    return tr("This computer has no printer. Save the PDF instead, or add a printer in the system's settings.")


class PrintDialog(Question):
    """Which of ``names``, on which paper, how often. Enter prints.

    Offered first is the printer that the settings prefer, else the one chosen last, and the paper chosen last.
    """

    def __init__(self, title: str, names: Sequence[str], *, preferred: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, yes=tr("Print"), parent=parent)
        kept = QSettings()
        self.printer = Field(tr("Printer"), QComboBox(), name="printer", compact=True)
        self.paper = Field(tr("Paper"), QComboBox(), name="paper", compact=True)
        self.copies = Field(tr("Copies"), QSpinBox(), name="copies", compact=True)
        _fill(self.printer, [(name, name) for name in names])
        _fill(self.paper, [(each.value, _named(each)) for each in Paper])
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
        """What is chosen."""
        count = self.copies.control
        return PrintJob(
            printer=self.printer.text(),
            paper=Paper(self.paper.text()),
            copies=count.value() if isinstance(count, QSpinBox) else 1,
        )

    def accept(self) -> None:
        """Remember the choice for the next time, then go."""
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


def _named(paper: Paper) -> str:
    return {Paper.A4: tr("A4 sheet"), Paper.ROLL_80: tr("80 mm roll")}[paper]


def opened(job: PrintJob) -> QPrinter:
    """The printer of a job, ready to draw on. Made on the window thread; drawing may be a worker's."""
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    info = QPrinterInfo.printerInfo(job.printer)
    printer = QPrinter(info, QPrinter.PrinterMode.HighResolution) if not info.isNull() else QPrinter()
    printer.setCopyCount(job.copies)
    if job.paper is Paper.A4:
        # The sheets in the tray: where they are Letter, the page is made a little smaller instead of cut.
        tray = info.defaultPageSize() if not info.isNull() else QPageSize()
        is_sheet = tray.isValid() and tray.size(QPageSize.Unit.Millimeter).width() > _NARROW_MM
        printer.setPageSize(tray if is_sheet else QPageSize(QPageSize.PageSizeId.A4))
    return printer


def print_pages(pdf: bytes, printer: QPrinter, *, title: str) -> int:
    """Draw every page of the PDF on the printer; returns how many. Raises Unavailable when the printer takes none.

    On a worker: a page at 300 dots per inch takes a tenth of a second.
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
            raise _away(printer)
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # letters must not blur
        page = printer.pageLayout().fullRectPixels(DOTS_PER_INCH)
        scale = min(page.width() / size.width(), page.height() / size.height())
        width, height = size.width() * scale, size.height() * scale
        picture = pdf_pages.picture(pdf, at, width=max(1, round(width)))
        painter.drawImage(QRectF((page.width() - width) / 2, 0, width, height), picture)
    if not painter.end() or printer.printerState() is type(printer.printerState()).Error:
        raise _away(printer)
    return len(sizes)


_MM_PER_POINT = 25.4 / pdf_pages.POINTS_PER_INCH


def _lay_roll(printer: QPrinter, size: QSizeF) -> None:
    """As long as the page is: a roll is cut where the page ends."""
    sheet = QPageSize(size, QPageSize.Unit.Point, "Roll", QPageSize.SizeMatchPolicy.ExactMatch)
    printer.setPageLayout(QPageLayout(sheet, QPageLayout.Orientation.Portrait, QMarginsF()))
    printer.setFullPage(True)


def _away(printer: QPrinter) -> Unavailable:
    name = printer.printerName() or printer.outputFileName()
    return Unavailable(
        tr("The printer {name} took nothing.", name=name),
        advice=tr("See whether it is switched on and has paper, then print again."),
    )
