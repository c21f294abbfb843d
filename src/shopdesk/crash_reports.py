"""Detects if the previous run crashed, and records a traceback if this one does.

A file marks the run and is removed at its end. If it is found at the start, the previous run did
not end properly: with a traceback in it, the program crashed; if it is empty, the power failed or the system stopped
the program. The reports that are kept contain places in the code and no personal data.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_RUNNING = "running.txt"
_KEPT = "ended-*.txt"
_MOST_KEPT = 5


@dataclass(frozen=True, slots=True)
class UncleanExit:
    """A run that did not shut down properly: its last sign of life and its crash report, empty if there is none."""

    at: datetime
    report: str


@contextmanager
def detect_unclean_exit(home: Path) -> Iterator[UncleanExit | None]:
    """Mark this run, and yield how the previous one ended: None if it shut down properly.

    Call it only with the data folder locked. Does nothing if the folder cannot be written, which the log reports.
    """
    trace = home / "logs" / _RUNNING
    try:
        trace.parent.mkdir(mode=0o700, exist_ok=True)
        ended = _archive(home, trace)
        file = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        yield None
        return
    faulthandler.enable(file)
    try:
        yield ended
    except Exception as error:
        from shopdesk import logs

        os.write(file, logs.report(error, with_words=False).encode())
        raise
    finally:
        faulthandler.disable()
        os.close(file)
    trace.unlink(missing_ok=True)


def earlier_reports(home: Path) -> list[UncleanExit]:
    """Return the stored reports of runs that did not shut down properly, newest first."""
    found = sorted((home / "logs").glob(_KEPT), reverse=True)
    return [UncleanExit(datetime.fromtimestamp(path.stat().st_mtime, UTC), path.read_text("utf-8")) for path in found]


def _archive(home: Path, trace: Path) -> UncleanExit | None:
    """Store the previous run's trace under a name of its own, without personal data, and delete the oldest ones."""
    if not trace.exists():
        return None
    left = _last_words(trace.read_text("utf-8", "replace"))
    at = max(path.stat().st_mtime for path in (trace, *_written(home)))
    report = _impersonal(left) if left else ""
    kept = trace.with_name(_KEPT.replace("*", f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"))
    trace.replace(kept)
    kept.write_text(report, "utf-8")
    os.utime(kept, (at, at))
    for old in sorted(trace.parent.glob(_KEPT), reverse=True)[_MOST_KEPT:]:
        old.unlink(missing_ok=True)
    return UncleanExit(datetime.fromtimestamp(at, UTC), report)


def _last_words(trace: str) -> str:
    """Return the part of a trace that may tell of the end.

    On Windows faulthandler notes exceptions that a library raises and handles itself, such as COM in a file dialog; the
    program lives on. So only the last part can tell of the end, and a code that is no error (NTSTATUS 0xC…) does not.
    """
    import re

    last = re.split(r"^(?=Windows fatal exception: |shopdesk \d)", trace, flags=re.MULTILINE)[-1].strip()
    return "" if re.match(r"Windows fatal exception: code 0x[^c]", last) else last


def _written(home: Path) -> Iterator[Path]:
    """Return the files a run writes to; the newest is its last sign of life. Not the lock, which this run has taken."""
    return (path for pattern in ("*.db", "*.db-wal", "logs/*.log") for path in home.glob(pattern))


def _impersonal(trace: str) -> str:
    import re  # imported only when there is a report: every start passes here

    from shopdesk import logs

    if trace.startswith("shopdesk "):  # written by ourselves
        return f"{trace}\n"
    cleaned = re.sub(r'^ *File "<frozen .*\n', "", trace, flags=re.MULTILINE)  # Python's import machinery is of no use
    placed = re.sub(r'File "([^"\n]*)"', lambda found: f"File {logs.short_path(found[1])}", cleaned)
    return f"{logs.heading()}\n{logs.without_secrets(placed)}\n"
