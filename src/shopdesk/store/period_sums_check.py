"""Verification of the sums of months and years: each is compared with the sums per day, a month at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from shopdesk.store import period_sums
from shopdesk.store.columns import Instant
from shopdesk.store.period_sums_sql import NEVER, NO_MONTH, POSTGRESQL, SQLITE, counted_under
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    customers,
    day_cashiers,
    day_customers,
    day_departments,
    day_items,
    day_quarters,
    documents,
    first_purchases,
    month_cohorts,
    month_customers,
    month_items,
    month_quarters,
    year_customers,
    year_items,
)

_CURRENT = func.coalesce(customers.c.merged_into, customers.c.key)
Source = Callable[[date, date], Select[Any]]
"""The rows from a first day until before another: a key, and the values to be summed."""


def violations(session: Session) -> Iterator[str]:
    """Yield a sentence for each sum of a month or year that differs from the sums per day."""
    mark = period_sums.before(session)
    for table, source, days in (
        (month_items, _days(day_items, mark), day_items.c.day),
        (month_customers, _days(day_customers, mark), day_customers.c.day),
        (year_items, _months(month_items), month_items.c.begins),
        (year_customers, _months(month_customers), month_customers.c.begins),
        (month_cohorts, _cohorts, month_customers.c.begins),
        (month_quarters, _quarters(session), day_quarters.c.day),
    ):
        is_year = table in (year_items, year_customers)
        for begins in _periods(session, table, days, mark, is_year=is_year):
            for key in _differing(session, table, begins, source(begins, _end(begins, is_year=is_year))):
                yield f"{table.name} {begins}: the sum of {key} differs from the days."
    for table, key in ((day_quarters, _quarter(session)), (day_cashiers, _DOCUMENTS.c.issued_by_key)):
        yield from _odd_days(session, table, key, mark)
    yield from _odd_departments(session, mark)
    yield from _odd_purchases(session, mark)
    yield from _odd_months(session)


def _periods(session: Session, table: Table, days: ColumnElement[date], mark: date, *, is_year: bool) -> list[date]:
    """Return the months or years that are in a table, or should be."""
    found = set(session.execute(select(table.c.begins).distinct()).scalars())
    first = session.execute(select(func.min(days))).scalar()
    day = first.replace(day=1, month=1 if is_year else first.month) if first else mark
    while day < mark:
        found.add(day)
        day = _end(day, is_year=is_year)
    return sorted(found)


def _end(begins: date, *, is_year: bool) -> date:
    """Return the day after a month or year; nothing is in a period that begins on another day than the first."""
    if begins.day != 1 or (is_year and begins.month != 1):
        return begins
    return (begins + timedelta(days=366 if is_year else 31)).replace(day=1)


def _days(table: Table, mark: date) -> Source:
    def rows(since: date, until: date) -> Select[Any]:
        sold = case((table.c.gross_minor > 0, table.c.gross_minor), else_=0)
        sums = (table.c.documents if table is day_customers else table.c.quantity_milli, table.c.gross_minor, sold)
        found = select(_CURRENT if table is day_customers else table.c.item, *sums)
        if table is day_customers:
            found = found.join_from(table, customers, table.c.customer_key == customers.c.key)
        return found.where(table.c.day >= since, table.c.day < min(until, mark))

    return rows


def _months(table: Table) -> Source:
    key, *sums = _compared(table)
    return lambda since, until: select(key, *sums).where(table.c.begins >= since, table.c.begins < until)


def _cohorts(since: date, until: date) -> Select[Any]:
    first = func.coalesce(first_purchases.c.first_on, NEVER)
    found = select(first, month_customers.c.documents, month_customers.c.gross_minor).outerjoin_from(
        month_customers, first_purchases, first_purchases.c.customer_key == month_customers.c.customer_key
    )
    return found.where(month_customers.c.begins >= since, month_customers.c.begins < until)


def _quarters(session: Session) -> Source:
    row = day_quarters.alias("d").c
    quarter = literal_column(_differing_parts(session)["month_quarter"], Instant)
    found = select(quarter.label("quarter_at"), row.documents, row.orders, row.gross_minor)
    return lambda since, until: found.where(row.day >= since, row.day < until)


def _compared(table: Table) -> list[ColumnElement[Any]]:
    """Return the second column of the key, and the sums."""
    return [column for column in table.c if column.name not in {"begins", "previous"}]


def _differing(session: Session, table: Table, begins: date, source: Select[Any]) -> list[Any]:
    """Return the keys whose sums in a table are not those of the source."""
    key, *sums = _compared(table)
    kept = select(key, *(-column for column in sums)).where(table.c.begins == begins)
    each = union_all(source, kept).subquery()
    own, *values = each.c
    differs = or_(*(func.sum(value) != 0 for value in values))
    return list(session.execute(select(own).group_by(own).having(differs).order_by(own).limit(_MOST)).scalars())


_MOST = 10
"""The differences that are named of a month or year."""


def _odd_purchases(session: Session, mark: date) -> Iterator[str]:
    first_on = func.min(day_customers.c.day).label("first_on")
    truth = (
        select(_CURRENT.label("customer_key"), first_on)
        .join_from(day_customers, customers, day_customers.c.customer_key == customers.c.key)
        .where(day_customers.c.day < mark, day_customers.c.documents > 0)
        .group_by(_CURRENT)
        .subquery()
    )
    kept = first_purchases.c
    missing = (
        select(truth.c.customer_key)
        .outerjoin(first_purchases, kept.customer_key == truth.c.customer_key)
        .where(kept.first_on.is_distinct_from(truth.c.first_on))
    )
    bought = select(month_customers.c.begins).where(
        month_customers.c.customer_key == kept.customer_key, month_customers.c.documents > 0
    )
    for key in session.execute(
        union_all(missing, select(kept.customer_key).where(~bought.exists())).limit(_MOST)
    ).scalars():
        yield f"first_purchases: customer {key} bought first on another day."


def _odd_months(session: Session) -> Iterator[str]:
    before, row = month_customers.alias(), month_customers.c
    previous = select(func.coalesce(func.max(before.c.begins), NO_MONTH)).where(
        before.c.customer_key == row.customer_key, before.c.begins < row.begins, before.c.documents > 0
    )
    truth = case((row.documents > 0, previous.scalar_subquery()), else_=null())
    odd = select(row.begins, row.customer_key).where(row.previous.is_distinct_from(truth)).limit(_MOST)
    for begins, key in session.execute(odd):
        yield f"month_customers {begins}: customer {key} bought before in another month."


def _odd_departments(session: Session, mark: date) -> Iterator[str]:
    """Yield the days whose sums of a department are not those of its items, a month at a time."""
    item, kept = day_items.alias("d").c, day_departments.c
    department = literal_column(counted_under("d.item").format(shop=""), String)
    truth = select(department.label("department"), item.day, item.quantity_milli, item.gross_minor)
    stored = select(kept.department, kept.day, -kept.quantity_milli, -kept.gross_minor)
    ends = (func.min(day_items.c.day), func.min(kept.day), func.max(kept.day))
    first_sold, first, last = (session.execute(select(end)).scalar() for end in ends)
    begins = min(filter(None, (first_sold, first)), default=mark).replace(day=1)
    while begins < max(mark, last or mark):
        until = _end(begins, is_year=False)
        of_items = truth.where(item.day >= begins, item.day < min(until, mark))
        both = union_all(of_items, stored.where(kept.day >= begins, kept.day < until)).subquery().c
        differs = or_(*(func.sum(value) != 0 for value in (both.quantity_milli, both.gross_minor)))
        odd = select(both.day, both.department).group_by(both.department, both.day).having(differs).limit(_MOST)
        for day, name in session.execute(odd):
            yield f"day_departments {day}: the sum of “{name}” differs from its items."
        begins = until


_DOCUMENTS = documents.alias("d")


def _quarter(session: Session) -> ColumnElement[Any]:
    return literal_column(_differing_parts(session)["quarter"], Instant)


def _differing_parts(session: Session) -> dict[str, str]:
    return SQLITE if session.dialect == "sqlite" else POSTGRESQL


def _odd_days(session: Session, table: Table, key: ColumnElement[Any], mark: date) -> Iterator[str]:
    """Yield the days whose sums in a table are not those of the documents."""
    row = _DOCUMENTS.c
    is_order = case((row.kind.in_(("invoice", "receipt")), 1), else_=0)
    counts = row.date_on < mark, row.state != "voided", row.kind != "quote"
    truth = select(
        row.date_on.label("day"), key.label("part"), literal(1).label("a"), is_order.label("b"), row.gross_minor
    )
    _, own, *sums = table.c
    both = union_all(truth.where(*counts), select(table.c.day, own, *(-column for column in sums))).subquery()
    differs = or_(*(func.sum(column) != 0 for column in both.c[2:]))
    rows = session.execute(select(both.c.day).group_by(both.c.day, both.c.part).having(differs).limit(_MOST))
    for (day,) in rows:
        yield f"{table.name} {day}: a sum differs from the documents."
