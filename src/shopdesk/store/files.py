"""Free names for files, and what a disk says in words."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopdesk.domain.errors import Unavailable


def free_name(wanted: Path) -> Path:
    """The path, or where there is such a file already, the first of path-1, path-2 … that is free."""
    tries = (wanted.with_name(wanted.name + (f"-{count}" if count else "")) for count in itertools.count())
    return next(path for path in tries if not path.exists())


@contextmanager
def in_words(what: str, advice: str) -> Iterator[None]:
    """The errors of disk and SQLite as Unavailable: what failed, why, and what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unavailable(f"{what}: {reason}.", advice=advice) from error
