"""Files that are whole under their name or not there at all, and what a disk says in words."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopdesk.domain.errors import Unavailable


def begin(part: Path) -> None:
    """An empty file in the place of what a crash left, that its owner alone may read."""
    part.unlink(missing_ok=True)
    part.touch(mode=0o600, exist_ok=False)


def settle(part: Path, target: Path) -> None:
    """Make the bytes durable before the name says that they are there, and then the name."""
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(target)
    if os.name == "posix":  # elsewhere a folder cannot be opened, and the name is durable with the file
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        except OSError:
            pass  # some network file systems cannot
        finally:
            os.close(folder)


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
