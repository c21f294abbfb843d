"""Connections to a PostgreSQL server: encrypted, with few round trips, and with a timeout.

A server that accepts a statement and never responds keeps a client waiting without end, and no setting of libpq helps
while something in between still responds. So the client counts the seconds and closes the connection.

A statement without a result is sent with the next one that has a result, or with the COMMIT: on a slow line, round
trips take the time. Its error is then raised by that later statement.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store import insert_batch
from shopdesk.store.session import BUFFER_WRITES, READS

# When a connection breaks within a pipeline, psycopg raises one error and logs warnings about the others.
logging.getLogger("psycopg").setLevel(logging.ERROR)

CONNECT_SECONDS = 5
LOOK_SECONDS = 3.0
"""Timeout of the check that an idle connection still works."""
HASTY_SECONDS = 2.0
"""Timeout of a response while the program is closing."""
UNHEARD_MS = 8000
"""TCP_USER_TIMEOUT (Linux): a broken network is noticed sooner than a slow server."""
TIMEOUT_SECONDS = 20.0
"""Timeout of a response, after which the connection counts as lost. The program's slowest query takes far less."""

_RESTED_SECONDS = 1.0
_LOOK_AT_CLOCK_SECONDS = 0.1
_MORE_WHEN_BUSY = 4
"""Connections beyond the pool's: every thread that works with the database may need one at the same time."""

_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


class _Cursor(psycopg.Cursor[Any]):
    """A cursor that buffers statements without a result in its connection, and sends the others at once."""

    connection: TimeoutConnection

    def execute(self, query: Any, params: Any = None, **options: Any) -> _Cursor:
        """Execute as psycopg does; a buffered statement has no result and no row count."""
        if self.connection.lets_wait(query):
            self.connection.waiting.append((query, params))
            return self
        if not self.connection.waiting:
            return super().execute(query, params, **options)
        with self.connection.caught_up():
            return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """Execute a statement for many rows, as ``execute`` does for one."""
        if self.connection.lets_wait(query):
            self.connection.waiting += [(query, params) for params in params_seq]
            return
        with self.connection.caught_up():
            super().executemany(query, params_seq, **options)

    @contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[psycopg.Copy]:
        """Copy as psycopg does, after sending the buffered statements: a COPY cannot be in a pipeline."""
        with self.connection.caught_up():
            pass
        with super().copy(*args, **kwargs) as copy:
            yield copy


class TimeoutConnection(psycopg.Connection[Any]):
    """A connection that times out when the server does not respond, and buffers statements without a result.

    It begins its transactions itself: the BEGIN is sent with the first statement.
    """

    timeout = TIMEOUT_SECONDS
    haste: threading.Event | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = _Cursor
        self.waiting: list[tuple[Any, Any]] = []
        self.used_at = time.monotonic()
        self._writes_wait = False

    def begin(self, *, writes_wait: bool, reads: bool = False) -> None:
        """Begin a transaction with the next statement; with ``writes_wait``, buffer statements without a result.

        With ``reads``, it sees the database as of one moment, whatever others commit meanwhile, as on SQLite.
        """
        self._writes_wait = writes_wait
        if self.autocommit:
            self.waiting = [(_BEGIN_READING if reads else _BEGIN, None)]

    def lets_wait(self, query: Any) -> bool:
        """Return True if this statement may be buffered and sent with the next one."""
        return self._writes_wait and _answers_nothing(query)

    @contextmanager
    def caught_up(self) -> Iterator[None]:
        """Send the buffered statements in one pipeline with those of the ``with`` block."""
        if not self.waiting:
            yield
            return
        waiting, self.waiting = self.waiting, []
        with self.pipeline():
            cursor = psycopg.Cursor(self)
            for query, params in waiting:
                cursor.execute(query, params)
            yield

    def execute_together(self, statements: Iterable[tuple[str, Any]]) -> list[psycopg.Cursor[Any]]:
        """Send several statements in one round trip, after the buffered ones, and return a cursor for each."""
        waiting, self.waiting = self.waiting, []
        with self.pipeline():
            cursors = [psycopg.Cursor(self).execute(*one) for one in (*waiting, *statements)]
        return cursors[len(waiting) :]

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Return a cursor as psycopg does. A named one needs an open transaction, so the BEGIN is sent first."""
        if args or "name" in kwargs:
            with self.caught_up():
                pass
        return super().cursor(*args, **kwargs)

    def commit(self) -> None:
        """Commit, with the buffered statements. A transaction without statements is not sent at all."""
        if [query for query, _ in self.waiting] in ([_BEGIN], [_BEGIN_READING]):
            self.waiting = []
        elif self.waiting:
            self._commit_with_what_waits()
        else:
            super().commit()
        self.used_at = time.monotonic()

    def _commit_with_what_waits(self) -> None:
        self.waiting.append((_COMMIT, None))
        try:
            with self.caught_up():
                pass
        except psycopg.Error:
            if not self.closed:  # a failed COMMIT ends the transaction, but this one was never reached
                super().rollback()
            raise

    def rollback(self) -> None:
        """Roll back; the buffered statements are never sent."""
        self.waiting = []
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().rollback()
        self.used_at = time.monotonic()

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait as psycopg does, but raise OperationalError after ``self.timeout`` seconds, and close the connection.

        (psycopg's own ``timeout`` leaves the connection in the middle of a statement, so that it can be waited for on.)
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        began = time.monotonic()
        while True:
            try:
                return super().wait(gen, interval, _LOOK_AT_CLOCK_SECONDS)
            except _WaitTimeout:
                if time.monotonic() - began > self._current_timeout:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server is silent: connection given up") from None

    @property
    def _current_timeout(self) -> float:
        in_haste = self.haste is not None and self.haste.is_set()
        return min(self.timeout, HASTY_SECONDS) if in_haste else self.timeout


_BEGIN, _COMMIT = "BEGIN", "COMMIT"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ"


@cache
def _answers_nothing(query: str) -> bool:
    return query.startswith(("INSERT ", "UPDATE ", "DELETE ", insert_batch.BEGINS)) and " RETURNING " not in query


_IN_CLEAR = "allow_plain"


def protected(url: URL) -> URL:
    """Return the URL with TLS for any host but this computer: ``verify-full`` unless ``sslmode`` is given.

    Raises Refused if the connection would not be encrypted, unless the address has ``allow_plain=yes``.
    """
    is_allowed = url.query.get(_IN_CLEAR) == "yes"
    url = url.difference_update_query([_IN_CLEAR])
    if is_allowed or all(_is_local(address) for given in _addresses(url) for address in given.split(",")):
        return url
    mode = str(url.query.get("sslmode", "verify-full"))
    if mode not in _ENCRYPTED:
        raise Refused(
            sentence(
                "The connection to the database would not be encrypted (sslmode={mode}). Use sslmode=verify-"
                "full, or add {in_clear}=yes if you fully trust the network.",
                mode=mode,
                in_clear=_IN_CLEAR,
            ),
            field="database",
        )
    added = {"sslmode": mode}
    if mode == "verify-full" and "sslrootcert" not in url.query:
        added["sslrootcert"] = "system"
    return url.update_query_dict(added)


def make_engine(
    url: URL, *, haste: threading.Event | None = None, password: str | None = None, pool_size: int = 4
) -> Engine:
    """Return an engine whose connections time out, and sooner once ``haste`` is set.

    The password is never part of the URL.
    """
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "shopdesk",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": UNHEARD_MS,
    }
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    if len(_hosts(url)) > 1 and "target_session_attrs" not in url.query:
        arguments["target_session_attrs"] = "read-write"  # the primary, whichever it is
    if password:
        arguments["password"] = password
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=_MORE_WHEN_BUSY,
        pool_use_lifo=True,  # a sale gets the connection of the last one, which has its statements prepared
        connect_args=arguments,
        hide_parameters=True,
    )
    event.listen(engine, "do_connect", partial(_connect, haste))
    event.listen(engine, "checkout", _check_idle)
    event.listen(engine, "begin", _begin)
    return engine


def _connect(
    haste: threading.Event | None, _dialect: Any, _record: Any, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    connection = TimeoutConnection.connect(*args, **kwargs, autocommit=True)
    connection.haste = haste
    connection.execute(_SETTINGS)
    return connection


_SETTINGS = "SET jit = off; SET random_page_cost = 1.1"
"""No statement of a till takes as long as compiling it would. What a till looks up is in memory or on an SSD: with the
server's default for turning disks, a search of products or customers scans the whole table."""


def _check_idle(connection: TimeoutConnection, _record: Any, _proxy: Any) -> None:
    """Test a connection that was idle, so that a dead one is replaced before it is used."""
    if time.monotonic() - connection.used_at < _RESTED_SECONDS:
        return
    try:
        connection.timeout = min(LOOK_SECONDS, connection.timeout)
        connection.execute("SELECT 1")
        del connection.timeout
    except psycopg.Error as error:
        raise InvalidatePoolError from error  # the other connections in the pool are dead, too


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        own: Any = connection.connection.dbapi_connection
        own.begin(writes_wait=bool(options.get(BUFFER_WRITES)), reads=bool(options.get(READS)))


def _hosts(url: URL) -> list[str]:
    """Return the hosts of the URL; the shop is on the primary among them."""
    given = url.query.get("host", url.host or "")
    return [host for one in ([given] if isinstance(given, str) else given) for host in one.split(",")]


def _addresses(url: URL) -> list[str]:
    """Return all hosts that a connection may go to; libpq connects to ``hostaddr`` rather than ``host``."""
    given = url.query.get("hostaddr", ())
    return [*_hosts(url), *([given] if isinstance(given, str) else given)]


def _is_local(host: str) -> bool:
    name = host.rpartition(":")[0] if host.count(":") == 1 else host
    if not name or name.startswith(("/", "@")) or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
