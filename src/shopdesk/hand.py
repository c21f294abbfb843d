"""A hand at the real windows: finds controls by accessible name, presses keys and buttons, waits, takes pictures.

It knows nothing of the program but what a person sees: if a name is wrong, it stops as a person would.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

W = TypeVar("W", bound=QWidget)

PATIENCE_SECONDS = 30.0


class StuckError(Exception):
    """What should have happened on the screen did not."""


class Hand:
    """Works the windows of one application. Pictures go to ``folder``, numbered in the order they were taken."""

    def __init__(self, folder: Path, window: QWidget) -> None:
        self._folder = folder
        self._window = window
        self._pictures = 0

    def wait(self, what: str, holds: Callable[[], object]) -> None:
        """Let the program run until ``holds`` says so. Raises StuckError with ``what`` was waited for."""
        end = time.monotonic() + PATIENCE_SECONDS
        loop = QEventLoop()
        while not holds():
            if time.monotonic() > end:
                self.picture("stuck")
                raise StuckError(f"Waited {PATIENCE_SECONDS:.0f} seconds for {what}.")
            QTimer.singleShot(5, loop.quit)
            loop.exec()

    def find(self, name: str, kind: type[W]) -> W:
        """The visible control of this accessible name, in the window that has the attention. Waits for it."""
        found: list[W] = []

        def look() -> bool:
            found[:] = self._visible(name, kind)
            return bool(found)

        self.wait(f"“{name}”", look)
        return found[0]

    def has(self, name: str) -> bool:
        """Whether such a control can be seen now."""
        return bool(self._visible(name, QWidget))

    def press(self, name: str) -> None:
        """Click a button, as soon as it can be."""
        button = self.find(name, QAbstractButton)
        self.wait(f"“{name}” to be ready", button.isEnabled)
        QTest.mouseClick(
            button, Qt.MouseButton.LeftButton, pos=QPoint(min(12, button.width() // 2), button.height() // 2)
        )

    def enter_into(self, name: str, text: str) -> None:
        """Put the cursor into a field, replace what it holds, and type."""
        field = self.find(name, QWidget)
        self.wait(f"“{name}” to be ready", field.isEnabled)
        target = field.focusProxy() or field
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self.wait(f"the cursor in “{name}”", lambda: self.focus is target or target.isAncestorOf(self.focus))
        QTest.keyClick(target, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.enter(text)

    def enter(self, text: str) -> None:
        """Type where the cursor is. Each character is a key event of its own, whatever its script."""
        for character in text:
            target = self.focus
            for event in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = QKeyEvent(event, 0, Qt.KeyboardModifier.NoModifier, character)
                QApplication.sendEvent(target, key)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press one key where the cursor is."""
        QTest.keyClick(self.focus, key, modifiers)

    def await_question(self) -> None:
        """Wait for a question to be asked, and to hear the keyboard."""

        def is_asked() -> bool:
            question = QApplication.activeModalWidget()
            return question is not None and question.isAncestorOf(self.focus)

        self.wait("a question", is_asked)

    @property
    def focus(self) -> QWidget:
        """The control that hears the keyboard."""
        if QApplication.activeWindow() is None:
            # Where no window manager runs, nobody gives the keyboard back when a question is closed.
            self.top.activateWindow()
        return QApplication.focusWidget() or self.top

    @property
    def top(self) -> QWidget:
        """The window that has the attention: a question, if one is asked."""
        return QApplication.activeModalWidget() or self._window

    def picture(self, name: str) -> Path:
        """Take a picture of the window, with whatever stands before it."""
        QApplication.processEvents()
        self._pictures += 1
        path = self._folder / f"{self._pictures:02d}-{name}.png"
        if not self.top.grab().save(str(path)):
            raise StuckError(f"The picture {path.name} could not be taken.")
        return path

    def _visible(self, name: str, kind: type[W]) -> list[W]:
        return [
            widget for widget in self.top.findChildren(kind) if widget.accessibleName() == name and widget.isVisible()
        ]
