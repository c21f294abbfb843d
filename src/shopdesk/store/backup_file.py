"""Verified backups of the shop's SQLite file, and restoring them.

This module works on files only. ``backup_archive`` packs the copy; ``pg_dump`` backs up a PostgreSQL server.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine

from shopdesk import atomic_file
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.store import backup_archive, sqlite_connection
from shopdesk.store.disk_errors import explained, free_name, require_space
from shopdesk.store.session import Session, Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSummary:
    """The contents of a backup. ``file`` is the checked copy of its database; the shop's own file is unchanged."""

    file: Path
    shop: str
    documents: int
    last_number: str = ""
    last_at: datetime | None = None


def back_up(source: Path, target: Path) -> None:
    """Copy a database, even while in use; check the copy, then create ``target`` in one step.

    Raises Refused if ``target`` exists, Unavailable if it cannot be written or the source is damaged.
    """
    if target.exists():
        raise Refused(
            sentence("{target} already exists. Choose another name: backups are never overwritten.", target=target)
        )
    with explained(
        sentence("The backup to {target} failed", target=target),
        sentence("Choose another folder, or free up some space."),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, target)


@contextmanager
def reading(copy: Path) -> Iterator[Session]:
    """Open a session on a copy that nothing writes to, without changing it or creating files beside it."""
    address = f"{copy.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite_connection.connect(address, uri=True), hide_parameters=True
    )
    try:
        with Sessions(engine)() as session:
            yield session
    finally:
        engine.dispose()


def stage(backup: Path, target: Path, *, newest: str, phrase: str | None = None) -> BackupSummary:
    """Unpack and check a backup beside the shop's file ``target``, for ``put_in_place``, and return its contents.

    ``newest`` is the newest database version this program reads. Raises Refused for a file that is not a backup of a
    shop (with the field ``phrase`` if the pass phrase is wrong or missing), Unavailable if the disk fails.
    """
    fresh = _staged(target)
    if not backup.is_file():
        raise Refused(sentence("There is no file {backup}.", backup=backup))
    with explained(
        sentence("Restoring {backup} failed", backup=backup), sentence("Your current data was not changed.")
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        discard(target)
        try:
            if backup_archive.is_archive(backup):
                atomic_file.create(target, at=fresh)
                backup_archive.unpack(backup, fresh, phrase=phrase)
                check(fresh, newest=newest, name=backup)
            else:
                check(backup, newest=newest)
                require_space(backup.stat().st_size, fresh.parent)
                _copy(backup, fresh)
            return _contents(fresh)
        except sqlite3.DatabaseError as error:
            discard(target)
            if isinstance(error, sqlite3.OperationalError) and "UTF-8" not in str(error):
                raise  # the disk, not the backup
            raise Refused(
                sentence("{backup} is damaged: it cannot be read to its end. Use another one.", backup=backup)
            ) from error
        except BaseException:
            discard(target)
            raise


def put_in_place(target: Path) -> Path | None:
    """Replace the shop's file with the staged backup, and return where the present file was kept.

    A file without accounts, as the first start creates it, is not kept: returns None.
    Raises Unavailable while a program has the present file open; the backup stays staged.
    """
    fresh = _staged(target)
    with explained(
        sentence("Restoring {target} failed", target=target), sentence("Your current data was not changed.")
    ):
        if target.exists():
            _require_unused(target)
            shutil.copymode(target, fresh)  # the same users may use the file as before
        had_nobody = target.exists() and _has_nobody(target)
        kept = _set_aside(target) if target.exists() else None
        atomic_file.Part(fresh, target).commit()
        if kept is not None and had_nobody:
            kept.unlink()
            return None
    return kept


def discard(target: Path) -> None:
    """Remove the staged backup for ``target``, if any."""
    fresh = _staged(target)
    for path in (fresh, *(fresh.with_name(f"{fresh.name}{beside}") for beside in ("-journal", "-wal", "-shm"))):
        if path.exists():  # a read-only disk raises an error even for a missing file
            path.unlink()


def restore(backup: Path, target: Path, *, newest: str, phrase: str | None = None) -> Path | None:
    """Stage a backup and put it in place; a present file in use is reported before any long work."""
    require_unused(target)
    try:
        stage(backup, target, newest=newest, phrase=phrase)
        return put_in_place(target)
    finally:
        discard(target)


def require_unused(target: Path) -> None:
    """Raise Unavailable while another program has the shop's file open."""
    with explained(
        sentence("Restoring {target} failed", target=target), sentence("Your current data was not changed.")
    ):
        if target.exists():
            _require_unused(target)


def _has_nobody(file: Path) -> bool:
    try:
        with closing(_read_only(file)) as connection:
            return bool(connection.execute("SELECT count(*) FROM accounts").fetchone() == (0,))
    except sqlite3.Error:
        return False


def _staged(target: Path) -> Path:
    return target.with_name(f".{target.name}.restored")


def _contents(file: Path) -> BackupSummary:
    with closing(_read_only(file)) as connection:
        name = connection.execute("SELECT name FROM shop").fetchone()
        (documents,) = connection.execute("SELECT count(*) FROM documents").fetchone()
        last = connection.execute(
            "SELECT number, issued_at FROM documents ORDER BY issued_at DESC, key DESC LIMIT 1"
        ).fetchone()
    return BackupSummary(
        file=file,
        shop=name[0] if name else "",
        documents=documents,
        last_number=last[0] if last else "",
        last_at=datetime.fromisoformat(last[1].removesuffix("Z")).replace(tzinfo=UTC) if last else None,
    )


def _copy(source: Path, target: Path) -> None:
    """Write a complete, durable copy to ``target``, or nothing."""
    part = target.with_name(f".{target.name}.part")
    journal = part.with_name(f"{part.name}-journal")
    try:
        journal.unlink(missing_ok=True)  # what a crash left
        with atomic_file.writing(target, at=part):
            _copy_rows(source, part)
    finally:
        journal.unlink(missing_ok=True)


def _copy_rows(source: Path, part: Path) -> None:
    with closing(_read_only(source)) as origin, closing(sqlite_connection.connect(part)) as copy:
        origin.backup(copy)
        # A backup is one file: without WAL it needs no companion.
        copy.execute("PRAGMA journal_mode=DELETE")
        _require_whole(copy, source)


def _set_aside(present: Path) -> Path:
    """Keep the present file, with the log that a crash left beside it, under a name with the time."""
    name = f"{present.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    kept = free_name(present.with_name(name))
    # First the files beside it: the restored file must not pick up an old log.
    present.with_name(f"{present.name}-shm").unlink(missing_ok=True)
    log = present.with_name(f"{present.name}-wal")
    if log.exists() and log.stat().st_size:
        atomic_file.replace(log, kept.with_name(f"{kept.name}-wal"))
    log.unlink(missing_ok=True)
    try:
        kept.hardlink_to(present)  # the shop's file exists under its name at every moment
    except OSError:
        atomic_file.replace(present, kept)  # a file system without links
    return kept


_FOREIGN = (
    "SELECT 1 FROM sqlite_master WHERE type = 'view' OR (type = 'trigger' AND name NOT LIKE 'keep~_%' ESCAPE '~')"
)
"""Views and triggers that no backup has: to read the one, or to migrate a table with the other, may never end."""


def check(file: Path, *, newest: str, name: Path | None = None) -> None:
    """Check that a file is an undamaged shop database of a known version; ``name`` is its name in errors."""
    name = name or file
    try:
        with closing(_read_only(file)) as connection:
            if connection.execute(_FOREIGN).fetchone():
                raise Refused(sentence("{name} is not a backup of a shopdesk database.", name=name))
            _require_whole(connection, name)
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        version = None
    if version is None or not isinstance(version[0], str) or version[0] < "0001":
        raise Refused(sentence("{name} is not a backup of a shopdesk database.", name=name))
    if version[0] > newest:
        raise Refused(sentence("{name} was made by a newer shopdesk. Install the newest version first.", name=name))


def _read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite_connection.connect(address, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        # A full or read-only disk has no space for the index of a log; without a log no program is writing.
        return sqlite_connection.connect(f"{address}&immutable=1", uri=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _require_whole(connection: sqlite3.Connection, path: Path) -> None:
    healthy = " ".join(connection.execute("PRAGMA integrity_check").fetchone()[0].split())  # two lines in SQLite 3.46
    if healthy != "ok":
        raise Unavailable(
            sentence("The database {path} is damaged: {healthy}.", path=path, healthy=healthy),
            advice=sentence("Use the newest good backup."),
        )


def _require_unused(path: Path) -> None:
    """Raise Unavailable while another program has the file open; otherwise write its log back into it."""
    if not _is_database(path):
        return  # a damaged file is a reason to restore, and to close it after writing would delete its log
    with closing(sqlite_connection.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise Unavailable(
                    sentence("The shop's file {path} is in use.", path=path),
                    advice=sentence("Close shopdesk on this computer, then try again."),
                ) from None


def _is_database(path: Path) -> bool:
    try:
        _read_only(path).close()
    except sqlite3.OperationalError:
        return True  # locked, or the disk is full: the file itself is good
    except sqlite3.DatabaseError:
        return False
    return True
