"""The daily backup: made of the real file, in a folder that may be away, full or shared; kept by rule, never half."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shopdesk import daily_backup
from shopdesk.daily_backup import StoredBackup
from shopdesk.domain.backup_retention import is_due
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.queries import documents
from shopdesk.queries import shop as ask_shop
from shopdesk.settings import BackupSettings, Settings
from shopdesk.store import backup_archive, backup_file, backup_log, upgrade, whole_check
from shopdesk.store.database import Database, connect
from shopdesk.store.shop import shop_mark
from support.backup_keys import LOCK, PHRASE
from support.disks import SmallDisk
from support.shops import SampleShop, open_shop


@pytest.fixture
def sample_shop(home: Path, sqlite_shop_url: str) -> Iterator[SampleShop]:
    """A shop in a local file, with one document, in a home that is made."""
    home.mkdir(parents=True, exist_ok=True)
    database = connect(sqlite_shop_url)
    sample_shop = open_shop(database)
    sample_shop.issue()
    yield sample_shop
    database.close()


@pytest.fixture
def place(home: Path, sample_shop: SampleShop) -> Path:
    """The program's own folder for backups, which nobody had to make."""
    return daily_backup.folder(Settings(), home)


def keep(sample_shop: SampleShop, home: Path, place: Path, *, after: timedelta = timedelta(days=1)) -> StoredBackup:
    """A day later, another one."""
    sample_shop.now += after
    return daily_backup.make_backup(sample_shop.database, home=home, place=place, till="A", now=sample_shop.now)


def begun(steps: Sequence[str]) -> list[str]:
    """The steps, without how far the check of everything came."""
    return list(dict.fromkeys(step.split()[0] for step in steps))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def restored(archive: Path, folder: Path, phrase: str | None = None) -> int:
    """How many documents there are after a restore on a new machine."""
    target = folder / "elsewhere" / "shop.db"
    backup_file.restore(archive, target, newest=upgrade.HEAD, phrase=phrase)
    with closing(sqlite3.connect(target)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM documents").fetchone()
    return int(count)


def test_a_backup_is_checked_packed_recorded_and_restores(
    sample_shop: SampleShop, home: Path, place: Path, tmp_path: Path
) -> None:
    steps: list[str] = []
    made = daily_backup.make_backup(
        sample_shop.database, home=home, place=place, till="A", now=sample_shop.now, step=steps.append
    )
    assert re.fullmatch(r"Corner-Shop-2026-11-23-\d{6}\.zip", made.path.name)
    assert begun(steps) == list(daily_backup.STEPS)
    last = sample_shop.ask(backup_log.last)
    assert last is not None
    assert (last.at, last.place, last.size, last.till) == (
        sample_shop.now,
        str(made.path),
        made.path.stat().st_size,
        "A",
    )
    assert daily_backup.stored_backups(place, sample_shop.ask(shop_mark)) == (made,)
    assert names(place) == {made.path.name}
    assert made.path.stat().st_mode & 0o077 == 0  # it has customers in it
    assert restored(made.path, tmp_path) == 1
    assert names(home) - {".backup.lock", "backups", whole_check.FILE} == set()


def test_a_year_of_days_is_kept_by_the_rule_and_nothing_else_is_touched(
    sample_shop: SampleShop, home: Path, place: Path
) -> None:
    place.mkdir()
    made = keep(sample_shop, home, place)
    others = {"photos.zip", "Corner-Shop-2020-01-01-120000.zip", "Corner-Shop-2020-01-02-120000.zip", "notes.txt"}
    (place / "photos.zip").write_bytes(made.path.read_bytes())  # somebody renamed one: it is theirs now
    (place / "Corner-Shop-2020-01-01-120000.zip").write_text("not an archive at all")
    backup_archive.pack(made.path, place / "Corner-Shop-2020-01-02-120000.zip", note="shopdesk of another shop")
    (place / "notes.txt").write_text("milk, bread")
    for number in range(1, 40):  # as if made on forty days
        day = made.at - timedelta(days=number)
        os.link(made.path, place / f"Corner-Shop-{day:%Y-%m-%d-%H%M%S}.zip")
    newest = keep(sample_shop, home, place)
    there = daily_backup.stored_backups(place, sample_shop.ask(shop_mark))
    assert there[0] == newest
    assert len(there) < 15
    assert {newest.at.date() - timedelta(days=back) for back in range(7)} <= {one.at.date() for one in there}
    assert others <= names(place)


def test_an_encrypted_backup_needs_no_secret_of_this_machine(
    sample_shop: SampleShop, home: Path, place: Path, tmp_path: Path
) -> None:
    LOCK.write(home / daily_backup.KEY_FILE)
    made = keep(sample_shop, home, place)
    assert made.is_locked
    assert names(home) == {".backup.lock", "backups", "backup.key", whole_check.FILE}  # no copy lies open
    assert restored(made.path, tmp_path, PHRASE) == 1
    (home / daily_backup.KEY_FILE).write_text("scribbled over")
    with pytest.raises(Unavailable, match="Set the pass phrase again"):
        keep(sample_shop, home, place)
    assert len(names(place)) == 1


def test_a_folder_that_is_away_is_said_and_not_made(sample_shop: SampleShop, home: Path, tmp_path: Path) -> None:
    stick = daily_backup.folder(Settings(backup=BackupSettings(folder=str(tmp_path / "stick" / "shop"))), home)
    with pytest.raises(Unavailable, match=r"cannot be found\. Plug in the disk"):
        keep(sample_shop, home, stick)
    with pytest.raises(Unavailable, match=r"cannot be found\. Plug in the disk"):
        daily_backup.stored_backups(stick, "")
    assert not stick.parent.exists()
    assert sample_shop.ask(backup_log.last) is None
    stick.mkdir(parents=True)
    assert keep(sample_shop, home, stick).path.parent == stick


def test_a_full_or_read_only_disk_is_said_and_leaves_the_older_ones(
    sample_shop: SampleShop, home: Path, small_disk: SmallDisk
) -> None:
    first = keep(sample_shop, home, small_disk.path)
    small_disk.fill()
    with pytest.raises(Unavailable, match=r"No space left on device.*free up some space"):
        keep(sample_shop, home, small_disk.path)
    assert names(small_disk.path) == {first.path.name, "filler"}
    small_disk.free()
    small_disk.remount("ro")
    with pytest.raises(Unavailable, match="Read-only file system"):
        keep(sample_shop, home, small_disk.path)
    small_disk.remount("rw")
    keep(sample_shop, home, small_disk.path)
    assert len(names(small_disk.path)) == 2


def test_a_full_data_disk_is_said_too(sample_shop: SampleShop, place: Path, small_disk: SmallDisk) -> None:
    place.mkdir(parents=True)
    small_disk.fill()
    with pytest.raises(Unavailable, match=rf"to {small_disk.path}/.* failed: .*full"):
        daily_backup.make_backup(sample_shop.database, home=small_disk.path, place=place, till="A", now=sample_shop.now)
    assert names(small_disk.path) <= {"filler", ".backup.lock"}


def _break(database: Database, statement: str) -> None:
    assert database.path is not None
    with closing(sqlite3.connect(database.path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


def test_books_that_do_not_hold_are_told_and_drop_no_older_backup(
    sample_shop: SampleShop, home: Path, place: Path
) -> None:
    good = [keep(sample_shop, home, place, after=timedelta(minutes=1)) for _ in range(2)]
    assert len(names(place)) == 1  # of one day the newest
    sample_shop.issue()  # of what was checked before, only the check of everything sees more
    _break(sample_shop.database, "UPDATE documents SET paid_minor = paid_minor + 1")
    with pytest.raises(Unavailable, match=r"data failed verification: R-A-.* Run “shopdesk verify”"):
        keep(sample_shop, home, place, after=timedelta(minutes=1))
    assert good[-1].path.exists()
    last = sample_shop.ask(backup_log.last)
    assert last is not None
    assert last.place == str(good[-1].path)


def test_each_day_checks_what_is_new_and_each_week_everything(sample_shop: SampleShop, home: Path, place: Path) -> None:
    steps: list[str] = []

    def make(after: timedelta) -> list[str]:
        sample_shop.now += after
        steps.clear()
        given = {"home": home, "place": place, "till": "A", "now": sample_shop.now}
        daily_backup.make_backup(sample_shop.database, **given, step=steps.append)  # type: ignore[arg-type]
        return [step for step in steps if step.startswith("check")]

    assert make(timedelta(days=1))[-1] == "check 99"  # the first checks everything
    first = whole_check.read(home, shop=sample_shop.ask(shop_mark))
    assert first is not None
    assert first.at == sample_shop.now
    sample_shop.issue()
    assert make(timedelta(days=1)) == ["check"]
    _behind_the_guards(sample_shop.database, "UPDATE documents SET buyer_name = 'Eve' WHERE number LIKE '%1'")
    assert make(timedelta(days=1)) == ["check"]  # it was checked before, and is in no new row
    with pytest.raises(Unavailable, match=r"R-A-.*000001: it is stored otherwise"):
        make(timedelta(days=5))
    assert whole_check.read(home, shop=sample_shop.ask(shop_mark)) == first
    assert whole_check.read(home, shop="another") is None


def test_a_chain_that_was_made_anew_is_named_the_same_day(sample_shop: SampleShop, home: Path, place: Path) -> None:
    keep(sample_shop, home, place)
    _behind_the_guards(sample_shop.database, "UPDATE journal SET hash = zeroblob(32)")
    with pytest.raises(Unavailable, match="is not the one that was verified before"):
        keep(sample_shop, home, place)


def _behind_the_guards(database: Database, statement: str) -> None:
    """Change what is kept for ever, and put the guards back."""
    assert database.path is not None
    with closing(sqlite3.connect(database.path)) as connection, connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)


def test_a_copy_that_failed_verification_is_kept_apart_named_and_never_counted(
    sample_shop: SampleShop, home: Path, place: Path, tmp_path: Path
) -> None:
    good = keep(sample_shop, home, place)
    _break(sample_shop.database, "UPDATE documents SET paid_minor = paid_minor + 1")
    with pytest.raises(Unavailable, match="failed verification"):
        keep(sample_shop, home, place)
    with pytest.raises(Unavailable, match=r"The copy is kept apart as \S+\.failed\.zip\.") as told:
        keep(sample_shop, home, place)
    mark = sample_shop.ask(shop_mark)
    assert daily_backup.stored_backups(place, mark) == (good,)
    (apart,) = names(place) - {good.path.name}  # of two attempts the last
    assert f"{place / apart}." in str(told.value)
    assert is_due([one.at for one in daily_backup.stored_backups(place, mark)], now=sample_shop.now)
    assert restored(place / apart, tmp_path) == 1  # what is wrong with it can be looked into


def test_a_damaged_file_makes_no_backup(sample_shop: SampleShop, home: Path, place: Path) -> None:
    path = sample_shop.database.path
    assert path is not None
    sample_shop.database.close()
    data = bytearray(path.read_bytes())
    for page in range(8, len(data) // 4096):
        data[page * 4096 : page * 4096 + 400] = bytes(400)
    path.write_bytes(data)
    with pytest.raises((Unavailable, sqlite3.DatabaseError), match=r"damaged|malformed"):
        daily_backup.pack(path, place / "copy.zip", home=home)
    assert not place.exists() or names(place) == set()


def test_before_there_is_a_shop_there_is_nothing_to_back_up(home: Path, sqlite_shop_url: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    database = connect(sqlite_shop_url)
    with database.reads() as session:
        assert shop_mark(session) == ""
    with pytest.raises(Refused, match="not set up yet"):
        daily_backup.make_backup(database, home=home, place=home / "backups", till="A", now=SampleShop.now)
    database.close()


def _command(sample_shop: SampleShop, home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "shopdesk", "backup"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "SHOPDESK_HOME": str(home),
            "SHOPDESK_DATABASE_URL": f"sqlite:///{sample_shop.database.path}",
        },
    )


def test_of_two_processes_at_once_one_makes_the_backup_and_a_killed_one_leaves_nothing_that_counts(
    sample_shop: SampleShop, home: Path, place: Path
) -> None:
    first = _command(sample_shop, home)
    assert first.stdout is not None
    assert first.stdout.readline() == "copy\n"  # it holds the folder now
    os.kill(first.pid, signal.SIGSTOP)
    second = _command(sample_shop, home)
    assert second.communicate()[1] == "shopdesk: A backup is already running.\n"
    assert second.returncode == 1
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert daily_backup.stored_backups(place, sample_shop.ask(shop_mark)) == ()
    third = _command(sample_shop, home)
    out, err = third.communicate()
    assert (third.returncode, err) == (0, "")
    (made,) = daily_backup.stored_backups(place, sample_shop.ask(shop_mark))
    *steps, last = out.splitlines()
    assert (begun(steps), last) == (list(daily_backup.STEPS), f"Backed up to {made.path}.")
    assert names(place) == {made.path.name}
    assert names(home) - {".backup.lock", "backups", "logs", whole_check.FILE} == set()


def test_selling_goes_on_while_a_backup_is_made(
    sample_shop: SampleShop, home: Path, place: Path, tmp_path: Path
) -> None:
    made = daily_backup.make_backup(
        sample_shop.database,
        home=home,
        place=place,
        till="A",
        now=sample_shop.now,
        step=lambda name: name in daily_backup.STEPS and sample_shop.issue(),
    )
    assert sample_shop.ask(documents.recent, 9)[0].number.endswith("000004")
    assert restored(made.path, tmp_path) == 2  # the first, and the one issued before the copy began


def test_a_shop_in_letters_of_four_bytes_gets_a_name_that_the_disk_takes(sample_shop: SampleShop, home: Path) -> None:
    shop = sample_shop.ask(ask_shop.current)
    assert shop is not None
    sample_shop.change_shop(seller=replace(shop.seller, name="\N{ADLAM SMALL LETTER ALIF}" * 80))
    made = keep(sample_shop, home, home / daily_backup.FOLDER)
    assert made.path.exists()
    assert len(made.path.name.encode()) < 200
