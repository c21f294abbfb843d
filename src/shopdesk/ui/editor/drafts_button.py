"""The button that shows how many other drafts are open at this till, and opens their list."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from shopdesk.queries import drafts
from shopdesk.queries.drafts import DraftSummary
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.editor.drafts_dialog import DraftsDialog
from shopdesk.ui.widgets.buttons import QuietButton


class DraftsButton(QuietButton):
    """A button that lists the open drafts except the one shown; hidden while there are none."""

    wanted = Signal(object)  # emitted with the UUID of the draft to open

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Open drafts"), self.open_list, icon="documents", shortcut="drafts", parent=parent)
        self._context = context
        self._shown: UUID | None = None
        self.found: tuple[DraftSummary, ...] = ()
        self.hide()

    def refresh(self, shown: UUID) -> None:
        """Read the open drafts again; ``shown`` is the one in the editor."""
        self._shown = shown
        self._context.ask(drafts.open_at, self._context.actor.till, owner=self, then=self._on_found)

    def _on_found(self, found: tuple[DraftSummary, ...]) -> None:
        self.found = tuple(draft for draft in found if draft.key != self._shown)
        self.set_label(tr("Open drafts ({count})", count=len(self.found)))
        self.setAccessibleName(tr("Open drafts"))
        self.setVisible(bool(self.found))

    def open_list(self) -> None:
        """Show the list with the latest draft selected, so that Enter opens it."""
        dialog = DraftsDialog(self._context, self._shown, parent=self.window())
        dialog.wanted.connect(self.wanted)
        dialog.open()
