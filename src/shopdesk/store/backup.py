"""A copy of the shop's SQLite file that can be trusted, and the way back from it.

Both work on files only; a PostgreSQL server is backed up by ``pg_dump`` (see the README).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from shopdesk.domain.errors import Refused, Unavailable


def back_up(source: Path, target: Path) -> None:
    """Copy a database while it may be in use, check the copy, and put it in place in one step.

    Raises Refused when ``target`` exists, Unavailable when it cannot be written or the source is damaged.
    """
    if target.exists():
        raise Refused(f"{target} exists already. Choose another name: a backup is never overwritten.")
    part = target.with_name(f".{target.name}.part")
    with _in_words(f"The backup to {target} failed", "Choose another place, or free some space."):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            with closing(_read_only(source)) as origin, closing(sqlite3.connect(part)) as copy:
                origin.backup(copy)
                # A backup is one file: without WAL it needs no companion.
                copy.execute("PRAGMA journal_mode=DELETE")
                _require_whole(copy, source)
            _settle(part, target)
        finally:
            part.unlink(missing_ok=True)


def restore(backup: Path, target: Path, *, newest: str) -> Path | None:
    """Put a backup in the place of the shop's file, after checking it. Returns where the present file was kept.

    ``newest`` is the newest form this program reads. Raises Refused for a file that is no backup of a shop,
    Unavailable when the present file is in use or the disk does not take it.
    """
    check(backup, newest=newest)
    kept = None
    with _in_words(f"Restoring {backup} failed", "The present file was not changed."):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            _require_unused(target)
            kept = target.with_name(f"{target.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            target.replace(kept)
        for companion in ("-wal", "-shm"):
            target.with_name(target.name + companion).unlink(missing_ok=True)
        try:
            back_up(backup, target)
        except (Refused, Unavailable):
            if kept is not None:
                kept.replace(target)
            raise
    return kept


def check(backup: Path, *, newest: str) -> None:
    """Refuse a file that is not a whole, known shop's database."""
    if not backup.is_file():
        raise Refused(f"There is no file {backup}.")
    try:
        with closing(_read_only(backup)) as connection:
            _require_whole(connection, backup)
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        raise Refused(f"{backup} is not a backup of a shopdesk database.") from None
    if version is None:
        raise Refused(f"{backup} is not a backup of a shopdesk database.")
    if version[0] > newest:
        raise Refused(f"{backup} was made by a newer shopdesk. Install the newest version first.")


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _require_whole(connection: sqlite3.Connection, path: Path) -> None:
    healthy = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if healthy != "ok":
        raise Unavailable(f"The database {path} is damaged: {healthy}.", advice="Use the newest good backup.")


def _require_unused(path: Path) -> None:
    """Refuse while another program holds the file, and bring its write-ahead log home."""
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError:
            raise Unavailable(
                f"The shop's file {path} is in use.", advice="Close shopdesk on this machine, then try again."
            ) from None
        except sqlite3.DatabaseError:
            return  # damaged, or no database: that is why somebody restores a backup


def _settle(part: Path, target: Path) -> None:
    """Make the bytes durable before the name says that they are there."""
    for path in (part, part.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError:
            if path is part:
                raise
        finally:
            os.close(handle)
    part.replace(target)


@contextmanager
def _in_words(what: str, advice: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unavailable(f"{what}: {reason}.", advice=advice) from error
