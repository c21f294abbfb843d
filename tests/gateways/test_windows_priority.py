"""The priority of a process of Windows: functions of our own stand in for its kernel, called as C calls them."""

import ctypes
from ctypes import wintypes
from types import SimpleNamespace

from shopdesk.gateways import windows_priority
from support.systems import WINDOWS

OWN = 0x7FFF_0000_4711
"""A handle that needs its 64 bits, as -1 does on Windows, by which a process names itself."""


def test_the_handle_reaches_windows_whole() -> None:
    came: list[tuple[int | None, int]] = []

    def change(handle: int | None, priority: int) -> bool:
        came.append((handle, priority))
        return True

    own = ctypes.CFUNCTYPE(wintypes.HANDLE)(lambda: OWN)
    changing = ctypes.CFUNCTYPE(ctypes.c_int, wintypes.HANDLE, wintypes.DWORD)(change)
    undeclared = ctypes.CFUNCTYPE(ctypes.c_int)  # as a library gives its functions
    kernel = SimpleNamespace(
        GetCurrentProcess=undeclared(ctypes.cast(own, ctypes.c_void_p).value or 0),
        SetPriorityClass=undeclared(ctypes.cast(changing, ctypes.c_void_p).value or 0),
    )
    assert windows_priority.lower(kernel)
    assert came == [(OWN, 0x4000)]


@WINDOWS
def test_windows_lowers_the_priority() -> None:
    assert windows_priority.lower()
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.GetCurrentProcess.restype = wintypes.HANDLE
    kernel.GetPriorityClass.argtypes = (wintypes.HANDLE,)
    assert kernel.GetPriorityClass(kernel.GetCurrentProcess()) == 0x4000
