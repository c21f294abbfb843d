"""Daily totals for dashboard and statistics, written in the same transaction as the document.

A document is added once when it is issued, and subtracted when it is amended or voided. ``violations`` computes the
totals again from the documents, for a test and for ``shopdesk verify``, and checks that they agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, FromClause, Select, Table, and_, func, select

from shopdesk.domain.document import Document, State
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.totals import gross_lines, split
from shopdesk.store import period_sums, period_sums_check
from shopdesk.store.plain_rows import Advanced, ignored, in_order, plain
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    day_customers,
    day_items,
    day_payments,
    day_sales,
    day_taxes,
    document_lines,
    document_taxes,
    documents,
    payments,
)


def add(session: Session, document: Document, till_key: UUID, *, sign: int = 1) -> None:
    """Add a document to the totals, or subtract it with ``sign=-1``. ``till_key`` is the till that issued it."""
    if not document.kind.is_sale:
        return
    day = {"day": document.date_on, "till_key": till_key}
    totals = document.totals
    session.insert(
        day_sales,
        [
            day
            | {
                "kind": document.kind.value,
                "documents": sign,
                "net_minor": sign * totals.net,
                "tax_minor": sign * totals.tax,
                "gross_minor": sign * totals.gross,
            }
        ],
        adds=True,
    )
    items: dict[str, tuple[int, int]] = {}
    for line, gross in zip(document.lines, gross_lines(totals, [line.priced for line in document.lines]), strict=True):
        quantity, sold = items.get(line.item, (0, 0))
        items[line.item] = (quantity + sign * line.quantity, sold + sign * gross)
    # Sorted, so that two tills never lock the same rows in opposite orders.
    session.insert(
        day_items,
        [
            day | {"item": item, "quantity_milli": items[item][0], "gross_minor": items[item][1]}
            for item in sorted(items)
        ],
        adds=True,
    )
    session.insert(
        day_taxes,
        [
            day
            | {
                "rate_milli": group.rate.milli,
                "category": group.rate.category.value,
                "net_minor": sign * group.net,
                "tax_minor": sign * group.tax,
                "gross_minor": sign * group.gross,
            }
            for group in totals.groups
        ],
        adds=True,
    )
    if document.buyer.key:
        count = {"customer_key": document.buyer.key, "documents": sign if document.kind.is_order else 0}
        session.insert(day_customers, [day | count | {"gross_minor": sign * totals.gross}], adds=True)
    period_sums.count_again(session, document, sign=sign)


def add_payment(session: Session, payment: Payment, *, day: Any, till_key: UUID) -> None:
    """Add a payment to the totals of ``day``, the shop's date when it was taken."""
    row = {"day": day, "till_key": till_key, "method": payment.method.value}
    counted = {
        "payments": 1,
        "amount_minor": payment.amount + payment.rounding,
        "rounding_minor": payment.rounding,
    }
    session.insert(day_payments, [row | counted], adds=True)


Days = Collection[date] | None
"""The days to compare; None for all."""
Key = tuple[Any, ...]
SumRow = tuple[Key, tuple[int, ...]]
"""A row of a table of sums: the columns of its key, and its sums."""

_COUNTED = (documents.c.state != State.VOIDED.value, documents.c.kind != "quote")


@dataclass(frozen=True, slots=True)
class Summed:
    """A table of sums, and what its rows should be, ordered by its key as ``in_order`` does; the day comes first."""

    table: Table
    truth: Callable[[Session, Days, Advanced], Iterator[SumRow]]


def violations(session: Session, *, days: Days = None, advanced: Advanced = ignored) -> Iterator[str]:
    """Compare every total with the documents and payments it sums, and the totals with each other.

    Yield a sentence for each difference. Of some ``days``, what only all days show together is left out. ``advanced``
    is called with the number of documents whose items were added up.
    """
    for one in SUMMED:
        for key, kept, right in _side_by_side(_kept(session, one.table, days), one.truth(session, days, advanced)):
            if kept != right:
                yield f"{one.table.name} {key[0]}: stored {kept}, but the documents add up to {right}."
    yield from _day_violations(session, days)
    if days is None:
        yield from _balance_violations(session)
        yield from period_sums_check.violations(session)


def _side_by_side(
    kept: Iterator[SumRow], truth: Iterator[SumRow]
) -> Iterator[tuple[Key, tuple[int, ...] | None, tuple[int, ...] | None]]:
    """Merge two streams that are ordered by their keys: yield each key with its sums here and there, or None."""
    here = ((key, 0, sums) for key, sums in kept)
    there = ((key, 1, sums) for key, sums in truth)
    for key, group in groupby(merge(here, there, key=itemgetter(0)), key=itemgetter(0)):
        sums = {side: of_side for _, side, of_side in group}
        yield key, sums.get(0), sums.get(1)


def _kept(session: Session, table: Table, days: Days) -> Iterator[SumRow]:
    key = list(table.primary_key)
    statement = select(*plain(key, session.dialect), *(column for column in table.c if not column.primary_key))
    return _read(session, statement, key, days)


def _read(session: Session, statement: Select[Any], key: Sequence[Column[Any]], days: Days) -> Iterator[SumRow]:
    """Yield the rows of a statement in the order of the key that it begins with. Sums of zero are no row."""
    if days is not None:
        statement = statement.where(key[0].in_(days))
    with session.streamed(statement.order_by(*in_order(key, session.dialect))) as rows:
        for row in rows:
            if any(sums := tuple(map(int, row[len(key) :]))):
                yield tuple(row[: len(key)]), sums


def _day_violations(session: Session, days: Days) -> Iterator[str]:
    """Yield the days whose items or taxes do not add up to the sales."""
    sales = _of_days(session, days, day_sales, "net_minor", "tax_minor", "gross_minor")
    taxes = _of_days(session, days, day_taxes, "net_minor", "tax_minor", "gross_minor")
    items = _of_days(session, days, day_items, "gross_minor")
    for day in sorted(sales.keys() | taxes.keys() | items.keys()):
        sold, taxed, of_items = sales.get(day, (0, 0, 0)), taxes.get(day, (0, 0, 0)), items.get(day, (0,))
        if taxed != sold:
            yield f"{day}: the taxes add up to {taxed} minor units (net, tax, gross), but the sales to {sold}."
        if of_items[0] != sold[-1]:
            yield f"{day}: the items add up to {of_items[0]} minor units, but the sales to {sold[-1]}."


def _balance_violations(session: Session) -> Iterator[str]:
    """Yield that the payments do not settle the sales, or that those moved between documents come to something."""
    settled = select(func.sum(day_payments.c.amount_minor - day_payments.c.rounding_minor))
    owed = select(func.sum(documents.c.gross_minor - documents.c.paid_minor)).where(*_COUNTED)
    sold = select(func.sum(day_sales.c.gross_minor))
    paid, open_minor, gross = (int(session.execute(one).scalar() or 0) for one in (settled, owed, sold))
    if gross != paid + open_minor:
        yield f"Sales of {gross} minor units are not the payments, {paid}, and what is still owed, {open_minor}."
    offset = select(func.sum(day_payments.c.amount_minor)).where(day_payments.c.method == Method.OFFSET.value)
    if moved := int(session.execute(offset).scalar() or 0):
        yield f"Payments moved between documents add up to {moved} minor units, not 0."


def _of_days(session: Session, days: Days, table: Table, *names: str) -> dict[date, tuple[int, ...]]:
    sums = (func.sum(table.c[name]) for name in names)
    statement = select(table.c.day, *sums).group_by(table.c.day)
    rows = session.execute(statement if days is None else statement.where(table.c.day.in_(days)))
    return {day: tuple(map(int, values)) for day, *values in rows}


def _grouped(
    key: Sequence[Column[Any]], *sums: ColumnElement[Any], source: FromClause, where: Sequence[ColumnElement[bool]] = ()
) -> Callable[[Session, Days, Advanced], Iterator[SumRow]]:
    """Return what yields the sums over the rows of ``source`` that have the same key."""

    def truth(session: Session, days: Days, _advanced: Advanced) -> Iterator[SumRow]:
        columns = (*plain(key, session.dialect), *sums)
        return _read(session, select(*columns).select_from(source).where(*where).group_by(*key), key, days)

    return truth


def _items(session: Session, days: Days, advanced: Advanced) -> Iterator[SumRow]:
    """Yield the totals of the items: each tax group's gross, split over its lines as ``gross_lines`` does."""
    if days is None:
        days = session.execute(select(documents.c.date_on).distinct()).scalars().all()
    for day in sorted(days):
        sums: dict[Key, tuple[int, int]] = {}
        for lines in _groups_of(session, day, advanced):
            parts = split(lines[0].group_minor, {at: line.amount_minor for at, line in enumerate(lines)})
            for at, line in enumerate(lines):
                key = (line.date_on, line.till_key, line.item)
                quantity, gross = sums.get(key, (0, 0))
                sums[key] = (quantity + line.quantity_milli, gross + parts[at])
        yield from ((key, sums[key]) for key in sorted(sums) if any(sums[key]))


def _groups_of(session: Session, day: date, advanced: Advanced) -> Iterator[list[Any]]:
    """Yield the lines of each tax group of the documents of a day."""
    lines, taxes = document_lines.c, document_taxes.c
    of_group = (taxes.document_key == lines.document_key, taxes.rate_milli == lines.rate_milli)
    statement = (
        select(
            *plain(
                (documents.c.date_on, documents.c.till_key, lines.document_key, lines.rate_milli, lines.category),
                session.dialect,
            ),
            lines.item,
            lines.quantity_milli,
            lines.amount_minor,
            taxes.gross_minor.label("group_minor"),
        )
        .join_from(documents, document_lines)
        .join(document_taxes, and_(*of_group, taxes.category == lines.category))
        .where(*_COUNTED, documents.c.date_on == day)
        .order_by(lines.document_key, lines.rate_milli, lines.category, lines.position)
    )
    with session.streamed(statement) as rows:
        for _, of_document in groupby(rows, key=attrgetter("document_key")):
            yield from (list(group) for _, group in groupby(of_document, key=attrgetter("rate_milli", "category")))
            advanced(1)


_OF_DOCUMENTS = (documents.c.net_minor, documents.c.tax_minor, documents.c.gross_minor)
_OF_TAXES = (document_taxes.c.net_minor, document_taxes.c.tax_minor, document_taxes.c.gross_minor)
_DAY = (documents.c.date_on, documents.c.till_key)
SUMMED = (
    Summed(
        day_sales,
        _grouped(
            (*_DAY, documents.c.kind), func.count(), *map(func.sum, _OF_DOCUMENTS), source=documents, where=_COUNTED
        ),
    ),
    Summed(
        day_taxes,
        _grouped(
            (*_DAY, document_taxes.c.rate_milli, document_taxes.c.category),
            *map(func.sum, _OF_TAXES),
            source=documents.join(document_taxes),
            where=_COUNTED,
        ),
    ),
    Summed(
        day_customers,
        _grouped(
            (*_DAY, documents.c.customer_key),
            func.count().filter(documents.c.kind.in_(("invoice", "receipt"))),
            func.sum(documents.c.gross_minor),
            source=documents,
            where=(*_COUNTED, documents.c.customer_key.is_not(None)),
        ),
    ),
    Summed(
        day_payments,
        _grouped(
            (payments.c.paid_on, payments.c.till_key, payments.c.method),
            func.count(),
            func.sum(payments.c.amount_minor + payments.c.rounding_minor),
            func.sum(payments.c.rounding_minor),
            source=payments,
        ),
    ),
    Summed(day_items, _items),
)
"""Every table of sums. To add one: its table and what yields its rows."""
