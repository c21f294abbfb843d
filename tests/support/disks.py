"""``small_disk``: a file system of a few megabytes that can be filled and made read-only, where mounting is allowed.

``survives_power_cut(path)``: true if the file was synced before it got its name, and the name was synced too.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.systems import IS_POSIX


class SmallDisk:
    """A mounted file system; ``path`` is its mount point."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self, *, but: int = 0) -> None:
        """Fill it to the last byte, or leave about ``but`` bytes free."""
        with (self.path / "filler").open("ab", buffering=0) as filler:
            size = 1 << 16
            while size:
                try:
                    filler.write(b"\x00" * size)
                except OSError:
                    size //= 2
            filler.truncate(max(0, filler.tell() - but))

    def free(self) -> None:
        """Free the space that ``fill`` took."""
        (self.path / "filler").unlink()

    def remount(self, how: str) -> None:
        """Make it read-only (``ro``) or writable (``rw``)."""
        subprocess.run(["mount", "-o", f"remount,{how}", self.path], check=True, capture_output=True)


@contextmanager
def mounted(path: Path, *, size: str) -> Iterator[SmallDisk]:
    """Mount an empty file system for the owner of the parent folder. Skips the test where mounting is not allowed."""
    path.mkdir()
    owner = path.parent.stat()
    options = f"size={size},mode=700,uid={owner.st_uid},gid={owner.st_gid}"
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system may be mounted here")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", path], check=True, capture_output=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """An empty file system of 4 MB."""
    with mounted(tmp_path / "disk", size="4m") as disk:
        yield disk


@dataclass(frozen=True, slots=True)
class _DiskCall:
    """A ``sync`` or ``rename`` of an inode, and its size in bytes at that moment."""

    name: str
    inode: int
    size: int


@pytest.fixture
def survives_power_cut(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], bool]:
    """Record, from the start of the test, the order of syncs and renames."""
    calls: list[_DiskCall] = []
    sync, rename = os.fsync, os.replace

    def record(name: str, of: os.stat_result) -> None:
        calls.append(_DiskCall(name, of.st_ino, of.st_size))

    def synced(file: int) -> None:
        sync(file)
        record("sync", os.fstat(file))

    def renamed(old: str, new: str) -> None:
        rename(old, new)
        record("rename", Path(new).stat())

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)

    def is_durable(path: Path) -> bool:
        file, folder = path.stat(), path.parent.stat()
        named = [at for at, call in enumerate(calls) if (call.name, call.inode) == ("rename", file.st_ino)]
        whole = [at for at, call in enumerate(calls) if call == _DiskCall("sync", file.st_ino, file.st_size)]
        durable = [at for at, call in enumerate(calls) if (call.name, call.inode) == ("sync", folder.st_ino)]
        if not named or not whole or whole[-1] > named[-1]:
            return False
        return not IS_POSIX or (
            bool(durable) and named[-1] < durable[-1]
        )  # on Windows the name is durable with the file

    return is_durable
