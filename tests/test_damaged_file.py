"""The worst day: a damaged schema page. Every command says so in words, and a good backup comes back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shopdesk import cli
from shopdesk.domain.errors import DatabaseCorrupt
from shopdesk.store import backup_file, upgrade
from shopdesk.store.database import connect
from support.shops import open_shop

pytestmark = pytest.mark.usefixtures("qapp")  # the doctor's command must not make a lesser application

DAMAGE = [
    (b"CREATE TABLE tills", b"CREATE T\xff\xfeLE tills"),  # SQLite's own words are no UTF-8 then
    (b"CREATE TABLE tills", b"CREATE TABLE \xffills"),
    (b"tabletillstills", b"table\xff\xfells\xffills"),
    (b"CREATE TRIGGER keep_journal_update", b"CREATE TRIGGER \xff\xfeep_journal_update"),
    (
        b"CREATE TABLE documents",
        b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    ),
]


@pytest.fixture(params=DAMAGE, ids=range(len(DAMAGE)))
def damaged(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_shop_url: str, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A shop's damaged file in its data folder, with a good backup beside it."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("SHOPDESK_HOME", str(home))
    with closing(connect(sqlite_shop_url)) as database:
        open_shop(database).issue()
        assert database.path is not None
        backup_file.back_up(database.path, tmp_path / "good.db")
    raw = (tmp_path / "good.db").read_bytes()
    before, after = request.param
    assert raw.count(before) == 1
    (home / "shopdesk.db").write_bytes(raw.replace(before, after))
    return home / "shopdesk.db"


@pytest.mark.parametrize("command", ["verify", "backup", "backup copy.db", "backup copy.zip", "doctor", "copy"])
def test_every_command_says_it_in_words(damaged: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, *arguments = command.split()
    given = (
        [str(damaged), str(damaged.with_name("new.db"))]
        if name == "copy"
        else [str(damaged.with_name(one)) for one in arguments]
    )
    assert cli.main([name, *given]) == 1
    said = capsys.readouterr()
    assert "damaged" in said.out + said.err or "malformed" in said.err
    assert "Traceback" not in said.out + said.err
    assert not damaged.with_name("copy.db").exists()


def test_a_good_backup_is_restored_and_the_damaged_file_kept(
    damaged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    was = damaged.read_bytes()
    assert cli.main(["restore", str(tmp_path / "good.db")]) == 0
    assert cli.main(["verify"]) == 0
    (kept,) = damaged.parent.glob("*before-restore*")
    assert kept.read_bytes() == was
    assert "Restored" in capsys.readouterr().out


def test_the_start_knows_that_a_backup_is_to_be_restored(damaged: Path) -> None:
    with closing(connect(f"sqlite:///{damaged}")) as database, pytest.raises(DatabaseCorrupt, match="damaged"):
        upgrade.open_ready(database)


def test_a_text_in_a_row_that_is_no_utf_8_is_damage_too(damaged: Path, tmp_path: Path) -> None:
    shutil.copyfile(tmp_path / "good.db", damaged)
    with closing(sqlite3.connect(damaged)) as connection, connection:
        connection.execute("UPDATE customers SET name = CAST(x'ff41' AS TEXT)")
        connection.execute("UPDATE shop SET name = CAST(x'ff41' AS TEXT)")
        connection.execute("UPDATE tills SET name = CAST(x'ff41' AS TEXT)")
    assert cli.main(["verify"]) == 1
    assert cli.main(["doctor"]) == 1
