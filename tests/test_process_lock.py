"""One process at a time: who holds a lock keeps the others out, and nothing that stays of a lock keeps anyone out."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from shopdesk import cli, daily_backup, process_lock
from shopdesk.domain.errors import Refused
from shopdesk.process_lock import LockHeld
from shopdesk.store import backup_file
from shopdesk.store.database import connect
from support.shops import open_shop
from support.systems import POSIX

_HOLDS = """
import sys
from pathlib import Path
from shopdesk import process_lock
held = process_lock.acquire(Path(sys.argv[1]))
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the lock is; nothing is there yet."""
    return tmp_path / "shop.db.lock"


@contextmanager
def another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """One that holds the lock."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", _HOLDS, path], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "\n"
        yield process
        process.kill()


def test_who_comes_second_is_told_who_is_there(path: Path) -> None:
    with another_process(path) as other:
        with pytest.raises(
            LockHeld, match=f"{path.parent} is in use: shopdesk is already running for .+ on .+"
        ) as told:
            process_lock.acquire(path)
        assert (told.value.is_ours, told.value.process, told.value.folder) == (True, other.pid, path.parent)
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_lock_ends_with_its_process_and_what_stays_of_it_blocks_nobody(path: Path) -> None:
    with another_process(path) as other:
        other.kill()
        other.wait()
        assert f"process {other.pid}" in path.read_text("utf-8")
        with process_lock.acquire(path):
            assert f"process {os.getpid()}\n" in path.read_text("utf-8")


@pytest.mark.parametrize("stale", ["", "grace on another-till, process 4711\n" * 20, "no such words \x00"])
def test_whatever_stands_in_the_file_blocks_nobody_and_is_replaced(path: Path, stale: str) -> None:
    path.write_text(stale, "utf-8")
    with process_lock.acquire(path):
        assert path.read_text("utf-8").endswith(f"process {os.getpid()}\n")
        assert len(path.read_text("utf-8").splitlines()) == 1
    with process_lock.acquire(path):
        pass


def test_somebody_else_is_named_and_is_not_us(path: Path) -> None:
    with process_lock.acquire(path):
        path.write_text("grace on another-till, process 12\n", "utf-8")
        with pytest.raises(LockHeld, match="for grace on another-till") as told:
            process_lock.acquire(path)
    assert not told.value.is_ours


@POSIX
def test_version_0_2_0_and_this_one_keep_each_other_out(path: Path) -> None:
    """It locks the open file itself, as this one does."""
    import fcntl

    with path.open("w") as old:
        fcntl.flock(old, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(LockHeld):
            process_lock.acquire(path)
    with process_lock.acquire(path), path.open("r+") as old, pytest.raises(BlockingIOError):
        fcntl.flock(old, fcntl.LOCK_EX | fcntl.LOCK_NB)


@POSIX
@pytest.mark.parametrize("error", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_disk_that_knows_no_locks_locks_nobody_out(path: Path, error: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with process_lock.acquire(path), process_lock.acquire(path):
        pass


def test_where_there_can_be_no_file_the_system_says_why(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        process_lock.acquire(tmp_path / "nowhere" / "shop.db.lock")


# --- who uses it -----------------------------------------------------------------------------------------------------


def test_two_backups_are_not_made_at_once_and_the_lock_stays_one_that_0_2_0_can_take(
    home: Path, sqlite_shop_url: str, tmp_path: Path
) -> None:
    home.mkdir()
    file, lock = Path(sqlite_shop_url.removeprefix("sqlite:///")), home / ".backup.lock"
    with another_process(lock), pytest.raises(Refused, match="A backup is already running"):
        daily_backup.pack(file, tmp_path / "one.zip", home=home)
    lock.unlink()
    daily_backup.pack(file, tmp_path / "two.zip", home=home)
    assert lock.read_bytes() == b""
    with closing(sqlite3.connect(lock, isolation_level=None)) as old:
        old.execute("BEGIN EXCLUSIVE")


def test_a_backup_is_not_restored_over_a_file_that_a_program_is_just_opening(
    home: Path,
    sqlite_shop_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", sqlite_shop_url)
    with closing(connect(sqlite_shop_url)) as database:
        open_shop(database).issue()
        assert database.path is not None
        file = database.path
    backup_file.back_up(file, tmp_path / "copy.db")
    with another_process(process_lock.beside(file)):
        assert cli.main(["restore", str(tmp_path / "copy.db")]) == 1
    assert f"{file.parent} is in use: shopdesk is already running" in capsys.readouterr().err
    assert list(file.parent.glob("*before-restore*")) == []
    assert cli.main(["restore", str(tmp_path / "copy.db")]) == 0
