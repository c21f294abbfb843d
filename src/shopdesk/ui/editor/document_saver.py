"""Saves the open document: the prompt, the use case, and the messages if it fails.

One confirmation makes one document. The draft's key ensures this in the database; here a second
Save does nothing while the prompt is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from shopdesk.domain.conflict import ConcurrentEdit, EditConflict
from shopdesk.domain.document import Document
from shopdesk.domain.errors import ConfirmationRequired, DatabaseUnavailable, FieldError, Refused, Unavailable
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Payment, Tender
from shopdesk.queries import documents as ask
from shopdesk.ui.base import display_names, till_printing
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor.checkout_prompt import CheckoutPrompt, Saved
from shopdesk.ui.editor.edit_conflict_dialog import EditConflictDialog
from shopdesk.ui.editor.edited_document import EditedDocument
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import documents, print_jobs
from shopdesk.usecases.amount_check import AMOUNT_IS_MEANT

_AHEAD_MS = 50
"""After the first paint of the page, and before anyone can have pressed Save."""


@dataclass(frozen=True, slots=True)
class _SaveAttempt:
    """One attempt to save: the content, the form's rows, the payments, and the confirmations given."""

    saved: Saved
    row_indexes: tuple[int, ...]  # the form's row of each line
    revision: int = 0  # of the corrected document when editing began
    tenders: tuple[Tender, ...] = ()
    confirmed: frozenset[str] = frozenset()


class DocumentSaver(QObject):
    """Saves the open document."""

    blamed = Signal(object)  # tuple[FieldError, ...]: emitted with errors to show beside the fields
    done = Signal(object, object)  # saved: Document, and the UUID of the form it was made from

    def __init__(self, document: EditedDocument, context: Context, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._context = context
        self._page = parent
        self._prompt: CheckoutPrompt | None = None
        self._next: CheckoutPrompt | None = None
        self._ahead = QTimer(self, singleShot=True, interval=_AHEAD_MS)
        self._ahead.timeout.connect(self._make_next)
        self._unanswered: _SaveAttempt | None = None
        context.background.watch.reconnected.connect(self._on_returned)

    @property
    def prompt(self) -> CheckoutPrompt | None:
        """The prompt while it is open, else None."""
        return self._prompt if self._prompt is not None and isValid(self._prompt) else None

    def prepare(self) -> None:
        """Make the next prompt soon, before Save is pressed."""
        self._ahead.start()

    def _make_next(self) -> None:
        if self._next is None and self._page.isVisible():
            self._next = CheckoutPrompt(self._context, parent=self._page)

    def save(self) -> None:
        """Open the prompt, or emit ``blamed`` if the form has faults."""
        if self.prompt is not None:
            return
        self._document.follow_day()
        reading = self._document.reading
        if reading.draft is None:
            self.blamed.emit(reading.faults)
            return
        self._document.autosave.flush()
        places = tuple(at for at, row in enumerate(self._document.items.rows) if not row.is_blank)
        saved = Saved(reading.draft, reading.contact, self._document.document)
        confirmed = self._document.confirmed
        self._ask(_SaveAttempt(saved, places, self._document.form.revision, confirmed=confirmed))

    def _ask(self, attempt: _SaveAttempt) -> None:
        self._ahead.stop()
        prompt, self._next = self._next or CheckoutPrompt(self._context, parent=self._page), None
        prompt.show_document(attempt.saved)
        prompt.finished.connect(self.prepare)
        prompt.confirmed.connect(lambda tenders: self._write(replace(self._of_today(attempt), tenders=tenders)))
        self._prompt = prompt
        prompt.open()

    def _of_today(self, attempt: _SaveAttempt) -> _SaveAttempt:
        """Return the attempt with the new day's date, if midnight passed over the prompt and no date was typed.

        After a reply that was lost the content stays the same: the database may have it already.
        """
        if self._unanswered is not None or not self._document.follow_day():
            return attempt
        reading = self._document.reading
        if reading.draft is None:
            return attempt
        return replace(attempt, saved=replace(attempt.saved, draft=reading.draft, contact=reading.contact))

    def _write(self, attempt: _SaveAttempt) -> None:
        self._unanswered = None
        saved = attempt.saved
        if saved.corrects is None:
            self._context.do(
                documents.issue,
                saved.draft,
                contact=saved.contact,
                tenders=attempt.tenders,
                to_print=till_printing.at_save(self._context.settings, saved.draft.kind),
                confirmed=attempt.confirmed,
                owner=self,
                then=lambda document: self._on_saved(attempt, document),
                failed=lambda error: self._on_failed(attempt, error),
            )
        else:
            self._context.do(
                documents.correct,
                saved.corrects.key,
                saved.draft,
                contact=saved.contact,
                revision=attempt.revision,
                was_sealed=saved.corrects.is_sealed,
                to_print=till_printing.at_save(self._context.settings, saved.draft.kind),
                confirmed=attempt.confirmed,
                owner=self,
                then=lambda document: self._on_saved(attempt, document),
                failed=lambda error: self._on_failed(attempt, error),
            )

    def _on_saved(self, attempt: _SaveAttempt, document: Document) -> None:
        self._close(is_done=True)
        till_printing.open_drawer_for(self._context, _new_payments(attempt.saved, document))
        self._context.navigation.notify(_saved_text(attempt, document, self._context))
        self.done.emit(document, attempt.saved.draft.key)
        if till_printing.asks_after_save(self._context.settings, document.kind):
            self._ask_to_print(document)

    def _ask_to_print(self, document: Document) -> None:
        def print_it() -> None:
            settings = self._context.settings
            for _ in range(till_printing.slips_of(settings, document.kind)):
                paper = till_printing.paper_of(settings, document.kind)
                self._context.do(print_jobs.print_document, document.key, paper, owner=self)

        question = ConfirmDialog(
            tr("Print {number}?", number=document.number),
            yes=tr("Print"),
            no=tr("Do not print"),
            parent=self._page.window(),
        )
        question.ask(print_it)

    def _on_failed(self, attempt: _SaveAttempt, error: Exception) -> None:
        if isinstance(error, EditConflict):
            self._close(is_done=False)
            self._ask_which_version(attempt, error.meanwhile)
            return
        if isinstance(error, ConfirmationRequired):
            self._ask_confirmation(attempt, error)
            return
        if isinstance(error, Unavailable):
            self._keep_prompt_open(attempt, error)
            return
        self._close(is_done=False)
        if isinstance(error, documents.AlreadySaved):
            self._correct_instead(error.document)
        elif isinstance(error, Refused):
            self.blamed.emit(tuple(_at_row(fault, attempt.row_indexes) for fault in error.faults))
        else:
            self._context.report_error(error)

    def _ask_confirmation(self, attempt: _SaveAttempt, error: ConfirmationRequired) -> None:
        title, yes = {
            documents.CLOCK_IS_RIGHT: (tr("Is the clock right?"), tr("The clock is right")),
            documents.DATE_IS_MEANT: (tr("Is this date meant?"), tr("Keep this date")),
            documents.SAME_AGAIN: (tr("Issue the same again?"), tr("Issue another")),
            documents.CONVERT_AGAIN: (tr("Make another document of this quote?"), tr("Make another")),
            AMOUNT_IS_MEANT: (tr("Is this amount right?"), tr("It is right")),
        }[error.answer]
        question = ConfirmDialog(
            title,
            text=translated(error.question),
            yes=yes,
            is_dangerous=error.answer == AMOUNT_IS_MEANT,
            parent=self.prompt or self._page.window(),
        )

        def confirm() -> None:
            self._write(replace(attempt, confirmed=attempt.confirmed | {error.answer}))

        def no() -> None:
            if self.prompt is not None:
                self.prompt.set_under_way(is_so=False)

        question.ask(confirm, no)

    def _ask_which_version(self, attempt: _SaveAttempt, meanwhile: ConcurrentEdit) -> None:
        """Ask which version to keep after another till changed the document; what was typed stays in any case."""

        def save_mine() -> None:
            corrects = meanwhile.now if meanwhile.can_be_saved_over else None
            mine = replace(
                attempt, saved=replace(attempt.saved, corrects=corrects), revision=meanwhile.now.revision, tenders=()
            )
            self._write(mine) if corrects is not None else self._ask(mine)

        EditConflictDialog(
            meanwhile,
            attempt.saved.gross,
            self._context,
            look=lambda: self._context.navigation.open_document(meanwhile.now.key),
            parent=self._page.window(),
        ).ask(save_mine)

    # --- when the database did not answer ---

    def _keep_prompt_open(self, attempt: _SaveAttempt, error: Unavailable) -> None:
        """Keep the prompt open to try again; the draft's key prevents a second document if only the reply was lost."""
        if self.prompt is None:
            self._ask(attempt)
        if self.prompt is not None:
            self.prompt.set_under_way(is_so=False)
            self.prompt.show_message(
                tr("{why} Nothing is lost. Press Save again; only one document is made.", why=error)
            )
        self._unanswered = attempt if isinstance(error, DatabaseUnavailable) else None

    def _on_returned(self) -> None:
        """Check if the document was saved and only the reply was lost."""
        attempt, self._unanswered = self._unanswered, None
        if attempt is None:
            return

        def away_again(error: Exception) -> None:
            self._unanswered = self._unanswered or attempt
            self._context.report_unanswered(error)

        self._context.ask(
            ask.of_draft,
            attempt.saved.draft.key,
            owner=self,
            then=lambda document: self._on_looked(attempt, document),
            failed=away_again,
        )

    def _on_looked(self, attempt: _SaveAttempt, document: Document | None) -> None:
        if self.prompt is not None and self.prompt.is_under_way:
            return
        if document is None:
            if self.prompt is not None:
                self.prompt.show_message(tr("The database is available again. Press Save."), tone=Tone.GOOD)
        elif self._document.form.key != attempt.saved.draft.key or self._document.reading.draft == attempt.saved.draft:
            self._on_saved(attempt, document)
        else:
            self._correct_instead(document)

    def _correct_instead(self, document: Document) -> None:
        """Turn what was typed after a Save whose reply was lost into a correction of the saved document."""
        self._close(is_done=False)
        self._document.correct_instead(document)
        said = tr("You can now save it as a correction.")
        self._context.navigation.notify(
            f"{translated(documents.AlreadySaved(document))} {said}", tone=Tone.WARN, stays=True
        )

    def _close(self, *, is_done: bool) -> None:
        prompt, self._prompt = self.prompt, None
        if prompt is not None:
            prompt.finish() if is_done else prompt.reject()


def _at_row(fault: FieldError, places: tuple[int, ...]) -> FieldError:
    """Convert a fault's line number to the form's row, which counts blank rows too."""
    if fault.row is None or fault.row >= len(places):
        return fault
    return replace(fault, row=places[fault.row])


def _new_payments(saved: Saved, document: Document) -> Iterator[Payment]:
    known = {payment.key for payment in saved.corrects.payments} if saved.corrects is not None else frozenset()
    return (payment for payment in document.payments if payment.key not in known)


def _saved_text(attempt: _SaveAttempt, document: Document, context: Context) -> str:
    before = attempt.saved.corrects
    if before is not None and before.key != document.key:
        return tr("{number} replaces {before}.", number=document.number, before=before.number)
    if before is not None:
        return tr("{number} corrected.", number=document.number)
    said = tr("{kind} {number} saved.", kind=display_names.kind(document.kind), number=document.number)
    change = sum(payment.change for payment in document.payments)
    if change:
        said += " " + tr("Change: {amount}", amount=context.format.money(Money(change, document.currency)))
    return said
