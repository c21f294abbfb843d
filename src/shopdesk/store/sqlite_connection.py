"""The SQLite driver, whose every error is a database error.

A damaged schema page makes SQLite answer in bytes that are no UTF-8, at which the driver raises UnicodeDecodeError.
Here that is the error of a damaged file, which the program knows.
"""

from __future__ import annotations

import sqlite3
from typing import Any


class FileCursor(sqlite3.Cursor):
    """A cursor that reports what it cannot decode as damage."""

    def execute(self, *given: Any) -> FileCursor:
        """Execute a statement."""
        try:
            return super().execute(*given)
        except UnicodeDecodeError as error:
            raise _damaged() from error

    def executemany(self, *given: Any) -> FileCursor:
        """Execute a statement for each of several rows."""
        try:
            return super().executemany(*given)
        except UnicodeDecodeError as error:
            raise _damaged() from error


class FileConnection(sqlite3.Connection):
    """A connection with such cursors, for the ``factory`` of ``sqlite3.connect``."""

    def cursor(self, factory: Any = FileCursor) -> Any:
        """Return a new cursor."""
        return super().cursor(factory)

    def execute(self, *given: Any) -> Any:
        """Execute a statement with a new cursor."""
        return self.cursor().execute(*given)

    def backup(self, *given: Any, **options: Any) -> None:
        """Copy the database."""
        try:
            super().backup(*given, **options)
        except UnicodeDecodeError as error:
            raise _damaged() from error


def connect(address: Any, **options: Any) -> sqlite3.Connection:
    """Open a file as ``sqlite3.connect`` does."""
    return sqlite3.connect(address, factory=FileConnection, **options)


def _damaged() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("the schema is damaged: it has bytes that are no UTF-8")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
