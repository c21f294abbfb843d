"""Printing, saving and sending several documents of a list at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.queries import document_details, outbox
from shopdesk.queries.document_details import DocumentDetails
from shopdesk.queries.documents import DocumentSummary
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents.print_and_save import PrintAndSave
from shopdesk.ui.documents.sms_dialog import several_sms_dialog
from shopdesk.ui.output import printing
from shopdesk.ui.output.printing import PrintDialog
from shopdesk.usecases import documents

Rows = tuple[DocumentSummary, ...]


class SeveralDocuments(QObject):
    """Prints, saves and sends the documents of a list, one after the other; it stops at the first that is refused."""

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        self.output = PrintAndSave(context, page, self._on_failed)

    # --- printing ---

    def print(self, rows: Rows) -> None:
        """Ask once for the printer and print them all."""
        if self.output.refuses_in_practice():
            return
        names = printing.printers()
        if not names:
            self._context.navigation.notify(printing.no_printer(), tone=Tone.WARN)
            return
        title = counted(len(rows), "Print {count} document", "Print {count} documents")
        dialog = PrintDialog(title, names, preferred=self._context.settings.till.printer, parent=self._page)

        def print_one(details: DocumentDetails, then: Callable[[], object]) -> None:
            self.output.print_on(printing.opened(dialog.job), details, dialog.job.paper, then)

        said = counted(len(rows), "{count} document was printed.", "{count} documents were printed.")
        dialog.ask(lambda: self._each(iter(rows), print_one, said))

    # --- saving ---

    def save(self, rows: Rows) -> None:
        """Ask for a folder and save a PDF of each there, under its number."""
        dialog = QFileDialog(self._page, tr("Choose a folder for the PDF files"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        dialog.fileSelected.connect(lambda folder: self.save_in(rows, Path(folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_in(self, rows: Rows, folder: Path) -> None:
        """Save a PDF of each in a folder, under its number."""

        def save_one(details: DocumentDetails, then: Callable[[], object]) -> None:
            def saved(_: object) -> None:
                then()

            self.output.write(details, folder / f"{details.document.number}.pdf", saved)

        said = counted(len(rows), "{count} PDF file saved", "{count} PDF files saved")
        self._each(iter(rows), save_one, f"{said}: {folder}")

    def _each(
        self,
        rows: Iterator[DocumentSummary],
        act: Callable[[DocumentDetails, Callable[[], object]], None],
        said: str,
    ) -> None:
        row = next(rows, None)
        if row is None:
            self._context.navigation.notify(said)
            return

        def then(details: DocumentDetails) -> None:
            act(details, lambda: self._each(rows, act, said))

        self._context.ask(document_details.details, row.key, owner=self, then=then, failed=self._on_failed)

    # --- sending ---

    def send(self, rows: Rows) -> None:
        """Queue a new message for each customer who can be reached; ask first if there are text messages among them."""

        def ask(texts: tuple[str, ...]) -> None:
            if texts:
                several_sms_dialog(self._context, texts, parent=self._page).ask(lambda: self._send(rows))
            else:
                self._send(rows)

        keys = tuple(row.key for row in rows)
        self._context.ask(outbox.texts_to_resend, keys, owner=self, then=ask, failed=self._on_failed)

    def _send(self, rows: Rows) -> None:

        def then(sent: int) -> None:
            self._context.navigation.resume_sending()
            said = counted(sent, "{count} message is on its way.", "{count} messages are on their way.") if sent else ""
            if left := len(rows) - sent:
                none = counted(left, "{count} customer cannot be reached.", "{count} customers cannot be reached.")
                said = f"{said} {none}".strip()
            self._context.navigation.notify(said, tone=Tone.WARN if left else Tone.GOOD)

        keys = tuple(row.key for row in rows)
        self._context.do(documents.resend_all, keys, owner=self, then=then, failed=self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, (Refused, Unavailable)):
            self._context.navigation.notify(translated(error), tone=Tone.BAD, stays=True)
        else:
            self._context.report_error(error)
