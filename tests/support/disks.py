"""``small_disk``: a file system of a few megabytes that can be filled and made read-only, where mounting is allowed.

``survives_power_cut(path)``: whether what a test wrote there was on the disk before its name was, and its name at all.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


class SmallDisk:
    """``path`` is where it is mounted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self, *, but: int = 0) -> None:
        """Leave not one byte, or about as many as ``but``."""
        with (self.path / "filler").open("ab", buffering=0) as filler:
            size = 1 << 16
            while size:
                try:
                    filler.write(b"\x00" * size)
                except OSError:
                    size //= 2
            filler.truncate(max(0, filler.tell() - but))

    def free(self) -> None:
        """Room again."""
        (self.path / "filler").unlink()

    def remount(self, how: str) -> None:
        """``ro`` or ``rw``."""
        subprocess.run(["mount", "-o", f"remount,{how}", self.path], check=True, capture_output=True)


@contextmanager
def mounted(path: Path, *, size: str) -> Iterator[SmallDisk]:
    """An empty file system, for whoever owns the folder above. Skips where nothing may be mounted."""
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
class _Act:
    """What the disk was told of an inode: ``sync`` or ``rename``, and how many bytes it had then."""

    name: str
    inode: int
    size: int


@pytest.fixture
def survives_power_cut(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], bool]:
    """Keeps, from the start of the test, the order in which bytes are synced and files get their names."""
    acts: list[_Act] = []
    sync, rename = os.fsync, os.replace

    def note(name: str, of: os.stat_result) -> None:
        acts.append(_Act(name, of.st_ino, of.st_size))

    def synced(file: int) -> None:
        sync(file)
        note("sync", os.fstat(file))

    def renamed(old: str, new: str) -> None:
        rename(old, new)
        note("rename", Path(new).stat())

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)

    def judge(path: Path) -> bool:
        file, folder = path.stat(), path.parent.stat()
        named = [at for at, act in enumerate(acts) if (act.name, act.inode) == ("rename", file.st_ino)]
        whole = [at for at, act in enumerate(acts) if act == _Act("sync", file.st_ino, file.st_size)]
        durable = [at for at, act in enumerate(acts) if (act.name, act.inode) == ("sync", folder.st_ino)]
        return bool(named) and bool(whole) and bool(durable) and whole[-1] < named[-1] < durable[-1]

    return judge
