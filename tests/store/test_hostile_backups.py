"""A file that somebody sent as a backup, and that is something else: it costs no disk, no memory and no time."""

import base64
import random
import re
import sqlite3
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import pytest

from shopdesk.domain.errors import Refused
from shopdesk.store import backup_archive, backup_file, upgrade
from shopdesk.store.database import connect
from support.backup_keys import LOCK, PHRASE
from support.disks import SmallDisk
from support.shops import open_shop


@pytest.fixture
def file(tmp_path: Path, sqlite_shop_url: str) -> Path:
    """A good backup's database."""
    with closing(connect(sqlite_shop_url)) as database:
        open_shop(database).issue()
        assert database.path is not None
        backup_file.back_up(database.path, tmp_path / "good.db")
    return tmp_path / "good.db"


def refused(archive: Path, words: str, *, phrase: str | None = None) -> None:
    """It is refused in words, and nothing of it stays."""
    target = archive.parent / "new" / "shop.db"
    with pytest.raises(Refused, match=words):
        backup_file.stage(archive, target, newest=upgrade.HEAD, phrase=phrase)
    assert list(target.parent.iterdir()) == []


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def test_zeros_that_fill_a_disk_are_refused_at_their_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("shop.db", "w") as member:
        for _ in range(200):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 300_000
    refused(path, "not a backup")


def test_a_database_that_goes_on_behind_its_end_is_refused_there(
    tmp_path: Path, file: Path, small_disk: SmallDisk
) -> None:
    path = small_disk.path / "bomb.zip"
    zipped(path, shop__db=file.read_bytes() + bytes(50 << 20))
    refused(path, "damaged or not a backup")  # and not: the disk is full


def test_a_locked_database_that_goes_on_behind_its_end_is_refused_there(
    tmp_path: Path, file: Path, small_disk: SmallDisk
) -> None:
    longer = tmp_path / "longer.db"
    longer.write_bytes(file.read_bytes() + bytes(50 << 20))
    backup_archive.pack(longer, small_disk.path / "bomb.zip", lock=LOCK)
    refused(small_disk.path / "bomb.zip", "damaged or not a backup", phrase=PHRASE)


def test_a_key_that_takes_gigabytes_to_try_is_refused_at_once(tmp_path: Path, file: Path) -> None:
    backup_archive.pack(file, tmp_path / "good.zip", lock=LOCK)
    head, *body, foot = LOCK.identity.strip().splitlines()
    weak = base64.b64decode("".join(body))
    heavy = base64.b64encode(re.sub(rb"(-> scrypt \S+ )\d+", rb"\g<1>22", weak, count=1)).decode()
    key = "\n".join([head, *re.findall(".{1,64}", heavy), foot])
    with zipfile.ZipFile(tmp_path / "good.zip") as good:
        locked = good.read("shop.db.gz.age")
    for kind in (key.encode(), re.sub(rb"(-> scrypt \S+ )\d+", rb"\g<1>22", weak, count=1)):
        path = zipped(tmp_path / "heavy.zip", key__age=kind, shop__db__gz__age=locked)
        refused(path, "damaged or not a backup", phrase=PHRASE)
    path = zipped(tmp_path / "long.zip", key__age=bytes(100 << 20), shop__db__gz__age=locked)
    refused(path, "damaged or not a backup", phrase=PHRASE)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_the_program_never_packs_is_not_unpacked(tmp_path: Path, file: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w", method) as archive:
        archive.write(file, "shop.db")
    refused(tmp_path / "other.zip", "damaged or not a backup")


def test_a_view_that_never_ends_is_not_read(tmp_path: Path, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("ALTER TABLE shop RENAME TO shop_before")
        connection.execute(
            "CREATE VIEW shop AS WITH RECURSIVE n(name) AS (SELECT 1 UNION ALL SELECT name + 1 FROM n)"
            " SELECT max(name) AS name FROM n"
        )
    backup_archive.pack(file, tmp_path / "endless.zip")
    refused(tmp_path / "endless.zip", "not a backup")


def test_any_damage_is_told_in_words(tmp_path: Path, file: Path) -> None:
    chance = random.Random(2026)
    backup_archive.pack(file, tmp_path / "plain.zip", note="shopdesk 1")
    backup_archive.pack(file, tmp_path / "locked.zip", lock=LOCK)
    target = tmp_path / "new" / "shop.db"
    for name in ("plain.zip", "locked.zip"):
        good = (tmp_path / name).read_bytes()
        for _ in range(60):
            bad = bytearray(good)
            ends = chance.randrange(80), len(bad) - chance.randrange(1, 250)
            place = chance.choice([chance.randrange(len(bad)), *ends])
            bad[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(1, 3))
            path = tmp_path / "bad.zip"
            path.write_bytes(bytes(bad))
            with suppress(Refused):
                backup_file.stage(path, target, newest=upgrade.HEAD, phrase=PHRASE)
            backup_file.discard(target)
            backup_archive.comment(path)
            assert list(target.parent.iterdir()) == []
