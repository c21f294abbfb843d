"""The figures of the dashboard, from indexes and sums per day only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency, Money
from shopdesk.queries import outbox
from shopdesk.queries.documents import is_to_refund, is_unpaid
from shopdesk.queries.outbox import NotDelivered
from shopdesk.store import customers, shop
from shopdesk.store.session import Session
from shopdesk.store.tables import day_sales, documents

DAYS = 14
ORDERS = (Kind.INVOICE.value, Kind.RECEIPT.value)


@dataclass(frozen=True, slots=True)
class DaySales:
    """The sales of one day, all tills."""

    on: date
    gross: Money
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of the dashboard. ``orders`` are all invoices and receipts, ``last_days`` fourteen, oldest first.

    ``unpaid`` is what customers owe, ``to_refund`` what the shop owes them.
    """

    customers: int
    orders: int
    orders_today: int
    sales_today: Money
    sales_same_weekday: Money
    unpaid: Money
    unpaid_count: int
    to_refund: Money
    to_refund_count: int
    not_delivered: NotDelivered
    last_days: tuple[DaySales, ...]


def figures(session: Session, *, today: date) -> Figures:
    """Return the figures of ``today``, the shop's local date."""
    currency = shop.current(session).currency
    days = _days(session, today - timedelta(days=DAYS - 1), today, currency)
    unpaid_count, unpaid = _owed(session, is_unpaid())
    to_refund_count, to_refund = _owed(session, is_to_refund())
    orders = select(func.coalesce(func.sum(day_sales.c.documents), 0)).where(day_sales.c.kind.in_(ORDERS))
    return Figures(
        customers=customers.count(session),
        orders=int(session.execute(orders).scalar_one()),
        orders_today=days[-1].orders,
        sales_today=days[-1].gross,
        sales_same_weekday=days[-8].gross,
        unpaid=Money(unpaid, currency),
        unpaid_count=unpaid_count,
        to_refund=Money(-to_refund, currency),
        to_refund_count=to_refund_count,
        not_delivered=outbox.not_delivered(session),
        last_days=tuple(days),
    )


def _owed(session: Session, condition: ColumnElement[bool]) -> tuple[int, int]:
    """Return the number of documents with this condition, and the sum of their balances in minor units."""
    balances = func.coalesce(func.sum(documents.c.gross_minor - documents.c.paid_minor), 0)
    count, total = session.execute(select(func.count(), balances).where(condition)).one()
    return count, int(total)


def _days(session: Session, since: date, until: date, currency: Currency) -> list[DaySales]:
    is_order = day_sales.c.kind.in_(ORDERS)
    rows = session.execute(
        select(
            day_sales.c.day,
            func.sum(day_sales.c.gross_minor),
            func.coalesce(func.sum(day_sales.c.documents).filter(is_order), 0),
        )
        .where(day_sales.c.day.between(since, until))
        .group_by(day_sales.c.day)
    )
    sums = {day: (int(gross), int(orders)) for day, gross, orders in rows}
    span = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    return [DaySales(day, Money(sums.get(day, (0, 0))[0], currency), sums.get(day, (0, 0))[1]) for day in span]
