"""How a till speaks to a PostgreSQL server: protected, in few round trips, and never waiting for ever.

A server that takes what it is told and then says nothing keeps a client waiting without end, and no setting of libpq
helps while something in between still answers. So this side counts the seconds, and gives the connection up.

A statement that answers nothing is sent with the next one that does, or with the COMMIT: over a slow line it is the
waiting that takes the time. What is wrong with it is then told by that later statement.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from shopdesk.domain.errors import Refused
from shopdesk.store import gathered
from shopdesk.store.session import READS, WRITES_WAIT

# When a connection breaks within a pipeline, psycopg raises the error and then warns of what it did not raise.
logging.getLogger("psycopg").setLevel(logging.ERROR)

CONNECT_SECONDS = 5
LOOK_SECONDS = 3.0
"""How long a connection that rested may take to say that it lives."""
HASTY_SECONDS = 2.0
"""How long one answer may take when the program wants to end."""
UNHEARD_MS = 8000
"""How long nobody may confirm what was sent (Linux): a cut network is known sooner than a slow server."""
PATIENCE_SECONDS = 20.0
"""How long one answer may take before the connection counts as lost. The slowest of ours takes far less."""

_RESTED_SECONDS = 1.0

_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


class _Cursor(psycopg.Cursor[Any]):
    """Leaves with its connection what can wait, and sends the rest at once."""

    connection: PatientConnection

    def execute(self, query: Any, params: Any = None, **options: Any) -> _Cursor:
        """As psycopg executes; a statement that waits has no result, and no row count."""
        if self.connection.lets_wait(query):
            self.connection.waiting.append((query, params))
            return self
        if not self.connection.waiting:
            return super().execute(query, params, **options)
        with self.connection.caught_up():
            return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """As ``execute``, for many rows."""
        if self.connection.lets_wait(query):
            self.connection.waiting += [(query, params) for params in params_seq]
            return
        with self.connection.caught_up():
            super().executemany(query, params_seq, **options)

    @contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[psycopg.Copy]:
        """As psycopg copies, after what waits: it cannot go together with that."""
        with self.connection.caught_up():
            pass
        with super().copy(*args, **kwargs) as copy:
            yield copy


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up when the server is silent for too long, instead of waiting for ever.

    It begins its transactions itself: the BEGIN goes with the first statement.
    """

    patience = PATIENCE_SECONDS
    haste: threading.Event | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = _Cursor
        self.waiting: list[tuple[Any, Any]] = []
        self.used_at = time.monotonic()
        self._writes_wait = False

    def begin(self, *, writes_wait: bool, reads: bool = False) -> None:
        """Begin a transaction with the next statement. ``writes_wait`` lets those go together that answer nothing.

        One that ``reads`` sees everything as of one moment, whatever others commit meanwhile: as on SQLite.
        """
        self._writes_wait = writes_wait
        if self.autocommit:
            self.waiting = [(_BEGIN_READING if reads else _BEGIN, None)]

    def lets_wait(self, query: Any) -> bool:
        """Whether this statement may go with the one after it."""
        return self._writes_wait and _answers_nothing(query)

    @contextmanager
    def caught_up(self) -> Iterator[None]:
        """Send what waits, in one go with what is done meanwhile."""
        if not self.waiting:
            yield
            return
        waiting, self.waiting = self.waiting, []
        with self.pipeline():
            cursor = psycopg.Cursor(self)
            for query, params in waiting:
                cursor.execute(query, params)
            yield

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """As psycopg makes them. One with a name lives in a transaction, which then really begins."""
        if args or "name" in kwargs:
            with self.caught_up():
                pass
        return super().cursor(*args, **kwargs)

    def commit(self) -> None:
        """Commit, and with it whatever still waits; a transaction in which nothing was done is none."""
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
            if not self.closed:  # a COMMIT that fails ends the transaction, but this one never came to it
                super().rollback()
            raise

    def rollback(self) -> None:
        """Roll back; what still waits is never sent."""
        self.waiting = []
        super().rollback()
        self.used_at = time.monotonic()

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg waits, but not longer than ``patience`` seconds. Raises OperationalError after that.

        (Its own ``timeout`` would leave the connection half way through a statement.)
        """
        return super().wait(self._watched(gen), interval, timeout)

    def _watched(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        began = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() - began > self._patience_now:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server is silent: connection given up")
                wanted = gen.send(ready)
        except StopIteration as stop:
            return stop.value

    @property
    def _patience_now(self) -> float:
        in_haste = self.haste is not None and self.haste.is_set()
        return min(self.patience, HASTY_SECONDS) if in_haste else self.patience


_BEGIN, _COMMIT = "BEGIN", "COMMIT"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ"


@cache
def _answers_nothing(query: str) -> bool:
    return query.startswith(("INSERT ", "UPDATE ", "DELETE ", gathered.BEGINS)) and " RETURNING " not in query


_IN_CLEAR = "allow_plain"


def protected(url: URL) -> URL:
    """The URL with TLS: ``verify-full`` unless it says how, for any host that is not this machine.

    Raises Refused where the network would carry the shop in clear, unless ``allow_plain=yes`` in the address says that
    this is wanted.
    """
    is_allowed = url.query.get(_IN_CLEAR) == "yes"
    url = url.difference_update_query([_IN_CLEAR])
    if is_allowed or all(_is_local(address) for given in _addresses(url) for address in given.split(",")):
        return url
    mode = str(url.query.get("sslmode", "verify-full"))
    if mode not in _ENCRYPTED:
        raise Refused(
            f"The connection to the database would not be encrypted (sslmode={mode}). Use sslmode=verify-full; in a "
            f"network that you trust wholly, say {_IN_CLEAR}=yes beside it.",
            field="database",
        )
    added = {"sslmode": mode}
    if mode == "verify-full" and "sslrootcert" not in url.query:
        added["sslrootcert"] = "system"
    return url.update_query_dict(added)


def make_engine(
    url: URL, *, haste: threading.Event | None = None, password: str | None = None, pool_size: int = 3
) -> Engine:
    """An engine whose connections are patient but not endlessly so, and hardly at all once ``haste`` is set.

    The password never becomes part of the URL.
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
        arguments["target_session_attrs"] = "read-write"  # whichever is in charge
    if password:
        arguments["password"] = password
    engine = create_engine(url, pool_size=pool_size, max_overflow=2, connect_args=arguments, hide_parameters=True)
    event.listen(engine, "do_connect", partial(_connect, haste))
    event.listen(engine, "checkout", _look)
    event.listen(engine, "begin", _begin)
    return engine


def _connect(
    haste: threading.Event | None, _dialect: Any, _record: Any, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    connection = PatientConnection.connect(*args, **kwargs, autocommit=True)
    connection.haste = haste
    return connection


def _look(connection: PatientConnection, _record: Any, _proxy: Any) -> None:
    """A connection that rested may be dead: ask, so that a new one is made before somebody's work meets it."""
    if time.monotonic() - connection.used_at < _RESTED_SECONDS:
        return
    try:
        connection.patience = min(LOOK_SECONDS, connection.patience)
        connection.execute("SELECT 1")
        del connection.patience
    except psycopg.Error as error:
        raise InvalidatePoolError from error  # the others of the pool are no better


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        own: Any = connection.connection.dbapi_connection
        own.begin(writes_wait=bool(options.get(WRITES_WAIT)), reads=bool(options.get(READS)))


def _hosts(url: URL) -> list[str]:
    """The servers that may be meant: the shop is on the one in charge."""
    given = url.query.get("host", url.host or "")
    return [host for one in ([given] if isinstance(given, str) else given) for host in one.split(",")]


def _addresses(url: URL) -> list[str]:
    """Where a connection may go. An address that is given goes before the name, which is then only a name."""
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
