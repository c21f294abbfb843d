"""What the tests of windows share: see support/windows.py and support/keyboard_input.py."""

from collections.abc import Callable

import pytest

from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.windows import begin, program, themed_app

__all__ = ["begin", "program", "themed_app"]


@pytest.fixture
def until(qtbot: QtBot) -> Callable[..., None]:
    """Let the window run until something holds."""
    return qtbot.waitUntil


@pytest.fixture
def typist() -> Typist:
    """What types where the cursor is."""
    return Typist()
