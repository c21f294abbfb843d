"""The pages that cover all others for a while: restoring a backup, and moving the shop to another database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from shopdesk.background import Background

if TYPE_CHECKING:
    from shopdesk.ui.base.context import Context
    from shopdesk.ui.base.ports import MoveRequest, Restoring
    from shopdesk.ui.window.database_move_screen import DatabaseMoveScreen
    from shopdesk.ui.window.restore_screen import RestoreScreen


class CoveringPages(QObject):
    """Shows the restore page or the move page over the window's pages, and the covered page again after it."""

    restore_wanted = Signal()  # the checked backup is to replace the shop's file
    moved = Signal()  # the shop is in another database now

    def __init__(self, pages: QStackedWidget, background: Background) -> None:
        super().__init__(pages)
        self._pages = pages
        self._background = background
        self.restoring: Restoring | None = None  # where the shop's data is a file
        self.restore: RestoreScreen | None = None
        self._move: DatabaseMoveScreen | None = None

    def open_restore(self) -> None:
        """Show the page that restores a backup, where the shop's data is a file."""
        if self.restoring is None or self.restore is not None:
            return
        from shopdesk.ui.window.restore_screen import RestoreScreen

        page = self.restore = RestoreScreen(self.restoring, self._background)
        covered = self._cover(page)

        def leave() -> None:
            self.restore = None
            self._remove(page, covered)

        def restore() -> None:
            self.restore = None
            self._remove(page)
            self.restore_wanted.emit()

        page.left.connect(leave)
        page.wanted.connect(restore)

    def leave_restore(self) -> None:
        """Leave the page that restores a backup, unless it is checking one."""
        if self.restore is not None:
            self.restore.leave()

    def open_move(self, wanted: MoveRequest, context: Context) -> None:
        """Show the page that moves the shop; the move starts at once."""
        from shopdesk.ui.window.database_move_screen import DatabaseMoveScreen

        page = self._move = DatabaseMoveScreen(wanted, context)
        covered = self._cover(page)

        def leave(is_moved: bool) -> None:
            self._move = None
            if is_moved:
                self._remove(page)
                self.moved.emit()
            else:
                self._remove(page, covered)

        page.left.connect(leave)

    def give_up_move(self) -> None:
        """Cancel a move because the window is closing."""
        if self._move is not None:
            self._move.give_up()

    def _cover(self, page: QWidget) -> QWidget | None:
        """Show a page and return the one that it covers."""
        covered = self._pages.currentWidget()
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        page.setFocus()
        return covered

    def _remove(self, page: QWidget, covered: QWidget | None = None) -> None:
        """Remove a page, and show the one that it covered if that is still the right one."""
        self._pages.removeWidget(page)
        page.hide()
        page.deleteLater()
        if covered is not None:
            self._pages.setCurrentWidget(covered)
