"""Free file names, and messages for disk errors."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import Sentence, sentence


def free_name(wanted: Path) -> Path:
    """Return the path, or if that file exists, the first of path-1, path-2 … that does not."""
    tries = (wanted.with_name(wanted.name + (f"-{count}" if count else "")) for count in itertools.count())
    return next(path for path in tries if not path.exists())


def require_space(size: int, folder: Path) -> None:
    """Raise Unavailable if a folder's disk has no room for a file of ``size`` bytes."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise Unavailable(
            sentence(
                "The backup needs {size} MB, but only {free} MB are free in {folder}.",
                size=f"{size / 1000000.0:,.1f}",
                free=f"{free / 1000000.0:,.1f}",
                folder=folder,
            ),
            advice=sentence("Free up some space, then try again. Your current data was not changed."),
        )


@contextmanager
def explained(what: Sentence, advice: Sentence) -> Iterator[None]:
    """Raise disk and SQLite errors as Unavailable, with what failed, the reason, and what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unavailable(sentence("{what}: {reason}.", what=what, reason=reason), advice=advice) from error
