"""How the run before ended, by the trace that it left."""

import os
from pathlib import Path

import pytest

from shopdesk import crash_reports

_STACK = """

Current thread 0x00001234 (most recent call first):
  File "C:\\shopdesk\\src\\shopdesk\\ui\\output\\export.py", line 1 in save
"""
_HANDLED = "Windows fatal exception: code 0x8001010d" + _STACK
_FATAL = "Windows fatal exception: access violation" + _STACK


def report(home: Path, trace: str) -> str:
    (home / "logs").mkdir(parents=True)
    (home / "logs" / "running.txt").write_text(trace, "utf-8")
    with crash_reports.detect_unclean_exit(home) as ended:
        assert ended is not None
        return ended.report


@pytest.mark.parametrize("trace", ["", _HANDLED, _FATAL + _HANDLED], ids=["empty", "handled", "outlived"])
def test_an_exception_that_the_program_outlived_is_no_crash(home: Path, trace: str) -> None:
    assert report(home, trace) == ""


@pytest.mark.parametrize("code", ["access violation", "code 0xc0000374"])
def test_the_last_exception_is_one(home: Path, code: str) -> None:
    told = report(home, f"{_HANDLED}Windows fatal exception: {code}{_STACK}")
    assert code in told
    assert "0x8001010d" not in told


def test_an_error_of_python_is_told_though_one_of_windows_was_handled(home: Path) -> None:
    (home / "logs").mkdir(parents=True)
    trace = home / "logs" / "running.txt"

    def fail() -> None:
        with crash_reports.detect_unclean_exit(home):
            handle = os.open(trace, os.O_WRONLY | os.O_APPEND)
            os.write(handle, _HANDLED.encode())
            os.close(handle)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with crash_reports.detect_unclean_exit(home) as ended:
        assert ended is not None
        assert "LookupError" in ended.report
        assert "0x8001010d" not in ended.report
