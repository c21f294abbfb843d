"""The priority of this process on Windows (processthreadsapi.h in the Windows API reference)."""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import Any

_BELOW_NORMAL = 0x4000


def lower(kernel: Any = None) -> bool:
    """Run below other programs from now on; return False if Windows refuses.

    Both types are declared: the handle of the own process is -1, which ctypes would cut to 32 bits.
    """
    kernel = kernel or ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.GetCurrentProcess.restype = wintypes.HANDLE
    kernel.SetPriorityClass.argtypes = (wintypes.HANDLE, wintypes.DWORD)
    return bool(kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL))
