"""The backups that a folder keeps: made of the local file, checked by the books' own rules, packed, and kept by rule.

The window starts this as a command of its own (``shopdesk backup --gently``): checking a million rows takes minutes of
computing, and nobody at the counter may wait for that. Killed at any moment it leaves nothing that counts as a backup;
its leftovers have fixed names, and the next run takes them away.
"""

from __future__ import annotations

import logging
import platform
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shopdesk import process_lock
from shopdesk.domain.errors import Fault, Refused, Unavailable
from shopdesk.domain.retention import superfluous
from shopdesk.process_lock import Held
from shopdesk.queries import verify
from shopdesk.settings import Settings
from shopdesk.store import backup, backups, packing, shop
from shopdesk.store import dump as dumping
from shopdesk.store.backups import Kind, Made
from shopdesk.store.database import Database
from shopdesk.store.files import in_words
from shopdesk.store.packing import Lock
from shopdesk.store.session import Session

_log = logging.getLogger(__name__)

FOLDER = "backups"
KEY_FILE = "backup.key"
_LONGEST_NAME = 120
_COPY = ".backup-copy.db"
_ONE_AT_A_TIME = ".backup.lock"
_NAME = re.compile(r".+-(\d{4}-\d\d-\d\d-\d{6})\.zip")
_STAMP = "%Y-%m-%d-%H%M%S"

Step = Callable[[str], object]
"""Called with what is done next: "copy", "check", "pack", "keep"."""
STEPS = ("copy", "check", "pack", "keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A backup in the folder. ``at`` is when it was made, ``size`` in bytes."""

    path: Path
    at: datetime
    size: int
    is_locked: bool


def folder(settings: Settings, home: Path) -> Path:
    """Where backups go: the folder of the settings, or one beside the data."""
    return home / Path(settings.backup.folder).expanduser() if settings.backup.folder else home / FOLDER


def lock(home: Path) -> Lock | None:
    """What encrypts them, where the owner wants that. Raises Unavailable when it cannot be read."""
    return Lock.read(home / KEY_FILE)


def mark(session: Session) -> str:
    """What tells this shop's backups from all other files; empty before there is a shop."""
    tills = shop.all_tills(session)
    return f"shopdesk {min(till.key for till in tills).hex}" if tills else ""


def kept(place: Path, mark: str) -> tuple[Kept, ...]:
    """This shop's backups in a folder, the newest first. Raises Unavailable when the folder is not there."""
    found = []
    try:
        for path in place.iterdir():
            if (name := _NAME.fullmatch(path.name)) and packing.note(path) == mark:
                at = datetime.strptime(name[1], _STAMP).astimezone()
                found.append(Kept(path=path, at=at, size=path.stat().st_size, is_locked=packing.is_locked(path)))
    except OSError as error:
        raise _away(place) from error
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def require(place: Path, home: Path) -> None:
    """Make the program's own folder; one that the owner chose has to be there: a disk may have been pulled out."""
    if place == home / FOLDER:
        place.mkdir(mode=0o700, exist_ok=True)
    if not place.is_dir():
        raise _away(place)


def choose(place: Path) -> None:
    """Try whether a folder takes backups, and make it if it alone is missing. Raises Refused beside its field."""
    try:
        if not place.is_absolute():
            raise Refused([Fault("Write the whole path of the folder.", "backup.folder")])
        place.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"tried")
    except OSError as error:
        text = f"This folder cannot be written to: {error.strerror}. Is the disk plugged in?"
        raise Refused([Fault(text, "backup.folder")]) from error


def keep(
    database: Database,
    *,
    home: Path,
    place: Path,
    till: str,
    now: datetime,
    step: Step = lambda _name: None,
) -> Kept:
    """Add a backup of the local file to the folder, tell the database, and drop what the rule no longer needs.

    Raises Refused while another process does the same, Unavailable when the disk does not take it or the copy's books
    do not hold: that copy is kept apart from the good ones, which all stay.
    """
    if database.path is None:
        raise Refused("The shop's data is on a server, which is backed up there.")
    with _alone(home):
        require(place, home)
        with database.reads() as session:
            name, whose = _slug(shop.current(session).seller.name), mark(session)
        target, at = _free(place, name, now)
        step("copy")
        with _copied(database.path, home) as copy:
            step("check")
            fault = _first_fault(copy)
            step("pack")
            size = packing.pack(copy, target, lock=lock(home), note=whose)
        if fault:
            raise Unavailable(f"The backup was made, but its books do not hold: {fault}", advice="Run shopdesk verify.")
        step("keep")
        made = Made(kind=Kind.FILE, at=now, till=till, place=str(target), size=size)
        with database.sessions.begin() as session:
            backups.record(session, made)
        _drop(place, whose, now)
        return Kept(path=target, at=at, size=size, is_locked=packing.is_locked(target))


def pack(source: Path, target: Path, *, home: Path) -> bool:
    """One packed backup of a local file, wherever somebody wants it. Returns whether it is encrypted.

    Raises as ``keep`` does, and Refused when ``target`` exists.
    """
    if target.exists():
        raise Refused(f"{target} exists already. Choose another name: a backup is never overwritten.")
    with _alone(home), _copied(source, home) as copy:
        locked = lock(home)
        packing.pack(copy, target, lock=locked)
    return locked is not None


def dump(database: Database, target: Path | None, *, home: Path, place: Path, till: str, now: datetime) -> Path:
    """Dump a server's database into a file, by default one in the folder, and tell every till. Nothing is dropped.

    Raises as ``store.dump`` does.
    """
    if target is None:
        require(place, home)
        with database.reads() as session:
            target = place / f"{_slug(shop.current(session).seller.name)}-{now.astimezone():{_STAMP}}.dump"
    size = dumping.dump(database, target)
    where = f"{target.absolute()} ({platform.node()})"
    with database.sessions.begin() as session:
        backups.record(session, Made(kind=Kind.DUMP, at=now, till=till, place=where, size=size))
    return target


@contextmanager
def _copied(source: Path, home: Path) -> Iterator[Path]:
    """A checked copy of the file, beside the data: nowhere else does it lie open for everybody."""
    copy = home / _COPY
    try:
        copy.unlink(missing_ok=True)
        backup.back_up(source, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _first_fault(copy: Path) -> str:
    with backup.reading(copy) as session:
        return next(verify.faults(session), "")


def _drop(place: Path, mark: str, now: datetime) -> None:
    """Only after a newer good one is there. What cannot be removed today is tried again tomorrow."""
    there = {one.at: one for one in kept(place, mark)}
    for at in superfluous(there, today=now.astimezone().date()):
        try:
            there[at].path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("an old backup stays: %s", error.strerror)


def _free(place: Path, name: str, now: datetime) -> tuple[Path, datetime]:
    at = now.astimezone().replace(microsecond=0)
    while (path := place / f"{name}-{at:{_STAMP}}.zip").exists():
        at += timedelta(seconds=1)
    return path, at


def _slug(name: str) -> str:
    letters = re.sub(r"[^\w-]+", "-", name).strip("-")
    # File systems count bytes, and a letter may have four.
    return letters.encode()[:_LONGEST_NAME].decode(errors="ignore") or "shop"


def _away(place: Path) -> Unavailable:
    return Unavailable(
        f"The backup folder {place} is not there.",
        advice="Plug the disk in, or choose another folder in Settings, Backup.",
    )


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold off other processes."""
    with ExitStack() as stack:
        with in_words(f"The backup failed in {home}", "Free some space there, and check its rights."):
            try:
                # The file stays empty: version 0.2.0 opens it as a database.
                stack.enter_context(process_lock.take(home / _ONE_AT_A_TIME, says_who=False))
            except Held as held:
                raise Refused("A backup is being made already.") from held
        yield
