"""Exports and pages of lists of a large shop, beside the same statements sent by the driver alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from benchmarks import large
from benchmarks.measure import Result
from benchmarks.periods import asked
from shopdesk.domain.accounting import AccountMapping
from shopdesk.domain.document import Kind, State
from shopdesk.domain.payment import Method
from shopdesk.queries import accountant_export, customers, documents, products
from shopdesk.queries import shop as ask_shop
from shopdesk.queries.documents import DocumentFilter, DocumentOrder
from shopdesk.render import export
from shopdesk.render.export import FileKind, Writer
from shopdesk.store.database import connect
from shopdesk.store.session import Session
from shopdesk.ui.documents.documents_model import file_head, file_row
from shopdesk.ui.statistics import accountant_tables

_MADE_AT = datetime(2026, 11, 30)  # noqa: DTZ001 - local time, as files have it
_YEARS_AGO = 2


def writing(folder: Path, *, count: int) -> Iterator[Result]:
    """Yield what exports to a file take at that many documents: with all pages read, and written."""
    for url, where, raw in large.on_both(folder, count, partial(print, flush=True)):
        year = datetime.now(UTC).year - _YEARS_AGO
        of_year = DocumentFilter(since=date(year, 1, 1), until=date(year, 12, 31))
        exports: dict[str, Callable[[Session], None]] = {
            "export of everything": partial(_list, kind=FileKind.CSV, find=DocumentFilter()),
            "export of a year": partial(_list, kind=FileKind.CSV, find=of_year),
            "export of a year, XLSX": partial(_list, kind=FileKind.XLSX, find=of_year),
            "accountant's export of a month": partial(_accountant, since=date(year, 3, 1), until=date(year, 3, 31)),
        }
        with contextlib.closing(connect(url)) as database:
            for name, act in exports.items():
                yield asked(database, f"{name} {where}", raw, act, rounds=1, warm_up=0)


def paging(folder: Path, *, count: int) -> Iterator[Result]:
    """Yield what a page of the lists takes at that many documents."""
    for url, where, raw in large.on_both(folder, count, partial(print, flush=True)):
        with contextlib.closing(connect(url)) as database:
            pages = {name: partial(query, after=None) for name, query in _pages().items()}
            for name, query in (pages | _at_once()).items():
                yield asked(database, f"{name} {where}", raw, query, rounds=15)


def _pages() -> dict[str, Callable[..., Any]]:
    year = datetime.now(UTC).year - _YEARS_AGO
    page, everything = partial(documents.page, find=DocumentFilter()), DocumentFilter()
    month = replace(everything, since=date(year, 3, 1), until=date(year, 3, 31))
    kept = {
        "of a month": month,
        "of receipts": replace(everything, kinds=frozenset({Kind.RECEIPT})),
        "unpaid": replace(everything, unpaid=True),
        "paid by card": replace(everything, paid_by=Method.CARD),
        "of an item never sold": replace(everything, item="No such thing"),
        "voided": replace(everything, states=frozenset({State.VOIDED})),
        "of a year": replace(everything, since=date(year, 1, 1), until=date(year, 12, 31)),
        "of R": replace(everything, text="R"),
        "of R-A": replace(everything, text="R-A"),
        "of 123": replace(everything, text="123"),
        "of a": replace(everything, text="a"),
    }
    found: dict[str, Callable[..., Any]] = {"list, first page": page}
    found |= {f"list {name}": partial(documents.page, find=find) for name, find in kept.items()}
    by_number = partial(documents.page, order=DocumentOrder.NUMBER)
    found |= {
        f"list {name} by number": partial(by_number, find=kept[name]) for name in ("of R", "of R-A", "of a month")
    }
    found |= {f"products {text}": partial(products.page, text=text) for text in ("p", "m", "item 1")}
    return found | {f"customers {text}": partial(customers.page, text=text) for text in ("a", "254")}


def _at_once() -> dict[str, Callable[..., Any]]:
    """What begins nowhere: places in the list, and suggestions."""
    place = date(datetime.now(UTC).year - _YEARS_AGO, 3, 1)
    return {
        "list, from a date": partial(documents.page_from, find=DocumentFilter(), to=place),
        "list, last page": partial(documents.page, find=DocumentFilter(), after=None, descending=False),
        "suggested products, milk": partial(products.suggest, text="milk"),
        "suggested customers, amina": partial(customers.suggest, text="amina"),
    }


def _list(session: Session, *, kind: FileKind, find: DocumentFilter) -> None:
    def open_list(file: Any) -> Writer:
        return export.writer(kind, file, file_head(), title="Documents", made_at=_MADE_AT)

    _written(open_list, partial(documents.page, session, find=find), file_row, 1000)


def _accountant(session: Session, *, since: date, until: date) -> None:
    shop = ask_shop.current(session)
    assert shop is not None

    def open_archive(file: Any) -> Writer:
        return accountant_tables.archive(file, shop, AccountMapping(), period="", made_at=_MADE_AT)

    pages = partial(accountant_export.read, session, since=since, until=until)
    _written(open_archive, pages, lambda record: record, 500)


def _written(
    opened: Callable[[Any], Writer], pages: Callable[..., tuple[Any, ...]], row: Callable[[Any], Any], limit: int
) -> None:
    """Write all pages to a file, as the window does."""
    after = None
    with TemporaryFile() as file:
        writer = opened(file)
        while rows := pages(after=after, limit=limit):
            writer.write(map(row, rows))
            after = rows[-1]
        writer.close()
