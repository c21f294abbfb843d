"""A real PostgreSQL for the tests: one server per test process, one fresh database per test."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
import pytest

_NOT_FOUND = "NO POSTGRESQL HERE: its tests were skipped (Debian: apt-get install postgresql)"


def binaries() -> Path | None:
    """Return the folder with initdb and postgres, where package managers put it."""
    folders = []
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True)
        folders.append(Path(said.stdout.strip()))
    for parent, pattern in (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin")):
        folders += sorted(Path(parent).glob(pattern), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


_FAST = (
    "listen_addresses= fsync=off synchronous_commit=off full_page_writes=off autovacuum=off"
    " wal_level=minimal max_wal_senders=0 max_connections=40 shared_buffers=32MB max_wal_size=64MB"
)
"""Settings of a server that may lose everything when the machine stops, which a test can afford."""


_MEMORY_DISK = Path("/dev/shm")
_ROOM = 2 << 30
"""Bytes that must be free on the memory disk: a database of 9 MB a test, the logs of several servers."""


def _parent() -> Path | None:
    """Return the memory disk if it has room: a database is created there in a third of the time. Else None."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(_MEMORY_DISK).free > _ROOM and os.access(_MEMORY_DISK, os.W_OK):
            return _MEMORY_DISK
    return None


def _identity() -> dict[str, Any]:
    """Return the user to run the server as, for it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd  # not on Windows, where these tests are skipped

    person = pwd.getpwnam("postgres")
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


class Server:
    """A server in a folder of its own, which also has its socket; ``database()`` creates a database and drops it."""

    def __init__(self, binaries: Path, folder: Path, *, settings: str = _FAST) -> None:
        self.folder = folder
        self._binaries = binaries
        self._settings = settings
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: psycopg.Connection[Any] | None = None

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's own programs as the server's user."""
        command = [self._binaries / program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **_identity())
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stderr}")

    def make(self) -> None:
        """Create the files of a new server, with a superuser that needs no password."""
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self.run("initdb", "-D", self.folder / "data", *options)

    def make_anew(self) -> None:
        """Create the files of a new server in its folder, in place of what is there."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if identity := _identity():
            os.chown(self.folder, identity["user"], identity["group"])
        self.make()

    def copy(self, other: "Server") -> None:
        """Create the files of a standby that follows the other, running server."""
        data = self.folder / "data"
        self.run("pg_basebackup", "-h", other.folder, "-U", "postgres", "-D", data, "-R", "-c", "fast", "--no-sync")

    def start(self, *, port: int = 5432) -> None:
        """Start the server and wait until it answers."""
        options = [word for setting in (*self._settings.split(), f"port={port}") for word in ("-c", setting)]
        log = self.folder / "log"
        with log.open("ab") as out:
            process = self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder, **_identity(),
                preexec_fn=_end_with_me(),  # noqa: PLW1509 - a call into the kernel, ready made before the fork
            )  # fmt: skip
        limit = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < limit:
            with contextlib.suppress(psycopg.OperationalError):
                self._connection = psycopg.connect(
                    host=str(self.folder), port=port, user="postgres", dbname="postgres", autocommit=True
                )
                return  # a refused attempt costs a fraction of a millisecond
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")

    def kill(self) -> None:
        """Kill all its processes at once, like a power cut."""
        assert self._process is not None
        family = [self._process.pid, *map(int, _children(self._process.pid))]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._hang_up()

    @property
    def is_running(self) -> bool:
        """True if it was started, and neither stopped nor killed."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Shut the server down ("fast" mode: open transactions are rolled back)."""
        self._hang_up()
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, query: LiteralString, *parameters: Any) -> Any:
        """Run a query as the superuser; return the first value of the first row, or None."""
        assert self._connection is not None
        cursor = self._connection.execute(query, parameters or None)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, *, template: str = "template1") -> str:
        """Create a database from ``template`` and return its name."""
        assert self._connection is not None
        name = f"shop{next(self._numbers)}"
        how = "STRATEGY file_copy"  # a third of the time of wal_log, which writes every page to the log
        self._connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}')
        return name

    def drop(self, name: str) -> None:
        assert self._connection is not None
        self._connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """Create a database, yield its URL, and drop it."""
        name = self.create(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def new_server(settings: str = _FAST) -> Iterator[Server]:
    """Yield a server without files; stop and delete it at the end. Skips the test where PostgreSQL is not installed."""
    if not (found := binaries()):
        pytest.skip(_NOT_FOUND)
    folder = Path(
        tempfile.mkdtemp(prefix="shopdesk-pg-", dir=_parent())
    )  # short: the path of a socket may have 107 characters
    if identity := _identity():
        os.chown(folder, identity["user"], identity["group"])
    server = Server(found, folder, settings=settings)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_server(settings: str = _FAST) -> Iterator[Server]:
    """Yield a new, running server with these settings."""
    with new_server(settings) as server:
        server.make()
        server.start()
        yield server


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()


def _end_with_me() -> Callable[[], None] | None:
    """Let the kernel stop the server if the test process is killed (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_death_signal = 1
    return lambda: prctl(set_death_signal, signal.SIGINT)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """The PostgreSQL of this test process."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def _killable_server() -> Iterator[Server]:
    settings = _FAST.replace("synchronous_commit=off", "synchronous_commit=on")
    with running_server(f"{settings} max_connections=12 superuser_reserved_connections=3") as server:
        yield server


@pytest.fixture
def killable_server(_killable_server: Server) -> Server:
    """A server that a test may kill: its commits are durable, and it allows twelve connections."""
    if not _killable_server.is_running:
        _killable_server.start()
    return _killable_server


@dataclass(frozen=True)
class Pair:
    """A server and its synchronous standby: one of them may be killed."""

    primary: Server
    standby: Server

    def url(self, name: str = "postgres") -> str:
        """Return a URL that names both servers, as an owner would write it."""
        folders = (quote(str(server.folder), safe="") for server in (self.primary, self.standby))
        return f"postgresql+psycopg://postgres@{','.join(folders)}/{name}"


@pytest.fixture
def server_pair() -> Iterator[Pair]:
    """Two servers with synchronous streaming replication."""
    durable = _FAST.replace("synchronous_commit=off", "synchronous_commit=on")
    settings = durable.replace("wal_level=minimal max_wal_senders=0", "wal_level=replica max_wal_senders=4")
    with running_server(settings) as primary, new_server(settings) as standby:
        standby.copy(primary)
        standby.start()
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.ask("SELECT pg_reload_conf()")
        limit = time.monotonic() + 30
        while primary.ask("SELECT sync_state FROM pg_stat_replication") != "sync":
            assert time.monotonic() < limit, "the standby does not replicate"
        yield Pair(primary, standby)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any(_NOT_FOUND in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(f"*** {_NOT_FOUND} ***", red=True, bold=True)
