"""How the run before ended, if it did not end by itself; and a trace of this one, should it end that way too.

The one thing to know: a file marks the run and is taken away at its end. Found at a start, it is the trace of a crash;
empty, the machine lost its power or the system ended the program. What is kept of it says where in the code, no more.
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
class Ended:
    """A run that did not end by itself: the last sign of it, and the report of its crash; empty if nothing is known."""

    at: datetime
    report: str


@contextmanager
def watching(home: Path) -> Iterator[Ended | None]:
    """Mark the run while this lasts, and tell how the one before ended: None when it ended as it should.

    Only for whoever holds the data folder alone. A folder that cannot be written is told of by the log.
    """
    trace = home / "logs" / _RUNNING
    try:
        trace.parent.mkdir(mode=0o700, exist_ok=True)
        ended = _put_away(home, trace)
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


def earlier(home: Path) -> list[Ended]:
    """What is kept of runs that did not end by themselves, the newest first."""
    found = sorted((home / "logs").glob(_KEPT), reverse=True)
    return [Ended(datetime.fromtimestamp(path.stat().st_mtime, UTC), path.read_text("utf-8")) for path in found]


def _put_away(home: Path, trace: Path) -> Ended | None:
    """What the run before left, without what tells who somebody is, under a name of its own; the oldest make room."""
    if not trace.exists():
        return None
    left = trace.read_text("utf-8", "replace").strip()
    at = max(path.stat().st_mtime for path in (trace, *_written(home)))
    report = _impersonal(left) if left else ""
    kept = trace.with_name(_KEPT.replace("*", f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"))
    trace.replace(kept)
    kept.write_text(report, "utf-8")
    os.utime(kept, (at, at))
    for old in sorted(trace.parent.glob(_KEPT), reverse=True)[_MOST_KEPT:]:
        old.unlink(missing_ok=True)
    return Ended(datetime.fromtimestamp(at, UTC), report)


def _written(home: Path) -> Iterator[Path]:
    """What a run writes into: the last of it is the last sign of life. Not the lock, which this run has taken."""
    return (path for pattern in ("*.db", "*.db-wal", "logs/*.log") for path in home.glob(pattern))


def _impersonal(trace: str) -> str:
    import re  # all this only when there is something to tell: every start passes here

    from shopdesk import logs

    if trace.startswith("shopdesk "):  # written by ourselves
        return f"{trace}\n"
    told = re.sub(r'^ *File "<frozen .*\n', "", trace, flags=re.MULTILINE)  # how Python imports is no news
    placed = re.sub(r'File "([^"\n]*)"', lambda found: f"File {logs.place(found[1])}", told)
    return f"{logs.heading()}\n{logs.without_secrets(placed)}\n"
