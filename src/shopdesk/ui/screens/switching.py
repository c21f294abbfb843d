"""Which document is open in the editor: a fresh one, a kept draft, an issued one to be corrected; or none any more."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from shopdesk.domain.document import Kind
from shopdesk.ui import fresh, opening, words
from shopdesk.ui.desk import Desk
from shopdesk.ui.models.open_document import OpenDocument
from shopdesk.ui.notation import Notation, shop_for
from shopdesk.ui.opening import Opening
from shopdesk.ui.text import tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.question import Question
from shopdesk.usecases import drafts


class Switching(QObject):
    """Opens documents. Whatever was open before is kept by the document itself."""

    looked = Signal()  # there may be other drafts than before

    def __init__(self, document: OpenDocument, desk: Desk, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._desk = desk
        self._page = parent
        self._is_begun = False

    def new(self, kind: Kind | None) -> None:
        """A fresh document; a blank one only changes its kind."""
        self._is_begun = True
        wanted = kind or self._document.kind
        if not self._document.is_blank or self._document.kind is not wanted:
            self._document.begin(wanted)

    def edit(self, key: UUID) -> None:
        """An issued document, to correct it."""
        self._is_begun = True
        self._desk.ask(opening.correction, key, self._desk.actor.till, owner=self, then=self._on_correction)

    def open_draft(self, key: UUID) -> None:
        """A kept draft."""
        self._is_begun = True
        if key != self._document.form.key:
            self._desk.ask(opening.kept, key, owner=self, then=self._on_draft)

    def resume(self) -> None:
        """The page is shown: at first with the document that was typed last, if there is one."""
        if self._is_begun:
            self.looked.emit()
        else:
            self._is_begun = True
            self._desk.ask(opening.last, self._desk.actor.till, owner=self, then=self._on_last)

    def discard(self) -> None:
        """Throw the open document away, if somebody says so."""
        form = self._document.form
        question = Question(
            tr("Discard this document?"),
            text=tr("It was never issued and has no number. What was typed is gone for good.")
            if form.edits is None
            else tr("The document itself stays as it was issued. What was typed to correct it is gone for good."),
            facts=[(tr("Kind"), words.kind(form.kind)), (tr("Customer"), form.customer or tr("Walk-in"))],
            yes=tr("Discard"),
            is_dangerous=True,
            parent=self._page.window(),
        )
        question.ask(lambda: self._discard(form.key))

    # --- inside ---

    def _discard(self, key: UUID) -> None:
        if key == self._document.form.key:
            self._document.keeper.forget()
            self._document.begin(self._document.kind)
        self._desk.do(drafts.discard, key, owner=self, then=lambda _: self.looked.emit())

    def _on_last(self, found: Opening) -> None:
        if found.form is not None and self._document.is_blank:
            self._on_draft(found)
        else:
            self.looked.emit()

    def _on_draft(self, found: Opening) -> None:
        if found.form is None:
            self._desk.notify(tr("This draft is gone: it was saved or discarded."), tone=Tone.WARN)
            self.looked.emit()
        else:
            self._document.open(
                found.form, is_kept=True, kept_at=found.kept_at, customer=found.customer, document=found.document
            )

    def _on_correction(self, found: Opening) -> None:
        document = found.document
        if found.form is not None:
            self._on_draft(found)
        elif document is not None:
            notation = Notation(shop_for(document, self._desk.shop), self._desk.marks)
            form = notation.form_of(document, key=fresh.key())
            self._document.open(form, is_kept=False, customer=found.customer, document=document)
