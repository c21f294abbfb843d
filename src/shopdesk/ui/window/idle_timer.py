"""A timer that runs out after some minutes without a key, a click or a movement of the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QInputEvent
from PySide6.QtWidgets import QApplication

MINUTE_MS = 60_000
_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class IdleTimer(QObject):
    """Watches the input of the whole program between ``start`` and ``stop``."""

    idled = Signal()  # once, at the end of the idle time

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.idled)

    def start(self, minutes: int) -> None:
        """Start the timer; 0 minutes means never."""
        self.stop()
        app = QApplication.instance()
        if minutes > 0 and app is not None:
            app.installEventFilter(self)
            self._timer.start(minutes * MINUTE_MS)

    def stop(self) -> None:
        """Stop the timer."""
        self._timer.stop()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Restart the timer on user input; never consume the event."""
        if isinstance(event, QInputEvent) and event.type() in _SIGNS_OF_LIFE and self._timer.isActive():
            self._timer.start()
        return False
