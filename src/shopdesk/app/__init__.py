"""Builds all of it in order, and takes it down in reverse."""

from shopdesk.app.program import application, begin, enter, run

__all__ = ["application", "begin", "enter", "run"]
