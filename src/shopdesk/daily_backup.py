"""The daily backup of a local file: copied, verified, packed into a folder, and kept by the retention rule.

What is new is verified each day, everything once a week (``docs/data-and-journal.md`` tells what only that sees).

The window runs it as a command of its own (``shopdesk backup --gently``): verifying a million documents takes minutes
of computing, which no cashier should wait for. Killed at any moment, it leaves nothing that counts as a backup; its
leftovers have fixed names, and the next run removes them.
"""

from __future__ import annotations

import logging
import platform
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shopdesk import paths, process_lock
from shopdesk.domain.backup_retention import expired
from shopdesk.domain.errors import FieldError, Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.process_lock import LockHeld
from shopdesk.queries import verify
from shopdesk.queries.verify import Scope
from shopdesk.settings import Settings
from shopdesk.store import backup_archive, backup_file, backup_log, shop, upgrade, whole_check
from shopdesk.store import pg_dump as dumping
from shopdesk.store.backup_archive import BackupKey
from shopdesk.store.backup_log import BackupKind, BackupRecord
from shopdesk.store.database import Database
from shopdesk.store.disk_errors import explained

_log = logging.getLogger(__name__)

FOLDER = "backups"
KEY_FILE = "backup.key"
_LONGEST_NAME = 120
_COPY = ".backup-copy.db"
_ONE_AT_A_TIME = ".backup.lock"
_NAME = re.compile(r".+-(\d{4}-\d\d-\d\d-\d{6})\.zip")
_FAILED = ".failed.zip"
"""The end of the name of a copy whose data failed verification. It is no backup: ``_NAME`` does not match it."""
_STAMP = "%Y-%m-%d-%H%M%S"

Step = Callable[[str], object]
"""Called with the name of each step as it begins: "copy", "check", "pack", "keep".

A check of everything is "check 0", "check 1" … "check 99", in per cent.
"""
STEPS = ("copy", "check", "pack", "keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBackup:
    """A backup in the folder. ``at`` is the time it was made, ``size`` is in bytes."""

    path: Path
    at: datetime
    size: int
    is_locked: bool


def folder(settings: Settings, home: Path) -> Path:
    """Return the backup folder: the one in the settings, or one in the data folder."""
    return home / paths.typed(settings.backup.folder) if settings.backup.folder else home / FOLDER


def backup_key(home: Path) -> BackupKey | None:
    """Return the key that encrypts backups, or None if they are not encrypted. Raises Unavailable."""
    return BackupKey.read(home / KEY_FILE)


def stored_backups(place: Path, mark: str) -> tuple[StoredBackup, ...]:
    """Return this shop's backups in a folder, newest first. Raises Unavailable if the folder is missing."""
    found = []
    try:
        for path in place.iterdir():
            if (name := _NAME.fullmatch(path.name)) and backup_archive.comment(path) == mark:
                at = datetime.strptime(name[1], _STAMP).astimezone()
                found.append(
                    StoredBackup(
                        path=path, at=at, size=path.stat().st_size, is_locked=backup_archive.is_encrypted(path)
                    )
                )
    except OSError as error:
        raise _folder_unreachable(place) from error
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def require(place: Path, home: Path) -> None:
    """Create the program's own folder; one the owner chose must exist, since its disk may be unplugged.

    Raises Unavailable if it is missing.
    """
    if place == home / FOLDER:
        place.mkdir(mode=0o700, exist_ok=True)
    if not place.is_dir():
        raise _folder_unreachable(place)


def choose_folder(place: Path) -> None:
    """Check that a folder can take backups, and create it if its parent exists. Raises Refused for its field."""
    try:
        if not place.is_absolute():
            raise Refused([FieldError(sentence("Enter the full path of the folder."), "backup.folder")])
        place.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"tried")
    except OSError as error:
        text = sentence(
            "This folder cannot be written to: {reason}. Check that the disk is plugged in.", reason=error.strerror
        )
        raise Refused([FieldError(text, "backup.folder")]) from error


def make_backup(
    database: Database,
    *,
    home: Path,
    place: Path,
    till: str,
    now: datetime,
    step: Step = lambda _name: None,
) -> StoredBackup:
    """Add a backup of the local file to the folder, record it in the database, and delete those no longer needed.

    Raises Refused while another process makes one, and Unavailable when the disk fails or the copy fails verification:
    such a copy is kept apart under another name, only the newest one, and no backup is deleted.
    """
    if database.path is None:
        raise Refused(sentence("The shop's data is on a server. Back it up there."))
    with _exclusive(home):
        require(place, home)
        with database.reads() as session:
            name, whose = _slug(shop.current(session).seller.name), shop.shop_mark(session)
        target, at = _free(place, name, now)
        step("copy")
        with _copied(database.path, home) as copy:
            fault = _first_fault(copy, home, now=now, step=step)
            step("pack")
            target = target.with_suffix(_FAILED) if fault else target
            size = backup_archive.pack(copy, target, lock=backup_key(home), note=whose)
        if fault:
            _delete(path for path in _failed(place, whose) if path != target)
            raise Unavailable(
                sentence(
                    "The backup's data failed verification: {fault} The copy is kept apart as {target}.",
                    fault=fault,
                    target=target,
                ),
                advice=sentence("Run “shopdesk verify”."),
            )
        step("keep")
        made = BackupRecord(kind=BackupKind.FILE, at=now, till=till, place=str(target), size=size)
        with database.sessions.begin() as session:
            backup_log.record(session, made)
        _drop(place, whose, now)
        return StoredBackup(path=target, at=at, size=size, is_locked=backup_archive.is_encrypted(target))


def pack(source: Path, target: Path, *, home: Path) -> bool:
    """Write one packed backup of a local file to ``target``; return True if it is encrypted.

    Raises Refused if ``target`` exists or another process makes a backup, and Unavailable when the disk fails.
    """
    if target.exists():
        raise Refused(
            sentence("{target} already exists. Choose another name: a backup is never overwritten.", target=target)
        )
    with _exclusive(home), _copied(source, home) as copy:
        locked = backup_key(home)
        backup_archive.pack(copy, target, lock=locked)
    return locked is not None


def dump(database: Database, target: Path | None, *, home: Path, place: Path, till: str, now: datetime) -> Path:
    """Dump a server's database into a file, by default in the folder, and record it for every till.

    No older dump is deleted. Raises as ``pg_dump.dump`` does.
    """
    if target is None:
        require(place, home)
        with database.reads() as session:
            target = place / f"{_slug(shop.current(session).seller.name)}-{now.astimezone():{_STAMP}}.dump"
    size = dumping.dump(database, target)
    where = f"{target.absolute()} ({platform.node()})"
    with database.sessions.begin() as session:
        backup_log.record(session, BackupRecord(kind=BackupKind.DUMP, at=now, till=till, place=where, size=size))
    return target


@contextmanager
def _copied(source: Path, home: Path) -> Iterator[Path]:
    """Yield a checked copy of the file in the data folder: elsewhere others could read it unencrypted."""
    copy = home / _COPY
    try:
        copy.unlink(missing_ok=True)
        backup_file.back_up(source, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _first_fault(copy: Path, home: Path, *, now: datetime, step: Step) -> str:
    """Return the first fault of what is new since the last check of everything, or of everything once a week."""
    with backup_file.reading(copy) as session:
        since = whole_check.read(home, shop=shop.shop_mark(session))
        if since is not None and since.version == upgrade.HEAD and not since.is_due(now):
            step("check")
            return next(verify.violations(session, Scope(since)), "")
        tell = verify.in_percent(session, lambda percent: step(f"check {percent}"))
        fault = next(verify.violations(session, Scope(advanced=tell)), "")
        if not fault:
            whole_check.write(home, verify.passed(session, now=now))
        return fault


def _drop(place: Path, mark: str, now: datetime) -> None:
    """Delete the backups no longer needed. One that cannot be deleted today is tried again tomorrow."""
    there = {one.at: one for one in stored_backups(place, mark)}
    _delete(there[at].path for at in expired(there, today=now.astimezone().date()))


def _failed(place: Path, mark: str) -> list[Path]:
    """Return this shop's copies that failed verification."""
    return [path for path in place.glob(f"*{_FAILED}") if backup_archive.comment(path) == mark]


def _delete(backups: Iterable[Path]) -> None:
    for path in backups:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("an old backup could not be deleted: %s", error.strerror)


def _free(place: Path, name: str, now: datetime) -> tuple[Path, datetime]:
    at = now.astimezone().replace(microsecond=0)
    while (path := place / f"{name}-{at:{_STAMP}}.zip").exists():
        at += timedelta(seconds=1)
    return path, at


def _slug(name: str) -> str:
    letters = re.sub(r"[^\w-]+", "-", name).strip("-")
    # File systems limit bytes, and a letter may have four.
    return letters.encode()[:_LONGEST_NAME].decode(errors="ignore") or "shop"


def _folder_unreachable(place: Path) -> Unavailable:
    return Unavailable(
        sentence("The backup folder {place} cannot be found.", place=place),
        advice=sentence("Plug in the disk, or choose another folder in Settings, Backup."),
    )


@contextmanager
def _exclusive(home: Path) -> Iterator[None]:
    """Keep other processes out."""
    with ExitStack() as stack:
        with explained(
            sentence("The backup failed in {home}", home=home),
            sentence("Free some space there, and check the folder's permissions."),
        ):
            try:
                # The file stays empty: version 0.2.0 opens it as a database.
                stack.enter_context(process_lock.acquire(home / _ONE_AT_A_TIME, writes_holder=False))
            except LockHeld as held:
                raise Refused(sentence("A backup is already running.")) from held
        yield
