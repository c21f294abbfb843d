"""How a till speaks to a PostgreSQL server: protected, and never waiting for ever on one that went away.

A server that takes what it is told and then says nothing keeps a client waiting without end, and no setting of libpq
helps while something in between still answers. So this side counts the seconds, and gives the connection up.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Generator
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Engine, create_engine, event

from shopdesk.domain.errors import Refused

CONNECT_SECONDS = 5
PATIENCE_SECONDS = 20.0
"""How long one answer may take before the connection counts as lost. The slowest of ours takes far less."""

_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up when the server is silent for too long, instead of waiting for ever."""

    patience = PATIENCE_SECONDS

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg waits, but not longer than ``patience`` seconds. Raises OperationalError after that.

        (Its own ``timeout`` would leave the connection half way through a statement.)
        """
        return super().wait(self._watched(gen), interval, timeout)

    def _watched(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        end = time.monotonic() + self.patience
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > end:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server is silent: connection given up")
                wanted = gen.send(ready)
        except StopIteration as stop:
            return stop.value


def protected(url: URL, *, allow_plain: bool = False) -> URL:
    """The URL with TLS: ``verify-full`` unless it says how, for any host that is not this machine.

    Raises Refused where the network would carry the shop in clear, unless ``allow_plain`` says so in as many words.
    """
    if allow_plain or all(map(_is_local, _hosts(url))):
        return url
    mode = str(url.query.get("sslmode", "verify-full"))
    if mode not in _ENCRYPTED:
        raise Refused(
            f"The connection to the database would not be encrypted (sslmode={mode}). Use sslmode=verify-full.",
            field="database",
        )
    added = {"sslmode": mode}
    if mode == "verify-full" and "sslrootcert" not in url.query:
        added["sslrootcert"] = "system"
    return url.update_query_dict(added)


def make_engine(url: URL, *, password: str | None = None, pool_size: int = 3) -> Engine:
    """An engine whose connections are patient but not endlessly so. The password never becomes part of the URL."""
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "shopdesk",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    if password:
        arguments["password"] = password
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=2, pool_pre_ping=True, connect_args=arguments, hide_parameters=True
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return PatientConnection.connect(*args, **kwargs)

    return engine


def _hosts(url: URL) -> list[str]:
    given = url.query.get("host", url.host or "")
    return [host for one in ([given] if isinstance(given, str) else given) for host in one.split(",")]


def _is_local(host: str) -> bool:
    name = host.rpartition(":")[0] if host.count(":") == 1 else host
    if not name or name.startswith(("/", "@")) or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
