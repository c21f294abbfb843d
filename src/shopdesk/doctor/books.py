"""The database: whether it answers, is whole and of this program's form, and whether the books in it hold.

Each check reads through a connection of its own, and not for longer than ``_LONGEST_SECONDS``: a million documents take
minutes, which ``shopdesk verify`` has.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DatabaseError

from shopdesk.doctor.finding import Finding, Patient, fail, warn, well
from shopdesk.doctor.machine import disk_kind, is_network
from shopdesk.domain.errors import PasswordRefused, Refused, Unavailable
from shopdesk.queries import health, verify
from shopdesk.store import backups, faults, upgrade
from shopdesk.store import database as databases
from shopdesk.store.database import Database
from shopdesk.store.session import Session

_LONGEST_SECONDS = 20.0
_STEPS = 100_000
_MOST_COUNTED = 100
_SLACK = timedelta(minutes=2)
_OLD_BACKUP = timedelta(days=3)
_YEAR = 2026
"""When this program was written: a clock that says less lost its battery."""

_VERIFY = "Run “shopdesk verify” to see each, and ask whoever looks after the program before you go on."
_RESTORE = "Close shopdesk and restore the newest good backup: shopdesk restore FILE."


class TooLong(Unavailable):
    """The time for one check was over."""


class Unopened(Unavailable):
    """There is no database to look into."""


class NoPassword(Unopened):
    """The server wants a password that no keyring has: whoever opened the window typed it there."""


def database(patient: Patient) -> Finding:
    """Whether it can be opened, where it is, and whether what it keeps survives a power cut."""
    path = databases.sqlite_path(databases.parse(patient.settings.database))
    if path is not None and not path.exists():
        return warn(f"There is no shop's file {path} yet.", "Open shopdesk to make it, or restore a backup.")
    with _reading(patient) as session:
        connection = session.connection
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        path = databases.sqlite_path(connection.engine.url)
        return _server(session, version) if path is None else _file(path, version, databases.sqlite_size(connection))


def _file(path: Path, version: str, size: int) -> Finding:
    disk = disk_kind(path.parent)
    plain = f"SQLite {version}, {size / 1e6:,.1f} MB, disk {disk}"
    if is_network(disk):
        return fail(
            f"{path} lies on another machine's disk ({disk}): SQLite breaks there sooner or later.",
            "Keep the file on this machine; several tills share a PostgreSQL server.",
            plain=plain,
        )
    if not all(os.access(place, os.W_OK) for place in (path, path.parent)):
        return fail(f"{path} can only be read.", "Allow your user to write to it and to its folder.", plain=plain)
    return well(f"SQLite {version} opens {path} ({size / 1e6:,.1f} MB).", plain=plain)


def _server(session: Session, version: str) -> Finding:
    begun = time.monotonic()
    kept = health.server_settings(session)
    ms = 1000 * (time.monotonic() - begun) / len(kept)
    plain = f"PostgreSQL {version}, {ms:.1f} ms, " + ", ".join(f"{name} {value}" for name, value in kept.items())
    unsafe = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if kept[name] == "off"]
    if unsafe:
        what = f"The server may lose documents when the power fails: {', '.join(unsafe)} off."
        return fail(what, "Whoever looks after the server turns that on in postgresql.conf.", plain=plain)
    return well(f"PostgreSQL {version} answers in {ms:.1f} ms.", plain=plain)


def form(patient: Patient) -> Finding:
    """Whether the tables are those that this program knows."""
    with _reading(patient) as session:
        standing = upgrade.current_version(session.connection)
    plain = f"{standing}, head {upgrade.HEAD}"
    if standing == upgrade.HEAD:
        return well("The tables are those of this program.", plain=plain)
    if standing is None:
        return warn("There is no shop in it yet.", "Open shopdesk and set it up.", plain=plain)
    if standing > upgrade.HEAD:
        return fail("A newer shopdesk changed the tables.", "Install the newest version on this till.", plain=plain)
    return warn("The tables are those of an older shopdesk.", "The next start changes them.", plain=plain)


def whole(patient: Patient) -> Finding:
    """Whether the file has broken pages. A server looks after its own."""
    with _reading(patient) as session:
        if session.dialect != "sqlite":
            return well("The server looks after its own disk.")
        last = ""
        try:
            found = health.broken_pages(session)
        except DatabaseError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            found = ["it cannot be read"]
        if not found:
            return well("No page of the file is broken.")
        with suppress(DatabaseError, Unavailable):
            made = backups.last(session)
            last = f" The last one is {made.place}, of {_day(made.at)}." if made else ""
    return fail(f"The file is damaged: {found[0]}.", _RESTORE + last, plain=f"integrity_check found {len(found)}")


def journal(patient: Patient) -> Finding:
    """Whether each till's journal is one chain."""
    return _verified(patient, verify.journal_faults, "The journal is whole, row by row.")


def numbers(patient: Patient) -> Finding:
    """Whether any document's number is missing."""
    return _verified(patient, verify.number_faults, "No number is missing.")


def documents(patient: Patient) -> Finding:
    """Whether each document adds up and is what the journal says."""
    return _verified(patient, verify.document_faults, "Every document adds up, and is what the journal says.")


def sums(patient: Patient) -> Finding:
    """Whether the figures of the dashboard are those of the documents."""
    return _verified(patient, verify.sum_faults, "The sums per day are those of the documents.")


def _verified(patient: Patient, look: Callable[[Session], Iterator[str]], right: str) -> Finding:
    found: list[str] = []
    try:
        with _reading(patient) as session:
            for fault in look(session):
                found.append(fault)
                if len(found) == _MOST_COUNTED:
                    break
    except TooLong:
        if not found:
            return well(
                f"Nothing wrong in what {_LONGEST_SECONDS:.0f} seconds are enough for; “shopdesk verify” looks at all.",
                plain="not finished",
            )
    if not found:
        return well(right)
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    return fail(f"{found[0]}{more}", _VERIFY, plain=f"{len(found)} faults")


def outbox(patient: Patient) -> Finding:
    """Whether messages lie about that nobody sends."""
    with _reading(patient) as session:
        left = health.waiting(session, now=patient.now())
    plain = f"{left.failed} failed, {left.unknown} unclear, {left.long_queued} waiting for over an hour"
    if left.failed or left.unknown or left.long_queued:
        return warn(f"Messages to customers: {plain}.", "Look at the page Messages: it says why.", plain=plain)
    return well("No message waits for long.", plain=plain)


def backup(patient: Patient) -> Finding:
    """How old the last backup is."""
    with _reading(patient) as session:
        if upgrade.current_version(session.connection) != upgrade.HEAD:
            return well("There is nothing to look for yet.")
        made = backups.last(session)
        has_documents = health.last_act(session) is not None
    if made is None:
        if not has_documents:
            return well("There is nothing to back up yet.", plain="none")
        return warn("No backup is known.", "Make one in Settings, Backup.", plain="none")
    age = patient.now() - made.at
    plain = f"{age.days} days old, {made.size / 1e6:,.1f} MB"
    if age > _OLD_BACKUP:
        return warn(f"The last backup is {age.days} days old.", "Look in Settings, Backup, why.", plain=plain)
    return well(f"The last backup is of {_day(made.at)}.", plain=plain)


def clock(patient: Patient) -> Finding:
    """Whether this computer's clock can be right: later than all that was done, and as the server's."""
    now = patient.now()
    if now.year < _YEAR:
        return fail(f"This computer believes it is {_day(now)}.", _SET_CLOCK, plain=f"year {now.year}")
    last = server = None
    with suppress(Refused, Unavailable), _reading(patient) as session:  # another check tells of that
        last, server = health.last_act(session), health.server_clock(session)
    if last is not None and last - now > _SLACK:
        plain = f"{(last - now).total_seconds():.0f} s behind the last act"
        text = f"This computer's clock says {_day(now)}, but the books go on to {_day(last)}: it was set back."
        return fail(text, _SET_CLOCK, plain=plain)
    if server is not None and abs(server - now) > _SLACK:
        plain = f"{(server - now).total_seconds():.0f} s from the server's"
        text = f"This computer's clock says {_day(now)}, the server's {_day(server)}."
        return warn(text, _SET_CLOCK, plain=plain)
    zone = now.astimezone().tzname() or ""
    if os.name == "posix" and not (os.environ.get("TZ") or Path("/etc/localtime").exists()):
        text = "This computer does not know its time zone: the day changes at the wrong hour."
        return warn(text, "Set it in the system's settings.", plain="no zone")
    return well(f"The clock says {_day(now)} {zone}.", plain=f"UTC{now.astimezone():%z}")


_SET_CLOCK = "Set the clock in the system's settings, and let it follow the network."


def _day(at: Any) -> str:
    return f"{at.astimezone():%d %b %Y at %H:%M}"


@contextmanager
def _reading(patient: Patient) -> Iterator[Session]:
    """Read the shop's database, which is not made by looking at it. Raises Unopened, TooLong, Unavailable."""
    with closing(_connected(patient)) as opened:
        if opened.path is not None and not opened.path.exists():
            raise Unopened("There is no shop's file.")
        end = time.monotonic() + _LONGEST_SECONDS
        _stop_at(opened, end)
        try:
            with _opened(opened) as session:
                yield session
        except DatabaseError as error:
            if time.monotonic() > end:
                raise TooLong("It takes too long.") from error
            known = faults.in_words(error)
            if known is None:
                raise
            raise known from error


@contextmanager
def _opened(database: Database) -> Iterator[Session]:
    with ExitStack() as opened:
        try:
            session = opened.enter_context(database.reads())
        except DatabaseError as error:
            known = upgrade.put_into_words(error, database.path)
            kind = NoPassword if isinstance(known, PasswordRefused) and not _has_password(database) else Unopened
            raise kind(known.what, advice=known.advice) from error
        yield session


def _connected(patient: Patient) -> Database:
    from shopdesk.gateways import secrets

    url = databases.parse(patient.settings.database)
    if url.get_backend_name() != "sqlite" and not url.password:
        with suppress(Unavailable):  # the server may let us in without one, and says so if not
            url = url.set(password=secrets.read("database"))
    return databases.connect(url, pool_size=1)


def _has_password(opened: Database) -> bool:
    return opened.engine.url.password is not None


def _stop_at(opened: Database, end: float) -> None:
    """Nothing is asked after ``end``, and SQLite gives up in the middle of an answer."""

    def is_over() -> bool:
        return time.monotonic() > end

    def before(*_args: Any) -> None:
        if is_over():
            raise TooLong("It takes too long.")

    event.listen(opened.engine, "before_cursor_execute", before)
    if opened.path is not None:
        event.listen(opened.engine, "connect", lambda raw, _record: raw.set_progress_handler(is_over, _STEPS))
