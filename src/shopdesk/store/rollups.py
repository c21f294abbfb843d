"""Daily totals for dashboard and statistics, written in the same transaction as the document.

A document is added once when it is issued, and subtracted when it is amended or voided. ``violations`` computes the
totals again from the documents, for a test and for ``shopdesk verify``, and checks that they agree with each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, func, select

from shopdesk.domain.document import Document, State
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.totals import gross_lines, split
from shopdesk.store import period_sums, period_sums_check
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


Sums = dict[tuple[Any, ...], tuple[int, ...]]
"""Rows of a table of totals: the columns of its key, and its sums."""

_COUNTED = (documents.c.state != State.VOIDED.value, documents.c.kind != "quote")


def violations(session: Session) -> Iterator[str]:
    """Compare every total with the documents and payments it sums, and the totals with each other.

    Yield a sentence for each difference.
    """
    for table, truth in _rebuilt(session):
        kept = _by_key(session, select(table), table)
        for key in sorted(kept.keys() | truth.keys(), key=repr):
            if kept.get(key, ()) != truth.get(key, ()):
                yield f"{table.name} {key[0]}: stored {kept.get(key)}, but the documents add up to {truth.get(key)}."
    yield from _disagreements(session)
    yield from period_sums_check.violations(session)


def _disagreements(session: Session) -> Iterator[str]:
    """Yield the days whose items or taxes do not add up to the sales, and the payments that do not settle them."""
    sales = _of_days(session, day_sales, "net_minor", "tax_minor", "gross_minor")
    taxes = _of_days(session, day_taxes, "net_minor", "tax_minor", "gross_minor")
    items = _of_days(session, day_items, "gross_minor")
    for day in sorted(sales.keys() | taxes.keys() | items.keys()):
        sold, taxed, of_items = sales.get(day, (0, 0, 0)), taxes.get(day, (0, 0, 0)), items.get(day, (0,))
        if taxed != sold:
            yield f"{day}: the taxes add up to {taxed} minor units (net, tax, gross), but the sales to {sold}."
        if of_items[0] != sold[-1]:
            yield f"{day}: the items add up to {of_items[0]} minor units, but the sales to {sold[-1]}."
    settled = select(func.sum(day_payments.c.amount_minor - day_payments.c.rounding_minor))
    owed = select(func.sum(documents.c.gross_minor - documents.c.paid_minor)).where(*_COUNTED)
    paid, open_minor = (int(session.execute(one).scalar() or 0) for one in (settled, owed))
    gross = sum(sold[-1] for sold in sales.values())
    if gross != paid + open_minor:
        yield f"Sales of {gross} minor units are not the payments, {paid}, and what is still owed, {open_minor}."
    offset = select(func.sum(day_payments.c.amount_minor)).where(day_payments.c.method == Method.OFFSET.value)
    if moved := int(session.execute(offset).scalar() or 0):
        yield f"Payments moved between documents add up to {moved} minor units, not 0."


def _of_days(session: Session, table: Table, *names: str) -> Sums:
    sums = (func.sum(table.c[name]) for name in names)
    rows = session.execute(select(table.c.day, *sums).group_by(table.c.day))
    return {day: tuple(map(int, values)) for day, *values in rows}


def _by_key(session: Session, statement: Any, table: Table) -> Sums:
    width = len(table.primary_key)
    rows = (tuple(row) for row in session.execute(statement))
    # A row whose sums are all zero equals a missing row.
    return {row[:width]: tuple(map(int, row[width:])) for row in rows if any(row[width:])}


def _rebuilt(session: Session) -> Iterator[tuple[Table, Sums]]:
    """Yield each table of totals with its rows as the documents and payments add up to."""
    for table, statement in _statements().items():
        yield table, _by_key(session, statement, table)
    yield day_items, _items(session)


def _items(session: Session) -> Sums:
    """Return the totals of the items: each tax group's gross, split over its lines as ``gross_lines`` does."""
    lines, taxes = document_lines.c, document_taxes.c
    rows = session.execute(
        select(
            lines.document_key,
            lines.rate_milli,
            lines.category,
            documents.c.date_on,
            documents.c.till_key,
            lines.item,
            lines.quantity_milli,
            lines.amount_minor,
            taxes.gross_minor,
        )
        .join_from(documents, document_lines)
        .join(
            document_taxes,
            and_(
                taxes.document_key == lines.document_key,
                taxes.rate_milli == lines.rate_milli,
                taxes.category == lines.category,
            ),
        )
        .where(*_COUNTED)
        .order_by(lines.document_key, lines.rate_milli, lines.category, lines.position)
        .execution_options(yield_per=_AT_ONCE)
    )
    sums: dict[tuple[Any, ...], tuple[int, int]] = {}
    for _, group in groupby(rows, key=itemgetter(0, 1, 2)):
        members = list(group)
        parts = split(members[0].gross_minor, {at: line.amount_minor for at, line in enumerate(members)})
        for at, line in enumerate(members):
            key = (line.date_on, line.till_key, line.item)
            quantity, gross = sums.get(key, (0, 0))
            sums[key] = (quantity + line.quantity_milli, gross + parts[at])
    return {key: values for key, values in sums.items() if any(values)}


_AT_ONCE = 1000
"""Lines read at a time."""


def _statements() -> dict[Table, Any]:
    return {
        day_sales: select(
            documents.c.date_on,
            documents.c.till_key,
            documents.c.kind,
            func.count(),
            func.sum(documents.c.net_minor),
            func.sum(documents.c.tax_minor),
            func.sum(documents.c.gross_minor),
        )
        .where(*_COUNTED)
        .group_by(documents.c.date_on, documents.c.till_key, documents.c.kind),
        day_taxes: select(
            documents.c.date_on,
            documents.c.till_key,
            document_taxes.c.rate_milli,
            document_taxes.c.category,
            func.sum(document_taxes.c.net_minor),
            func.sum(document_taxes.c.tax_minor),
            func.sum(document_taxes.c.gross_minor),
        )
        .join_from(documents, document_taxes)
        .where(*_COUNTED)
        .group_by(documents.c.date_on, documents.c.till_key, document_taxes.c.rate_milli, document_taxes.c.category),
        day_customers: select(
            documents.c.date_on,
            documents.c.till_key,
            documents.c.customer_key,
            func.count().filter(documents.c.kind.in_(("invoice", "receipt"))),
            func.sum(documents.c.gross_minor),
        )
        .where(*_COUNTED, documents.c.customer_key.is_not(None))
        .group_by(documents.c.date_on, documents.c.till_key, documents.c.customer_key),
        day_payments: select(
            payments.c.paid_on,
            payments.c.till_key,
            payments.c.method,
            func.count(),
            func.sum(payments.c.amount_minor + payments.c.rounding_minor),
            func.sum(payments.c.rounding_minor),
        ).group_by(payments.c.paid_on, payments.c.till_key, payments.c.method),
    }
