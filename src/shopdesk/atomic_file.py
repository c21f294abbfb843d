"""Files that are whole under their name or not there at all: written beside their place, synced, then renamed.

The one thing to know: the bytes are on the disk before the name is, and both before this returns. After a power cut
there is the file as it was before or the new one, never an empty one.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PRIVATE = 0o600
"""The mode of a file that its owner alone may read."""
DEFAULT = 0o666
"""The mode of a file in a folder that a person chose: what the system's umask leaves of it."""
_LONGEST_NAME = 50
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EACCES, errno.EPERM}


@dataclass(frozen=True, slots=True)
class Part:
    """A file on its way: it is written at ``path``, and ``commit`` gives it the name ``target``."""

    path: Path
    target: Path

    def commit(self) -> None:
        """Put it in place of what has the name, durably. Whatever wrote it must be closed. Raises OSError."""
        with self.path.open("rb+") as written:
            os.fsync(written.fileno())
        self.path.replace(self.target)
        _sync_folder(self.target.parent)

    def discard(self) -> None:
        """Remove what was written; nothing happens where nothing is."""
        with suppress(OSError):  # the disk may have been pulled out
            self.path.unlink(missing_ok=True)


def create(target: Path, *, mode: int = PRIVATE, at: Path | None = None) -> Part:
    """An empty file beside ``target``, to be written, and then committed or discarded. Raises OSError.

    Its name is its own, so that two programs never write into one. ``at`` is for those who are alone there by a lock:
    a fixed name, so that what a crash left is replaced by the next of its kind.
    """
    if at is None:
        path = target.with_name(f".{target.name[:_LONGEST_NAME]}.{os.urandom(4).hex()}.part")
    else:
        path = at
        path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    return Part(path, target)


@contextmanager
def writing(target: Path, *, mode: int = PRIVATE, at: Path | None = None) -> Iterator[Path]:
    """The path to write at. At the end of the block it becomes ``target``; when the block fails nothing is left."""
    part = create(target, mode=mode, at=at)
    try:
        yield part.path
        part.commit()
    finally:
        part.discard()


def write(target: Path, content: bytes, *, mode: int = PRIVATE) -> None:
    """Write a whole file. Raises OSError, and then what was there before is unchanged."""
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
        if error.errno not in _NO_FOLDER_SYNC:  # some network file systems cannot
            raise
