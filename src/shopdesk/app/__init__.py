"""Builds all of it in order, and takes it down in reverse."""

from shopdesk.app.program import application, begin, run

__all__ = ["application", "begin", "run"]
