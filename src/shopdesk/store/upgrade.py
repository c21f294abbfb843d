"""Bring a database to this program's form: back it up, migrate it, refuse what is newer or no database at all."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.store.backup import back_up
from shopdesk.store.database import Database

HEAD = "0002"
"""The newest migration; a test compares it with what Alembic finds. Alembic itself is imported only to migrate."""

VERSION_TABLE = "alembic_version"
CHANNEL = "shopdesk_changed"
"""Where tills on PostgreSQL tell each other what they changed: see ``notices``."""
_ADVISORY_LOCK = 0x5D0B_DE5C


def open_ready(database: Database, *, may_create: bool = True) -> None:
    """Check and migrate. Raises Unavailable (can be retried) or Refused (needs another file or program), in words.

    Without ``may_create`` an empty database is refused and stays empty.
    """
    path = database.path
    if path is not None:
        _check_file(path)
    try:
        with database.engine.connect() as connection:
            version = current_version(connection)
            if version is None and path is not None:
                _refuse_foreign(connection, path)
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
            back_up(path, path.with_name(f"{path.name}.before-{HEAD}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
        migrate(database, HEAD)
    except DBAPIError as error:
        raise put_into_words(error, path) from error


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
    with database.engine.begin() as connection:
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
    for sign, what, advice in _SIGNS:
        if sign in said:
            return Unavailable(f"{where} {what}", advice=advice)
    if isinstance(error, OperationalError):
        return Unavailable("The database does not answer.", advice="Check the network and the server, then try again.")
    return Unavailable(f"{where} answered with an error: {type(error.orig).__name__}.", advice="Try again.")


_SIGNS = (
    ("file is not a database", "is not a shopdesk database.", "Restore a backup, or move this file away."),
    ("malformed", "is damaged.", "Close the program and restore the newest backup."),
    ("readonly", "can only be read.", "Allow your user to write to it and to its folder."),
    ("read-only", "can only be read.", "Allow your user to write to it and to its folder."),
    ("disk is full", "cannot grow: the disk is full.", "Free some space, then try again. Nothing was lost."),
    ("no space left", "cannot grow: the disk is full.", "Free some space, then try again. Nothing was lost."),
    ("sqlite_ioerr_shmsize", "cannot grow: the disk is full.", "Free some space, then try again. Nothing was lost."),
    ("unable to open", "cannot be opened.", "Check that its folder exists and that your user may write there."),
    ("disk i/o error", "cannot be read or written.", "Check the disk, then try again."),
    ("is locked", "is in use by another program.", "Close that program, then try again."),
    ("permission denied", "lets this user look, not change its form.", "Start shopdesk once as the database's owner."),
    ("no password supplied", "refused the user name or password.", "Check them in Settings, Database."),
    ("password authentication", "refused the user name or password.", "Check them in Settings, Database."),
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
            raise Unavailable(f"The file {path} is not a database.", advice="Restore a backup, or move this file away.")


def _refuse_read_only(path: Path) -> None:
    # SQLite itself tells only when something is written: too late, somebody is selling by then.
    for place in (path, path.parent):
        if not os.access(place, os.W_OK):
            raise Unavailable(
                f"The shop's file {path} can only be read.",
                advice=f"Allow your user to write to {'it' if place is path else 'its folder'}.",
            )


def _refuse_foreign(connection: Connection, path: Path) -> None:
    if inspect(connection).get_table_names():
        raise Unavailable(
            f"The file {path} belongs to another program.", advice="Choose another file for this shop's database."
        )
