"""From the start of the process to the first paint, and the memory after sign-in; a bare QMainWindow beside them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks import books, large
from benchmarks.measure import Result
from shopdesk.store import accounts
from shopdesk.usecases import password_hashing

PROGRAMS = Path(__file__).parent / "programs"
PASSWORD = "a password for measuring"


class Act(NamedTuple):
    """What an act took: from its key to the paint, and the longest step of the window thread."""

    name: str
    milliseconds: float
    step_ms: float


@dataclass(frozen=True, slots=True)
class Started:
    """A program that is ready, what it had imported by then, and what the acts took that it measured."""

    pid: int
    modules: frozenset[str]
    acts: list[Act]


def painting(folder: Path, *, rounds: int) -> Iterator[Result]:
    """The minimum: everything warm, nothing in the way."""
    ours, bare = [], []
    for turn in range(rounds + 1):
        home = folder / f"home{turn}"
        seconds = (_painted_after("program.py", home), _painted_after("bare_window.py", home))
        if turn:  # the first one warms the disk up
            ours.append(seconds[0])
            bare.append(seconds[1])
    yield Result("first paint, minimum", 1000 * min(ours), "ms", 1000 * min(bare))
    yield Result("first paint, median", 1000 * sorted(ours)[rounds // 2], "ms", 1000 * sorted(bare)[rounds // 2])


def remembering(folder: Path) -> Iterator[Result]:
    """Resident memory, as the system counts it, of the program with somebody signed in, and of a bare window."""
    home = folder / "home"
    home.mkdir()
    _registered(books.shop(folder).rename(home / "shopdesk.db"))
    with _started("signed_in.py", home, PASSWORD):
        pass  # compiles
    with _started("signed_in.py", home, PASSWORD) as ours, _started("bare_window.py", home) as bare:
        yield Result("memory after sign-in", _megabytes(ours), "MB", _megabytes(bare))
        if (peak := _peak(ours)) is not None:
            yield Result("peak memory up to there", peak, "MB", _peak(bare))


def counter_day(folder: Path, *, sales: int) -> Iterator[Result]:
    """A cashier's day in the real windows: tabs and sales by keyboard, and the memory at its end.

    A step is what the window thread does without looking at its events, in its own processor time: waiting for other
    programs of a busy machine is not counted.
    """
    home = folder / "home"
    home.mkdir()
    path = books.shop(folder)
    books.fill_with_products(path, books.PRODUCTS)
    _registered(path.rename(home / "shopdesk.db"))
    yield from _day(home, sales=sales, words=(), at="")


def day_in_large(kept: Path, folder: Path, *, count: int, sales: int) -> Iterator[Result]:
    """The same in a copy of the large shop, with searches; and the memory when somebody has just signed in."""
    home = folder / "home"
    home.mkdir()
    _registered(Path(shutil.copyfile(large.on_file(kept, count, partial(print, flush=True)), home / "shopdesk.db")))
    at = f" at {count:,}, SQLite"
    with _started("signed_in.py", home, PASSWORD) as ours, _started("bare_window.py", home) as bare:
        yield Result(f"memory after sign-in{at}", _megabytes(ours), "MB", _megabytes(bare))
    yield from _day(home, sales=sales, words=("amina", "r", "milk", "123"), at=at)


def _day(home: Path, *, sales: int, words: tuple[str, ...], at: str) -> Iterator[Result]:
    with _started("signed_in.py", home, PASSWORD):
        pass  # compiles
    with _started("bare_window.py", home) as bare:
        least = _megabytes(bare)
    with _started("counter_day.py", home, PASSWORD, str(sales), *words) as day:
        for name, kind in (
            ("F12 to the prompt", "prompt"),
            ("Save to the paper, sharp", "save"),
            ("scan to the row", "scan"),
            ("a tab again, slowest", "again"),
            ("a tab the first time, slowest", "first"),
            *([("a key of a search, 120 ms of it a pause", "search")] if words else []),
        ):
            took = _acts(day.acts, kind)
            yield Result(f"{name}{at}, median", max(map(statistics.median, took.values())), "ms")
        steps = sorted(act.step_ms for act in day.acts if not act.name.startswith("first "))
        yield Result(f"step of the window thread{at}, p95", steps[int(0.95 * len(steps))], "ms")
        searches = " and searches" if words else ""
        yield Result(f"memory after {sales} sales, all tabs{searches}{at}", _megabytes(day), "MB", least)


def _acts(acts: list[Act], kind: str) -> dict[str, list[float]]:
    """Return what the acts of a kind took, by their names."""
    found: dict[str, list[float]] = {}
    for act in acts:
        if act.name.split()[0] == kind:
            found.setdefault(act.name, []).append(act.milliseconds)
    return found


def modules(folder: Path, program: str, *arguments: str) -> frozenset[str]:
    """What a program has imported by the time it is ready; the shop's owner has a password."""
    home = folder / "home"
    if not home.exists():
        home.mkdir()
        _registered(books.shop(folder).rename(home / "shopdesk.db"))
    with _started(program, home, *arguments) as started:
        return started.modules


def _registered(path: Path) -> None:
    """The shop's owner gets a password."""
    counter = books.sample_shop(path)
    with contextlib.closing(counter.database), counter.database.sessions.begin() as session:
        accounts.change(session, counter.by.staff.key, password_hash=password_hashing.hash_password(PASSWORD))


def _painted_after(program: str, home: Path) -> float:
    begun = time.perf_counter()
    with _started(program, home):
        return time.perf_counter() - begun


@contextmanager
def _started(program: str, home: Path, *arguments: str) -> Iterator[Started]:
    """One of the programs beside this module, from when it says that it is ready until it is no longer needed."""
    process = subprocess.Popen(
        [sys.executable, PROGRAMS / program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(home),
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        acts = []
        while (line := process.stdout.readline()).startswith("["):
            acts.append(Act(*json.loads(line)))
        word, *modules = line.split() or [""]
        if word != "ready":
            raise SystemExit(f"{program} did not come so far")
        yield Started(process.pid, frozenset(modules), acts)
        process.stdin.close()  # which ends it


def _environment(home: Path) -> dict[str, str]:
    """As on a till: a data folder of its own, and compiled once, whatever this machine forbids Python to write."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environ | {"SHOPDESK_HOME": str(home), "HOME": str(home), "PYTHONPYCACHEPREFIX": str(home.parent / "bytes")}


def _megabytes(started: Started) -> float:
    return float(psutil.Process(started.pid).memory_info().rss) / 1e6


def _peak(started: Started) -> float | None:
    """The high-water mark, which psutil does not tell on Linux; None elsewhere."""
    try:
        status = Path(f"/proc/{started.pid}/status").read_text("utf-8")
    except OSError:
        return None
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith("VmHWM"))
