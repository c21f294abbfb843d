"""Sums of months and years beside the sums per day, so that a long period is read from few rows.

They hold the days before a mark (``before``), which is yesterday at most: ``advance`` adds one day after another, in
the background. So a sale of today writes none of them. A document of an earlier day (deleted, changed, or dated back)
does, in its own transaction: ``count_again`` sums again what it touches from the sums per day. What is at or after the
mark is read from the sums per day, so figures are right wherever the mark is.

A server does the same by functions made of the same statements: see ``acts_sums_sql``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from shopdesk.domain.document import Document
from shopdesk.store.acts_call import call
from shopdesk.store.period_sums_sql import (
    ADD_DAY,
    FORGET_CUSTOMER,
    ITEMS_AT_ONCE,
    KEEP_DEPARTMENT,
    LATE,
    MOVE_ITEM,
    SAME_AGAIN,
    SQLITE,
    SUM_CUSTOMER,
    SUM_ITEM,
)
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    customers,
    day_cashiers,
    day_quarters,
    day_sales,
    former_departments,
    month_quarters,
    summed_days,
)


def before(session: Session) -> date:
    """Return the mark: the sums of months and years hold the days before it."""
    return session.fetch_value(_MARK) or date.min


_MARK = select(summed_days.c.before)


def advance(session: Session, *, until: date) -> bool:
    """Add the next day with sales before ``until`` to the sums of its month and year. Return True if there may be more.

    If there is none, count some items under the department they are in now. On a server a till that is just storing a
    document comes first: then nothing is added yet.
    """
    if session.dialect == "postgresql":
        return bool(call(session, "add_day_to_sums", (), _until=until)[0])
    mark = before(session)
    sold = day_sales.c.day
    since = session.execute(select(func.min(sold)).where(sold >= mark, sold < until)).scalar()
    reached = until if since is None else since + timedelta(days=1)
    if since is not None:
        _add_days(session, since, reached)
    if reached > mark:
        _run(session, _PUT_MARK, before=reached)
    return since is not None or _move_items(session, reached)


_PUT_MARK = "INSERT INTO summed_days (id, before) VALUES (1, :before) ON CONFLICT (id) DO UPDATE SET before = :before"


def _add_days(session: Session, since: date, until: date) -> None:
    days = {"since": since, "until": until, "month": since.replace(day=1), "year": since.replace(month=1, day=1)}
    late = [row[0] for row in _run(session, LATE, **days)]
    for customer in late:
        _run_all(session, FORGET_CUSTOMER, customer=customer)
    _run_all(session, ADD_DAY, **days)
    for customer in late:
        _sum_customer(session, customer, until)


def _move_items(session: Session, mark: date) -> bool:
    _run(session, SAME_AGAIN)
    items = session.execute(select(former_departments.c.item).limit(ITEMS_AT_ONCE)).scalars().all()
    for item in items:
        _run_all(session, MOVE_ITEM, item=item, before=mark)
    return bool(items)


def keep_departments(session: Session, names: Collection[str]) -> None:
    """Keep the departments that items of these names are counted under, before their products change, on a local file.

    (On a server ``save_products`` does it itself.)
    """
    for name in names:
        _run(session, KEEP_DEPARTMENT, item=name)


def count_again(session: Session, document: Document, *, sign: int) -> None:
    """Sum again what a document of an earlier day has changed; nothing for a day that is in no such sum yet.

    ``sign`` is -1 where it counts no more. (On a server ``add_up`` does it.)
    """
    mark, day = before(session), document.date_on
    if day >= mark:
        return
    at = document.issued_at.astimezone(UTC)
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    sums = {
        "documents": sign,
        "orders": sign if document.kind.is_order else 0,
        "gross_minor": sign * document.totals.gross,
    }
    session.insert(day_quarters, [{"day": day, "quarter_at": quarter} | sums], adds=True)
    of_month = {"begins": day.replace(day=1), "quarter_at": quarter.replace(day=1)}
    session.insert(month_quarters, [of_month | sums], adds=True)
    session.insert(day_cashiers, [{"day": day, "by_key": document.issued_by_key} | sums], adds=True)
    begins = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1), "before": mark}
    for item in {line.item for line in document.lines}:
        _run_all(session, SUM_ITEM, item=item, **begins)
    if document.buyer.key is not None:
        current = select(func.coalesce(customers.c.merged_into, customers.c.key)).where(
            customers.c.key == document.buyer.key
        )
        _sum_customer(session, session.execute(current).scalar_one().bytes, mark)


def merge(session: Session, key: UUID, *, into: UUID) -> None:
    """Count a customer as the one that it was just merged into, on a local file."""
    _run_all(session, FORGET_CUSTOMER, customer=key.bytes)
    _sum_customer(session, into.bytes, before(session))


def _sum_customer(session: Session, customer: bytes, mark: date) -> None:
    _run_all(session, FORGET_CUSTOMER, customer=customer)
    _run_all(session, SUM_CUSTOMER, customer=customer, before=mark)


def _run_all(session: Session, statements: tuple[str, ...], **given: Any) -> None:
    for statement in statements:
        _run(session, statement, **given)


def _run(session: Session, statement: str, **given: Any) -> list[Any]:
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
    found = session.connection.exec_driver_sql(statement.format(**SQLITE), plain)
    return list(found) if found.returns_rows else []
