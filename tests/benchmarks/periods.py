"""Statistics of a large shop: each part of some periods, beside the same statements sent by the driver alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import large
from benchmarks.measure import Result, Sent, in_turns, overheard, raw_connection, replay
from shopdesk.domain.account import Actor
from shopdesk.queries import dashboard, statistics
from shopdesk.store import accounts, shop
from shopdesk.store.database import Database, connect

_ROUNDS = 7


def looking(folder: Path, *, count: int) -> Iterator[Result]:
    """Yield what the parts of the statistics take at that many documents, on a file and on a server."""
    say = partial(print, flush=True)
    path = large.on_file(folder, count, say)
    with raw_connection(path) as connection:
        yield from _parts(f"sqlite:///{path}", f"at {count:,}, SQLite", partial(replay, connection, begin="BEGIN"))
    with large.on_server(folder, count, say) as url, psycopg.connect(url.replace("+psycopg", "")) as server:
        yield from _parts(url, f"at {count:,}, PostgreSQL", partial(_replay, server))


def _replay(connection: psycopg.Connection[Any], sent: list[Sent]) -> None:
    """The same statements in one transaction, by psycopg alone."""
    with connection.transaction(), connection.cursor() as cursor:
        for one in sent:
            cursor.execute(one.statement.encode(), one.parameters)
            if cursor.description:
                cursor.fetchall()


def _parts(url: str, where: str, raw: Callable[[list[Sent]], None]) -> Iterator[Result]:
    with contextlib.closing(connect(url)) as database:
        with database.reads() as session:
            by = Actor(accounts.everyone(session)[0], shop.all_tills(session)[0])
        today = datetime.now(UTC).astimezone().date()
        yield _measured(database, f"dashboard figures {where}", raw, partial(dashboard.figures, today=today))
        for period, since in _periods(today).items():
            days = {"since": since, "until": today, "by": by}
            for part, query in _PARTS.items():
                yield _measured(database, f"{part}, {period} {where}", raw, partial(query, **days))


def _measured(database: Database, name: str, raw: Callable[[list[Sent]], None], query: Callable[..., Any]) -> Result:
    def ours(_turn: int) -> None:
        with database.reads() as session:
            query(session)

    with overheard(database) as talk:
        ours(0)
    times = in_turns(_ROUNDS, ours, lambda _turn: raw(talk.sent), warm_up=1)
    return times.results(name)[0]


def _periods(today: date) -> dict[str, date]:
    return {
        "30 days": today - timedelta(days=29),
        "this year": today.replace(month=1, day=1),
        "five years": today - large.SPAN + timedelta(days=17),
    }


_PARTS: dict[str, Callable[..., Any]] = {
    "overview": statistics.overview,
    "chart by month": partial(statistics.over_time, step=statistics.Step.MONTH),
    "taxes": statistics.by_tax,
    "new and returning customers": statistics.by_customer_type,
    "best customers": statistics.best_customers,
    "best items": statistics.best_items,
    "hours": statistics.by_hour,
    "cashiers": statistics.by_cashier,
    "departments": statistics.by_department,
}
