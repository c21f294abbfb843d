"""The button that shows how many other drafts are open at this till, and lists them."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from shopdesk.queries import drafts
from shopdesk.queries.drafts import DraftSummary
from shopdesk.ui.base import display_names, icons
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import as_written, tr
from shopdesk.ui.widgets.buttons import QuietButton

_LONGEST = 40


class DraftsButton(QuietButton):
    """A button that lists the open drafts except the one shown; hidden while there are none."""

    wanted = Signal(object)  # emitted with the UUID of the draft to open

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Open drafts"), self.open_menu, icon="documents", shortcut="drafts", parent=parent)
        self._context = context
        self._shown: UUID | None = None
        self.found: tuple[DraftSummary, ...] = ()
        self.hide()

    def refresh(self, shown: UUID) -> None:
        """Read the open drafts again; ``shown`` is the one in the editor."""
        self._shown = shown
        self._context.ask(drafts.open_at, self._context.actor.till, owner=self, then=self._on_found)

    def menu_now(self) -> QMenu:
        """Return the list as a menu."""
        menu = QMenu(self)
        for draft in self.found:
            icon = icons.icon("edit" if draft.edits else "document")
            action = menu.addAction(icon, as_written(described(draft, self._context)))
            action.triggered.connect(lambda _=False, key=draft.key: self.wanted.emit(key))
        return menu

    def _on_found(self, found: tuple[DraftSummary, ...]) -> None:
        self.found = tuple(draft for draft in found if draft.key != self._shown)
        self.set_label(tr("Open drafts ({count})", count=len(self.found)))
        self.setAccessibleName(tr("Open drafts"))
        self.setVisible(bool(self.found))

    def open_menu(self) -> None:
        """Show the list with the latest draft selected, so that Enter opens it."""
        menu = self.menu_now()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        menu.setActiveAction(menu.actions()[0])


def described(draft: DraftSummary, context: Context) -> str:
    """Return a draft in one line: “Receipt · Ada · Milk … · 2 min ago”."""
    what = tr("Correction") if draft.edits else display_names.kind(draft.kind)
    item = " ".join(draft.first_item.split())
    more = " …" if draft.rows > 2 and item else ""  # the last row is usually blank
    parts = [what, " ".join(draft.customer.split()) or tr("Walk-in")]
    if item:
        parts.append(_short(item) + more)
    return " · ".join([*map(_short, parts[:2]), *parts[2:], context.ago(draft.changed_at)])


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
