"""A timer that runs out after some minutes without a key, a click or a movement of the mouse."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from shopdesk.ui.base.scanner import scan_guard

MINUTE_MS = 60_000


class IdleTimer(QObject):
    """Watches the input of the whole program between ``start`` and ``stop``."""

    idled = Signal()  # once, at the end of the idle time

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.idled)
        scan_guard().used.connect(self._on_used)

    def start(self, minutes: int) -> None:
        """Start the timer; 0 minutes means never."""
        self.stop()
        if minutes > 0:
            self._timer.start(minutes * MINUTE_MS)

    def stop(self) -> None:
        """Stop the timer."""
        self._timer.stop()

    def _on_used(self) -> None:
        """Begin the time anew."""
        if self._timer.isActive():
            self._timer.start()
