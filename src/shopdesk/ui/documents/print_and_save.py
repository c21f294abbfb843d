"""Saving a document as a PDF and printing it; both are done on a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from shopdesk.queries.document_details import Sheet
from shopdesk.render import receipt_pdf
from shopdesk.render.receipt_pdf import Paper
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.i18n import Action, tr
from shopdesk.ui.base.theme import Tone
from shopdesk.ui.output import printing
from shopdesk.ui.output.export import ask_where, save_bytes
from shopdesk.ui.output.printing import PrintDialog
from shopdesk.usecases import documents

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


class PaperOut(QObject):
    """Saves and prints the documents of a page. ``refused`` is called with any error."""

    def __init__(self, desk: Desk, page: QWidget, refused: Callable[[Exception], None]) -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page
        self._refused = refused

    def save(self, sheet: Sheet) -> None:
        """Ask for a file name and save the PDF."""
        name = f"{sheet.document.number}.pdf"
        ask_where(tr("Save PDF"), name, ["PDF (*.pdf)"], self._page, lambda path: self.save_as(sheet, path))

    def save_as(self, sheet: Sheet, path: Path) -> None:
        """Write the PDF, completely or not at all."""

        def saved(_: object) -> None:
            self._desk.notify(
                tr("Saved as {file}.", file=str(path)),
                action=Action(tr("Open"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))),
            )

        self._desk.background.reach(_made_and_saved, sheet, path, owner=self, then=saved, failed=self._refused)

    def print(self, sheet: Sheet) -> None:
        """Ask for the printer and print; show a notice if there is no printer."""
        names = printing.printers()
        if not names:
            save = Action(tr("Save PDF"), lambda: self.save(sheet))
            self._desk.notify(printing.no_printer(), tone=Tone.WARN, action=save)
            return
        document = sheet.document
        title = tr("Print {kind} {number}", kind=display_names.kind_in_sentence(document.kind), number=document.number)
        dialog = PrintDialog(title, names, preferred=self._desk.settings.till.printer, parent=self._page)
        dialog.ask(lambda: self.print_on(printing.opened(dialog.job), sheet, dialog.job.paper))

    def print_on(self, printer: QPrinter, sheet: Sheet, paper: Paper) -> None:
        """Print; add it to the document's history only if the printer accepted it."""
        document = sheet.document

        def noted(_: object) -> None:
            self._desk.notify(tr("{number} was printed.", number=document.number))

        def printed(_: object) -> None:
            self._desk.do(documents.note_printed, document.key, owner=self, then=noted, failed=self._refused)

        self._desk.background.reach(
            _made_and_printed, sheet, paper, printer, owner=self, then=printed, failed=self._refused
        )


def _made(sheet: Sheet, paper: Paper = Paper.A4) -> bytes:
    return receipt_pdf.receipt(sheet.document, paper=paper, numbers=sheet.numbers)


def _made_and_saved(sheet: Sheet, path: Path) -> None:
    save_bytes(path, _made(sheet))


def _made_and_printed(sheet: Sheet, paper: Paper, printer: QPrinter) -> int:
    return printing.print_pages(_made(sheet, paper), printer, title=sheet.document.number)
