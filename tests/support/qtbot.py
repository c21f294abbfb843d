"""pytest-qt's ``qtbot`` for a slow machine: long time-outs, and input methods with types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import pytestqt.qtbot
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.ui.base import theme

TIMEOUT_MS = 60_000
"""Costs nothing but where a test fails: a wait ends as soon as its condition holds."""

_NO_KEY = Qt.KeyboardModifier.NoModifier
_CENTRE = QPoint()
"""Where QTest clicks a widget when it is given no position."""


class QtBot(pytestqt.qtbot.QtBot):
    """Waits for ``TIMEOUT_MS`` by default, styles its widgets, and takes the keys and clicks that QTest takes."""

    def addWidget(self, widget: QWidget, *, before_close_func: Callable[[Any], None] | None = None) -> None:
        """Close the widget at the end of the test; until then it looks as it does in a window of the program."""
        if widget.isWindow():
            theme.style_window(widget)
        super().addWidget(widget, before_close_func=before_close_func)

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = TIMEOUT_MS) -> None:
        """Run the event loop until the callback returns true or None."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = TIMEOUT_MS, **how: Any) -> Any:
        """Return a context manager that waits for the signal at its end."""
        return super().waitSignal(signal, timeout=timeout, **how)

    def waitExposed(self, widget: Any, *, timeout: int = TIMEOUT_MS) -> Any:
        """Wait until the widget is on the screen."""
        return super().waitExposed(widget, timeout=timeout)

    @staticmethod
    def keyClick(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = _NO_KEY) -> None:
        """Press and release one key."""
        QTest.keyClick(widget, key, modifier)

    @staticmethod
    def keyClicks(widget: QWidget, text: str) -> None:
        """Type a text of ASCII letters."""
        QTest.keyClicks(widget, text)

    @staticmethod
    def mouseClick(
        widget: QWidget, button: Qt.MouseButton, modifier: Qt.KeyboardModifier = _NO_KEY, pos: QPoint = _CENTRE
    ) -> None:
        """Press and release a mouse button."""
        QTest.mouseClick(widget, button, modifier, pos)

    @staticmethod
    def mouseDClick(
        widget: QWidget, button: Qt.MouseButton, modifier: Qt.KeyboardModifier = _NO_KEY, pos: QPoint = _CENTRE
    ) -> None:
        """Double-click."""
        QTest.mouseDClick(widget, button, modifier, pos)

    @staticmethod
    def mouseMove(widget: QWidget, pos: QPoint = _CENTRE) -> None:
        """Move the pointer."""
        QTest.mouseMove(widget, pos)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Drives the windows of a test."""
    return QtBot(request)
