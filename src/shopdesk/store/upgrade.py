"""Open a database: back it up and migrate it if it is older, refuse it if it is newer or not a shop's database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.store.backup_file import back_up
from shopdesk.store.database import Database
from shopdesk.store.disk_errors import free_name
from shopdesk.store.error_text import SqliteCode, describe, file_error
from shopdesk.store.moved_marker import moved_to
from shopdesk.store.session import long_running

HEAD = "0032"
"""The newest migration; a test compares it with Alembic's. Alembic itself is imported only to migrate."""

VERSION_TABLE = "alembic_version"
CHANNEL = "shopdesk_changed"
"""The NOTIFY channel of the change feed between tills on PostgreSQL: see ``notices``."""
_ADVISORY_LOCK = 0x5D0B_DE5C


def open_ready(database: Database, *, may_create: bool = True, may_be_moved: bool = False) -> None:
    """Check and migrate a database. Raises Unavailable (may be retried) or Refused (another file or program is needed).

    Without ``may_create``, an empty database is refused and stays empty; without ``may_be_moved``, one whose shop was
    moved to another database is refused.
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
            raise Refused(
                sentence("There is no shop in {file} yet.", file=path)
                if path
                else sentence("There is no shop in the database {name} yet.", name=database.engine.url.database)
            )
        if version is not None and version > HEAD:
            raise Refused(
                sentence("This shop's database was made by a newer shopdesk. Install the newest version on this till."),
                field="database",
            )
        if version is not None and version < "0001":
            raise Unavailable(
                sentence("The database has an unknown version, “{version}”.", version=version),
                advice=sentence("Restore the newest backup."),
            )
        if path is not None and version is not None:
            _keep_as_it_was(path)
        migrate(database, HEAD)
    except DBAPIError as error:
        raise describe(error, path) from error


def _keep_as_it_was(path: Path) -> None:
    """Copy the file before a migration. Each attempt keeps its own copy: there may have been sales in between."""
    name = f"{path.name}.before-{HEAD}-"
    for left in path.parent.glob(f".{name}*"):  # left by an attempt that was killed
        left.unlink(missing_ok=True)
    back_up(path, free_name(path.with_name(f"{name}{datetime.now(UTC):%Y%m%dT%H%M%SZ}")))


def current_version(connection: Connection) -> str | None:
    """Return the revision of a database, or None if it has no tables of shopdesk."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database, revision: str) -> None:
    """Run the migrations up or down to ``revision``, under a lock, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with migrating(database) as connection:
        config.attributes["connection"] = connection
        standing = current_version(connection)
        if standing == revision:
            return  # another program migrated it while this one waited for the lock
        if standing is not None and (revision == "base" or standing > revision):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        if connection.dialect.name == "postgresql" and revision == HEAD:
            from shopdesk.store import roles

            roles.grant_to_tills(connection)
        if connection.dialect.name == "postgresql":  # tills that run the older program ask to be restarted
            notice = {"channel": CHANNEL, "said": f"upgrade {VERSION_TABLE}"}
            connection.execute(text("SELECT pg_notify(:channel, :said)"), notice)


@contextmanager
def migrating(database: Database) -> Iterator[Connection]:
    """Open the transaction of a migration, under a lock.

    On SQLite foreign keys are not enforced meanwhile, or no table that others refer to could be made anew
    (sqlite.org/lang_altertable.html, 7); they are checked at its end. Raises Unavailable where they are violated.
    """
    with database.engine.connect() as connection, long_running(connection):
        if connection.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
                yield connection
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF").close()  # SQLite ignores it inside a transaction
        try:
            with connection.begin():
                before = _orphans(connection)
                yield connection
                if _orphans(connection) > before:
                    raise Unavailable(
                        sentence("The upgrade would have left rows without what they refer to. Nothing was changed."),
                        advice=sentence("Ask your support contact."),
                    )
        finally:
            raw.execute("PRAGMA foreign_keys=ON").close()


def _orphans(connection: Connection) -> int:
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise Refused(sentence("{path} is a folder, not a database file.", path=path), field="database")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            sentence("The folder {parent} cannot be created: {reason}.", parent=path.parent, reason=error.strerror),
            advice=sentence("Check the permissions."),
        ) from error
    if path.exists():
        _refuse_read_only(path)
    if path.exists() and path.stat().st_size:
        try:
            with path.open("rb") as file:
                beginning = file.read(16)
        except OSError as error:
            raise Unavailable(
                sentence("The file {path} cannot be read: {reason}.", path=path, reason=error.strerror),
                advice=sentence("Check its permissions and the disk."),
            ) from error
        if beginning != b"SQLite format 3\x00":
            raise file_error(SqliteCode.NOTADB, path)


def _refuse_read_only(path: Path) -> None:
    # SQLite itself reports this only at the first write, which would be in the middle of a sale.
    for place in (path, path.parent):
        if not os.access(place, os.W_OK):
            raise Unavailable(
                sentence("The shop's file {path} is read-only.", path=path),
                advice=sentence("Allow your user to write to it.")
                if place is path
                else sentence("Allow your user to write to its folder."),
            )


def _refuse_foreign(connection: Connection, path: Path | None) -> None:
    if set(inspect(connection).get_table_names()) - {VERSION_TABLE}:
        where = (
            sentence("The file {path}", path=path)
            if path
            else sentence("The database {name}", name=connection.engine.url.database)
        )
        raise Unavailable(
            sentence("{where} belongs to another program.", where=where),
            advice=sentence("Choose another database for this shop."),
        )


def _refuse_moved(connection: Connection) -> None:
    if moved := moved_to(connection):
        raise Refused(
            sentence(
                "{moved}. The old data can still be read, and copied to a new database with “shopdesk copy”.",
                moved=moved,
            ),
            field="database",
        )
