"""Start-up and shutdown of the program: builds all parts in order and closes them in reverse."""

import builtins

import PySide6.QtCore  # noqa: F401 - first: it replaces Python's import function

# WORKAROUND(shibokensupport/feature.py): PySide's import reads the source of every module imported after it and keeps
# all its lines: 24 MB for a ``from __feature__ import`` that this program does not use.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)

from shopdesk.app.program import application, enter, run, start  # noqa: E402

__all__ = ["application", "enter", "run", "start"]
