"""A process for each till of two shops, which issue by turns. Run by benchmarks/tills.py.

``python tills.py issue OURS RAW TURNS SECONDS``: every till of the shop at the URL OURS issues by the use case, every
till of the one at RAW by psycopg alone, which commits the same rows. Prints the seconds each document took.
``python tills.py fill URL``: make customers, and a document for each.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Dialect, Insert, Update, event, func, select

from shopdesk.domain.account import Actor
from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Draft, Kind, Line
from shopdesk.domain.money import Currency
from shopdesk.domain.tax import TaxRate
from shopdesk.row_keys import new_key
from shopdesk.store import accounts, acts_books, shop
from shopdesk.store.database import Database, connect
from shopdesk.store.session import Sessions
from shopdesk.store.tables import journal
from shopdesk.usecases import documents

Issue = Callable[[int], object]
WARM_UP = 12
_FORK = multiprocessing.get_context("fork")  # a hundred programs started anew would fill the memory
CUSTOMERS = 200
_FILLED = 100_000
"""The first number of the documents that are there already: none has a total of those that are measured."""
_MADE_ANEW = {"key", "draft_key", "document_key"}
_COUNTED = {"seq", "journal_seq"}


def main(ours: str, raw: str, *, turns: int, seconds: float) -> None:
    """Let both sides work by turns, and print what each document took, by side."""
    sides = {"ours": (ours, by_the_use_case), "raw": (raw, by_psycopg)}
    tills = _tills(ours)
    bars = {side: _FORK.Barrier(tills + 1) for side in sides}
    told = _FORK.SimpleQueue()
    workers = [
        _FORK.Process(target=work, args=(make, url, number, bars[side], turns, seconds, side, told))
        for side, (url, make) in sides.items()
        for number in range(tills)
    ]
    for worker in workers:
        worker.start()
    for _ in range(turns):
        for bar in bars.values():
            bar.wait()  # they begin
            bar.wait()  # all are done
    taken: dict[str, list[float]] = {side: [] for side in sides}
    for _ in workers:
        side, times = told.get()
        taken[side] += times
    for worker in workers:
        worker.join()
    print(json.dumps(taken))


def work(
    make: Callable[[str, int], Any], url: str, till: int, bar: Any, turns: int, seconds: float, side: str, told: Any
) -> None:
    """One till: warm up, then issue as much as it can in each of its turns."""
    times: list[float] = []
    try:
        with make(url, till) as issue:
            for number in range(WARM_UP):
                issue(number)
            number = WARM_UP
            for _ in range(turns):
                bar.wait(timeout=300)
                end = time.perf_counter() + seconds
                while (begun := time.perf_counter()) < end:
                    issue(number)
                    times.append(time.perf_counter() - begun)
                    number += 1
                bar.wait(timeout=300)
    except BaseException:
        bar.abort()  # nobody waits for one who is gone
        raise
    told.put((side, times))


@contextmanager
def by_the_use_case(url: str, till: int) -> Iterator[Issue]:
    """As the program does it."""
    with closing(connect(url, pool_size=1)) as database:
        yield _use_case(database, till)


@contextmanager
def by_psycopg(url: str, till: int) -> Iterator[Issue]:
    """What the use case writes for some documents, as often as wanted, with other keys and numbers."""
    with closing(connect(url, pool_size=1)) as connected:
        # Without the option to gather, each table gets a statement of its own.
        database = replace(connected, sessions=Sessions(connected.engine))
        acts_books.is_on_server = lambda session: False  # the statements that the server's functions stand for
        issue = _use_case(database, till)
        documents = [_written(database, partial(issue, number)) for number in range(WARM_UP)]
        with database.reads() as session:
            own = journal.c.till_key == shop.all_tills(session)[till].key, journal.c.document_key.is_(None)
            before = session.execute(select(func.count()).where(*own)).scalar_one()
    del documents[0]  # the first of all makes the customer and the series
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        yield lambda number: write(connection, documents[number % len(documents)], before)


@dataclass(frozen=True, slots=True)
class Written:
    """What one statement puts into one table, as psycopg wants it."""

    statement: str
    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, element: Insert | Update, rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> Written:
        """The statement by itself, one for each table however it was sent."""
        compiled = element.compile(dialect=dialect, column_keys=list(rows[0]))
        return cls(str(compiled), [{**compiled.params, **row} for row in rows])


def _written(database: Database, act: Callable[[], object]) -> list[Written]:
    """What is written while ``act`` runs."""
    heard: list[Written] = []

    def on_statement(_connection: Any, element: Any, many: Any, one: Any, _options: Any) -> None:
        if isinstance(element, Insert | Update):
            heard.append(Written.of(element, many or [one], database.engine.dialect))

    event.listen(database.engine, "before_execute", on_statement)
    act()
    event.remove(database.engine, "before_execute", on_statement)
    return heard


def write(connection: psycopg.Connection[Any], written: Sequence[Written], before: int) -> None:
    """One document's rows in one transaction, by psycopg alone, as a plain program would: one after the other.

    ``before`` is the number of rows in the till's journal that are of no document.
    """
    fresh: dict[Any, Any] = {"before": before}
    for one in written:
        rows = [_anew(row, fresh) for row in one.rows]
        cursor = connection.cursor()
        if len(rows) > 1:
            cursor.executemany(one.statement, rows)
        else:
            cursor.execute(one.statement, rows[0])
        if one.statement.startswith("UPDATE series"):
            (fresh["last"],) = cursor.fetchone() or (0,)
    connection.commit()


def _anew(row: Mapping[str, Any], fresh: dict[Any, Any]) -> dict[str, Any]:
    """The row with a key, a number and a place in the journal of its own."""
    row = dict(row)
    for name, value in row.items():
        if name in _MADE_ANEW and isinstance(value, UUID):
            row[name] = fresh.setdefault(value, new_key())
        elif name in _COUNTED:
            row[name] = fresh["last"] + fresh["before"]
        elif name == "number":
            row[name] = f"{value[:-6]}{fresh['last']:06d}"
        elif name == "message_id":
            row[name] = f"<{new_key().hex}@example.org>"
    return row


def fill(url: str) -> None:
    """Issue to each customer, so that both sides find tables with rows, and customers who are known."""
    with closing(connect(url, pool_size=1)) as database:
        issue = _use_case(database, 0)
        for number in range(CUSTOMERS):
            issue(_FILLED + number)


def _customer(number: int) -> Contact:
    return Contact(name=f"Customer {number % CUSTOMERS}", email=f"c{number % CUSTOMERS}@example.org")


def _use_case(database: Database, till: int) -> Issue:
    with database.reads() as session:
        tills = shop.all_tills(session)
        actor = Actor(accounts.everyone(session)[0], tills[till])

    def issue(number: int) -> None:
        draft = _draft(number * len(tills) + till)
        with database.sessions.begin() as session:
            documents.issue(session, draft, by=actor, now=datetime.now(UTC), contact=_customer(number))

    return issue


def _draft(number: int) -> Draft:
    """Five rows of two hundred items. No two drafts have the same total: the use case would ask about the second."""
    lines = tuple(
        Line(
            item=f"Item {(number + line) % 200}",
            quantity=2000,
            unit_price=10_000 + 100 * number,
            tax=TaxRate.percent(16),
        )
        for line in range(5)
    )
    return Draft(
        key=new_key(),
        kind=Kind.RECEIPT,
        lines=lines,
        date_on=datetime.now(UTC).astimezone().date(),
        currency=Currency.of("USD"),
        prices_include_tax=True,
    )


def _tills(url: str) -> int:
    with closing(connect(url)) as database, database.reads() as session:
        return len(shop.all_tills(session))


if __name__ == "__main__":
    act, *given = sys.argv[1:]
    if act == "fill":
        fill(*given)
    else:
        main(*given[:2], turns=int(given[2]), seconds=float(given[3]))
