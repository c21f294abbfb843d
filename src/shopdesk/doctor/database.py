"""Checks of the database: it responds, is intact, has this program's version, and its data adds up.

Each check reads through a connection of its own and stops after ``_LONGEST_SECONDS``. A million documents take minutes:
``shopdesk verify`` takes that time.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DatabaseError

from shopdesk.doctor.check import CheckResult, Installation, fail, moment, ok, warn
from shopdesk.doctor.machine import disk_kind, is_network
from shopdesk.domain.backup_retention import CHECK_OLD
from shopdesk.domain.errors import PasswordRefused, Refused, Unavailable
from shopdesk.domain.sentence import NOTHING, Sentence, counted_sentence, joined, sentence, verbatim
from shopdesk.queries import health, verify
from shopdesk.store import backup_log, error_text, upgrade, whole_check
from shopdesk.store import database as databases
from shopdesk.store.database import Database
from shopdesk.store.moved_marker import moved_to
from shopdesk.store.session import Session
from shopdesk.store.shop import shop_mark

_LONGEST_SECONDS = 20.0
_STEPS = 100_000
_MOST_COUNTED = 100
_MOST_LISTED = 20
_SLACK = timedelta(minutes=2)
_OLD_BACKUP = timedelta(days=3)
_YEAR = 2026
"""The year this program was written. A clock that shows an earlier one has an empty battery."""

_VERIFY = sentence("Run “shopdesk verify” to list all errors, and ask your support contact before you continue.")
_VERIFY_ALL = sentence("Press “Check everything” in Settings, Backup, or run “shopdesk verify”.")
_RESTORE = sentence("Close shopdesk, then restore the newest good backup with “shopdesk restore FILE”.")


class TooLong(Unavailable):
    """A check that ran out of time."""


class Unopened(Unavailable):
    """A database that cannot be opened."""


class NoPassword(Unopened):
    """A server whose password is not in the keyring: it was typed in the window and not stored."""


def database(installation: Installation) -> CheckResult:
    """Check that the database can be opened, is on a suitable disk, and survives a power cut."""
    path = databases.sqlite_path(databases.parse(installation.settings.database))
    if path is not None and not path.exists():
        return warn(
            sentence("The shop's file {path} does not exist yet.", path=path),
            sentence("Open shopdesk to create it, or restore a backup."),
        )
    with _reading(installation) as session:
        connection = session.connection
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        path = databases.sqlite_path(connection.engine.url)
        return _server(session, version) if path is None else _file(path, version, databases.sqlite_size(connection))


def _file(path: Path, version: str, size: int) -> CheckResult:
    disk = disk_kind(path.parent)
    plain = f"SQLite {version}, {size / 1e6:,.1f} MB, disk {disk}"
    if is_network(disk):
        return fail(
            sentence(
                "{path} is on a network disk ({disk}), where a SQLite file will get damaged.", path=path, disk=disk
            ),
            sentence("Move the file to this computer. To share data between tills, use a PostgreSQL server."),
            plain=plain,
        )
    if not all(os.access(place, os.W_OK) for place in (path, path.parent)):
        return fail(
            sentence("{path} is read-only.", path=path),
            sentence("Allow your user to write to the file and its folder."),
            plain=plain,
        )
    return ok(
        sentence(
            "SQLite {version} opens {path} ({size} MB).", version=version, path=path, size=f"{size / 1000000.0:,.1f}"
        ),
        plain=plain,
    )


def _server(session: Session, version: str) -> CheckResult:
    begun = time.monotonic()
    kept = health.server_settings(session)
    ms = 1000 * (time.monotonic() - begun) / len(kept)
    plain = f"PostgreSQL {version}, {ms:.1f} ms, " + ", ".join(f"{name} {value}" for name, value in kept.items())
    unsafe = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if kept[name] == "off"]
    if unsafe:
        what = sentence("The server may lose documents in a power cut: {names} off.", names=tuple(unsafe))
        return fail(what, sentence("Ask the server's administrator to turn this on in postgresql.conf."), plain=plain)
    return ok(sentence("PostgreSQL {version} responds in {ms} ms.", version=version, ms=f"{ms:.1f}"), plain=plain)


def schema(installation: Installation) -> CheckResult:
    """Check that the database has this program's version, and the form that the version has."""
    odd: list[str] = []
    with _reading(installation) as session:
        standing = upgrade.current_version(session.connection)
        moved = moved_to(session.connection) if standing is not None else None
        if standing == upgrade.HEAD and moved is None:
            odd = list(verify.form_violations(session))
    plain = f"{standing}, head {upgrade.HEAD}"
    if moved is not None:
        return warn(verbatim(f"{moved}."), sentence("Choose that database in Settings, Database."), plain="moved")
    if odd:
        return fail(_first_of(odd), _VERIFY, plain=f"{plain}, {len(odd)} changes")
    if standing == upgrade.HEAD:
        return ok(sentence("The database version matches this program."), plain=plain)
    if standing is None:
        return warn(sentence("The database has no shop yet."), sentence("Open shopdesk to set one up."), plain=plain)
    if standing > upgrade.HEAD:
        return fail(
            sentence("The database was upgraded by a newer shopdesk."),
            sentence("Install the newest version on this till."),
            plain=plain,
        )
    return warn(
        sentence("The database is from an older shopdesk."),
        sentence("It will be upgraded at the next start."),
        plain=plain,
    )


def rights(installation: Installation) -> CheckResult:
    """Check that this till's role on the server can neither rewrite the books nor turn their guards off."""
    with _reading(installation) as session:
        if session.dialect == "sqlite":
            return ok(sentence("A local file has no roles: who may write to it may change it."), plain="file")
        excessive = health.excessive_rights(session)
        is_apart = health.acts_have_an_owner(session)
    if not excessive:
        if is_apart:
            return ok(sentence("This till may add to the books, and not rewrite them."))
        text = sentence(
            "This till may add to the books, and not rewrite them. The functions for people and settings are the "
            "tables' owner's: roles.sh makes a role for them."
        )
        return ok(text, plain="the acts are the owner's")
    return fail(
        sentence(
            "This till's database role {rights}. With its password the books can be rewritten.",
            rights=" and ".join(excessive),
        ),
        sentence(
            "Give the tills a role of their own with “shopdesk database-roles ROLE --apply”, and name it "
            "in the address."
        ),
        plain=", ".join(excessive),
    )


def integrity(installation: Installation) -> CheckResult:
    """Check that the file has no damaged pages. A server checks its own."""
    with _reading(installation) as session:
        if session.dialect != "sqlite":
            return ok(sentence("The server checks its own disk."))
        last = NOTHING
        try:
            found = health.broken_pages(session)
        except DatabaseError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            found = ["it cannot be read"]
        if not found:
            return ok(sentence("The file has no damaged pages."))
        with suppress(DatabaseError, Unavailable):
            made = backup_log.last(session)
            if made:
                last = sentence(
                    "The last backup is {place}, made on {moment}.", place=made.place, moment=moment(made.at)
                )
    return fail(
        sentence("The file is damaged: {found}.", found=found[0]),
        joined((_RESTORE, last)),
        plain=f"integrity_check found {len(found)}",
    )


def journal(installation: Installation) -> CheckResult:
    """Check that each till's journal is an unbroken chain, and that people, settings and prices are as it tells."""
    return _verified(installation, _of_journal, sentence("The journal is complete and unchanged."))


def _of_journal(session: Session) -> Iterator[str]:
    yield from verify.journal_violations(session)
    yield from verify.value_violations(session)


def numbers(installation: Installation) -> CheckResult:
    """Check that no document number is missing."""
    return _verified(installation, verify.number_violations, sentence("No document number is missing."))


def documents(installation: Installation) -> CheckResult:
    """Check that each document adds up and matches the journal."""
    return _verified(installation, _of_documents, sentence("Every document adds up and matches the journal."))


def _of_documents(session: Session) -> Iterator[str]:
    yield from verify.shop_violations(session)
    yield from verify.document_violations(session)
    yield from verify.close_violations(session)
    yield from verify.message_violations(session)


def totals(installation: Installation) -> CheckResult:
    """Check that the figures of the dashboard match the documents."""
    return _verified(installation, verify.rollup_violations, sentence("The daily totals match the documents."))


def _verified(installation: Installation, look: Callable[[Session], Iterator[str]], right: Sentence) -> CheckResult:
    found: list[str] = []
    try:
        with _reading(installation) as session:
            for fault in look(session):
                found.append(fault)
                if len(found) == _MOST_COUNTED:
                    break
    except TooLong:
        if not found:
            return ok(
                sentence(
                    "No error found in {seconds} seconds. Run “shopdesk verify” for a full check.",
                    seconds=f"{_LONGEST_SECONDS:.0f}",
                ),
                plain="not finished",
            )
    if not found:
        return ok(right)
    return fail(_first_of(found), _VERIFY, plain=f"{len(found)} faults")


def _first_of(found: Sequence[str]) -> Sentence:
    first = verbatim(found[0])
    more = len(found) - 1
    return joined((first, counted_sentence(more, "And {count} more.", "And {count} more."))) if more else first


def outbox(installation: Installation) -> CheckResult:
    """Check that no message is stuck in the outbox."""
    with _reading(installation) as session:
        left = health.waiting(session, now=installation.now())
    plain = f"{left.failed} failed, {left.unknown} unclear, {left.long_queued} waiting for over an hour"
    if left.failed or left.unknown or left.long_queued:
        return warn(
            sentence(
                "Messages to customers: {failed} failed, {unknown} unclear, {waiting} waiting for over an hour.",
                failed=left.failed,
                unknown=left.unknown,
                waiting=left.long_queued,
            ),
            sentence("Open Messages to see why."),
            plain=plain,
        )
    return ok(sentence("No messages are stuck."), plain=plain)


def barcodes(installation: Installation) -> CheckResult:
    """Check that no two products on sale have the same barcode: a scan finds only one of them."""
    with _reading(installation) as session:
        standing = upgrade.current_version(session.connection)
        if standing != upgrade.HEAD:
            text = sentence("Not checked: the database has another version.")
            return (
                warn(text, sentence("See “Tables” above."), plain="not checked")
                if standing
                else ok(sentence("There are no products."))
            )
        found = health.same_articles(session)
    if not found:
        return ok(sentence("Every barcode belongs to one product."), plain="0 barcodes of several products")
    listed = "; ".join(f"{code}: {', '.join(names)}" for code, names in found[:_MOST_LISTED])
    more = len(found) - _MOST_LISTED
    which = sentence("{products}; and {count} more", products=listed, count=more) if more > 0 else verbatim(listed)
    return warn(
        sentence("Several products have the same barcode. {products}.", products=which),
        sentence("Correct the barcodes in Products, or take products off sale: a scan finds only one of them."),
        plain=f"{len(found)} barcodes of several products",
    )


def backup(installation: Installation) -> CheckResult:
    """Check the age of the last backup."""
    with _reading(installation) as session:
        standing = upgrade.current_version(session.connection)
        if standing is None:
            return ok(sentence("There is nothing to back up yet."), plain="none")
        if standing != upgrade.HEAD:
            text = sentence("Not checked: the database has another version.")
            return warn(text, sentence("See “Tables” above."), plain="not checked")
        made = backup_log.last(session)
        has_documents = health.last_act(session) is not None
    if made is None:
        if not has_documents:
            return ok(sentence("There is nothing to back up yet."), plain="none")
        return warn(sentence("No backup has been made."), sentence("Make one in Settings, Backup."), plain="none")
    age = installation.now() - made.at
    plain = f"{age.days} days old, {made.size / 1e6:,.1f} MB"
    if age > _OLD_BACKUP:
        return warn(
            sentence("The last backup is {days} days old.", days=age.days),
            sentence("Open Settings, Backup to see why."),
            plain=plain,
        )
    return ok(sentence("The last backup was made on {moment}.", moment=moment(made.at)), plain=plain)


def whole(installation: Installation) -> CheckResult:
    """Check when everything was verified last; each daily backup verifies what is new."""
    with _reading(installation) as session:
        if upgrade.current_version(session.connection) != upgrade.HEAD or health.last_act(session) is None:
            return ok(sentence("There is nothing to check yet."), plain="none")
        last = whole_check.read(installation.home, shop=shop_mark(session))
    if last is None:
        return warn(sentence("No check of everything was made on this computer."), _VERIFY_ALL, plain="none")
    age = installation.now() - last.at
    plain = f"{age.days} days ago"
    if age > CHECK_OLD:
        return warn(sentence("Everything was last checked {days} days ago.", days=age.days), _VERIFY_ALL, plain=plain)
    return ok(sentence("Everything was last checked on {moment}.", moment=moment(last.at)), plain=plain)


def clock(installation: Installation) -> CheckResult:
    """Check that this computer's clock is later than the last journal row and agrees with the server's."""
    now = installation.now()
    if now.year < _YEAR:
        return fail(
            sentence("This computer's clock shows {moment}, which is too early.", moment=moment(now)),
            _SET_CLOCK,
            plain=f"year {now.year}",
        )
    last = server = None
    with suppress(Refused, Unavailable), _reading(installation) as session:  # another check reports that
        last, server = health.last_act(session), health.server_clock(session)
    if last is not None and last - now > _SLACK:
        plain = f"{(last - now).total_seconds():.0f} s behind the last act"
        text = sentence(
            "The clock shows {moment}, but the last entry was made on {last}: it was set back.",
            moment=moment(now),
            last=moment(last),
        )
        return fail(text, _SET_CLOCK, plain=plain)
    if server is not None and abs(server - now) > _SLACK:
        plain = f"{(server - now).total_seconds():.0f} s from the server's"
        text = sentence(
            "This computer's clock shows {moment}, the server's {other}.", moment=moment(now), other=moment(server)
        )
        return warn(text, _SET_CLOCK, plain=plain)
    zone = now.astimezone().tzname() or ""
    if os.name == "posix" and not (os.environ.get("TZ") or Path("/etc/localtime").exists()):
        text = sentence("This computer has no time zone set, so the day may change at the wrong hour.")
        return warn(text, sentence("Set it in the system settings."), plain="no zone")
    return ok(
        sentence("The clock shows {moment} {zone}.", moment=moment(now), zone=zone), plain=f"UTC{now.astimezone():%z}"
    )


_SET_CLOCK = sentence("Set the clock in the system settings, and turn on automatic time.")


@contextmanager
def _reading(installation: Installation) -> Iterator[Session]:
    """Read the shop's database without creating it. Raises Unopened, TooLong, Unavailable."""
    with closing(_connected(installation)) as opened:
        if opened.path is not None and not opened.path.exists():
            raise Unopened(verbatim("The shop's file does not exist."))
        end = time.monotonic() + _LONGEST_SECONDS
        _stop_at(opened, end)
        try:
            with _opened(opened) as session:
                yield session
        except DatabaseError as error:
            if time.monotonic() > end:
                raise TooLong(verbatim("The check took too long.")) from error
            known = error_text.explain(error)
            if known is None:
                raise
            raise known from error


@contextmanager
def _opened(database: Database) -> Iterator[Session]:
    with ExitStack() as opened:
        try:
            session = opened.enter_context(database.reads())
        except DatabaseError as error:
            known = error_text.describe(error, database.path)
            kind = NoPassword if isinstance(known, PasswordRefused) and not _has_password(database) else Unopened
            raise kind(known.what, advice=known.advice) from error
        yield session


def _connected(installation: Installation) -> Database:
    from shopdesk.gateways import keychain

    url = databases.parse(installation.settings.database)
    if url.get_backend_name() != "sqlite" and not url.password:
        with suppress(Unavailable):  # the server may accept the connection without one, and reports it if not
            url = url.set(password=keychain.read("database"))
    return databases.connect(url, pool_size=1)


def _has_password(opened: Database) -> bool:
    return opened.engine.url.password is not None


def _stop_at(opened: Database, end: float) -> None:
    """Send no statement after ``end`` (by ``time.monotonic``), and interrupt SQLite within one."""

    def is_over() -> bool:
        return time.monotonic() > end

    def before(*_args: Any) -> None:
        if is_over():
            raise TooLong(verbatim("The check took too long."))

    event.listen(opened.engine, "before_cursor_execute", before)
    if opened.path is not None:
        event.listen(opened.engine, "connect", lambda raw, _record: raw.set_progress_handler(is_over, _STEPS))
