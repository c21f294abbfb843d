"""Issuing a document, from the use case to the durable commit, against raw sqlite3 writing the same rows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from benchmarks import books
from benchmarks.measure import Result, Sent, in_turns, overheard, raw_connection, replay
from shopdesk.domain.account import Actor, Role
from shopdesk.domain.customer import Buyer, Contact, Customer
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.print_job import PrintRequest
from shopdesk.domain.printer import PaperChoice
from shopdesk.domain.product import Product
from shopdesk.queries import products
from shopdesk.row_keys import new_key
from shopdesk.usecases import customers, documents
from support.shops import SampleShop

WARM_UP = 40
ADA = Contact(name="Ada", email="ada@example.org")


def issuing(folder: Path, *, lines: int, rounds: int, filled: int = 0) -> Iterator[Result]:
    """Median and minimum, and the statements and commits one document takes."""
    start = books.shop(folder)
    if filled:
        books.fill_with_documents(start, filled)
    with contextlib.closing((sample_shop := books.sample_shop(start)).database):
        drafts = [sample_shop.draft(*rows(number, lines)) for number in range(WARM_UP + rounds)]
    acts = [partial(documents.issue, draft=draft, contact=ADA, by=sample_shop.by) for draft in drafts]
    of = f"issue {lines} line{'s' if lines > 1 else ''}" + (f" at {filled:,} documents" if filled else "")
    yield from _beside_raw(start, of, acts)


def selling(folder: Path, *, lines: int, rounds: int) -> Iterator[Result]:
    """The same for what a cashier sells: scanned products, to a chosen customer, sealed, with a slip to print."""
    start = books.shop(folder)
    books.fill_with_products(start, books.PRODUCTS)
    with contextlib.closing((sample_shop := books.sample_shop(start)).database):
        sample_shop.seal_at_issue()
        by = Actor(sample_shop.staff(Role.CASHIER), sample_shop.by.till)
        buyer = Buyer.of(sample_shop.do(customers.save, Customer(key=new_key(), name="Ada", email="ada@example.org")))
        goods = sample_shop.ask(products.page, text="", after=None, limit=lines)
        drafts = [
            replace(sample_shop.draft(*_scanned(goods, pieces=1 + number)), buyer=buyer)
            for number in range(WARM_UP + rounds)
        ]
    slip = PrintRequest(paper=PaperChoice.ROLL)
    sales = [partial(documents.issue, draft=draft, to_print=slip, by=by) for draft in drafts]
    yield from _beside_raw(start, f"a cashier's sale of {lines} products", sales)


def _scanned(goods: Sequence[Product], *, pieces: int) -> list[DraftRow]:
    return [DraftRow(one.name, f"{pieces}", f"{Decimal(one.price) / 10_000}", product_key=one.key) for one in goods]


def _beside_raw(start: Path, name: str, acts: Sequence[Callable[..., object]]) -> Iterator[Result]:
    """Yield what these acts take in a shop, after those to warm up, beside raw sqlite3 writing the same rows."""
    writes, commits, statements = _recorded(books.copy(start, "recorded.db"), acts)
    ours = books.sample_shop(books.copy(start, "ours.db"))
    with contextlib.closing(ours.database), raw_connection(books.copy(start, "raw.db")) as connection:
        times = in_turns(
            len(acts) - WARM_UP,
            lambda turn: _do(ours, acts[turn], turn),
            lambda turn: replay(connection, writes[turn]),
            warm_up=WARM_UP,
        )
    _require_same_rows(start.with_name("recorded.db"), start.with_name("raw.db"))
    yield from times.results(name)
    yield Result(f"{name}, statements", statements, "", len(writes[-1]))
    yield Result(f"{name}, commits", commits, "", 1)


def rows(number: int, lines: int) -> list[DraftRow]:
    """The rows of a document."""
    # No two of the same total: the use case would ask whether the same sale was entered twice.
    price = f"{1 + number // 100}.{number % 100:02d}"
    return [DraftRow(f"Item {(number + line) % 200}", "2", price) for line in range(lines)]


def _do(sample_shop: SampleShop, act: Callable[..., object], turn: int) -> None:
    now = sample_shop.now + timedelta(seconds=10 * turn)
    with sample_shop.database.sessions.begin() as session:
        act(session, now=now)


def _recorded(path: Path, acts: Sequence[Callable[..., object]]) -> tuple[list[list[Sent]], int, int]:
    """What each act writes; and how many commits and statements, reads too, the last one took."""
    sample_shop = books.sample_shop(path)
    talks = []
    for turn, act in enumerate(acts):
        with overheard(sample_shop.database) as talk:
            _do(sample_shop, act, turn)
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
