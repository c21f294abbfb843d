"""Atomic file writes, and messages for disk errors."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopdesk.domain.errors import Unavailable


def begin(part: Path) -> None:
    """Create an empty file that only its owner may read, replacing what a crash left."""
    part.unlink(missing_ok=True)
    part.touch(mode=0o600, exist_ok=False)


def settle(part: Path, target: Path) -> None:
    """Sync a finished file to the disk, then rename it to ``target`` and sync the folder."""
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(target)
    if os.name == "posix":  # Windows cannot open a folder; there the name is durable with the file
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        except OSError:
            pass  # some network file systems do not support it
        finally:
            os.close(folder)


def free_name(wanted: Path) -> Path:
    """Return the path, or if that file exists, the first of path-1, path-2 … that does not."""
    tries = (wanted.with_name(wanted.name + (f"-{count}" if count else "")) for count in itertools.count())
    return next(path for path in tries if not path.exists())


@contextmanager
def in_words(what: str, advice: str) -> Iterator[None]:
    """Raise disk and SQLite errors as Unavailable, with what failed, the reason, and what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unavailable(f"{what}: {reason}.", advice=advice) from error
