"""Every file the program writes whole: there after a power cut as it was or as it was to be, and nothing beside it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shopdesk import atomic_file, settings
from shopdesk.domain.draft import DraftForm, DraftRow, LocalDraft
from shopdesk.gateways.local_drafts import FOLDER, LocalDraftStore
from shopdesk.row_keys import new_key
from shopdesk.store import backup_archive, backup_file
from shopdesk.ui.output.export import save_bytes
from support.backup_keys import LOCK
from support.disks import SmallDisk
from support.systems import POSIX, WINDOWS, has_mode

Judge = Callable[[Path], bool]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- the writer itself -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty one."""
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def test_a_file_is_replaced_whole_and_nothing_stays_beside_it(folder: Path, survives_power_cut: Judge) -> None:
    target = folder / "file"
    target.write_bytes(b"the older one")
    atomic_file.write(target, b"new")
    assert target.read_bytes() == b"new"
    assert names(folder) == ["file"]
    assert survives_power_cut(target)


@POSIX
@pytest.mark.parametrize(("asked", "has"), [(atomic_file.PRIVATE, 0o600), (atomic_file.DEFAULT, 0o640)])
def test_its_owner_alone_reads_it_unless_a_person_chose_the_place(folder: Path, asked: int, has: int) -> None:
    target = folder / "file"
    before = os.umask(0o027)
    try:
        with atomic_file.writing(target, mode=asked) as part:
            assert has_mode(part, has)
    finally:
        os.umask(before)
    assert has_mode(target, has)


def test_a_block_that_fails_leaves_what_was_there(folder: Path) -> None:
    target = folder / "file"
    target.write_bytes(b"the older one")

    def write_half() -> None:
        with atomic_file.writing(target) as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert target.read_bytes() == b"the older one"
    assert names(folder) == ["file"]


def test_two_who_write_one_file_never_write_into_one(folder: Path) -> None:
    target = folder / "file"
    first, second = atomic_file.create(target), atomic_file.create(target)
    first.path.write_bytes(b"first")
    second.path.write_bytes(b"second")
    second.commit()
    first.commit()
    assert target.read_bytes() == b"first"
    assert names(folder) == ["file"]


def test_a_name_of_a_part_that_is_given_replaces_what_a_crash_left(folder: Path) -> None:
    target, left = folder / "file", folder / ".part"
    left.write_bytes(b"a longer half of something else")
    left.chmod(0o644)
    with atomic_file.writing(target, at=left) as part:
        assert part == left
        assert part.read_bytes() == b""
        assert has_mode(part, 0o600)
        part.write_bytes(b"new")
    assert target.read_bytes() == b"new"
    assert names(folder) == ["file"]


def test_what_stands_under_the_name_of_a_part_is_never_followed(folder: Path) -> None:
    victim, target, left = folder / "victim", folder / "file", folder / ".part"
    victim.write_bytes(b"somebody else's")
    left.symlink_to(victim)
    with atomic_file.writing(target, at=left) as part:
        part.write_bytes(b"new")
    assert victim.read_bytes() == b"somebody else's"
    assert not target.is_symlink()


@WINDOWS
def test_a_file_that_another_program_reads_for_a_moment_is_replaced_then(folder: Path) -> None:
    target = folder / "file"
    target.write_bytes(b"the older one")
    reader = target.open("rb")
    moment = threading.Timer(0.2, reader.close)
    moment.start()
    atomic_file.write(target, b"new")
    moment.join()
    assert target.read_bytes() == b"new"
    with target.open("rb"), pytest.raises(PermissionError):
        atomic_file.write(target, b"newer")
    assert (target.read_bytes(), names(folder)) == (b"new", ["file"])


def test_the_longest_name_has_room_for_its_part(folder: Path) -> None:
    target = folder / ("ż" * 127)  # 254 bytes of 255
    atomic_file.write(target, b"new")
    assert target.read_bytes() == b"new"


def test_a_full_disk_leaves_what_was_there(small_disk: SmallDisk) -> None:
    target = small_disk.path / "file"
    target.write_bytes(b"the older one")
    small_disk.fill()
    with pytest.raises(OSError, match="No space left"):
        atomic_file.write(target, b"new" * 5000)
    assert target.read_bytes() == b"the older one"
    assert names(small_disk.path) == ["file", "filler"]


# --- who writes by it ------------------------------------------------------------------------------------------------


def test_settings_survive_a_power_cut(home: Path, survives_power_cut: Judge) -> None:
    home.mkdir()
    for printer in ("First", "Second"):
        settings.save(home, {"till.printer": printer})
        assert survives_power_cut(home / settings.FILE)
    assert has_mode(home / settings.FILE, 0o600)
    assert names(home) == [settings.FILE]


def test_a_document_kept_on_the_till_survives_a_power_cut(home: Path, survives_power_cut: Judge) -> None:
    home.mkdir()
    form = DraftForm(key=new_key(), rows=(DraftRow("Milk", "1", "0.89"),))
    shelved = LocalDraft(form=form, till_key=new_key(), by_key=new_key(), changed_at=datetime(2026, 11, 23, tzinfo=UTC))
    for _ in range(2):
        LocalDraftStore(home).save(shelved)
        assert survives_power_cut(home / FOLDER / f"{form.key}.draft")
    assert names(home / FOLDER) == [f"{form.key}.draft"]


def test_a_pdf_that_is_saved_survives_a_power_cut(tmp_path: Path, survives_power_cut: Judge) -> None:
    path = tmp_path / "R-A-2026-000001.pdf"
    save_bytes(path, b"%PDF")
    assert survives_power_cut(path)


def test_a_backup_its_archive_and_its_key_survive_a_power_cut(
    tmp_path: Path, sqlite_shop_url: str, survives_power_cut: Judge
) -> None:
    copy, archive, key = tmp_path / "copy.db", tmp_path / "shop.zip", tmp_path / "backup.key"
    backup_file.back_up(Path(sqlite_shop_url.removeprefix("sqlite:///")), copy)
    backup_archive.pack(copy, archive, lock=LOCK)
    LOCK.write(key)
    assert all(map(survives_power_cut, (copy, archive, key)))
    assert all(has_mode(path, 0o600) for path in (copy, archive, key))
    assert json.loads(key.read_text("utf-8"))["recipient"] == LOCK.recipient


def test_a_restored_file_survives_a_power_cut(tmp_path: Path, sqlite_shop_url: str, survives_power_cut: Judge) -> None:
    present = Path(sqlite_shop_url.removeprefix("sqlite:///"))
    backup_file.back_up(present, tmp_path / "copy.db")
    backup_file.restore(tmp_path / "copy.db", present, newest="9999")
    assert survives_power_cut(present)


@POSIX
def test_a_pipe_or_a_folder_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(OSError, match="not an ordinary file"):
            atomic_file.write(tmp_path / name, b"content")
    assert (tmp_path / "pipe").is_fifo()
    assert not list(tmp_path.glob(".*"))
