"""A backup as one archive: what any system opens, what only the pass phrase opens, and what is refused on the way."""

import gzip
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.queries import documents, verify
from shopdesk.store import backup_archive, backup_file, upgrade
from shopdesk.store.backup_archive import BackupKey
from shopdesk.store.database import connect
from support.backup_keys import LOCK, PHRASE
from support.disks import SmallDisk
from support.shops import open_shop


@pytest.fixture
def plain(tmp_path: Path, sqlite_shop_url: str) -> Path:
    """A checked copy of a shop with one document."""
    database = connect(sqlite_shop_url)
    open_shop(database).issue()
    assert database.path is not None
    backup_file.back_up(database.path, tmp_path / "plain.db")
    database.close()
    return tmp_path / "plain.db"


def restored(archive: Path, folder: Path, phrase: str | None = None) -> None:
    """The books of an archive hold, restored where there was nothing."""
    target = folder / "restored.db"
    assert backup_file.restore(archive, target, newest=upgrade.HEAD, phrase=phrase) is None
    database = connect(f"sqlite:///{target}")
    with database.reads() as session:
        assert len(documents.recent(session, 5)) == 1
        assert list(verify.violations(session)) == []
    database.close()


def test_a_packed_backup_is_a_zip_archive_with_the_database(plain: Path, tmp_path: Path) -> None:
    size = backup_archive.pack(plain, tmp_path / "shop.zip", note="whose it is")
    assert size < plain.stat().st_size / 2
    assert not backup_archive.is_encrypted(tmp_path / "shop.zip")
    assert backup_archive.comment(tmp_path / "shop.zip") == "whose it is"
    with zipfile.ZipFile(tmp_path / "shop.zip") as archive:
        assert archive.read("shop.db") == plain.read_bytes()
        assert b"Restore a backup" in archive.read("HOW TO RESTORE.txt")
    restored(tmp_path / "shop.zip", tmp_path)


def test_a_locked_backup_is_opened_by_its_pass_phrase_alone(plain: Path, tmp_path: Path) -> None:
    archive = tmp_path / "shop.zip"
    backup_archive.pack(plain, archive, lock=LOCK)
    assert backup_archive.is_encrypted(archive)
    assert b"SQLite format" not in archive.read_bytes()
    for phrase, said in (
        (None, "Enter its pass phrase"),
        ("", "Enter its pass phrase"),
        ("not this one", "does not open"),
    ):
        with pytest.raises(Refused, match=said) as refused:
            backup_file.restore(archive, tmp_path / "never.db", newest=upgrade.HEAD, phrase=phrase)
        assert refused.value.faults[0].field == "phrase"
    assert not list(tmp_path.glob("*never*")) + list(tmp_path.glob(".*never*"))
    restored(archive, tmp_path, PHRASE)


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")
def test_the_age_tool_opens_a_locked_backup(plain: Path, tmp_path: Path) -> None:
    backup_archive.pack(plain, tmp_path / "shop.zip", lock=LOCK)
    with zipfile.ZipFile(tmp_path / "shop.zip") as archive:
        archive.extractall(tmp_path / "out")
    # It asks a terminal for the pass phrase; the key itself, opened by the library, spares the test one.
    identity = backup_archive._opened((tmp_path / "out" / "key.age").read_bytes(), PHRASE)
    (tmp_path / "key").write_text(str(identity))
    command: list[str | Path] = ["age", "-d", "-i", tmp_path / "key", tmp_path / "out" / "shop.db.gz.age"]
    opened = subprocess.run(command, capture_output=True, check=True)
    assert gzip.decompress(opened.stdout) == plain.read_bytes()


def test_a_lock_is_kept_in_a_file_without_the_pass_phrase(tmp_path: Path) -> None:
    assert BackupKey.read(tmp_path / "backup.key") is None
    LOCK.write(tmp_path / "backup.key")
    assert BackupKey.read(tmp_path / "backup.key") == LOCK
    assert PHRASE not in (tmp_path / "backup.key").read_text("utf-8")
    (tmp_path / "backup.key").write_text("{}")
    with pytest.raises(Unavailable, match=r"cannot be read\. Set the pass phrase again"):
        BackupKey.read(tmp_path / "backup.key")
    with pytest.raises(Refused, match="at least 12 characters"):
        backup_archive.new_backup_key("short")


def _cut(data: bytes) -> bytes:
    return data[:-200]


def _hollow(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(64) + data[middle + 64 :]


@pytest.mark.parametrize("is_locked", [False, True])
@pytest.mark.parametrize("damage", [_cut, _hollow])
def test_a_damaged_archive_is_refused_and_the_present_file_stays(
    plain: Path, tmp_path: Path, damage: Callable[[bytes], bytes], is_locked: bool
) -> None:
    archive = tmp_path / "shop.zip"
    backup_archive.pack(plain, archive, lock=LOCK if is_locked else None)
    archive.write_bytes(damage(archive.read_bytes()))
    present = (tmp_path / "shop.db").read_bytes()
    with pytest.raises(Refused, match="not a backup"):
        backup_file.restore(archive, tmp_path / "shop.db", newest=upgrade.HEAD, phrase=PHRASE)
    assert (tmp_path / "shop.db").read_bytes() == present
    assert not list(tmp_path.glob(".*restored"))


def test_another_archive_is_no_backup(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("cat.jpg", b"miaow")
    with pytest.raises(Refused, match="not a backup"):
        backup_file.restore(tmp_path / "photos.zip", tmp_path / "shop.db", newest=upgrade.HEAD)


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_full_disk_leaves_no_half_archive(
    plain: Path, small_disk: SmallDisk, tmp_path: Path, is_locked: bool
) -> None:
    big = tmp_path / "big.db"
    big.write_bytes(plain.read_bytes() + os.urandom(5_000_000))  # more than the disk has
    with pytest.raises(Unavailable, match=r"failed: .*No space left.*free up some space"):
        backup_archive.pack(big, small_disk.path / "shop.zip", lock=LOCK if is_locked else None)
    assert list(small_disk.path.iterdir()) == []
    small_disk.remount("ro")
    with pytest.raises(Unavailable, match="failed: Read-only"):
        backup_archive.pack(plain, small_disk.path / "shop.zip", lock=LOCK if is_locked else None)


def test_what_was_staged_says_what_is_in_it(plain: Path, tmp_path: Path) -> None:
    backup_archive.pack(plain, tmp_path / "shop.zip")
    target = tmp_path / "new" / "shop.db"
    found = backup_file.stage(tmp_path / "shop.zip", target, newest=upgrade.HEAD)
    assert (found.shop, found.documents) == ("Corner Shop", 1)
    assert found.last_number.startswith("R-A-")
    assert found.last_at is not None
    assert not target.exists()
    backup_file.discard(target)
    assert list(target.parent.iterdir()) == []
