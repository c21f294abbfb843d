"""The number of customers who bought in a period, and what those bought who bought for the first time.

Who bought in several months is counted in the first of them: each month of a customer knows the one before it. What new
customers bought comes from sums by month and day of the first purchase. Only the days outside of whole months are read
customer by customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Subquery, and_, false, func, select

from shopdesk.queries.best_sales import BY_CUSTOMER, CURRENT
from shopdesk.queries.period_cover import Cover
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
    of_days = _of_days(cover)
    found = select(func.count()).select_from(of_days).where(of_days.c.orders > 0, ~_bought_in_months(of_days, cover))
    return int(session.execute(select(_in_months(cover) + found.scalar_subquery())).scalar_one())


def of_period(session: Session, cover: Cover) -> Buyers:
    """Return the buyers of a period."""
    of_days, recent = _of_days(cover), _recent(cover)
    first = func.coalesce(first_purchases.c.first_on, recent.c.first_on, NEVER)
    is_new = first >= cover.since
    days = session.execute(
        select(
            func.count().filter(of_days.c.orders > 0, ~_bought_in_months(of_days, cover)),
            _sum(of_days.c.orders),
            _sum(of_days.c.gross),
            func.coalesce(func.sum(of_days.c.orders).filter(is_new), 0),
            func.coalesce(func.sum(of_days.c.gross).filter(is_new), 0),
        )
        .select_from(of_days)
        .outerjoin(first_purchases, first_purchases.c.customer_key == of_days.c.customer_key)
        .outerjoin(recent, recent.c.customer_key == of_days.c.customer_key)
    ).one()
    is_new = month_cohorts.c.first_on >= cover.since
    sums = (month_cohorts.c.documents, month_cohorts.c.gross_minor)
    months = session.execute(
        select(
            _in_months(cover),
            *(_sum(column) for column in sums),
            *(func.coalesce(func.sum(column).filter(is_new), 0) for column in sums),
        ).where(_of_months(month_cohorts.c.begins, cover))
    ).one()
    bought, orders, gross, new_orders, new_gross = (
        int(one) + int(other) for one, other in zip(days, months, strict=True)
    )
    return Buyers(
        customers=bought,
        new=_new(session, cover),
        orders=orders,
        gross=gross,
        new_orders=new_orders,
        new_gross=new_gross,
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


def _in_months(cover: Cover) -> ScalarSelect[int]:
    """Return the number of customers who bought in the whole months, each counted in the first of them."""
    row = month_customers.c
    found = select(func.count()).select_from(month_customers)
    if not cover.months:
        return found.where(false()).scalar_subquery()
    return found.where(row.begins.in_(cover.months), row.previous < cover.months[0]).scalar_subquery()


def _of_days(cover: Cover) -> Subquery:
    """Return the orders and the gross sales of each customer in the days outside of whole months."""
    orders, gross = func.sum(day_customers.c.documents), func.sum(day_customers.c.gross_minor)
    return _by_customer(cover.in_days(day_customers), orders.label("orders"), gross.label("gross"))


def _recent(cover: Cover) -> Subquery:
    """Return the first purchase of each customer among the days that no month has yet."""
    days = (day_customers.c.day >= cover.mark, day_customers.c.day <= cover.until)
    return _by_customer(and_(*days, day_customers.c.documents > 0), func.min(day_customers.c.day).label("first_on"))


def _by_customer(days: ColumnElement[bool], *sums: ColumnElement[Any]) -> Subquery:
    rows = select(CURRENT.label("customer_key"), *sums).select_from(BY_CUSTOMER)
    return rows.where(days).group_by(CURRENT).subquery()


def _bought_in_months(of_days: Subquery, cover: Cover) -> ColumnElement[bool]:
    row = month_customers.c
    bought = and_(row.customer_key == of_days.c.customer_key, row.documents > 0, _of_months(row.begins, cover))
    return select(row.begins).where(bought).exists()


def _of_months(begins: ColumnElement[date], cover: Cover) -> ColumnElement[bool]:
    return begins.between(cover.months[0], cover.months[-1]) if cover.months else false()


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)
