"""The number of customers who bought in a period, and what those bought who bought for the first time.

Who bought in several months is counted in the first of them: each month of a customer knows the one before it. What new
customers bought comes from sums by month and day of the first purchase. Only the days that are added to the months, or
subtracted (``Cover.rounded``), are read customer by customer: so at most about half of each month at an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    select,
)

from shopdesk.queries.best_sales import BY_CUSTOMER, CURRENT
from shopdesk.queries.period_cover import Cover, RoundedCover, in_spans
from shopdesk.store.period_sums_sql import NEVER
from shopdesk.store.session import Session
from shopdesk.store.tables import day_customers, first_purchases, month_cohorts, month_customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """The customers who bought in a period, and the orders and gross sales (minor units) of all identified ones.

    ``new``, ``new_orders`` and ``new_gross`` are of those that had never bought before it.
    """

    customers: int
    new: int
    orders: int
    gross: int
    new_orders: int
    new_gross: int


def count(session: Session, cover: Cover) -> int:
    """Return the number of customers who bought in a period."""
    rounded = cover.rounded
    of_days = _of_days(rounded)
    changed = select(_sum(of_days.c.changed)).scalar_subquery()
    return int(session.execute(select(_in_months(rounded) + changed)).scalar_one())


def of_period(session: Session, cover: Cover) -> Buyers:
    """Return the buyers of a period."""
    rounded = cover.rounded
    of_days, recent = _of_days(rounded), _recent(cover)
    is_old = func.coalesce(first_purchases.c.first_on, recent.c.first_on, NEVER) < cover.since
    days = session.execute(
        select(
            _sum(of_days.c.changed),
            _sum(of_days.c.orders),
            _sum(of_days.c.gross),
            func.coalesce(func.sum(of_days.c.orders).filter(is_old), 0),
            func.coalesce(func.sum(of_days.c.gross).filter(is_old), 0),
        )
        .select_from(of_days)
        .outerjoin(first_purchases, first_purchases.c.customer_key == of_days.c.customer_key)
        .outerjoin(recent, recent.c.customer_key == of_days.c.customer_key)
    ).one()
    row = month_cohorts.c
    sums = (_sum(row.documents), _sum(row.gross_minor))
    every = session.execute(select(_in_months(rounded), *sums).where(_of_months(row.begins, rounded))).one()
    # By each month: the index leads to the old customers, who are few in a long period.
    of_old = session.execute(select(*sums).where(row.begins.in_(rounded.months), row.first_on < cover.since)).one()
    bought, orders, gross, old_orders, old_gross = (
        int(one) + int(other) for one, other in zip(days, (*every, *of_old), strict=True)
    )
    return Buyers(
        customers=bought,
        new=_new(session, cover),
        orders=orders,
        gross=gross,
        new_orders=orders - old_orders,
        new_gross=gross - old_gross,
    )


def _new(session: Session, cover: Cover) -> int:
    """Return the number of customers whose first purchase is in a period."""
    recent = _recent(cover)
    summed = select(func.count()).where(first_purchases.c.first_on.between(cover.since, cover.until))
    others = (
        select(func.count())
        .select_from(recent)
        .outerjoin(first_purchases, first_purchases.c.customer_key == recent.c.customer_key)
        .where(first_purchases.c.customer_key.is_(None), recent.c.first_on.between(cover.since, cover.until))
    )
    return int(session.execute(select(summed.scalar_subquery() + others.scalar_subquery())).scalar_one())


def _in_months(cover: RoundedCover) -> ScalarSelect[int]:
    """Return the number of customers who bought in the whole months, each counted in the first of them."""
    row = month_customers.c
    found = select(func.count()).select_from(month_customers)
    if not cover.months:
        return found.where(false()).scalar_subquery()
    return found.where(row.begins.in_(cover.months), row.previous < cover.months[0]).scalar_subquery()


def _of_days(cover: RoundedCover) -> Subquery:
    """Return each customer with the orders and the gross sales of the days to add, less those of the days to subtract.

    ``changed`` is 1 if the customer bought in the period, but not in its whole months; -1 the other way round; else 0.
    """
    row = day_customers.c
    sign = case((in_spans(day_customers, cover.less), -1), else_=1)
    orders, gross = func.sum(sign * row.documents), func.sum(sign * row.gross_minor)
    days = in_spans(day_customers, [*cover.more, *cover.less])
    each = _by_customer(days, orders.label("orders"), gross.label("gross"))
    ends = {begins: month_customers.alias() for begins in cover.ends}
    found: FromClause = each
    for begins, end in ends.items():
        found = found.outerjoin(end, and_(end.c.begins == begins, end.c.customer_key == each.c.customer_key))
    of_ends = [func.coalesce(end.c.documents, 0) for begins, end in ends.items() if begins in cover.months]
    before = sum(of_ends, literal(0))
    changed = cast(before + each.c.orders > 0, Integer) - cast(before > 0, Integer)
    bought = _bought_between(each.c.customer_key, cover, ends)
    return select(each, case((bought, 0), else_=changed).label("changed")).select_from(found).subquery()


def _bought_between(
    customer: ColumnElement[Any], cover: RoundedCover, ends: Mapping[date, FromClause]
) -> ColumnElement[bool]:
    """Return the condition that a customer bought in a whole month that is no end.

    A customer's row at the last end tells the month before; what follows the first end tells that it does. So few rows
    are read one by one.
    """
    between = [month for month in cover.months if month not in ends]
    if not between:
        return false()
    row = month_customers.c
    told = []
    for begins, end in sorted(ends.items(), reverse=True):
        following = select(row.customer_key).where(row.begins.in_(between), row.previous == begins)
        is_last = begins > between[-1]
        told.append((end.c.documents > 0, end.c.previous >= between[0] if is_last else customer.in_(following)))
    own = (row.customer_key == customer, row.documents > 0, row.begins.between(between[0], between[-1]))
    bought = select(row.begins).where(*own).exists()
    return case(*told, else_=bought) if told else bought


def _recent(cover: Cover) -> Subquery:
    """Return the first purchase of each customer among the days that no month has yet."""
    days = (day_customers.c.day >= cover.mark, day_customers.c.day <= cover.until)
    return _by_customer(and_(*days, day_customers.c.documents > 0), func.min(day_customers.c.day).label("first_on"))


def _by_customer(days: ColumnElement[bool], *sums: ColumnElement[Any]) -> Subquery:
    rows = select(CURRENT.label("customer_key"), *sums).select_from(BY_CUSTOMER)
    return rows.where(days).group_by(CURRENT).subquery()


def _of_months(begins: ColumnElement[date], cover: RoundedCover) -> ColumnElement[bool]:
    return begins.between(cover.months[0], cover.months[-1]) if cover.months else false()


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)
