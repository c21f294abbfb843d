"""What the counter asks while somebody waits: a scan, the dashboard, a key typed into the open document."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import books
from benchmarks.measure import Result, in_turns, overheard, raw_connection, replay
from shopdesk.domain.draft import DraftForm, DraftRow, ParsedRow, parse
from shopdesk.domain.money import NumberSymbols
from shopdesk.queries import dashboard, products
from shopdesk.queries import documents as ask
from shopdesk.queries import shop as ask_shop
from shopdesk.queries.documents import DocumentFilter
from shopdesk.row_keys import new_key
from shopdesk.usecases import drafts
from support.shops import SampleShop


def scanning(folder: Path, *, count: int) -> Iterator[Result]:
    """A barcode, to its product."""
    path = books.shop(folder)
    books.fill_with_products(path, count)
    chance = random.Random(count)
    codes = [f"4{chance.randrange(1, count + 1):012d}" for _ in range(1020)]
    yield from _asked(path, f"scan among {count:,} products", 1000, products.by_code, [(code,) for code in codes])


def looking(folder: Path, *, count: int) -> Iterator[Result]:
    """What the dashboard shows."""
    path = books.shop(folder)
    books.fill_with_documents(path, count)
    at = f"at {count:,} documents"
    yield from _asked(path, f"recent five {at}", 300, ask.recent, [(5,)])
    sample_shop = books.sample_shop(path)
    today = sample_shop.today
    sample_shop.database.close()
    yield from _asked(path, f"dashboard figures {at}", 100, dashboard.figures, [()], today=today)


def listing(folder: Path, *, count: int) -> Iterator[Result]:
    """Pages of the list of documents: its ends, a place in it, and filters and searches that were slow before."""
    path = books.shop(folder)
    books.fill_with_documents(path, count)
    sample_shop = books.sample_shop(path)
    today = sample_shop.today
    sample_shop.database.close()
    month = DocumentFilter(since=today - timedelta(days=60), until=today - timedelta(days=31))
    pages: dict[str, dict[str, Any]] = {
        "list, first page": {"find": DocumentFilter()},
        "list, last page": {"find": DocumentFilter(), "descending": False},
        "list of a month": {"find": month},
        "list of a month, unpaid": {"find": replace(month, unpaid=True)},
        "search R": {"find": DocumentFilter(text="R")},
    }
    at = f"at {count:,} documents"
    for name, given in pages.items():
        yield from _asked(path, f"{name} {at}", 100, ask.page, [()], after=None, **given)
    yield from _asked(path, f"list from a date {at}", 100, ask.page_from, [()], find=DocumentFilter(), to=month.since)


def _asked(
    path: Path, name: str, rounds: int, query: Callable[..., Any], given: list[Any], **more: Any
) -> Iterator[Result]:
    """A query, against the same statements sent by sqlite3 alone."""
    sample_shop = books.sample_shop(path)

    def ours(turn: int) -> Any:
        return sample_shop.ask(query, *given[turn % len(given)], **more)

    talks = []
    for turn in range(len(given)):
        with overheard(sample_shop.database) as talk:
            if not ours(turn):
                raise SystemExit(f"{name} finds nothing: not what is to be measured")
        talks.append(talk.sent)
    with contextlib.closing(sample_shop.database), raw_connection(path) as connection:
        times = in_turns(
            rounds, ours, lambda turn: replay(connection, talks[turn % len(talks)], begin="BEGIN"), warm_up=20
        )
    yield from times.results(name, unit="µs")


def typing(folder: Path, *, rows: int, rounds: int) -> Iterator[Result]:
    """A key in a row of the open document: kept on the disk, and all amounts and totals read anew."""
    path = books.shop(folder)
    sample_shop = books.sample_shop(path)
    form = DraftForm(key=new_key(), rows=tuple(DraftRow(f"Item {row}", "2", f"{1 + row}.25") for row in range(rows)))
    forms = [_typed(form, turn) for turn in range(rounds + 20)]
    sample_shop.do(drafts.save_draft, form, changed=None)
    recorded = []
    for one in forms:
        with overheard(sample_shop.database) as talk:
            _keep(sample_shop, one, rows - 1)
        recorded.append([sent for sent in talk.sent if sent.is_write])
    with contextlib.closing(sample_shop.database), raw_connection(books.copy(path, "raw.db")) as connection:
        replay(connection, recorded[0])
        kept = in_turns(
            rounds,
            lambda turn: _keep(sample_shop, forms[turn], rows - 1),
            lambda turn: replay(connection, recorded[turn]),
        )
        shop = sample_shop.ask(ask_shop.current)
    assert shop is not None
    yield from kept.results(f"keep a key typed among {rows} rows")
    known: dict[DraftRow, ParsedRow] = {}

    def totals(turn: int) -> None:
        reading = parse(forms[turn], shop=shop, symbols=NumberSymbols(), today=sample_shop.today, cache=known)
        if reading.draft is None:
            raise SystemExit(f"the form cannot be read: {reading.faults}")

    yield from in_turns(rounds, totals).results(f"live totals of {rows} rows, a key typed", unit="µs")
    yield from in_turns(
        rounds // 5, lambda turn: parse(forms[turn], shop=shop, symbols=NumberSymbols(), today=sample_shop.today)
    ).results(f"live totals of {rows} rows, all anew", unit="µs")


def _typed(form: DraftForm, turn: int) -> DraftForm:
    """The form with another price in its last row."""
    return replace(
        form, rows=(*form.rows[:-1], replace(form.rows[-1], unit_price=f"{turn // 100 + 1}.{turn % 100:02d}"))
    )


def _keep(sample_shop: SampleShop, form: DraftForm, row: int) -> None:
    with sample_shop.database.sessions.begin() as session:
        drafts.save_draft(session, form, changed=frozenset({row}), by=sample_shop.by, now=sample_shop.now)
