"""The test pages of Settings, Printer: a slip with lines from edge to edge, and a sheet. Workers print them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from shopdesk.domain.document import Document
from shopdesk.domain.printer import PrintResult, ReceiptPrinter
from shopdesk.render import receipt_pdf
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.ports import PrinterPort
from shopdesk.ui.output import printing
from shopdesk.ui.output.printing import PrintJob
from shopdesk.ui.settings.sample_document import test_page

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_SCRIPTS = "Äöüß é ñ ł ő ş € · Ελληνικά · Кириллица · العربية · עברית"


def slip(context: Context, width: str) -> Document:
    """Return what is printed on a receipt printer; ``width`` is that of its print head, in words."""
    return test_page(context, "\n".join((tr("Both long lines must end in a tick at each side."), width, _SCRIPTS)))


def sheet(context: Context) -> Document:
    """Return what is printed on a sheet."""
    return test_page(context, tr("If you can read this, the printer works."))


def print_slip(port: PrinterPort, printer: ReceiptPrinter, document: Document) -> PrintResult:
    """Draw and print a test slip."""
    from shopdesk.render import receipt_picture

    pdf = receipt_pdf.receipt(document, paper=PaperSize.ROLL_80, dots=printer.width)
    picture = receipt_picture.picture(pdf, width=printer.width, has_rulers=True)
    return port.print_test(printer, picture, document.number)


def sheet_printing(port: PrinterPort, name: str) -> Callable[[Document], None]:
    """Return the function that prints a test sheet: by a queue of CUPS, on Windows by Qt.

    Call it on the window thread, and what it returns on a worker.
    """
    if sys.platform == "win32":
        opened = printing.opened(PrintJob(printer=name, paper=PaperSize.A4))
        return lambda document: _print_by_qt(document, opened)
    return lambda document: port.print_sheet(name, receipt_pdf.receipt(document), document.number)


def _print_by_qt(document: Document, printer: QPrinter) -> None:
    printing.print_pages(receipt_pdf.receipt(document), printer, title=document.number)
