"""Fixtures of the tests of windows: see support/windows.py and support/keyboard_input.py."""

from collections.abc import Callable

import pytest

from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.windows import begin, program, themed_app

__all__ = ["begin", "program", "themed_app"]


@pytest.fixture
def until(qtbot: QtBot) -> Callable[..., None]:
    """Run the event loop until a condition is true."""
    return qtbot.waitUntil


@pytest.fixture
def typist() -> Typist:
    """Types into the control with the focus."""
    return Typist()
