"""Verification: everything, and what is new since, beside sqlite3 reading the same rows and hashing the journal."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks import books, large
from benchmarks.measure import Result, in_turns, raw_connection
from shopdesk.domain.draft import DraftRow
from shopdesk.queries import verify
from shopdesk.store.session import Session
from shopdesk.store.whole_check import WholeCheck

_HUNDRED_THOUSAND = 100_000
_READ = ("documents", "document_lines", "document_taxes", "payments", "day_items", "day_sales", "day_taxes")
_PEAK = Path(__file__).parent / "programs" / "verifying.py"


def checking(folder: Path, *, documents: int, new: int) -> Iterator[Result]:
    """A shop that sold a few hundred documents of five lines, and a day more."""
    path = books.shop(folder)
    sold = books.sample_shop(path)
    for number in range(documents):
        sold.issue(*(DraftRow(f"Item {number % 100 + line}", "2", f"{1 + line}.25") for line in range(5)))
    checked = sold.ask(verify.passed, now=sold.now)
    name = f"verify {documents:,} documents"
    yield from of(path, name, documents=documents, rounds=5)
    for _ in range(new):
        sold.issue()
    sold.database.close()
    yield from of_new(path, f"verify {new:,} new among {documents:,}", checked)


def of(path: Path, name: str, *, documents: int, rounds: int) -> Iterator[Result]:
    """Everything: seconds for each hundred thousand documents, and the peak of memory of a process that does it."""
    shop = books.sample_shop(path)
    with contextlib.closing(shop.database), raw_connection(path) as connection:
        times = in_turns(rounds, lambda _: shop.ask(_require_none), lambda _: _read_all(connection), warm_up=1)
    for result in times.results(f"{name}, for 100,000"):
        scale = _HUNDRED_THOUSAND / documents / 1000
        yield replace(result, value=result.value * scale, unit="s", raw=result.raw and result.raw * scale)
    peak, bare = _peaks(path)
    yield Result(f"{name}, memory at its peak", peak, "MB", bare)


def of_new(path: Path, name: str, checked: WholeCheck) -> Iterator[Result]:
    """What was added since a check of everything: what each daily backup checks."""
    shop = books.sample_shop(path)
    with contextlib.closing(shop.database):
        scope = verify.Scope(replace(checked, at=shop.now))
        yield from in_turns(10, lambda _: shop.ask(_require_none, scope), warm_up=1).results(name)


def of_large(folder: Path, *, count: int) -> Iterator[Result]:
    """Everything in the large shop on a file, once: seconds, and the peak of memory."""
    path = large.on_file(folder, count, partial(print, flush=True))
    begun = time.perf_counter()
    peak, bare = _peaks(path)
    took = time.perf_counter() - begun
    with raw_connection(path) as connection:
        begun = time.perf_counter()
        _read_all(connection)
    yield Result(f"verify at {count:,}, SQLite", took, "s", time.perf_counter() - begun)
    yield Result(f"verify at {count:,}, SQLite, memory at its peak", peak, "MB", bare)


def _peaks(path: Path) -> tuple[float, float]:
    """Return the peak of memory of a process that verifies a shop, and what it took before, in MB."""
    said = subprocess.run([sys.executable, _PEAK, path], capture_output=True, text=True, check=True)
    peak, bare = map(float, said.stdout.split())
    return peak, bare


def _require_none(session: Session, scope: verify.Scope = verify.EVERYTHING) -> None:
    for fault in verify.violations(session, scope):
        raise SystemExit(f"not what is to be measured: {fault}")


def _read_all(connection: sqlite3.Connection) -> None:
    """Read every row that has to be compared, unpack the journal and hash it."""
    for table in _READ:
        for _row in connection.execute(f"SELECT * FROM {table}"):
            pass
    previous = bytes(32)
    for (snapshot,) in connection.execute("SELECT snapshot FROM journal ORDER BY till_key, seq"):
        previous = hashlib.sha256(previous + zlib.decompress(snapshot)).digest()
