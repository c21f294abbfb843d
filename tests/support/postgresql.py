"""A real PostgreSQL for the tests: one server per test process, one fresh database per test."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

_NOT_FOUND = "NO POSTGRESQL HERE: its tests were left out (Debian: apt-get install postgresql)"


def _binaries() -> Path | None:
    """The folder with initdb and postgres, where a package manager puts it."""
    folders = []
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True)
        folders.append(Path(said.stdout.strip()))
    for parent, pattern in (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin")):
        folders += sorted(Path(parent).glob(pattern), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


class Server:
    """A running server; ``database()`` lends a database and drops it afterwards."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._control = psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def create(self, *, template: str = "template1") -> str:
        """Make a database, a copy of ``template``, and say its name."""
        name = f"shop{next(self._numbers)}"
        self._control.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self._control.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """The URL of a database of one's own."""
        name = self.create(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def close(self) -> None:
        self._control.close()


@contextmanager
def _running(binaries: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="shopdesk-pg-"))  # short: the path of a socket may have 107 letters
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        person = pwd.getpwnam("postgres")
        identity = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
        os.chown(folder, person.pw_uid, person.pw_gid)
    data, log = folder / "data", folder / "log"
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **identity,
        )  # fmt: skip
        wishes = (
            "listen_addresses= fsync=off synchronous_commit=off full_page_writes=off autovacuum=off"
            " wal_level=minimal max_wal_senders=0 max_connections=40 shared_buffers=32MB"
        )
        options = [word for wish in wishes.split() for word in ("-c", wish)]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, **identity,
                preexec_fn=_end_with_me(),  # noqa: PLW1509 - a call into the kernel, ready made before the fork
            )  # fmt: skip
        try:
            server = _connected(process, folder, log)
            yield server
            server.close()
        finally:
            process.send_signal(signal.SIGINT)  # "fast": rolls back what is open and goes
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _connected(process: "subprocess.Popen[bytes]", folder: Path, log: Path) -> Server:
    limit = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < limit:
        try:
            return Server(folder)
        except psycopg.OperationalError:
            continue  # not listening yet; a refused try costs a fraction of a millisecond
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _end_with_me() -> Callable[[], None] | None:
    """Lets the kernel stop the server if the test process is killed; elsewhere than on Linux it would stay."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_death_signal = 1
    return lambda: prctl(set_death_signal, signal.SIGINT)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """The PostgreSQL of this test process."""
    if not (binaries := _binaries()):
        pytest.skip(_NOT_FOUND)
    with _running(binaries) as server:
        yield server


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any(_NOT_FOUND in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(f"*** {_NOT_FOUND} ***", red=True, bold=True)
