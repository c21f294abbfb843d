"""Fixtures of the tests of windows: see support/windows.py and support/keyboard_input.py."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.windows import begin, program, themed_app

__all__ = ["begin", "program", "themed_app"]


@pytest.fixture
def until(qtbot: QtBot) -> Callable[..., None]:
    """Run the event loop until a condition is true."""
    return qtbot.waitUntil


@pytest.fixture(params=[Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft], ids=lambda way: way.name)
def either_direction(request: pytest.FixtureRequest, themed_app: QApplication) -> Iterator[None]:
    """Lay windows out from left to right, and as in Arabic and Hebrew from right to left."""
    themed_app.setLayoutDirection(request.param)
    yield
    themed_app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def typist() -> Typist:
    """Types into the control with the focus."""
    return Typist()
