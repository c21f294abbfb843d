"""Bytes for a queue of Windows, in the order that its reference wants; a library of our own stands in for winspool."""

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.printer import SubmissionUnclear
from shopdesk.gateways import windows_spooler

_CALLS = ("OpenPrinterW", "StartDocPrinterW", "StartPagePrinter", "WritePrinter", "EndPagePrinter", "EndDocPrinter")


class Spooler:
    """Takes all, but for the call that fails."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.called: list[str] = []
        self.taken = b""

    def __getattr__(self, name: str) -> Callable[..., int]:
        def call(*given: Any) -> int:
            self.called.append(name)
            if name == self.fails:
                return 0
            if name == "WritePrinter":
                _, self.taken, size, written = given
                written._obj.value = size
            return 7

        return call


@pytest.fixture
def open_spooler(monkeypatch: pytest.MonkeyPatch) -> Callable[[Spooler], Spooler]:
    def use(spooler: Spooler) -> Spooler:
        monkeypatch.setattr(ctypes, "WinDLL", lambda *_, **__: spooler, raising=False)
        monkeypatch.setattr(ctypes, "get_last_error", lambda: 1722, raising=False)
        monkeypatch.setattr(ctypes, "FormatError", lambda _: "The RPC server is unavailable.", raising=False)
        return spooler

    return use


def test_a_queue_is_given_the_bytes_as_they_are(open_spooler: Callable[[Spooler], Spooler]) -> None:
    spooler = open_spooler(Spooler())
    assert windows_spooler.submit_raw("EPSON TM-T20", b"slip", title="R-1") == 7
    assert (spooler.taken, spooler.called) == (b"slip", [*_CALLS, "ClosePrinter"])


@pytest.mark.parametrize("name", _CALLS[:3])
def test_what_fails_before_the_bytes_may_be_tried_again(open_spooler: Callable[[Spooler], Spooler], name: str) -> None:
    open_spooler(Spooler(fails=name))
    with pytest.raises(Unavailable, match="The RPC server is unavailable") as caught:
        windows_spooler.submit_raw("EPSON TM-T20", b"slip", title="R-1")
    assert not isinstance(caught.value, SubmissionUnclear)


@pytest.mark.parametrize("name", _CALLS[3:])
def test_what_fails_with_the_bytes_is_unclear(open_spooler: Callable[[Spooler], Spooler], name: str) -> None:
    spooler = open_spooler(Spooler(fails=name))
    with pytest.raises(SubmissionUnclear, match="The RPC server is unavailable"):
        windows_spooler.submit_raw("EPSON TM-T20", b"slip", title="R-1")
    assert spooler.called[-1] == "ClosePrinter"
