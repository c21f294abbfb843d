"""Every command in every bad situation: it says what is wrong in words, and ends with a status; never a traceback."""

import io
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from shopdesk import cli
from shopdesk.store.database import connect
from support.disks import SmallDisk
from support.shops import open_shop

pytestmark = pytest.mark.usefixtures("qapp")  # the doctor's command must not make a lesser application

COMMANDS = [
    "verify",
    "backup",
    "backup {out}/copy.db",
    "backup {out}/copy.zip",
    "restore {good}",
    "restore --yes {bad}",
    "copy {shop} {out}/new.db",
    "copy {bad} {out}/new.db",
    "copy {good} {bad}",
    "database-roles till",
    "database-roles till --apply",
    "database-roles ; --apply",
    "recover-owner ada",
    "recover-owner {bad}",
]


@pytest.fixture
def good(tmp_path: Path, sqlite_shop_url: str) -> Path:
    """The file of a good shop."""
    with closing(connect(sqlite_shop_url)) as database:
        open_shop(database).issue()
        assert database.path is not None
        return database.path


def letter(shop: Path, good: Path) -> None:
    shop.write_bytes(b"Dear Sir or Madam, this is a letter and no database, and it is long enough.")


def empty(shop: Path, good: Path) -> None:
    shop.write_bytes(b"")


def folder(shop: Path, good: Path) -> None:
    shop.mkdir()


def missing(shop: Path, good: Path) -> None:
    pass


def nowhere(shop: Path, good: Path) -> None:
    shop.symlink_to(shop)


def head_only(shop: Path, good: Path) -> None:
    shop.write_bytes(good.read_bytes()[:100])


def torn(shop: Path, good: Path) -> None:
    whole = good.read_bytes()
    shop.write_bytes(whole[: len(whole) // 2])


def zeros(shop: Path, good: Path) -> None:
    whole = good.read_bytes()
    shop.write_bytes(whole[:4096] + bytes(len(whole) - 4096))


def newer(shop: Path, good: Path) -> None:
    shutil.copyfile(good, shop)
    change(shop, "UPDATE alembic_version SET version_num = '9999'")


def no_version(shop: Path, good: Path) -> None:
    shutil.copyfile(good, shop)
    change(shop, "DELETE FROM alembic_version")


def odd_version(shop: Path, good: Path) -> None:
    shutil.copyfile(good, shop)
    change(shop, "UPDATE alembic_version SET version_num = 'abc'")


def unknown_step(shop: Path, good: Path) -> None:
    shutil.copyfile(good, shop)
    change(shop, "UPDATE alembic_version SET version_num = '0000'")


def foreign(shop: Path, good: Path) -> None:
    change(shop, "CREATE TABLE recipes (name TEXT)")


def half(shop: Path, good: Path) -> None:
    shutil.copyfile(good, shop)
    change(shop, "DROP TABLE tills")


def change(shop: Path, statement: str) -> None:
    with closing(sqlite3.connect(shop)) as connection, connection:
        connection.execute(statement)


FILES = [
    letter, empty, folder, missing, nowhere, head_only, torn, zeros, newer, no_version, odd_version, unknown_step,
    foreign, half,
]  # fmt: skip
SETTINGS: dict[str, bytes | None] = {
    "no text": b"\xff\xfe\x00\x01",
    "no toml": b"database = [",
    "deep lists": b"a = " + b"[" * 40_000,
    "deep tables": b"a = " + b"{a=" * 10_000,
    "deep keys": b".".join([b"a"] * 3_000) + b" = 1",
    "long keys": b".".join([b"a"] * 100_000) + b" = 1",
    "deep head": b"[" + b".".join([b"a"] * 3_000) + b"]",
    "wrong kind": b"database = 5",
    "no address": b'database = "mysql://x"',
    "a zero byte": b'database = "sqlite:///a\\u0000b"',
    "long number": b"[mail]\nport = " + b"9" * 10_000,
    "odd key": b'"" = 1',
    "no server": b'database = "postgresql://nobody@127.0.0.1:9/none"',
    "odd server": b'database = "postgresql://[::1/none"',
    "odd port": b'database = "postgresql://a@b:c/none"',
    "a folder": None,
}
Run = Callable[[str], None]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, which the commands use."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SHOPDESK_HOME", str(folder))
    return folder


@pytest.fixture
def run(
    home: Path, tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run a command; an exception that leaves it fails the test by itself."""
    (tmp_path / "out").mkdir()
    names = {
        "out": str(tmp_path / "out"),
        "good": str(good),
        "bad": str(tmp_path / "bad"),
        "shop": str(home / "shopdesk.db"),
        "full": str(tmp_path / "disk"),
    }
    monkeypatch.setattr("sys.stdin", io.StringIO("a phrase\nseven purple kettles sing\n"))

    def command(line: str) -> None:
        capsys.readouterr()
        arguments = [word.format(**names) for word in line.split()]
        status = cli.main(arguments)
        said = capsys.readouterr()
        assert status in {0, 1}, line
        assert "Traceback" not in said.out + said.err, line
        assert status == 0 or said.out + said.err, line
        assert "Internal error" not in said.out + said.err, line
        assert "because of an error in shopdesk" not in said.out, line

    return command


@pytest.mark.parametrize("bad", FILES)
def test_a_bad_file(run: Run, home: Path, tmp_path: Path, good: Path, bad: Callable[[Path, Path], None]) -> None:
    """In the place of the shop's file, and given to a command."""
    bad(home / "shopdesk.db", good)
    bad(tmp_path / "bad", good)
    for line in COMMANDS:
        run(line)
    if bad in {letter, zeros, half, unknown_step}:
        run("doctor --report {out}/report.txt")


@pytest.mark.parametrize("name", SETTINGS)
def test_bad_settings(run: Run, home: Path, tmp_path: Path, good: Path, name: str) -> None:
    content = SETTINGS[name]
    if content is None:
        (home / "shopdesk.toml").mkdir()
    else:
        (home / "shopdesk.toml").write_bytes(content)
    shutil.copyfile(good, home / "shopdesk.db")
    for line in COMMANDS:
        run(line)
    if name in {"deep lists", "odd server"}:
        run("doctor --report {out}/report.txt")


def test_a_data_folder_that_is_none(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for odd in (
        tmp_path / "file",
        tmp_path / "file" / "data",
        tmp_path / "loop",
    ):
        monkeypatch.setenv("SHOPDESK_HOME", str(odd))
        for line in COMMANDS:
            run(line)


@pytest.mark.parametrize(
    "odd",
    ["{out}", "{out}/none/none.db", "{out}/" + "n" * 300, "{good}/below.db"],
)
def test_odd_files_as_arguments(run: Run, home: Path, good: Path, odd: str) -> None:
    shutil.copyfile(good, home / "shopdesk.db")
    for line in (
        f"backup {odd}",
        f"restore {odd}",
        f"copy {odd} {{out}}/new.db",
        f"copy {{good}} {odd}",
        f"doctor --report {odd}",
    ):
        run(line)


def test_a_full_disk(run: Run, good: Path, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPDESK_HOME", str(small_disk.path))
    shutil.copyfile(good, small_disk.path / "shopdesk.db")
    (small_disk.path / "bad").mkdir()
    small_disk.fill()
    for line in [*COMMANDS, "doctor --report {full}/report.txt", "backup {full}/copy.db", "copy {good} {full}/new.db"]:
        run(line)


def test_a_read_only_disk(run: Run, good: Path, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPDESK_HOME", str(small_disk.path))
    shutil.copyfile(good, small_disk.path / "shopdesk.db")
    small_disk.remount("ro")
    for line in COMMANDS:
        run(line)
    small_disk.remount("rw")
