"""The banner across the top of the window while the database is unreachable or slow, or newer than the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from shopdesk.background import ProgramOutdated
from shopdesk.database_watch import DatabaseWatch
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone

if TYPE_CHECKING:
    from shopdesk.domain.errors import DatabaseUnavailable
    from shopdesk.ui.widgets.banner import Banner


class DatabaseBanner(QWidget):
    """Follows the watch over the database. The banner in it is built when first shown, to open the window faster."""

    restart_wanted = Signal()  # of the program, as the database is newer

    def __init__(self, watch: DatabaseWatch, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watch = watch
        self._error: DatabaseUnavailable | None = None
        self._outdated: ProgramOutdated | None = None
        self._can_type = False
        self._banner: Banner | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()
        watch.disconnected.connect(self._on_disconnected)
        watch.reconnected.connect(self._on_reconnected)
        watch.slow.connect(self._on_slow)

    @property
    def text(self) -> str:
        """The text shown; empty while the banner is hidden."""
        return self._banner.text if self._banner is not None and not self.isHidden() else ""

    def show_outdated(self, error: ProgramOutdated) -> None:
        """Show that the program must be restarted, until another database is opened."""
        self._outdated = error
        self._show(translated(error), action=NoticeAction(tr("Restart"), self.restart_wanted.emit))

    def clear_outdated(self) -> None:
        """Forget that the program must be restarted: a database of its own version was opened."""
        self._outdated = None

    def set_typing(self, can_type: bool) -> None:
        """Add to the text, or remove from it, that typing may continue; only the workspace keeps what is typed."""
        self._can_type = can_type
        if self._error is not None:
            self._show_disconnected(self._error)

    def _on_disconnected(self, error: DatabaseUnavailable) -> None:
        self._error = error
        self._show_disconnected(error)

    def _show_disconnected(self, error: DatabaseUnavailable) -> None:
        text = translated(error)
        if error.is_unreachable and self._can_type:
            text += " " + tr("You can keep typing. Nothing will be lost.")
        self._show(text, action=NoticeAction(tr("Retry"), self._watch.probe))

    def _on_reconnected(self) -> None:
        self._error = None
        self._hide()

    def _on_slow(self, is_slow: bool) -> None:
        """Show that the database is slow; it is not known yet if an answer will come."""
        if self._error is not None or self._outdated is not None:
            return
        if is_slow:
            self._show(tr("The database is responding slowly. Nothing is lost."), tone=Tone.PLAIN)
        else:
            self._hide()

    def _show(self, text: str, *, tone: Tone = Tone.WARN, action: NoticeAction | None = None) -> None:
        if self._banner is None:
            from shopdesk.ui.widgets.banner import Banner

            self._banner = Banner()
            self._column.addWidget(self._banner)
        self.show()
        self._banner.show_message(text, tone=tone, action=action)

    def _hide(self) -> None:
        if self._outdated is None:
            self.hide()
        else:
            self.show_outdated(self._outdated)
