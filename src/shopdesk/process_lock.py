"""One process at a time: a lock of the system's own on an open file, which ends with its process however that ends.

The one thing to know: a stale file never blocks anyone. What stands in it only says who holds the lock.

Not the library ``filelock``: on Windows it locks the first byte, so that nobody could read who holds the lock and
version 0.2.0 would not be kept out, and it removes the file; and loading it takes a quarter of a second of each start.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from shopdesk.domain.errors import Unavailable

_FAR = 1 << 20
"""Windows locks bytes, and no other process can read those: one that lies behind the words."""
_NO_LOCKS_HERE = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class LockHeld(Unavailable):
    """Another shopdesk holds the lock. ``is_ours``: the same person, on this machine."""

    def __init__(self, path: Path, inside: str) -> None:
        user, _, rest = inside.partition(" on ")
        host, _, process = rest.partition(", process ")
        super().__init__(
            f"{path.parent} is in use: shopdesk is open there" + (f", by {user} on {host}." if user else "."),
            advice="Close it there first. Several tills share a PostgreSQL server, not a folder or a file.",
        )
        self.folder = path.parent
        self.is_ours = not inside or (user, host) == (_user(), _machine())
        self.process = int(process) if process.isdecimal() else 0


def beside(file: Path) -> Path:
    """Where the lock of a shop's file is."""
    return file.with_name(f"{file.name}.lock")


def acquire(path: Path, *, writes_holder: bool = True) -> IO[str]:
    """Lock, until the file that comes back is closed. Raises Held, or OSError where there can be no such file.

    A disk that knows no locks locks nobody out. Without ``writes_holder`` the file stays as it is.
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
        with suppress(OSError):  # a full disk: the lock is held all the same
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
            os.lseek(handle, 0, os.SEEK_SET)  # where the words are
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
