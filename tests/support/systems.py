"""What differs between systems: marks of tests that assume one, and the questions that are asked on each.

The other tests run on Windows as well (tests/installer/wine.sh).
"""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

import pytest

IS_POSIX = os.name == "posix"
POSIX = pytest.mark.skipif(not IS_POSIX, reason="needs POSIX: modes, signals, named pipes, device files, TZ, LANG")
WINDOWS = pytest.mark.skipif(IS_POSIX, reason="asks Windows itself")


def has_mode(path: Path, mode: int) -> bool:
    """Whether a file has this mode; on Windows, where the access list of its folder decides, any file has it."""
    return not IS_POSIX or path.stat().st_mode & 0o777 == mode


def is_running(number: int) -> bool:
    """Whether there is a process with this number; one that has ended and is not yet forgotten is none on Windows."""
    if IS_POSIX:
        with suppress(ProcessLookupError):
            os.kill(number, 0)
            return True
        return False
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(kernel.OpenProcess(0x100000, False, number))  # SYNCHRONIZE
    has_not_ended: bool = kernel.WaitForSingleObject(handle, 0) == 0x102  # WAIT_TIMEOUT
    kernel.CloseHandle(handle)
    return has_not_ended
