"""``proxy``: a proxy between a till and a PostgreSQL server that can cut the connection at any statement or stall."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from support.postgresql import Server

_READY = b"Z\x00\x00\x00\x05"
"""The beginning of the last message of every answer (ReadyForQuery); one byte follows."""


class Proxy:
    """Listens on loopback and forwards to the socket of a server.

    ``connections`` and ``statements`` count what came from tills. ``cut(n)`` cuts the connection before the n-th
    statement from then on is forwarded, ``cut(n, is_answered=True)`` after the server has run it, before its answer.
    """

    def __init__(self, folder: Path) -> None:
        self._target = str(folder / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._open: list[_Connection] = []
        self.connections = 0
        self.statements = 0
        self._cut_at = 0
        self._cut_is_answered = False
        self._after_commit: threading.Event | None = None
        self.refuses = False
        self._start(self._accept)

    def url(self, database: str) -> str:
        """Return the URL of a database of the server through this proxy."""
        port = self._listener.getsockname()[1]
        return f"postgresql+psycopg://postgres@127.0.0.1:{port}/{database}?sslmode=disable&gssencmode=disable&connect_timeout=2"

    def cut(self, at: int, *, is_answered: bool = False) -> None:
        """Cut the connection at the statement that comes ``at`` statements from now."""
        with self._lock:
            self._cut_at, self._cut_is_answered = self.statements + at, is_answered

    def cut_after_commit(self) -> threading.Event:
        """Cut the connection after the next COMMIT, before its answer; the returned event is set then."""
        self._after_commit = threading.Event()
        return self._after_commit

    def cut_now(self) -> None:
        """Cut every connection; new ones are refused until ``mend``."""
        self.refuses = True
        with self._lock:
            connections, self._open = self._open, []
        for connection in connections:
            connection.close()

    def stall(self) -> None:
        """Stop forwarding without closing any connection."""
        self._flows.clear()

    def mend(self) -> None:
        """Forward and accept again."""
        self.refuses = False
        self._cut_at = 0
        self._flows.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_now()
        self._flows.set()
        for thread in self._threads:
            thread.join()

    def _start(self, run: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=run, args=args, name="proxy")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                till = self._listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            if self.refuses:
                till.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._target)
            except OSError:  # it is not running
                till.close()
                server.close()
                continue
            connection = _Connection(till, server)
            with self._lock:
                self._open.append(connection)
            self._start(self._forward_statements, connection)
            self._start(self._forward_answers, connection)

    def _forward_statements(self, connection: "_Connection") -> None:
        """Forward from the till to the server, a whole statement at a time."""
        with suppress(OSError):
            connection.server.sendall(connection.read_message(4))
            group = b""
            while True:
                message = connection.read_message(5)
                group += message
                if message[:1] not in b"QSpX":  # a statement ends with Query or Sync
                    continue
                self._flows.wait()
                if message[:1] in b"QS" and self._is_cut_here(connection, group):
                    break
                connection.server.sendall(group)
                group = b""
        connection.close(unless_answering=True)

    def _is_cut_here(self, connection: "_Connection", group: bytes) -> bool:
        with self._lock:
            self.statements += 1
            if self._after_commit is not None and b"COMMIT" in group:
                self.refuses = connection.is_swallowing = True
                self._after_commit.set()
                self._after_commit = None
                return False
            if self.statements != self._cut_at:
                return False
            self.refuses = True
            connection.is_swallowing = self._cut_is_answered
            return not self._cut_is_answered

    def _forward_answers(self, connection: "_Connection") -> None:
        """Forward from the server to the till."""
        with suppress(OSError):
            while data := connection.server.recv(1 << 16):
                self._flows.wait()
                if connection.is_swallowing:
                    if data[-6:-1] == _READY:
                        break
                    continue
                connection.till.sendall(data)
        connection.close()


class _Connection:
    """A connection of a till, and the one to the server that belongs to it."""

    def __init__(self, till: socket.socket, server: socket.socket) -> None:
        self.till = till
        self.server = server
        self.is_swallowing = False
        self._received = b""

    def read_message(self, head: int) -> bytes:
        """Return the next whole message of the till."""
        self._fill(head)
        size = struct.unpack("!I", self._received[head - 4 : head])[0] + head - 4
        self._fill(size)
        message, self._received = self._received[:size], self._received[size:]
        return message

    def _fill(self, size: int) -> None:
        while len(self._received) < size:
            data = self.till.recv(1 << 16)
            if not data:
                raise OSError("the till has gone")
            self._received += data

    def close(self, *, unless_answering: bool = False) -> None:
        if unless_answering and self.is_swallowing:
            return
        for end in (self.till, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def proxy(postgresql: Server) -> Iterator[Proxy]:
    """A proxy to the PostgreSQL of this test process."""
    made = Proxy(postgresql.folder)
    yield made
    made.close()


@pytest.fixture
def killable_proxy(killable_server: Server) -> Iterator[Proxy]:
    """A proxy to the server that a test may kill."""
    made = Proxy(killable_server.folder)
    yield made
    made.close()
