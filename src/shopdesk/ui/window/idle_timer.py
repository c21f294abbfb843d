"""A timer that runs out after some time without a key, a click or a movement of the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QInputEvent

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
    """Watches what the windows of the program get from keyboard and mouse, between ``start`` and ``stop``."""

    idled = Signal()  # once, at the end of the idle time

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.idled)
        app: QGuiApplication = QGuiApplication.instance()  # type: ignore[assignment]
        app.focusWindowChanged.connect(self._watch)

    def start(self, ms: int) -> None:
        """Start the timer; 0 means never."""
        self.stop()
        self._watch()
        if ms > 0:
            self._timer.start(ms)

    def stop(self) -> None:
        """Stop the timer."""
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin the time anew at each key, click, touch or movement of the mouse."""
        if isinstance(event, QInputEvent) and event.type() in _SIGNS_OF_LIFE and self._timer.isActive():
            self._timer.start()
        return False

    def _watch(self) -> None:
        """Watch the window that has got the focus, too."""
        # A window is watched, no control and not the program: few events are a window's own.
        if (window := QGuiApplication.focusWindow()) is not None:
            window.installEventFilter(self)
