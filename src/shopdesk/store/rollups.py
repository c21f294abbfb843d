"""Daily totals for dashboard and statistics, written in the same transaction as the document.

A document is added once when it is issued, and subtracted when it is amended or voided. ``faults`` computes the totals
again from the documents, for a test and for ``shopdesk verify``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select

from shopdesk.domain.document import Document, State
from shopdesk.domain.payment import Payment
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    day_customers,
    day_items,
    day_payments,
    day_sales,
    document_lines,
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
    for line, amount in zip(document.lines, totals.amounts, strict=True):
        quantity, sold = items.get(line.item, (0, 0))
        items[line.item] = (quantity + sign * line.quantity, sold + sign * amount)
    # Sorted, so that two tills never lock the same rows in opposite orders.
    session.insert(
        day_items,
        [
            day | {"item": item, "quantity_milli": items[item][0], "amount_minor": items[item][1]}
            for item in sorted(items)
        ],
        adds=True,
    )
    if document.buyer.key:
        count = {"customer_key": document.buyer.key, "documents": sign if document.kind.is_order else 0}
        session.insert(day_customers, [day | count | {"gross_minor": sign * totals.gross}], adds=True)


def add_payment(session: Session, payment: Payment, *, day: Any, till_key: UUID) -> None:
    """Add a payment to the totals of ``day``, the shop's date when it was taken."""
    row = {"day": day, "till_key": till_key, "method": payment.method.value}
    counted = {"payments": 1, "amount_minor": payment.amount + payment.rounding}
    session.insert(day_payments, [row | counted], adds=True)


def violations(session: Session) -> Iterator[str]:
    """Compare every total with the documents and payments it sums, and yield a sentence for each difference."""
    for table, rebuilt in _rebuilt().items():
        kept = _by_key(session, select(table), table)
        truth = _by_key(session, rebuilt, table)
        for key in sorted(kept.keys() | truth.keys(), key=repr):
            if kept.get(key, ()) != truth.get(key, ()):
                yield f"{table.name} {key[0]}: stored {kept.get(key)}, but the documents add up to {truth.get(key)}."


def _by_key(session: Session, statement: Any, table: Table) -> dict[tuple[Any, ...], tuple[int, ...]]:
    width = len(table.primary_key)
    rows = (tuple(row) for row in session.execute(statement))
    # A row whose sums are all zero equals a missing row.
    return {row[:width]: tuple(map(int, row[width:])) for row in rows if any(row[width:])}


def _rebuilt() -> dict[Table, Any]:
    counted = (documents.c.state != State.VOIDED.value, documents.c.kind != "quote")
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
        .where(*counted)
        .group_by(documents.c.date_on, documents.c.till_key, documents.c.kind),
        day_items: select(
            documents.c.date_on,
            documents.c.till_key,
            document_lines.c.item,
            func.sum(document_lines.c.quantity_milli),
            func.sum(document_lines.c.amount_minor),
        )
        .join_from(documents, document_lines)
        .where(*counted)
        .group_by(documents.c.date_on, documents.c.till_key, document_lines.c.item),
        day_customers: select(
            documents.c.date_on,
            documents.c.till_key,
            documents.c.customer_key,
            func.count().filter(documents.c.kind.in_(("invoice", "receipt"))),
            func.sum(documents.c.gross_minor),
        )
        .where(*counted, documents.c.customer_key.is_not(None))
        .group_by(documents.c.date_on, documents.c.till_key, documents.c.customer_key),
        day_payments: select(
            payments.c.paid_on,
            payments.c.till_key,
            payments.c.method,
            func.count(),
            func.sum(payments.c.amount_minor + payments.c.rounding_minor),
        ).group_by(payments.c.paid_on, payments.c.till_key, payments.c.method),
    }
