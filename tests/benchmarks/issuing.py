"""Issuing a document, from the use case to the durable commit, against raw sqlite3 writing the same rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks import books
from benchmarks.measure import Result, Sent, in_turns, overheard, raw_connection, replay
from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Draft
from shopdesk.domain.draft import DraftRow
from shopdesk.usecases import documents
from support.shops import SampleShop

WARM_UP = 40
ADA = Contact(name="Ada", email="ada@example.org")


def issuing(folder: Path, *, lines: int, rounds: int, filled: int = 0) -> Iterator[Result]:
    """Median and minimum, and the statements and commits one document takes."""
    start = books.shop(folder)
    if filled:
        books.fill_with_documents(start, filled)
    sample_shop = books.sample_shop(start)
    drafts = [sample_shop.draft(*rows(number, lines)) for number in range(WARM_UP + rounds)]
    sample_shop.database.close()
    writes, commits, statements = _recorded(books.copy(start, "recorded.db"), drafts)

    ours = books.sample_shop(books.copy(start, "ours.db"))
    with contextlib.closing(ours.database), raw_connection(books.copy(start, "raw.db")) as connection:
        times = in_turns(
            rounds,
            lambda turn: _issue(ours, drafts[turn], turn),
            lambda turn: replay(connection, writes[turn]),
            warm_up=WARM_UP,
        )
    _require_same_rows(folder / "recorded.db", folder / "raw.db")
    of = f"issue {lines} line{'s' if lines > 1 else ''}" + (f" at {filled:,} documents" if filled else "")
    yield from times.results(of)
    yield Result(f"{of}, statements", statements, "", len(writes[-1]))
    yield Result(f"{of}, commits", commits, "", 1)


def rows(number: int, lines: int) -> list[DraftRow]:
    """The rows of a document."""
    # No two of the same total: the use case would ask whether the same sale was entered twice.
    price = f"{1 + number // 100}.{number % 100:02d}"
    return [DraftRow(f"Item {(number + line) % 200}", "2", price) for line in range(lines)]


def _issue(sample_shop: SampleShop, draft: Draft, turn: int) -> None:
    now = sample_shop.now + timedelta(seconds=10 * turn)
    with sample_shop.database.sessions.begin() as session:
        documents.issue(session, draft, by=sample_shop.by, now=now, contact=ADA)


def _recorded(path: Path, drafts: list[Draft]) -> tuple[list[list[Sent]], int, int]:
    """What issuing each draft writes; and how many commits and statements, reads too, the last one took."""
    sample_shop = books.sample_shop(path)
    talks = []
    for turn, draft in enumerate(drafts):
        with overheard(sample_shop.database) as talk:
            _issue(sample_shop, draft, turn)
        talks.append(talk)
    sample_shop.database.close()
    writes = [[one for one in talk.sent if one.is_write] for talk in talks]
    return writes, talks[-1].commits, len(talks[-1].sent)


def _require_same_rows(one: Path, other: Path) -> None:
    """The comparison is only fair if raw SQLite really wrote what the use case writes."""
    with raw_connection(one) as first:
        tables = [name for (name,) in first.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        first.execute("ATTACH ? AS other", (str(other),))
        for table in tables:
            for here, there in (("main", "other"), ("other", "main")):
                query = f"SELECT count(*) FROM (SELECT * FROM {here}.{table} EXCEPT SELECT * FROM {there}.{table})"
                (differing,) = first.execute(query).fetchone()
                if differing:
                    raise SystemExit(f"raw SQLite wrote {differing} rows of {table} that differ: not the same work")
