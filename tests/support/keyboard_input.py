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

    def scan(self, code: str, *, end: str = "enter", every: int = SCANNER_MS, pause: int = 1000) -> None:
        """Type a code at the speed of a scanner, and what it is set up to send behind it."""
        self._at += pause
        self.type(code, every=every)
        if end.startswith(("enter", "return")):
            self._send(Qt.Key.Key_Return, "\r", every)
        if end == "tab":
            self._send(Qt.Key.Key_Tab, "\t", every)
        if end.endswith("line feed"):  # as Ctrl+J
            self._send(Qt.Key.Key_J, "\n", every, Qt.KeyboardModifier.ControlModifier)

    def row(self, *cells: str) -> None:
        """Type the cells of a row, each followed by Enter."""
        for cell in cells:
            self.type(cell)
            self.enter()

    def _send(
        self, key: int, text: str, after: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self._at += after
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event: Any = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(self._at)
            if kind is QEvent.Type.KeyPress or QApplication.focusWidget() is not None:  # it may have closed the window
                QApplication.sendEvent(self.focus, event)
