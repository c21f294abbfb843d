"""Lock files: the operating system's lock on an open file, which it releases when the process ends, even by a crash.

A stale file never blocks a start. Its content only names the holder of the lock.

The library ``filelock`` does not fit: on Windows it locks the first byte, so that no other process could read the
holder and version 0.2.0 would not be kept out; it removes the file; and importing it takes a quarter of a second.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence

_FAR = 1 << 20
"""The byte that is locked on Windows. No other process can read a locked byte, so it is far behind the text."""
_NO_LOCKS_HERE = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class LockHeld(Unavailable):
    """Another shopdesk holds the lock. ``is_ours``: it runs on this machine for the same user."""

    def __init__(self, path: Path, inside: str) -> None:
        user, _, rest = inside.partition(" on ")
        host, _, process = rest.partition(", process ")
        super().__init__(
            sentence(
                "{folder} is in use: shopdesk is already running for {user} on {host}.",
                folder=path.parent,
                user=user,
                host=host,
            )
            if user
            else sentence("{folder} is in use: shopdesk is already running.", folder=path.parent),
            advice=sentence(
                "Close it there first. Several tills can share a PostgreSQL server, but not a folder or a file."
            ),
        )
        self.folder = path.parent
        self.is_ours = not inside or (user, host) == (_user(), _machine())
        self.process = int(process) if process.isdecimal() else 0


def beside(file: Path) -> Path:
    """Return the path of the lock file of a shop's database file."""
    return file.with_name(f"{file.name}.lock")


def acquire(path: Path, *, writes_holder: bool = True) -> IO[str]:
    """Acquire the lock; closing the returned file releases it. Raises LockHeld, or OSError if there can be no file.

    On a file system without locks it always succeeds. ``writes_holder=False`` leaves the content of the file unchanged.
    """
    file = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")  # noqa: PTH123, SIM115
    try:
        _lock(file.fileno())
    except OSError as error:
        if error.errno not in _NO_LOCKS_HERE:
            with file:
                inside = file.read().strip()
            raise LockHeld(path, inside) from None
    if writes_holder:
        with suppress(OSError):  # the disk may be full; the lock is held all the same
            file.truncate()
            os.write(file.fileno(), f"{_user()} on {_machine()}, process {os.getpid()}\n".encode())
    return file


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, 0, os.SEEK_SET)  # back to the text
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _machine() -> str:
    if sys.platform == "win32":
        import socket

        return socket.gethostname()
    return os.uname().nodename


def _user() -> str:
    if sys.platform == "win32":
        return os.environ.get("USERNAME", "")
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
