"""Free file names, and messages for disk errors."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopdesk.domain.errors import Unavailable


def free_name(wanted: Path) -> Path:
    """Return the path, or if that file exists, the first of path-1, path-2 … that does not."""
    tries = (wanted.with_name(wanted.name + (f"-{count}" if count else "")) for count in itertools.count())
    return next(path for path in tries if not path.exists())


def require_space(size: int, folder: Path) -> None:
    """Raise Unavailable if a folder's disk has no room for a file of ``size`` bytes."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise Unavailable(
            f"The backup needs {size / 1e6:,.1f} MB, but only {free / 1e6:,.1f} MB are free in {folder}.",
            advice="Free up some space, then try again. Your current data was not changed.",
        )


@contextmanager
def explained(what: str, advice: str) -> Iterator[None]:
    """Raise disk and SQLite errors as Unavailable, with what failed, the reason, and what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unavailable(f"{what}: {reason}.", advice=advice) from error
