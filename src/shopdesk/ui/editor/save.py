"""Saves the open document: the prompt, the use case, and the messages if it fails.

The one thing to know: one confirmation makes one document. The draft's key ensures this in the database; here a second
Save does nothing while the prompt is open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from shopdesk.domain.conflict import ChangedMeanwhile, Meanwhile
from shopdesk.domain.document import Document
from shopdesk.domain.errors import DatabaseAway, Fault, NeedsYes, Refused, Unavailable
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Tender
from shopdesk.queries import documents as ask
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.theme import Tone
from shopdesk.ui.editor.edit_conflict_dialog import MeanwhileQuestion
from shopdesk.ui.editor.open_document import OpenDocument
from shopdesk.ui.editor.save_prompt import Saved, SavePrompt
from shopdesk.ui.widgets.confirm_dialog import Question
from shopdesk.usecases import documents


@dataclass(frozen=True, slots=True)
class _Try:
    """One attempt to save: the content, the form's rows, the payment, and the confirmations given."""

    saved: Saved
    places: tuple[int, ...]  # the form's row of each line
    revision: int = 0  # of the corrected document when editing began
    tender: Tender | None = None
    sure: frozenset[str] = frozenset()


class Saving(QObject):
    """Saves the open document."""

    blamed = Signal(object)  # tuple[Fault, ...] to show beside the fields
    done = Signal(object, object)  # saved: Document, and the UUID of the form it was made from

    def __init__(self, document: OpenDocument, desk: Desk, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._desk = desk
        self._page = parent
        self._prompt: SavePrompt | None = None
        self._unanswered: _Try | None = None
        desk.background.returned.connect(self._on_returned)

    @property
    def prompt(self) -> SavePrompt | None:
        """The prompt while it is open, else None."""
        return self._prompt if self._prompt is not None and isValid(self._prompt) else None

    def save(self) -> None:
        """Open the prompt, or emit ``blamed`` if the form has faults."""
        if self.prompt is not None:
            return
        reading = self._document.reading
        if reading.draft is None:
            self.blamed.emit(reading.faults)
            return
        self._document.keeper.flush()
        places = tuple(at for at, row in enumerate(self._document.items.rows) if not row.is_blank)
        saved = Saved(reading.draft, reading.contact, self._document.document)
        self._ask(_Try(saved, places, self._document.form.revision))

    def _ask(self, attempt: _Try) -> None:
        prompt = SavePrompt(attempt.saved, self._desk, parent=self._page.window())
        prompt.confirmed.connect(lambda tender: self._write(replace(attempt, tender=tender)))
        self._prompt = prompt
        prompt.open()

    def _write(self, attempt: _Try) -> None:
        self._unanswered = None
        saved = attempt.saved
        if saved.corrects is None:
            self._desk.do(
                documents.issue,
                saved.draft,
                contact=saved.contact,
                tender=attempt.tender,
                sure=attempt.sure,
                owner=self,
                then=lambda document: self._on_saved(attempt, document),
                failed=lambda error: self._on_failed(attempt, error),
            )
        else:
            self._desk.do(
                documents.correct,
                saved.corrects.key,
                saved.draft,
                contact=saved.contact,
                revision=attempt.revision,
                was_sealed=saved.corrects.is_sealed,
                owner=self,
                then=lambda document: self._on_saved(attempt, document),
                failed=lambda error: self._on_failed(attempt, error),
            )

    def _on_saved(self, attempt: _Try, document: Document) -> None:
        self._close(is_done=True)
        self._desk.notify(_told(attempt, document, self._desk))
        self.done.emit(document, attempt.saved.draft.key)

    def _on_failed(self, attempt: _Try, error: Exception) -> None:
        if isinstance(error, ChangedMeanwhile):
            self._close(is_done=False)
            self._ask_whose(attempt, error.meanwhile)
            return
        if isinstance(error, NeedsYes):
            self._be_sure(attempt, error)
            return
        if isinstance(error, Unavailable):
            self._stay(attempt, error)
            return
        self._close(is_done=False)
        if isinstance(error, documents.AlreadySaved):
            self._correct_instead(error.document)
        elif isinstance(error, Refused):
            self.blamed.emit(tuple(_placed(fault, attempt.places) for fault in error.faults))
        else:
            self._desk.trouble(error)

    def _be_sure(self, attempt: _Try, error: NeedsYes) -> None:
        is_clock = error.answer == documents.CLOCK_IS_RIGHT
        question = Question(
            tr("Is the clock right?") if is_clock else tr("Issue the same again?"),
            text=error.question,
            yes=tr("The clock is right") if is_clock else tr("Issue another"),
            parent=self.prompt or self._page.window(),
        )

        def yes() -> None:
            self._write(replace(attempt, sure=attempt.sure | {error.answer}))

        def no() -> None:
            if self.prompt is not None:
                self.prompt.set_under_way(is_so=False)

        question.ask(yes, no)

    def _ask_whose(self, attempt: _Try, meanwhile: Meanwhile) -> None:
        """Ask which version to keep after another till changed the document; what was typed stays in any case."""

        def save_mine() -> None:
            corrects = meanwhile.now if meanwhile.can_be_saved_over else None
            mine = replace(
                attempt, saved=replace(attempt.saved, corrects=corrects), revision=meanwhile.now.revision, tender=None
            )
            self._write(mine) if corrects is not None else self._ask(mine)

        MeanwhileQuestion(
            meanwhile,
            attempt.saved.gross,
            self._desk,
            look=lambda: self._desk.open_document(meanwhile.now.key),
            parent=self._page.window(),
        ).ask(save_mine)

    # --- when the database did not answer ---

    def _stay(self, attempt: _Try, error: Unavailable) -> None:
        """Keep the prompt open to try again; the draft's key prevents a second document if only the reply was lost."""
        if self.prompt is None:
            self._ask(attempt)
        if self.prompt is not None:
            self.prompt.set_under_way(is_so=False)
            self.prompt.say(tr("{why} Nothing is lost. Press Save again; only one document is made.", why=error))
        self._unanswered = attempt if isinstance(error, DatabaseAway) else None

    def _on_returned(self) -> None:
        """Check if the document was saved and only the reply was lost."""
        attempt, self._unanswered = self._unanswered, None
        if attempt is None:
            return

        def away_again(error: Exception) -> None:
            self._unanswered = self._unanswered or attempt
            self._desk.unanswered(error)

        self._desk.ask(
            ask.of_draft,
            attempt.saved.draft.key,
            owner=self,
            then=lambda document: self._on_looked(attempt, document),
            failed=away_again,
        )

    def _on_looked(self, attempt: _Try, document: Document | None) -> None:
        if self.prompt is not None and self.prompt.is_under_way:
            return
        if document is None:
            if self.prompt is not None:
                self.prompt.say(tr("The database is available again. Press Save."), tone=Tone.GOOD)
        elif self._document.form.key != attempt.saved.draft.key or self._document.reading.draft == attempt.saved.draft:
            self._on_saved(attempt, document)
        else:
            self._correct_instead(document)

    def _correct_instead(self, document: Document) -> None:
        """Turn what was typed after a Save whose reply was lost into a correction of the saved document."""
        self._close(is_done=False)
        self._document.correct_instead(document)
        said = tr("You can now save it as a correction.")
        self._desk.notify(f"{documents.AlreadySaved(document)} {said}", tone=Tone.WARN, stays=True)

    def _close(self, *, is_done: bool) -> None:
        prompt, self._prompt = self.prompt, None
        if prompt is not None:
            prompt.finish() if is_done else prompt.reject()


def _placed(fault: Fault, places: tuple[int, ...]) -> Fault:
    """Convert a fault's line number to the form's row, which counts blank rows too."""
    if fault.row is None or fault.row >= len(places):
        return fault
    return replace(fault, row=places[fault.row])


def _told(attempt: _Try, document: Document, desk: Desk) -> str:
    before = attempt.saved.corrects
    if before is not None and before.key != document.key:
        return tr("{number} replaces {before}.", number=document.number, before=before.number)
    if before is not None:
        return tr("{number} corrected.", number=document.number)
    said = tr("{kind} {number} saved.", kind=display_names.kind(document.kind), number=document.number)
    change = sum(payment.change for payment in document.payments)
    if change:
        said += " " + tr("Change: {amount}", amount=desk.money(Money(change, document.currency)))
    return said
