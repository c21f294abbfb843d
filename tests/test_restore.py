"""Restoring: what is staged is verified and shown before yes; a file of another form or too large is never taken."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from shopdesk import cli, restore
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.store import backup_archive, backup_file, upgrade
from shopdesk.store.database import connect
from support.backup_keys import LOCK, PHRASE
from support.disks import SmallDisk
from support.shops import open_shop


@pytest.fixture
def good(tmp_path: Path, sqlite_shop_url: str) -> Path:
    """A good backup's database."""
    with closing(connect(sqlite_shop_url)) as database:
        open_shop(database).issue()
        assert database.path is not None
        backup_file.back_up(database.path, tmp_path / "good.db")
    return tmp_path / "good.db"


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop's file of an empty data folder, which the commands use."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("SHOPDESK_HOME", str(home))
    return home / "shopdesk.db"


def changed(good: Path, *statements: str) -> Path:
    """The backup after somebody changed it by hand, packed."""
    with closing(sqlite3.connect(good)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    backup_archive.pack(good, good.with_name("changed.zip"))
    return good.with_name("changed.zip")


AMOUNT = "UPDATE documents SET gross_minor = gross_minor + 100, net_minor = net_minor + 100"


def test_a_hand_changed_amount_is_shown_and_nothing_is_restored_without_yes(
    good: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = changed(good, AMOUNT)
    assert cli.main(["restore", str(archive)]) == 1
    said = capsys.readouterr()
    assert "R-A-2026-000001: its rows add up to" in said.out
    assert "Nothing was changed" in said.err
    assert not target.exists()
    assert [path.name for path in target.parent.iterdir() if "restored" in path.name] == []
    assert cli.main(["restore", "--yes", str(archive)]) == 0
    assert target.exists()
    assert cli.main(["verify"]) == 1


def test_a_good_backup_of_an_older_version_is_migrated_and_verified_before_it_is_taken(
    good: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(connect(f"sqlite:///{good}")) as database:
        upgrade.migrate(database, "0001")
    backup_archive.pack(good, good.with_name("old.zip"), lock=LOCK)
    staged = restore.stage(good.with_name("old.zip"), target, phrase=PHRASE)
    assert (staged.contents.documents, staged.faults) == (1, ())
    backup_file.put_in_place(target)
    assert cli.main(["verify"]) == 0
    assert [path.name for path in target.parent.iterdir() if "restored" in path.name] == []
    archive = changed(good, AMOUNT)
    assert restore.stage(archive, target).faults
    backup_file.discard(target)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER keep_documents_sealed",
        "CREATE TRIGGER evil AFTER INSERT ON payments BEGIN DELETE FROM drafts; END",
        "CREATE TRIGGER keep_evil AFTER INSERT ON payments BEGIN DELETE FROM drafts; END",
        "ALTER TABLE documents RENAME COLUMN note TO notes",
        "DROP TABLE day_closes",
    ],
)
def test_a_file_of_another_form_is_never_taken(good: Path, target: Path, change: str) -> None:
    with pytest.raises(Refused, match=r"another form|not a backup"):
        restore.stage(changed(good, change), target)
    assert list(target.parent.iterdir()) == []


def test_letters_that_are_no_utf_8_are_said_in_words(good: Path, target: Path) -> None:
    archive = changed(
        good, "UPDATE customers SET name = CAST(x'ff41' AS TEXT)", "UPDATE shop SET name = CAST(x'ff' AS TEXT)"
    )
    with pytest.raises(Refused, match=r"damaged|not a backup"):
        restore.stage(archive, target)
    assert list(target.parent.iterdir()) == []


def test_a_backup_that_does_not_fit_is_refused_before_it_is_unpacked(good: Path, small_disk: SmallDisk) -> None:
    with closing(sqlite3.connect(good)) as connection, connection:
        connection.execute("CREATE TABLE bulk (data BLOB)")
        connection.execute("INSERT INTO bulk VALUES (zeroblob(50000000))")
    target = small_disk.path / "shop" / "shopdesk.db"
    backup_archive.pack(good, good.with_name("plain.zip"))
    backup_archive.pack(good, good.with_name("locked.zip"), lock=LOCK)
    for backup in (good, good.with_name("plain.zip"), good.with_name("locked.zip")):
        with pytest.raises(Unavailable, match=r"needs 5\d\.\d MB, but only .* MB are free"):
            restore.stage(backup, target, phrase=PHRASE)
        assert list(target.parent.iterdir()) == []


def test_an_archive_that_tells_another_length_than_its_head_is_refused(good: Path, target: Path) -> None:
    whole = good.read_bytes()
    for odd in (whole + bytes(4096), whole[:-4096], whole[:50]):
        with zipfile.ZipFile(good.with_name("odd.zip"), "w") as archive:
            archive.writestr("shop.db", odd)
        with pytest.raises(Refused, match="damaged or not a backup"):
            restore.stage(good.with_name("odd.zip"), target)
        good.with_name("odd.zip").unlink()
