"""Saving a document as a PDF and printing it; both are done on a worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from shopdesk.domain.document import PaperForm
from shopdesk.domain.paper_layout import USUAL_DOTS
from shopdesk.queries.document_details import DocumentDetails
from shopdesk.render import e_invoice_files, receipt_pdf
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.output import printing
from shopdesk.ui.output.export import ask_where, save_bytes
from shopdesk.ui.output.printing import PrintDialog
from shopdesk.usecases import print_jobs

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


class PrintAndSave(QObject):
    """Saves and prints the documents of a page. ``refused`` is called with any error."""

    def __init__(self, context: Context, page: QWidget, refused: Callable[[Exception], None]) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        self._refused = refused

    def save(self, details: DocumentDetails, form: PaperForm = PaperForm.ORIGINAL) -> None:
        """Ask for a file name and save the PDF."""
        number = details.document.number
        name = f"{number}.pdf" if form is PaperForm.ORIGINAL else f"{number} {form.value}.pdf"
        ask_where(tr("Save PDF"), name, ["PDF (*.pdf)"], self._page, lambda path: self.save_as(details, path, form))

    def save_as(self, details: DocumentDetails, path: Path, form: PaperForm = PaperForm.ORIGINAL) -> None:
        """Write the PDF, completely or not at all."""

        def saved(_: object) -> None:
            self._context.navigation.notify(
                tr("Saved as {file}.", file=str(path)),
                action=NoticeAction(tr("Open"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))),
            )

        self.write(details, path, saved, form)

    def save_ubl(self, details: DocumentDetails) -> None:
        """Ask for a file name and save the e-invoice as UBL."""
        name = f"{details.document.number}.ubl.xml"
        ask_where(tr("Save as UBL"), name, ["UBL (*.xml)"], self._page, lambda path: self.save_ubl_as(details, path))

    def save_ubl_as(self, details: DocumentDetails, path: Path) -> None:
        """Write the e-invoice as UBL, completely or not at all."""

        def saved(_: object) -> None:
            self._context.navigation.notify(tr("Saved as {file}.", file=str(path)))

        make = partial(e_invoice_files.ubl_of, details.document, details.numbers)
        self._context.background.run_in_pool(_made_and_saved, make, path, owner=self, then=saved, failed=self._refused)

    def write(
        self,
        details: DocumentDetails,
        path: Path,
        then: Callable[[object], None],
        form: PaperForm = PaperForm.ORIGINAL,
    ) -> None:
        """Write the PDF on a worker, completely or not at all."""
        make = self.pdf(details, form)
        self._context.background.run_in_pool(_made_and_saved, make, path, owner=self, then=then, failed=self._refused)

    def pdf(
        self,
        details: DocumentDetails,
        form: PaperForm = PaperForm.ORIGINAL,
        paper: PaperSize = PaperSize.A4,
        *,
        copy: int = 0,
        dots: int = USUAL_DOTS,
    ) -> Callable[[], bytes]:
        """Return the call that makes the PDF, for a worker; ``dots`` are those of a roll's print head."""
        return partial(
            receipt_pdf.receipt,
            details.document,
            paper=paper,
            form=form,
            copy=copy,
            numbers=details.numbers,
            is_practice=self._context.settings.is_practice,
            dots=dots,
        )

    def print(self, details: DocumentDetails, form: PaperForm = PaperForm.ORIGINAL) -> None:
        """Ask for the printer and print; show a notice if there is no printer, or in practice."""
        if self.refuses_in_practice():
            return
        names = printing.printers()
        if not names:
            save = NoticeAction(tr("Save PDF"), lambda: self.save(details))
            self._context.navigation.notify(printing.no_printer(), tone=Tone.WARN, action=save)
            return
        document = details.document
        title = tr("Print {kind} {number}", kind=display_names.kind_in_sentence(document.kind), number=document.number)
        dialog = PrintDialog(title, names, preferred=self._context.settings.till.printer, parent=self._page)
        dialog.ask(lambda: self.print_on(printing.opened(dialog.job), details, dialog.job.paper, form=form))

    def refuses_in_practice(self) -> bool:
        """In practice, show that nothing is printed, and return True."""
        is_practice = self._context.settings.is_practice
        if is_practice:
            text = tr("Practice prints nothing. Save PDF shows the paper.")
            self._context.navigation.notify(text, tone=Tone.WARN)
        return is_practice

    def print_on(
        self,
        printer: QPrinter,
        details: DocumentDetails,
        paper: PaperSize,
        then: Callable[[], object] | None = None,
        form: PaperForm = PaperForm.ORIGINAL,
    ) -> None:
        """Print, and record it in the document's history once the printer has accepted it.

        ``then`` is called in place of the usual notice.
        """
        document = details.document

        def noted(_: object) -> None:
            if then is not None:
                then()
            else:
                self._context.navigation.notify(tr("{number} was printed.", number=document.number))

        def printed(_: object) -> None:
            self._context.do(
                print_jobs.note_printed, document.key, form=form, owner=self, then=noted, failed=self._refused
            )

        self._context.background.run_in_pool(
            _made_and_printed,
            self.pdf(details, form, paper, copy=details.prints_before if form is PaperForm.ORIGINAL else 0),
            printer,
            document.number,
            owner=self,
            then=printed,
            failed=self._refused,
        )


def _made_and_saved(make: Callable[[], bytes], path: Path) -> None:
    save_bytes(path, make())


def _made_and_printed(make: Callable[[], bytes], printer: QPrinter, title: str) -> int:
    return printing.print_pages(make(), printer, title=title)
