"""Statistics of a large shop: each part of some periods, beside the same statements sent by the driver alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import large
from benchmarks.large import Raw
from benchmarks.measure import Result, in_turns, overheard
from shopdesk.domain.account import Actor
from shopdesk.queries import dashboard, statistics
from shopdesk.store import accounts, shop
from shopdesk.store.database import Database, connect


def looking(folder: Path, *, count: int) -> Iterator[Result]:
    """Yield what the parts of the statistics take at that many documents, on a file and on a server."""
    for url, where, raw in large.on_both(folder, count, partial(print, flush=True)):
        yield from _parts(url, where, raw)


def _parts(url: str, where: str, raw: Raw) -> Iterator[Result]:
    with contextlib.closing(connect(url)) as database:
        with database.reads() as session:
            by = Actor(accounts.everyone(session)[0], shop.all_tills(session)[0])
        today = datetime.now(UTC).astimezone().date()
        yield asked(database, f"dashboard figures {where}", raw, partial(dashboard.figures, today=today))
        for period, since in _periods(today).items():
            days = {"since": since, "until": today, "by": by}
            for part, query in _PARTS.items():
                yield asked(database, f"{part}, {period} {where}", raw, partial(query, **days))


def asked(
    database: Database, name: str, raw: Raw, query: Callable[..., Any], *, rounds: int = 7, warm_up: int = 1
) -> Result:
    """Return what a query takes, in turns with its statements sent by the driver alone."""

    def ours(_turn: int) -> None:
        with database.reads() as session:
            query(session)

    with overheard(database) as talk:
        ours(0)
    times = in_turns(rounds, ours, lambda _turn: raw(talk.sent), warm_up=warm_up)
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
