"""Builds all of it in order, and takes it down in reverse."""

import builtins

import PySide6.QtCore  # noqa: F401 - first: it puts an import of its own in the place of Python's

# WORKAROUND(shibokensupport/feature.py): PySide's import reads the source of every module that comes after it, whoever
# imports it, and keeps all its lines: 24 MB for a ``from __feature__ import`` that nobody here writes.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)

from shopdesk.app.program import application, begin, enter, run  # noqa: E402

__all__ = ["application", "begin", "enter", "run"]
