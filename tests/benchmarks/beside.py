"""A scan and a Save while two queries run, against the same while none does: no sale waits for a query."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject

from benchmarks import books, issuing
from benchmarks.measure import Result, in_turns
from shopdesk.background import Background
from shopdesk.domain.barcode import read_barcode
from shopdesk.queries import scans
from shopdesk.store.session import Session
from shopdesk.usecases import documents
from support.shops import SampleShop

_CODE = read_barcode("4000000000777")
_LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n"


def waiting(folder: Path, *, rounds: int, products: int = books.PRODUCTS) -> Iterator[Result]:
    """From the call to the answer on the window thread. (The processor is another thread's, and not told.)"""
    app = QCoreApplication.instance() or QCoreApplication([])
    path = books.shop(folder)
    books.fill_with_products(path, products)
    sample_shop = books.sample_shop(path)
    background = Background(sample_shop.database.sessions, sample_shop.database.reads)
    acts: dict[str, Callable[[int], object]] = {
        "scan": lambda _: _answered(partial(background.look_up, scans.meaning, _CODE)),
        "Save of 5 lines": partial(_save, background, sample_shop),
    }
    with closing(sample_shop.database), closing(background):
        for name, act in acts.items():
            yield from _compared(f"{name} while queries run", act, background, rounds)
    del app


def _compared(name: str, act: Callable[[int], object], background: Background, rounds: int) -> Iterator[Result]:
    alone = in_turns(rounds, act)
    with _queries(background):
        beside = in_turns(rounds, lambda turn: act(turn + 1000))
    beside.raw = alone.ours
    yield from beside.results(name)[:2]


def _save(background: Background, sample_shop: SampleShop, number: int) -> None:
    given: dict[str, Any] = {
        "by": sample_shop.by,
        "now": sample_shop.now + timedelta(seconds=10 * number),
        "contact": issuing.ADA,
    }
    draft = sample_shop.draft(*issuing.rows(number, 5))
    _answered(partial(background.do, documents.issue, draft, **given))


def _answered(submit: Callable[..., None]) -> None:
    loop, owner = QEventLoop(), QObject()
    submit(owner=owner, then=lambda _: loop.quit())
    loop.exec()


@contextmanager
def _queries(background: Background) -> Iterator[None]:
    """Run a query on each thread for queries, one after the other."""
    is_over, owner = threading.Event(), QObject()

    def query(session: Session) -> Any:
        while not is_over.is_set():
            session.connection.exec_driver_sql(_LONG).scalar()

    background.ask(query, owner=owner, then=lambda _: None)
    background.ask_slow(query, owner=owner, then=lambda _: None)
    try:
        yield
    finally:
        is_over.set()
