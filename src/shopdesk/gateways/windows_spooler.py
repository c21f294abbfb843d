"""Print queues of Windows: bytes as they are, for receipt printers. Written by its reference, not yet run on Windows.

By ctypes, as pywin32 would bring 9 MB for seven functions (winspool.h in the Windows API reference).
"""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import Any

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.printer import PrinterState, PrinterStatus, SubmissionUnclear
from shopdesk.domain.sentence import sentence, verbatim

_LEVEL = 1
_STATUS_LEVEL = 6
_ENUM_LOCAL_AND_CONNECTED = 0x02 | 0x04
_NAME_LEVEL = 4
_STATES = (
    (0x00000010 | 0x00000040, PrinterState.PAPER_OUT),  # PAPER_OUT, PAPER_PROBLEM
    (0x00400000, PrinterState.COVER_OPEN),  # DOOR_OPEN
    (0x00000080 | 0x00000001 | 0x00000002, PrinterState.OFFLINE),  # OFFLINE, PAUSED, ERROR
)
"""Bits of PRINTER_INFO_6, the worst first."""


class _Document(ctypes.Structure):  # DOC_INFO_1
    _fields_ = (("name", wintypes.LPWSTR), ("output", wintypes.LPWSTR), ("kind", wintypes.LPWSTR))


class _Printer(ctypes.Structure):  # PRINTER_INFO_4
    _fields_ = (("name", wintypes.LPWSTR), ("server", wintypes.LPWSTR), ("attributes", wintypes.DWORD))


def names() -> list[str]:
    """Return the names of this computer's printers."""
    size, count = wintypes.DWORD(), wintypes.DWORD()
    given = (_ENUM_LOCAL_AND_CONNECTED, None, _NAME_LEVEL)
    _library().EnumPrintersW(*given, None, 0, ctypes.byref(size), ctypes.byref(count))
    held = ctypes.create_string_buffer(size.value)
    _checked(_library().EnumPrintersW(*given, held, size, ctypes.byref(size), ctypes.byref(count)))
    return [printer.name for printer in (_Printer * count.value).from_buffer(held)]


def status(name: str) -> PrinterStatus:
    """Return the status of a printer as its queue knows it. Raise Unavailable if there is none."""
    with _Opened(name) as printer:
        bits, size = wintypes.DWORD(), wintypes.DWORD()
        _checked(
            _library().GetPrinterW(printer, _STATUS_LEVEL, ctypes.byref(bits), ctypes.sizeof(bits), ctypes.byref(size))
        )
    for mask, state in _STATES:
        if bits.value & mask:
            return PrinterStatus(state)
    return PrinterStatus(PrinterState.READY, sentence("The print queue is ready."))


def submit_raw(name: str, data: bytes, *, title: str) -> int:
    """Give bytes for a receipt printer to a queue, as they are; return the number of the job.

    Raise Unavailable if the queue does not take it, SubmissionUnclear if it may have taken it.
    """
    written = wintypes.DWORD()
    with _Opened(name) as printer:
        job: int = _checked(_library().StartDocPrinterW(printer, _LEVEL, ctypes.byref(_Document(title, None, "RAW"))))
        _checked(_library().StartPagePrinter(printer))
        try:
            _checked(_library().WritePrinter(printer, data, len(data), ctypes.byref(written)))
            _checked(_library().EndPagePrinter(printer))
            _checked(_library().EndDocPrinter(printer))
        except Unavailable as error:
            raise SubmissionUnclear(error.what) from error
    if written.value != len(data):
        raise SubmissionUnclear(sentence("The print queue {name} took a part of the slip only.", name=name))
    return job


class _Opened:
    """An open printer, as a handle."""

    def __init__(self, name: str) -> None:
        self._handle = wintypes.HANDLE()
        _checked(_library().OpenPrinterW(name, ctypes.byref(self._handle), None))

    def __enter__(self) -> wintypes.HANDLE:
        return self._handle

    def __exit__(self, *_: object) -> None:
        _library().ClosePrinter(self._handle)


def _library() -> Any:
    load = getattr(ctypes, "WinDLL", None)
    if load is None:
        raise Unavailable(sentence("This is not available in this installation."))
    return load("winspool.drv", use_last_error=True)


def _checked(result: int) -> int:
    """Return the result of a function of Windows; raise Unavailable with the system's words if it is zero."""
    if not result:
        words = ctypes.FormatError(ctypes.get_last_error())  # type: ignore[attr-defined]
        raise Unavailable(sentence("The print queue answered: {words}", words=verbatim(words)))
    return result
