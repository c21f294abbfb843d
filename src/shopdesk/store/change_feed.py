"""The change feed between tills: LISTEN/NOTIFY on PostgreSQL, carrying only the names of changed tables.

A notice is sent after the COMMIT of its change, on a connection of its own: inside the COMMIT it would make all tills
of the server wait for each other (PostgreSQL serializes notifying commits with a lock). Many changes in a short time
are one notice, and many notices in a row are passed on together. A lost connection is opened again automatically, and
all tables then count as changed. The same connection notices when another program upgrades the database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import cast
from uuid import UUID

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shopdesk.row_keys import new_key
from shopdesk.store import upgrade
from shopdesk.store.tables import metadata

_log = logging.getLogger(__name__)

EVERYTHING = frozenset(metadata.tables)
_OWN = frozenset({"drafts", "draft_rows", "sign_in_failures", "search_words", "series"})
"""Tables without notices: other tills never show them alone, and they change with every key typed."""
_BLINK_SECONDS = 0.1
_BREATH_SECONDS = 0.5
"""Interval of ``heard`` while notices keep coming: the first at once, the rest together."""
_AGAIN_SECONDS = 2.0
_GHOST_SECONDS = 40.0
"""Time the server may need to notice that a till's previous connection is dead."""
_TILLS = 0x5D0B
_BEAT_SECONDS = 10.0
"""Interval of asking the server for its database version, which also tests the connection."""


class ChangeFeed:
    """A thread that sends this till's changes to the other tills and receives theirs.

    ``heard`` is called with names of tables; ``outdated`` once, when the database has become newer than this program;
    ``interrupted`` when the connection is lost; ``doubled`` once, with the till's name, when another program works as
    the same till for ``patience`` seconds. All are called on this thread and must return at once. Not for SQLite: a
    local file serves one till.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        heard: Callable[[frozenset[str]], object],
        outdated: Callable[[], object] = lambda: None,
        interrupted: Callable[[], object] = lambda: None,
        doubled: Callable[[str], object] = lambda _till: None,
        patience: float = _GHOST_SECONDS,
    ) -> None:
        self._engine = engine
        self._heard = heard
        self._outdated = outdated
        self._interrupted = interrupted
        self._doubled = doubled
        self._patience = patience
        self._till = ""
        self._claimed = ""
        self._told = ""
        self._doubled_at = 0.0
        self._me: UUID = new_key()
        self._lock = threading.Lock()
        self._unsent: set[str] = set()
        self._unheard: set[str] = set()
        self._breath_at = 0.0
        self._beat_at = 0.0
        self._is_outdated = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def notify(self, tables: frozenset[str]) -> None:
        """Announce tables changed and committed by this till. Returns at once; may be called from any thread."""
        with self._lock:
            self._unsent |= tables - _OWN

    def set_till(self, till: str) -> None:
        """Set the till of this program, to notice another program of the same till. May be called from any thread."""
        self._till = till

    def close(self) -> None:
        """Send the remaining notices and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        is_first = True
        while not self._stop.is_set():
            try:
                with self._connected() as connection:
                    connection.execute(f"LISTEN {upgrade.CHANNEL}")
                    if not is_first:
                        self._heard(EVERYTHING)  # notices may have been missed
                    is_first = False
                    self._exchange(connection)
            except (psycopg.Error, SQLAlchemyError) as error:
                _log.info("change feed interrupted: %s", type(error).__name__)
                is_first = False
                self._interrupted()
                self._stop.wait(_AGAIN_SECONDS)

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection like the engine's: encryption, password, timeout, and the same one of several hosts."""
        pooled = self._engine.raw_connection()
        connection = cast("psycopg.Connection[tuple[object, ...]]", pooled.driver_connection)
        pooled.detach()  # no longer part of the pool, which may open another
        connection.autocommit = True
        return connection

    def _exchange(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        # Asynchronous commit: a lost notice only delays a screen, and waiting for the disk would hold the lock.
        connection.execute("SET synchronous_commit = off")
        # After a power cut, a till's dead connection must not hold its lock for hours, the usual timeout of servers.
        connection.execute("SET tcp_keepalives_idle = 10")
        connection.execute("SET tcp_keepalives_interval = 5")
        connection.execute("SET tcp_keepalives_count = 3")
        self._beat_at = 0.0
        self._claimed = ""
        while not self._stop.is_set():
            self._send(connection)
            self._beat(connection)
            self._claim(connection)
            for notify in connection.notifies(timeout=_BLINK_SECONDS, stop_after=1):
                sender, _, tables = notify.payload.partition(" ")
                if sender != str(self._me):
                    self._unheard.update(tables.split(","))
            self._forward()
        self._send(connection)

    def _forward(self) -> None:
        if not self._unheard or time.monotonic() < self._breath_at:
            return
        tables, self._unheard = frozenset(self._unheard), set()
        self._breath_at = time.monotonic() + _BREATH_SECONDS
        if upgrade.VERSION_TABLE in tables:
            self._beat_at = 0.0
        self._heard(tables)

    def _beat(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        if self._is_outdated or time.monotonic() < self._beat_at:
            return
        self._beat_at = time.monotonic() + _BEAT_SECONDS
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if found is not None and str(found[0]) > upgrade.HEAD:
            self._is_outdated = True
            self._outdated()

    def _claim(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Hold a lock for the till's name while connected; a program that cannot get it is the second one."""
        till = self._till
        if till == self._claimed or time.monotonic() < self._doubled_at:
            return
        connection.execute("SELECT pg_advisory_unlock_all()")
        found = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_TILLS, till)).fetchone()
        if found is not None and found[0]:
            self._claimed, self._doubled_at = till, 0.0
            return
        if self._doubled_at and self._told != till:
            self._told = till
            self._doubled(till)
        self._doubled_at = time.monotonic() + self._patience

    def _send(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        with self._lock:
            tables, self._unsent = self._unsent, set()
        if not tables:
            return
        try:
            connection.execute("SELECT pg_notify(%s, %s)", (upgrade.CHANNEL, f"{self._me} {','.join(sorted(tables))}"))
        except psycopg.Error:
            with self._lock:
                self._unsent |= tables
            raise
