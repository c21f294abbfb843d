"""What is measured alike everywhere: two things in turns, and the statements a database was sent."""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event

from shopdesk.store.database import Database


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table: ours, and what the machine itself takes for the same, where there is such a thing."""

    name: str
    value: float
    unit: str
    raw: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the raw limit."""
        return self.value / self.raw if self.raw else None


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds that one act took: on the clock, and of the processor."""

    clock: float
    processor: float


@dataclass(slots=True)
class Times:
    """What each round took."""

    ours: list[Taken] = field(default_factory=list)
    raw: list[Taken] = field(default_factory=list)

    def results(self, name: str, *, unit: str = "ms") -> list[Result]:
        """Median and minimum of the clock, and the median of the processor, which a busy machine disturbs least."""
        scale = {"ms": 1e3, "µs": 1e6}[unit]

        def result(word: str, of: Callable[[list[float]], float], which: str) -> Result:
            ours, raw = ([getattr(taken, which) for taken in side] for side in (self.ours, self.raw))
            return Result(f"{name}, {word}", scale * of(ours), unit, scale * of(raw) if raw else None)

        return [
            result("median", statistics.median, "clock"),
            result("minimum", min, "clock"),
            result("processor", statistics.median, "processor"),
        ]


def in_turns(
    rounds: int, ours: Callable[[int], object], raw: Callable[[int], object] | None = None, *, warm_up: int = 20
) -> Times:
    """Run both ``rounds`` times, one after the other, so that whatever slows this machine down slows both down.

    Each is told its turn, counted from 0 over the rounds to warm up, which do not count.
    """
    times = Times()
    for turn in range(warm_up + rounds):
        taken = _taken(ours, turn)
        taken_raw = _taken(raw, turn) if raw else None
        if turn >= warm_up:
            times.ours.append(taken)
            if taken_raw is not None:
                times.raw.append(taken_raw)
    return times


def _taken(act: Callable[[int], object], turn: int) -> Taken:
    clock, processor = time.perf_counter(), time.thread_time()
    act(turn)
    return Taken(time.perf_counter() - clock, time.thread_time() - processor)


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement as the driver got it."""

    statement: str
    parameters: Any
    is_many: bool

    def run(self, connection: sqlite3.Connection) -> list[Any]:
        """Send it again, without anything in between, and read the whole answer."""
        execute = connection.executemany if self.is_many else connection.execute
        return execute(self.statement, self.parameters).fetchall()

    @property
    def is_write(self) -> bool:
        """Whether it puts something into a table."""
        return self.statement.startswith(("INSERT", "UPDATE"))


@dataclass(slots=True)
class Talk:
    """Everything a database was sent, without the BEGIN."""

    sent: list[Sent] = field(default_factory=list)
    commits: int = 0


@contextmanager
def overheard(database: Database) -> Iterator[Talk]:
    """Write down what is sent while this lasts."""
    talk = Talk()

    def on_statement(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if not statement.startswith("BEGIN"):
            talk.sent.append(Sent(statement, list(parameters) if many else parameters, many))

    def on_commit(_connection: Any) -> None:
        talk.commits += 1

    event.listen(database.engine, "before_cursor_execute", on_statement)
    event.listen(database.engine, "commit", on_commit)
    try:
        yield talk
    finally:
        event.remove(database.engine, "before_cursor_execute", on_statement)
        event.remove(database.engine, "commit", on_commit)


@contextmanager
def raw_connection(path: Path) -> Iterator[sqlite3.Connection]:
    """SQLite alone, as careful with the disk as the program is."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-4000"):
            connection.execute(f"PRAGMA {pragma}")
        yield connection


def replay(connection: sqlite3.Connection, sent: Sequence[Sent], *, begin: str = "BEGIN IMMEDIATE") -> None:
    """The same statements in one transaction, by SQLite alone."""
    connection.execute(begin)
    for one in sent:
        one.run(connection)
    connection.execute("COMMIT")
