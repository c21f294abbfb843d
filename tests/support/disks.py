"""``small_disk``: a file system of a few megabytes that can be filled and made read-only, where mounting is allowed."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
