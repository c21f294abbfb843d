"""The engine and its transactions: ``Database.sessions`` for writing, ``Database.reads`` for reading only.

SQLite runs in WAL mode with ``synchronous=FULL`` and foreign keys on. A writing transaction is BEGIN IMMEDIATE, so that
a second writer waits instead of failing in the middle.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from shopdesk.domain.errors import DatabaseUnavailable, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store.prepared_statement import raise_as_own
from shopdesk.store.session import BUFFER_WRITES, READS, Sessions
from shopdesk.store.sqlite_connection import FileConnection

BUSY_SECONDS = 10
POOL_SIZE = 4
"""Connections that stay open: for use cases, for queries, for slow ones, and for one worker that sends or prints."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: factories of writing and of reading sessions, and their engine."""

    engine: Engine
    sessions: Sessions
    reads: Sessions
    haste: threading.Event

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None on a server."""
        return sqlite_path(self.engine.url)

    def hurry(self) -> None:
        """Shorten the timeouts, because the program is closing."""
        self.haste.set()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def parse(url: str) -> URL:
    """Return the URL of a database, which may have several hosts (``a:1,b:2``). Raises Refused for an invalid one."""
    try:
        parsed = make_url(_SEVERAL.sub(_as_query, url))
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        parsed = None
    if parsed is None or "\0" in url or parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise Refused(
            sentence("The database address must begin with sqlite:/// or postgresql+psycopg://."), field="database"
        )
    return parsed


_SEVERAL = re.compile(r"^(?P<head>postgresql[^/]*://(?:[^/?#]*@)?)(?P<hosts>[^/?#@]*,[^/?#@]*)(?P<path>[^?]*)\??")


def _as_query(url: re.Match[str]) -> str:
    """Convert libpq's list of hosts to the query that SQLAlchemy reads."""
    hosts = [_HOST.fullmatch(host) for host in url["hosts"].split(",")]
    names, ports = zip(*((host[1] or host[2], host[3] or "5432") if host else ("", "") for host in hosts), strict=True)
    if not all(names):
        raise ArgumentError
    return f"{url['head']}{url['path']}?host={','.join(names)}&port={','.join(ports)}&"


_HOST = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::(\d+))?")


def sqlite_path(url: URL) -> Path | None:
    """Return the file of a SQLite URL, else None."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def sqlite_size(connection: Connection) -> int:
    """Return the size of the shop's file in bytes, including its log, without which the file may look empty."""
    return int(
        connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    )


def connect(url: str | URL, *, password: str | None = None, pool_size: int = POOL_SIZE) -> Database:
    """Return a database that connects at its first use. Its errors are SQLAlchemy's; ``background`` words them.

    ``password`` is for a server. Raises Refused for an invalid address, or one without encryption.
    """
    parsed = parse(url) if isinstance(url, str) else url
    haste = threading.Event()
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            connect_args={"timeout": BUSY_SECONDS, "factory": FileConnection},
            pool_size=pool_size,
            pool_use_lifo=True,  # a sale gets the connection of the last one, which has its pages and statements
            hide_parameters=True,
        )
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        if (path := sqlite_path(parsed)) is not None:
            _OpenFile(path).watch(engine)
    else:
        from shopdesk.store import postgresql

        protected = postgresql.protected(parsed)
        engine = postgresql.make_engine(protected, haste=haste, password=password, pool_size=pool_size)
    writing = engine.execution_options(**{BUFFER_WRITES: parsed.get_backend_name() != "sqlite"})
    reading = engine.execution_options(**{READS: True})
    return Database(engine, sessions=Sessions(writing), reads=Sessions(reading), haste=haste)


class _OpenFile:
    """A guard against moving or replacing the open shop's file: the system would let the program write to it still."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None
        self._connections = 0

    def watch(self, engine: Engine) -> None:
        """Check at each transaction that the file is the one of the first connection."""
        event.listen(engine, "do_connect", self._require)  # or SQLite would create an empty file
        event.listen(engine, "connect", self._remember)
        event.listen(engine, "begin", self._on_begin, insert=True)
        event.listen(engine, "close", self._on_closed)
        event.listen(engine, "engine_disposed", self._forget)

    def _on_begin(self, connection: Connection) -> None:
        try:
            self._require()
        except DatabaseUnavailable:
            if self._found() is not None:
                # Our log is now beside the other file, and the next start would apply it to that one.
                raw: Any = connection.connection.driver_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            raise

    def _remember(self, *_given: object) -> None:
        # Some file systems give a file a new inode number once no program has it open.
        if not self._connections:
            self._opened = self._found()
        self._connections += 1

    def _on_closed(self, *_given: object) -> None:
        self._connections -= 1

    def _forget(self, *_given: object) -> None:
        self._opened = None

    def _found(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _require(self, *_given: object) -> None:
        """Raise DatabaseUnavailable if the file is missing or was replaced by another one."""
        found = self._found()
        if self._opened is None or found == self._opened or (found is not None and not self._connections):
            return
        if found is None:
            what, advice = (
                sentence("The shop's file {path} is missing.", path=self._path),
                sentence("Put it back where it was."),
            )
        else:
            what = sentence("The shop's file {path} was replaced by another file.", path=self._path)
            advice = sentence("If this was intended, restart shopdesk. If not, put the original file back.")
        raise DatabaseUnavailable(what, advice=advice, is_unreachable=True)


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN would be deferred; SQLAlchemy's begin event sends the right one instead.
    connection.isolation_level = None
    # 4 MB for each connection: more makes nothing quicker at a million documents, the system keeps the file's pages.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-4000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    begin = "BEGIN" if connection.get_execution_options().get(READS) else "BEGIN IMMEDIATE"
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(begin).close()
    except sqlite3.Error as error:
        raise_as_own(connection, error, begin)
