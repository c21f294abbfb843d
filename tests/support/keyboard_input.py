"""Keyboard input with the timing of fingers or of a barcode scanner."""

from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

FINGERS_MS = 120
SCANNER_MS = 4


class Typist:
    """Types where the focus is. Each event carries its time, so that no test has to wait between two keys."""

    def __init__(self) -> None:
        self._at = 1_000_000

    @property
    def focus(self) -> QWidget:
        """The widget with the keyboard focus."""
        widget = QApplication.focusWidget()
        assert widget is not None, "no widget has the keyboard focus"
        return widget

    def type(self, text: str, *, every: int = FINGERS_MS) -> None:
        """Type letters of any alphabet, one after the other."""
        for letter in text:
            self._send(0, letter, every)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key that is not a letter, as the system sends it, so that shortcuts receive it too."""
        self._at += FINGERS_MS
        QTest.keyClick(self.focus, key, modifiers)

    def enter(self, times: int = 1) -> None:
        """Press Enter, at the speed of a finger."""
        for _ in range(times):
            self._send(Qt.Key.Key_Return, "\r", FINGERS_MS)

    def scan(self, code: str) -> None:
        """Type a code and Enter at the speed of a scanner."""
        self._at += 1000
        self.type(code, every=SCANNER_MS)
        self._send(Qt.Key.Key_Return, "\r", SCANNER_MS)

    def row(self, *cells: str) -> None:
        """Type the cells of a row, each followed by Enter."""
        for cell in cells:
            self.type(cell)
            self.enter()

    def _send(self, key: int, text: str, after: int) -> None:
        self._at += after
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event: Any = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            event.setTimestamp(self._at)
            if kind is QEvent.Type.KeyPress or QApplication.focusWidget() is not None:  # it may have closed the window
                QApplication.sendEvent(self.focus, event)
