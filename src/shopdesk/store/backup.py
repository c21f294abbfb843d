"""A copy of the shop's SQLite file that can be trusted, and the way back from it.

Both work on files only. ``packing`` makes an archive of the copy; a PostgreSQL server is backed up by ``dump``.
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
from shopdesk.store import packing
from shopdesk.store.files import free_name, in_words
from shopdesk.store.session import Session, Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a backup. ``file`` is the checked copy of its database; nothing of the shop was touched yet."""

    file: Path
    shop: str
    documents: int
    last_number: str = ""
    last_at: datetime | None = None


def back_up(source: Path, target: Path) -> None:
    """Copy a database while it may be in use, check the copy, and put it in place in one step.

    Raises Refused when ``target`` exists, Unavailable when it cannot be written or the source is damaged.
    """
    if target.exists():
        raise Refused(f"{target} exists already. Choose another name: a backup is never overwritten.")
    with in_words(f"The backup to {target} failed", "Choose another place, or free some space."):
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, target)


@contextmanager
def reading(copy: Path) -> Iterator[Session]:
    """A session on a copy that nobody writes to; it leaves the file as it is and nothing beside it."""
    address = f"{copy.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), hide_parameters=True)
    try:
        with Sessions(engine)() as session:
            yield session
    finally:
        engine.dispose()


def stage(backup: Path, target: Path, *, newest: str, phrase: str | None = None) -> Contents:
    """Unpack and check a backup beside the shop's file ``target``, for ``put_in_place``, and say what is in it.

    ``newest`` is the newest form this program reads. Raises Refused for a file that is no backup of a shop (beside the
    field ``phrase`` where its pass phrase is wrong or missing), Unavailable when the disk does not take it.
    """
    fresh = _staged(target)
    if not backup.is_file():
        raise Refused(f"There is no file {backup}.")
    with in_words(f"Restoring {backup} failed", "The present file was not changed."):
        target.parent.mkdir(parents=True, exist_ok=True)
        forget(target)
        try:
            if packing.is_archive(backup):
                atomic_file.begin(target, at=fresh)
                packing.unpack(backup, fresh, phrase=phrase)
                check(fresh, newest=newest, name=backup)
            else:
                check(backup, newest=newest)
                _copy(backup, fresh)
            return _contents(fresh)
        except BaseException:
            forget(target)
            raise


def put_in_place(target: Path) -> Path | None:
    """Put the staged backup in the place of the shop's file. Returns where the present file was kept.

    A file that nobody has an account in yet, as the first start makes it, is not kept.
    Raises Unavailable while a program holds the present file; the backup stays staged.
    """
    fresh = _staged(target)
    with in_words(f"Restoring {target} failed", "The present file was not changed."):
        if target.exists():
            _require_unused(target)
            shutil.copymode(target, fresh)  # whoever could use the file still can
        had_nobody = target.exists() and _has_nobody(target)
        kept = _put_aside(target) if target.exists() else None
        atomic_file.Part(fresh, target).commit()
        if kept is not None and had_nobody:
            kept.unlink()
            return None
    return kept


def forget(target: Path) -> None:
    """Remove what was staged for ``target``, if anything."""
    fresh = _staged(target)
    for path in (fresh, *(fresh.with_name(f"{fresh.name}{beside}") for beside in ("-journal", "-wal", "-shm"))):
        if path.exists():  # a disk that can only be read refuses to remove what is not there
            path.unlink()


def restore(backup: Path, target: Path, *, newest: str, phrase: str | None = None) -> Path | None:
    """``stage`` and ``put_in_place`` in one; a present file in use is told before anything long is done."""
    with in_words(f"Restoring {backup} failed", "The present file was not changed."):
        if target.exists():
            _require_unused(target)
    try:
        stage(backup, target, newest=newest, phrase=phrase)
        return put_in_place(target)
    finally:
        forget(target)


def _has_nobody(file: Path) -> bool:
    try:
        with closing(_read_only(file)) as connection:
            return bool(connection.execute("SELECT count(*) FROM accounts").fetchone() == (0,))
    except sqlite3.Error:
        return False


def _staged(target: Path) -> Path:
    return target.with_name(f".{target.name}.restored")


def _contents(file: Path) -> Contents:
    with closing(_read_only(file)) as connection:
        name = connection.execute("SELECT name FROM shop").fetchone()
        (documents,) = connection.execute("SELECT count(*) FROM documents").fetchone()
        last = connection.execute(
            "SELECT number, issued_at FROM documents ORDER BY issued_at DESC, key DESC LIMIT 1"
        ).fetchone()
    return Contents(
        file=file,
        shop=name[0] if name else "",
        documents=documents,
        last_number=last[0] if last else "",
        last_at=datetime.fromisoformat(last[1].removesuffix("Z")).replace(tzinfo=UTC) if last else None,
    )


def _copy(source: Path, target: Path) -> None:
    """A whole and durable copy under its name, or nothing."""
    part = target.with_name(f".{target.name}.part")
    journal = part.with_name(f"{part.name}-journal")
    try:
        journal.unlink(missing_ok=True)  # what a crash left
        with atomic_file.writing(target, at=part):
            _copy_rows(source, part)
    finally:
        journal.unlink(missing_ok=True)


def _copy_rows(source: Path, part: Path) -> None:
    with closing(_read_only(source)) as origin, closing(sqlite3.connect(part)) as copy:
        origin.backup(copy)
        # A backup is one file: without WAL it needs no companion.
        copy.execute("PRAGMA journal_mode=DELETE")
        _require_whole(copy, source)


def _put_aside(present: Path) -> Path:
    """Keep the present file, with what a crash left beside it, under a name that tells when."""
    name = f"{present.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    kept = free_name(present.with_name(name))
    # First what stands beside it: the file that takes the name must not find it.
    present.with_name(f"{present.name}-shm").unlink(missing_ok=True)
    log = present.with_name(f"{present.name}-wal")
    if log.exists() and log.stat().st_size:
        log.replace(kept.with_name(f"{kept.name}-wal"))
    log.unlink(missing_ok=True)
    try:
        kept.hardlink_to(present)  # so that there is a shop's file under its name at every moment
    except OSError:
        present.replace(kept)  # a file system without links
    return kept


def check(file: Path, *, newest: str, name: Path | None = None) -> None:
    """Refuse a file that is not a whole, known shop's database; ``name`` is what to call it."""
    name = name or file
    try:
        with closing(_read_only(file)) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'view'").fetchone():
                raise Refused(f"{name} is not a backup of a shopdesk database.")  # a view may never come to its end
            _require_whole(connection, name)
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        version = None
    if version is None:
        raise Refused(f"{name} is not a backup of a shopdesk database.")
    if version[0] > newest:
        raise Refused(f"{name} was made by a newer shopdesk. Install the newest version first.")


def _read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        # A full or read-only disk has no room for the index of a log; without a log nobody can be writing.
        return sqlite3.connect(f"{address}&immutable=1", uri=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _require_whole(connection: sqlite3.Connection, path: Path) -> None:
    healthy = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if healthy != "ok":
        raise Unavailable(f"The database {path} is damaged: {healthy}.", advice="Use the newest good backup.")


def _require_unused(path: Path) -> None:
    """Refuse while another program holds the file, and bring its write-ahead log home."""
    if not _is_database(path):
        return  # that is why somebody restores; and closing it for writing would throw its log away
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise Unavailable(
                    f"The shop's file {path} is in use.", advice="Close shopdesk on this machine, then try again."
                ) from None


def _is_database(path: Path) -> bool:
    try:
        _read_only(path).close()
    except sqlite3.OperationalError:
        return True  # locked, or no room: not its own fault
    except sqlite3.DatabaseError:
        return False
    return True
