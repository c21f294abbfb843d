"""Bring a database to this program's form: back it up, migrate it, refuse what is newer or no database at all."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from shopdesk.domain.errors import Damaged, PasswordRefused, Refused, Unavailable
from shopdesk.store.backup import back_up
from shopdesk.store.database import Database
from shopdesk.store.files import free_name
from shopdesk.store.session import unhurried

HEAD = "0002"
"""The newest migration; a test compares it with what Alembic finds. Alembic itself is imported only to migrate."""

VERSION_TABLE = "alembic_version"
CHANNEL = "shopdesk_changed"
"""Where tills on PostgreSQL tell each other what they changed: see ``notices``."""
_ADVISORY_LOCK = 0x5D0B_DE5C


def open_ready(database: Database, *, may_create: bool = True, may_be_moved: bool = False) -> None:
    """Check and migrate. Raises Unavailable (can be retried) or Refused (needs another file or program), in words.

    Without ``may_create`` an empty database is refused and stays empty; without ``may_be_moved`` one whose shop was
    moved elsewhere.
    """
    path = database.path
    if path is not None:
        _check_file(path)
    try:
        with database.engine.connect() as connection:
            version = current_version(connection)
            if version is None:
                _refuse_foreign(connection, path)
            elif not may_be_moved:
                _refuse_moved(connection)
        if version == HEAD:
            return
        if version is None and not may_create:
            raise Refused(f"There is no shop in {path or f'the database {database.engine.url.database}'} yet.")
        if version is not None and version > HEAD:
            raise Refused(
                "This shop's database was made by a newer shopdesk. Install the newest version on this till.",
                field="database",
            )
        if path is not None and version is not None:
            _keep_as_it_was(path)
        migrate(database, HEAD)
    except DBAPIError as error:
        raise put_into_words(error, path) from error


def _keep_as_it_was(path: Path) -> None:
    """A copy of the file in the form before; each try keeps its own, for the shop may have sold in between."""
    name = f"{path.name}.before-{HEAD}-"
    for left in path.parent.glob(f".{name}*"):  # of a try that was killed
        left.unlink(missing_ok=True)
    back_up(path, free_name(path.with_name(f"{name}{datetime.now(UTC):%Y%m%dT%H%M%SZ}")))


def current_version(connection: Connection) -> str | None:
    """The revision a database stands at, or None when it has none of our tables."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database, revision: str) -> None:
    """Run the migrations up or down to ``revision``, under a lock, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.engine.begin() as connection, unhurried(connection):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        config.attributes["connection"] = connection
        standing = current_version(connection)
        if standing == revision:
            return  # somebody else was faster, and we waited for them
        if standing is not None and (revision == "base" or standing > revision):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        if connection.dialect.name == "postgresql":  # tills that run the program of before are told to restart
            notice = {"channel": CHANNEL, "said": f"upgrade {VERSION_TABLE}"}
            connection.execute(text("SELECT pg_notify(:channel, :said)"), notice)


def put_into_words(error: DBAPIError, path: Path | None = None) -> Unavailable:
    """What a database error means for the person at the till."""
    # SQLite calls it an I/O error when there is no room for the index of its log; the name of the code tells.
    said = f"{error.orig} {getattr(error.orig, 'sqlite_errorname', '')}".lower()
    where = f"The shop's file {path}" if path else "The database"
    if re.search("no password supplied|password authentication|role .* does not exist", said):
        return PasswordRefused("The database server refused the user name or password.", advice="Type it again.")
    for sign, what, advice in _SIGNS:
        if re.search(sign, said):
            kind = Damaged if sign in _DAMAGE else Unavailable
            return kind(f"{where} {what}", advice=advice)
    if isinstance(error, OperationalError):
        return Unavailable("The database does not answer.", advice="Check the network and the server, then try again.")
    return Unavailable(f"{where} answered with an error: {type(error.orig).__name__}.", advice="Try again.")


_DAMAGE = {"file is not a database", "malformed"}
_ROOT = "Name the server's root certificate by sslrootcert=FILE"
_SIGNS = (
    ("file is not a database", "is not a shopdesk database.", "Restore a backup, or move this file away."),
    ("malformed", "is damaged.", "Restore the newest backup."),
    ("readonly", "can only be read.", "Allow your user to write to it and to its folder."),
    ("read-only", "can only be read.", "Allow your user to write to it and to its folder."),
    ("disk is full", "cannot grow: the disk is full.", "Free some space, then try again. Nothing was lost."),
    ("no space left", "cannot grow: the disk is full.", "Free some space, then try again. Nothing was lost."),
    ("sqlite_ioerr_shmsize", "cannot grow: the disk is full.", "Free some space, then try again. Nothing was lost."),
    ("unable to open", "cannot be opened.", "Check that its folder exists and that your user may write there."),
    ("disk i/o error", "cannot be read or written.", "Check the disk, then try again."),
    ("is locked", "is in use by another program.", "Close that program, then try again."),
    ("permission denied", "lets this user look, not change its form.", "Start shopdesk once as the database's owner."),
    ("certificate verify failed", "has a certificate that nobody vouches for here.", f"{_ROOT} in the address."),
    (
        "root certificate file",
        "has a certificate, and the file to check it with is not there.",
        f"{_ROOT} in the address.",
    ),
    ("does not match host name", "has a certificate for another name.", "Write the name that stands in it."),
    ("server does not support ssl", "does not encrypt its connections.", "Turn ssl on in its postgresql.conf."),
    ("no pg_hba.conf entry", "lets nobody in from this machine.", "Add a line to its pg_hba.conf."),
    ("could not translate host name|failed to resolve host", "cannot be found by this name.", "Check the host name."),
    ("connection refused", "cannot be reached: nothing listens there.", "Check host and port, and that it runs."),
    ('database ".*" does not exist', "is not on this server.", "Check its name, or make it there: createdb."),
)


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise Refused(f"{path} is a folder, not a database file.", field="database")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"The folder {path.parent} cannot be made: {error.strerror}.", advice="Check its rights."
        ) from error
    if path.exists():
        _refuse_read_only(path)
    if path.exists() and path.stat().st_size:
        try:
            with path.open("rb") as file:
                beginning = file.read(16)
        except OSError as error:
            raise Unavailable(
                f"The file {path} cannot be read: {error.strerror}.", advice="Check its rights and the disk."
            ) from error
        if beginning != b"SQLite format 3\x00":
            raise Damaged(f"The file {path} is not a database.", advice="Restore a backup, or move this file away.")


def _refuse_read_only(path: Path) -> None:
    # SQLite itself tells only when something is written: too late, somebody is selling by then.
    for place in (path, path.parent):
        if not os.access(place, os.W_OK):
            raise Unavailable(
                f"The shop's file {path} can only be read.",
                advice=f"Allow your user to write to {'it' if place is path else 'its folder'}.",
            )


def _refuse_foreign(connection: Connection, path: Path | None) -> None:
    if set(inspect(connection).get_table_names()) - {VERSION_TABLE}:
        where = f"The file {path}" if path else f"The database {connection.engine.url.database}"
        raise Unavailable(f"{where} belongs to another program.", advice="Choose another one for this shop.")


def _refuse_moved(connection: Connection) -> None:
    from shopdesk.store import moving  # it migrates, too

    if sentence := moving.moved_to(connection):
        raise Refused(
            f"{sentence}. What it was then can be looked at, and copied to a new database by “shopdesk copy”.",
            field="database",
        )
