"""What one till changed, the others hear of: LISTEN/NOTIFY on PostgreSQL, carrying only the names of tables.

A notice is sent after the COMMIT it tells of, on a connection of its own: inside the COMMIT it would make every till
of the server wait in one line (PostgreSQL orders notifying commits by a lock). Many changes within a blink are one
notice. When the connection is lost it comes back by itself, and then everything is taken as changed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from uuid import UUID

import psycopg
from sqlalchemy import URL

from shopdesk.store.keys import new_key

_log = logging.getLogger(__name__)

CHANNEL = "shopdesk_changed"
EVERYTHING = frozenset(
    {"documents", "customers", "products", "outbox", "drafts", "accounts", "shop", "tax_rates", "payments", "tills"}
)
_BLINK_SECONDS = 0.1
_AGAIN_SECONDS = 2.0


class Notices:
    """One thread that tells the other tills what this one changed, and hears what they changed.

    ``heard`` is called on that thread with the names of tables and must only hand on. Not for SQLite: a local file
    serves one till.
    """

    def __init__(self, url: URL, *, heard: Callable[[frozenset[str]], object]) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self._me: UUID = new_key()
        self._lock = threading.Lock()
        self._unsent: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def tell(self, tables: frozenset[str]) -> None:
        """These tables were changed here, and committed. Returns at once, from any thread."""
        with self._lock:
            self._unsent |= tables

    def close(self) -> None:
        """Tell what is left and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        is_first = True
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    if not is_first:
                        self._heard(EVERYTHING)  # nobody knows what was missed
                    is_first = False
                    self._exchange(connection)
            except psycopg.Error as error:
                _log.info("notices are interrupted: %s", type(error).__name__)
                is_first = False
                self._stop.wait(_AGAIN_SECONDS)

    def _exchange(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        # Asynchronous commit: a lost notice is a screen a moment late, and waiting for the disk would hold the lock.
        connection.execute("SET synchronous_commit = off")
        while not self._stop.is_set():
            self._send(connection)
            for notify in connection.notifies(timeout=_BLINK_SECONDS, stop_after=1):
                sender, _, tables = notify.payload.partition(" ")
                if sender != str(self._me):
                    self._heard(frozenset(tables.split(",")))
        self._send(connection)

    def _send(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        with self._lock:
            tables, self._unsent = self._unsent, set()
        if not tables:
            return
        try:
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{self._me} {','.join(sorted(tables))}"))
        except psycopg.Error:
            with self._lock:
                self._unsent |= tables
            raise
