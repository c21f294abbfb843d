"""What the tests of windows share: see support/windows.py and support/keyboard_input.py."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from support.keyboard_input import Hands
from support.windows import begin, look, program

__all__ = ["begin", "look", "program"]


@pytest.fixture
def until(qtbot: QtBot) -> Callable[..., None]:
    """Let the window run until something holds."""
    return qtbot.waitUntil


@pytest.fixture
def hands() -> Hands:
    """What types where the cursor is."""
    return Hands()
