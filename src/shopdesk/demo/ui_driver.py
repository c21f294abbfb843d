"""UI driver for the real windows: finds controls by accessible name, presses keys and buttons, takes screenshots.

It uses only what a person can see: if a name is wrong, it stops as a person would.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QMenu, QWidget

W = TypeVar("W", bound=QWidget)

TIMEOUT_SECONDS = 120.0
_FIRST_KEY_MS, _FINGER_MS = 1_000_000, 120


class WaitTimeout(Exception):
    """An expected change on the screen did not happen in time."""


class UiDriver:
    """Driver of the windows of one application. Screenshots are saved to ``folder``, numbered in order."""

    def __init__(self, folder: Path, window: QWidget) -> None:
        self._folder = folder
        self._window = window
        self._pictures = 0
        self._typed_at = _FIRST_KEY_MS

    def wait(self, what: str, holds: Callable[[], object]) -> None:
        """Let the program run until ``holds()`` is true. Raises WaitTimeout, which names ``what``."""
        end = time.monotonic() + TIMEOUT_SECONDS
        loop = QEventLoop()
        while not holds():
            if time.monotonic() > end:
                self.picture("stuck")
                raise WaitTimeout(f"Waited {TIMEOUT_SECONDS:.0f} seconds for {what}.")
            QTimer.singleShot(5, loop.quit)
            loop.exec()

    def find(self, name: str, kind: type[W]) -> W:
        """Wait for a visible control with this accessible name in the active window, and return it."""
        found: list[W] = []

        def look() -> bool:
            found[:] = self._visible(name, kind)
            return bool(found)

        self.wait(f"“{name}”", look)
        return found[0]

    def has(self, name: str) -> bool:
        """Return True if a control with this accessible name is visible now."""
        return bool(self._visible(name, QWidget))

    def press(self, name: str) -> None:
        """Click a button as soon as it is enabled."""
        button = self.find(name, QAbstractButton)
        self.wait(f"“{name}” to be ready", button.isEnabled)
        QTest.mouseClick(
            button, Qt.MouseButton.LeftButton, pos=QPoint(min(12, button.width() // 2), button.height() // 2)
        )

    def enter_into(self, name: str, text: str) -> None:
        """Put the cursor into a field and replace its content with ``text``, typed."""
        field = self.find(name, QWidget)
        self.wait(f"“{name}” to be ready", field.isEnabled)
        target = field.focusProxy() or field
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self.wait(f"the cursor in “{name}”", lambda: self.focus is target or target.isAncestorOf(self.focus))
        QTest.keyClick(target, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.enter(text)

    def enter(self, text: str) -> None:
        """Type text at the cursor. Each character is a key event of its own, in any script."""
        for character in text:
            target = self.focus
            self._typed_at += _FINGER_MS
            for event in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = QKeyEvent(event, 0, Qt.KeyboardModifier.NoModifier, character)
                key.setTimestamp(self._typed_at)  # the speed of a person, however slow the machine is
                QApplication.sendEvent(target, key)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press one key in the open list of suggestions, if there is one, else in the control that has the focus."""
        QTest.keyClick(QApplication.activePopupWidget() or self.focus, key, modifiers)

    def await_question(self) -> None:
        """Wait until a dialog is open and has the keyboard focus."""

        def is_asked() -> bool:
            question = QApplication.activeModalWidget()
            return question is not None and question.isAncestorOf(self.focus)

        self.wait("a question", is_asked)

    def choose_in_menu(self, text: str) -> None:
        """Choose an entry of the open menu with the arrow keys."""
        self.wait("a menu", lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu) or text not in [entry.text() for entry in menu.actions()]:
            raise WaitTimeout(f"The menu has no entry “{text}”.")
        while menu.activeAction() is None or menu.activeAction().text() != text:
            QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)

    def save_as(self, path: Path) -> None:
        """Type a file's whole name into the Save dialog, and wait for the file."""
        self.wait("the Save dialog", lambda: isinstance(self.top, QFileDialog) and self.focus.isActiveWindow())
        field = self.top.findChildren(QLineEdit)[0]
        field.setFocus()
        self.wait("the cursor in the file's name", field.hasFocus)
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.enter(str(path))
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.wait(f"the file {path.name}", path.exists)

    @property
    def focus(self) -> QWidget:
        """The control that has the keyboard focus."""
        if not self.top.isActiveWindow():
            # Without a window manager, the focus does not return by itself when a dialog or a list is closed.
            self.top.activateWindow()
        return QApplication.focusWidget() or self.top

    @property
    def top(self) -> QWidget:
        """The active window: the open dialog, if there is one."""
        return QApplication.activeModalWidget() or self._window

    def picture(self, name: str) -> Path:
        """Save a screenshot of the active window."""
        for _ in range(3):  # what arrives is shown, then laid out, then painted
            QApplication.processEvents()
        self._pictures += 1
        path = self._folder / f"{self._pictures:02d}-{name}.png"
        if not self.top.grab().save(str(path)):
            raise WaitTimeout(f"The picture {path.name} could not be saved.")
        return path

    def _visible(self, name: str, kind: type[W]) -> list[W]:
        return [
            widget for widget in self.top.findChildren(kind) if widget.accessibleName() == name and widget.isVisible()
        ]
