"""``proxy``: the wire between a till and a PostgreSQL server, which can be cut at any statement or stall."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from support.postgresql import Server

_READY = b"Z\x00\x00\x00\x05"
"""How the last message of every answer begins; one byte follows."""


class Proxy:
    """Listens on loopback, and hands on what it hears to the socket of a server.

    ``connections`` and ``statements`` count what came from tills. ``cut(n)`` cuts the wire when the n-th statement from
    then on is about to be sent, ``cut(n, is_answered=True)`` when the server has done it and its answer is on the way.
    """

    def __init__(self, folder: Path) -> None:
        self._target = str(folder / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._wires: list[_Wire] = []
        self.connections = 0
        self.statements = 0
        self._cut_at = 0
        self._cut_is_answered = False
        self._after_commit: threading.Event | None = None
        self.refuses = False
        self._start(self._accept)

    def url(self, database: str) -> str:
        """The way to a database of the server over this wire."""
        port = self._listener.getsockname()[1]
        return f"postgresql+psycopg://postgres@127.0.0.1:{port}/{database}?sslmode=disable&gssencmode=disable&connect_timeout=2"

    def cut(self, at: int, *, is_answered: bool = False) -> None:
        """Cut the wire at a statement to come."""
        with self._lock:
            self._cut_at, self._cut_is_answered = self.statements + at, is_answered

    def cut_after_commit(self) -> threading.Event:
        """Cut the wire when the server has done the next COMMIT and its answer is on the way; set when that was."""
        self._after_commit = threading.Event()
        return self._after_commit

    def cut_now(self) -> None:
        """Cut every wire; new ones are refused until ``mend``."""
        self.refuses = True
        with self._lock:
            wires, self._wires = self._wires, []
        for wire in wires:
            wire.close()

    def stall(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self._flows.clear()

    def mend(self) -> None:
        """As if nothing had been."""
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
            wire = _Wire(till, server)
            with self._lock:
                self._wires.append(wire)
            self._start(self._there, wire)
            self._start(self._back, wire)

    def _there(self, wire: "_Wire") -> None:
        """From the till to the server, a whole statement at a time."""
        with suppress(OSError):
            wire.server.sendall(wire.heard(4))
            group = b""
            while True:
                message = wire.heard(5)
                group += message
                if message[:1] not in b"QSpX":  # a statement ends with Query or Sync
                    continue
                self._flows.wait()
                if message[:1] in b"QS" and self._is_cut_here(wire, group):
                    break
                wire.server.sendall(group)
                group = b""
        wire.close(unless_answering=True)

    def _is_cut_here(self, wire: "_Wire", group: bytes) -> bool:
        with self._lock:
            self.statements += 1
            if self._after_commit is not None and b"COMMIT" in group:
                self.refuses = wire.is_swallowing = True
                self._after_commit.set()
                self._after_commit = None
                return False
            if self.statements != self._cut_at:
                return False
            self.refuses = True
            wire.is_swallowing = self._cut_is_answered
            return not self._cut_is_answered

    def _back(self, wire: "_Wire") -> None:
        """From the server to the till."""
        with suppress(OSError):
            while data := wire.server.recv(1 << 16):
                self._flows.wait()
                if wire.is_swallowing:
                    if data[-6:-1] == _READY:
                        break
                    continue
                wire.till.sendall(data)
        wire.close()


class _Wire:
    """One connection."""

    def __init__(self, till: socket.socket, server: socket.socket) -> None:
        self.till = till
        self.server = server
        self.is_swallowing = False
        self._heard = b""

    def heard(self, head: int) -> bytes:
        """The next whole message of the till."""
        self._fill(head)
        size = struct.unpack("!I", self._heard[head - 4 : head])[0] + head - 4
        self._fill(size)
        message, self._heard = self._heard[:size], self._heard[size:]
        return message

    def _fill(self, size: int) -> None:
        while len(self._heard) < size:
            data = self.till.recv(1 << 16)
            if not data:
                raise OSError("the till has gone")
            self._heard += data

    def close(self, *, unless_answering: bool = False) -> None:
        if unless_answering and self.is_swallowing:
            return
        for end in (self.till, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def proxy(postgresql: Server) -> Iterator[Proxy]:
    """A wire to the PostgreSQL of this test process."""
    made = Proxy(postgresql.folder)
    yield made
    made.close()


@pytest.fixture
def killable_proxy(killable_server: Server) -> Iterator[Proxy]:
    """A wire to the server that is killed."""
    made = Proxy(killable_server.folder)
    yield made
    made.close()
