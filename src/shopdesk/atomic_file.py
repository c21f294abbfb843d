"""Atomic file writes: a file is written under another name in the same folder, synced, then renamed.

The content is on the disk before the name, and both before the call returns. After a power cut
the old file or the new one is there, never an empty or partial one.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PRIVATE = 0o600
"""The mode of a file that only its owner may read."""
DEFAULT = 0o666
"""The mode of a file in a folder that the user chose; the system's umask applies."""
_PATIENCE_SECONDS = 1.0
_LOOK_SECONDS = 0.02
_LONGEST_NAME = 50
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EACCES, errno.EPERM}


@dataclass(frozen=True, slots=True)
class Part:
    """An unfinished file: it is written at ``path``, and ``commit`` renames it to ``target``."""

    path: Path
    target: Path

    def commit(self) -> None:
        """Sync the file and rename it to its target, replacing an older one. Close the file first. Raises OSError."""
        with self.path.open("rb+") as written:
            os.fsync(written.fileno())
        replace(self.path, self.target)
        _sync_folder(self.target.parent)

    def discard(self) -> None:
        """Delete the unfinished file, if it exists."""
        with suppress(OSError):  # the disk may have been pulled out
            self.path.unlink(missing_ok=True)


def replace(source: Path, target: Path) -> None:
    """Rename a file, replacing an older one. Raises OSError.

    Windows refuses that while another process has one of the two open, as a virus scanner, a search index or a backup
    has for a moment: it is tried again, for a second at most.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if os.name == "posix" or time.monotonic() > end:
                raise
            time.sleep(_LOOK_SECONDS)
        else:
            return


def create(target: Path, *, mode: int = PRIVATE, at: Path | None = None) -> Part:
    """Create an empty file in the folder of ``target``, to be written and then committed or discarded. Raises OSError.

    Its name is random, so that two processes never write to the same file. A process that holds a lock can pass a fixed
    path as ``at``: the leftover of a crash is then replaced by the next write. A device, pipe or folder is never
    replaced.
    """
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is not an ordinary file", str(target))
    if at is None:
        path = target.with_name(f".{target.name[:_LONGEST_NAME]}.{os.urandom(4).hex()}.part")
    else:
        path = at
        path.unlink(missing_ok=True)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    except OSError as error:
        error.filename = str(target)  # the name that is known; the file has the other one until it is complete
        raise
    return Part(path, target)


@contextmanager
def writing(target: Path, *, mode: int = PRIVATE, at: Path | None = None) -> Iterator[Path]:
    """Yield the path to write; rename it to ``target`` after the block, or delete it if the block fails."""
    part = create(target, mode=mode, at=at)
    try:
        yield part.path
        part.commit()
    finally:
        part.discard()


def write(target: Path, content: bytes, *, mode: int = PRIVATE) -> None:
    """Write a whole file. Raises OSError, and then an older file is unchanged."""
    with writing(target, mode=mode) as path:
        path.write_bytes(content)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened, and the name is durable with the file
    try:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:  # some network file systems cannot sync a folder
            raise
