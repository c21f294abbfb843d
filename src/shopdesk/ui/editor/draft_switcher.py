"""Chooses the document open in the editor: a new one, a saved draft, or an issued one to be corrected."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from shopdesk.domain.document import Kind
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.navigation import CopyRequest
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor import load_draft
from shopdesk.ui.editor.cell_format import CellFormat, shop_for
from shopdesk.ui.editor.drafts_dialog import ask_to_discard
from shopdesk.ui.editor.edited_document import EditedDocument
from shopdesk.ui.editor.load_draft import LoadedDraft
from shopdesk.usecases import documents, drafts


class DraftSwitcher(QObject):
    """Opens documents. The one that was open before has been autosaved as a draft."""

    looked = Signal()  # the list of drafts may have changed

    def __init__(self, document: EditedDocument, context: Context, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._context = context
        self._page = parent
        self._is_begun = False

    def new(self, kind: Kind | None) -> None:
        """Start a new document, of this till's kind where none is given; a blank one only changes its kind."""
        self._is_begun = True
        wanted = kind or self._context.till_preferences.default_kind
        if not self._document.is_blank or self._document.kind is not wanted:
            self._document.start_new(wanted)

    def edit(self, key: UUID) -> None:
        """Open an issued document to correct it."""
        self._is_begun = True
        self._context.ask(
            load_draft.load_correction, key, self._context.actor.till, owner=self, then=self._on_correction
        )

    def copy(self, wanted: CopyRequest) -> None:
        """Open a new draft with the content of a document."""
        self._is_begun = True
        till = self._context.actor.till
        self._context.ask(
            load_draft.load_copy,
            wanted.key,
            wanted.kind,
            till,
            owner=self,
            then=lambda found: self._on_copy(wanted, found),
        )

    def open_draft(self, key: UUID) -> None:
        """Open a saved draft."""
        self._is_begun = True
        if key != self._document.form.key:
            self._context.ask(load_draft.load, key, owner=self, then=self._on_draft)

    def resume(self) -> None:
        """Open the document that was typed last, the first time the page is shown."""
        if self._is_begun:
            self.looked.emit()
        else:
            self._is_begun = True
            self._context.ask(load_draft.load_last, self._context.actor.till, owner=self, then=self._on_last)

    def discard(self) -> None:
        """Ask to confirm, then discard the open document."""
        form = self._document.form
        ask_to_discard(form, then=lambda: self._discard(form.key), parent=self._page.window())

    # --- inside ---

    def _discard(self, key: UUID) -> None:
        if key == self._document.form.key:
            self._document.autosave.close()
            self._document.start_new(self._context.till_preferences.default_kind)
        self._context.do(drafts.discard, key, owner=self, then=lambda _: self.looked.emit())

    def _on_last(self, found: LoadedDraft) -> None:
        if found.form is not None and self._document.is_blank:
            self._on_draft(found)
        else:
            self.looked.emit()

    def _on_draft(self, found: LoadedDraft) -> None:
        if found.form is None:
            self._context.navigation.notify(
                tr("This draft no longer exists: it was saved or discarded."), tone=Tone.WARN
            )
            self.looked.emit()
        else:
            self._document.open(
                found.form,
                is_kept=True,
                kept_at=found.kept_at,
                customer=found.customer,
                document=found.document,
                origin=found.origin,
                prices=found.prices,
            )

    def _on_copy(self, wanted: CopyRequest, found: LoadedDraft) -> None:
        origin = found.origin
        if found.form is not None:
            self._on_draft(found)
        elif origin is not None and origin.currency != self._context.shop.currency:
            said = tr(
                "{number} is in {currency}. Enter it anew in the shop's currency.",
                number=origin.number,
                currency=origin.currency.code,
            )
            self._context.navigation.notify(said, tone=Tone.WARN, stays=True)
        elif origin is not None:
            notation = CellFormat(self._context.shop, self._context.symbols)
            form = notation.copy_of(origin, found.customer, key=new_key(), kind=wanted.kind or origin.kind)
            self._document.open(
                form, is_kept=False, customer=found.customer, origin=origin, prices=found.prices, is_typed=True
            )
        if wanted.is_meant:
            self._document.confirmed = frozenset({documents.CONVERT_AGAIN})

    def _on_correction(self, found: LoadedDraft) -> None:
        document = found.document
        if found.form is not None:
            self._on_draft(found)
        elif document is not None:
            notation = CellFormat(shop_for(document, self._context.shop), self._context.symbols)
            form = notation.form_of(document, key=new_key())
            self._document.open(form, is_kept=False, customer=found.customer, document=document)
