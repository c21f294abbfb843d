"""Statistics from the sums per day: over time, by kind and payment, best customers and items.

Every query requires the right to see statistics. A credit note counts with its negative amounts, a quote not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, false, func, literal, or_, select, text, union_all

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.document import Kind, State
from shopdesk.domain.money import Money, rounded
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.queries import best_sales, buyers, department_sales
from shopdesk.queries.accounts import permitted
from shopdesk.queries.dashboard import ORDERS
from shopdesk.queries.period_cover import ONE_DAY, days_of_month, of_period
from shopdesk.queries.time_of_sale import hour_of_issue, months_of_clock_changes, time_of_day
from shopdesk.store import period_sums, shop
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    accounts,
    customers,
    day_cashiers,
    day_payments,
    day_quarters,
    day_sales,
    day_taxes,
    documents,
    month_quarters,
)


class Step(StrEnum):
    """The length of one bar of the chart."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date, *, first_weekday: int = 0) -> date:
        """Return the first day of the step that contains ``day``; ``first_weekday`` counts from 0, Monday."""
        if self is Step.WEEK:
            return day - timedelta(days=(day.weekday() - first_weekday) % 7)
        return day.replace(day=1) if self is Step.MONTH else day

    def following(self, start: date) -> date:
        """Return the first day of the step after the one that begins at ``start``."""
        if self is Step.MONTH:
            return self.start(start + timedelta(days=31))
        return start + timedelta(days=7 if self is Step.WEEK else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The main figures of a period.

    ``before`` is the same for the period of comparison, without a ``before`` of its own.
    """

    sales: Money
    net: Money
    tax: Money
    orders: int
    average: Money
    customers: int
    before: Overview | None


@dataclass(frozen=True, slots=True)
class PeriodSales:
    """One bar of the chart."""

    start: date
    gross: Money
    orders: int


@dataclass(frozen=True, slots=True)
class KindSales:
    """The sales of one kind of document."""

    kind: Kind
    count: int
    gross: Money


@dataclass(frozen=True, slots=True)
class MethodSales:
    """The payments received by one method."""

    method: Method
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class TaxSales:
    """The sales at one tax rate."""

    rate: TaxRate
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class SalesSettlement:
    """The settlement of the sales of a period: sales = received - rounding + outstanding.

    ``received`` is the money of the period's payments, ``rounding`` the part of it that is cash rounding. What is left,
    ``outstanding``, is not paid yet; it is negative when more was paid for earlier sales.
    """

    received: Money
    rounding: Money
    outstanding: Money


class CustomerType(StrEnum):
    """The group of a buyer: first purchase in the period, bought before it, or not identified."""

    NEW = "new"
    RETURNING = "returning"
    WALK_IN = "walk-in"


@dataclass(frozen=True, slots=True)
class CustomerTypeSales:
    """The sales to one group of buyers. Walk-ins have no count of customers: their number is unknown."""

    custom: CustomerType
    customers: int
    orders: int
    gross: Money


@dataclass(frozen=True, slots=True)
class RankedSales:
    """A customer (``count`` documents) or an item (``count`` thousandths of its quantity) among the best."""

    key: UUID | None
    name: str
    count: int
    gross: Money


@dataclass(frozen=True, slots=True)
class PartSales:
    """The sales of one weekday (0 is Monday), of one hour of the day (0 to 23), or of one cashier by name.

    ``key`` is that of the cashier.
    """

    part: int | str
    orders: int
    gross: Money
    key: UUID | None = None


def as_of(session: Session) -> datetime | None:
    """Return the time of the last change that a lagging standby has replayed; None where the data is current."""
    moment = session.execute(_BEHIND).scalar() if session.dialect == "postgresql" else None
    return moment.astimezone(UTC) if moment else None


_BEHIND = text(
    "SELECT pg_last_xact_replay_timestamp() WHERE pg_is_in_recovery()"
    " AND (pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()"
    " OR NOT EXISTS (SELECT FROM pg_stat_get_wal_receiver() AS receiver WHERE receiver.pid IS NOT NULL))"
)


def overview(
    session: Session, *, since: date, until: date, by: Actor, against: tuple[date, date] | None = None
) -> Overview:
    """Return the figures of a period, and those of the period it is compared with.

    That is ``against`` (first and last day), or the same number of days before.
    """
    permitted(session, by, Right.STATISTICS)
    length = until - since + timedelta(days=1)
    before = _overview(session, *(against or (since - length, since - timedelta(days=1))), None)
    return _overview(session, since, until, before)


def over_time(
    session: Session, *, since: date, until: date, step: Step, by: Actor, first_weekday: int = 0
) -> tuple[PeriodSales, ...]:
    """Return sales and orders per day, week or month, without gaps, oldest first.

    Weeks begin on ``first_weekday``, counted from 0, Monday.
    """
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    rows = session.execute(
        select(
            day_sales.c.day,
            func.sum(day_sales.c.gross_minor),
            func.coalesce(func.sum(day_sales.c.documents).filter(day_sales.c.kind.in_(ORDERS)), 0),
        )
        .where(day_sales.c.day.between(since, until))
        .group_by(day_sales.c.day)
    )
    sums: dict[date, tuple[int, int]] = {}
    for day, gross, orders in rows:
        start = step.start(day, first_weekday=first_weekday)
        total, count = sums.get(start, (0, 0))
        sums[start] = (total + int(gross), count + int(orders))
    periods = []
    start = step.start(since, first_weekday=first_weekday)
    while start <= until:
        total, count = sums.get(start, (0, 0))
        periods.append(PeriodSales(start, Money(total, currency), count))
        start = step.following(start)
    return tuple(periods)


def by_kind(session: Session, *, since: date, until: date, by: Actor) -> tuple[KindSales, ...]:
    """Return the sales of each kind of document, the largest first."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    gross = func.sum(day_sales.c.gross_minor)
    rows = session.execute(
        select(day_sales.c.kind, func.sum(day_sales.c.documents), gross)
        .where(day_sales.c.day.between(since, until))
        .group_by(day_sales.c.kind)
        .having(func.sum(day_sales.c.documents) != 0)
        .order_by(gross.desc())
    )
    return tuple(KindSales(Kind(kind), int(count), Money(int(total), currency)) for kind, count, total in rows)


def by_method(session: Session, *, since: date, until: date, by: Actor) -> tuple[MethodSales, ...]:
    """Return the payments by each method, the largest first, without offsets between documents."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    amount = func.sum(day_payments.c.amount_minor)
    rows = session.execute(
        select(day_payments.c.method, func.sum(day_payments.c.payments), amount)
        .where(day_payments.c.day.between(since, until), day_payments.c.method != Method.OFFSET.value)
        .group_by(day_payments.c.method)
        .order_by(amount.desc())
    )
    return tuple(MethodSales(Method(method), int(count), Money(int(total), currency)) for method, count, total in rows)


def settlement(session: Session, *, since: date, until: date, by: Actor) -> SalesSettlement:
    """Return how the sales of a period were settled by the payments of the same period."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    sums = (_sum(column) for column in (day_payments.c.amount_minor, day_payments.c.rounding_minor))
    row = session.execute(select(*sums).where(day_payments.c.day.between(since, until))).one()
    received, rounding = (int(value) for value in row)
    gross, *_ = _sales(session, since, until)
    return SalesSettlement(
        Money(received, currency), Money(rounding, currency), Money(gross - received + rounding, currency)
    )


def by_tax(session: Session, *, since: date, until: date, by: Actor) -> tuple[TaxSales, ...]:
    """Return the sales at each tax rate, the highest rate first."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    key = (day_taxes.c.rate_milli, day_taxes.c.category)
    sums = [func.sum(column) for column in (day_taxes.c.net_minor, day_taxes.c.tax_minor, day_taxes.c.gross_minor)]
    rows = session.execute(
        select(*key, *sums)
        .where(day_taxes.c.day.between(since, until))
        .group_by(*key)
        .having(or_(*(func.sum(func.abs(day_taxes.c[name])) != 0 for name in ("net_minor", "tax_minor"))))
        .order_by(day_taxes.c.rate_milli.desc(), day_taxes.c.category)
    )
    return tuple(
        TaxSales(TaxRate(rate, Category(category)), *(Money(int(value), currency) for value in values))
        for rate, category, *values in rows
    )


def by_weekday(session: Session, *, since: date, until: date, by: Actor) -> tuple[PartSales, ...]:
    """Return the sales of each weekday, by the date on the document, Monday first (ISO 8601); all seven."""
    found = over_time(session, since=since, until=until, step=Step.DAY, by=by)
    currency = shop.current(session).currency
    sums = [(0, 0)] * 7
    for one in found:
        orders, gross = sums[one.start.weekday()]
        sums[one.start.weekday()] = (orders + one.orders, gross + one.gross.minor)
    return tuple(PartSales(at, orders, Money(gross, currency)) for at, (orders, gross) in enumerate(sums))


def by_hour(session: Session, *, since: date, until: date, by: Actor) -> tuple[PartSales, ...]:
    """Return the sales of each hour of the day in which something was sold, by this machine's time of issue."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    each = _sold_by_time(session, since, until)
    hour = hour_of_issue(session, since, until, each.c.part).label("hour")
    rows = session.execute(
        select(hour, func.sum(each.c.orders), func.sum(each.c.gross_minor))
        .group_by("hour")
        .having(func.sum(each.c.documents) != 0)
    )
    return tuple(PartSales(int(part), int(orders), Money(int(gross), currency)) for part, orders, gross in sorted(rows))


def by_cashier(session: Session, *, since: date, until: date, by: Actor) -> tuple[PartSales, ...]:
    """Return the sales of each person who issued documents, by their name of today, the largest first."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    columns = day_cashiers.c
    days = select(columns.by_key.label("part"), columns.documents, columns.orders, columns.gross_minor)
    summed = days.where(columns.day.between(since, until))
    sold = union_all(summed, _not_summed(session, documents.c.issued_by_key, since, until)).subquery()
    gross = func.sum(sold.c.gross_minor)
    each = (
        select(sold.c.part, func.sum(sold.c.orders).label("orders"), gross.label("gross"))
        .group_by(sold.c.part)
        .having(func.sum(sold.c.documents) != 0)
        .subquery()
    )
    rows = session.execute(
        select(accounts.c.name, each.c.orders, each.c.gross, accounts.c.key)
        .join_from(each, accounts, each.c.part == accounts.c.key)
        .order_by(each.c.gross.desc(), accounts.c.name)
    )
    return tuple(PartSales(name, int(orders), Money(int(total), currency), key) for name, orders, total, key in rows)


def _sold_by_time(session: Session, since: date, until: date) -> Subquery:
    """Return the sales of a period by quarter of an hour; those of whole months together.

    An instant of a month stands for all of its days. Where the clock changed within it, the days are read, and one
    instant before the change and one after it stand for the others.
    """
    cover = of_period(session, since, until)
    month, day = month_quarters.c, day_quarters.c
    changed = months_of_clock_changes(since, until)
    of_change = or_(false(), *(_within(month.quarter_at, begin, begin + ONE_DAY) for begin in changed))
    months = select(month.quarter_at.label("part"), month.documents, month.orders, month.gross_minor)
    days = select(day.quarter_at.label("part"), day.documents, day.orders, day.gross_minor)
    parts = [months.where(month.begins.in_(cover.months), ~of_change), days.where(cover.in_days(day_quarters))]
    odd = select(month.begins, month.quarter_at).where(month.begins.in_(cover.months), of_change)
    found = {(begins, at.replace(hour=0, minute=0)) for begins, at in session.execute(odd)} if changed else set()
    sums = (func.sum(column) for column in (day.documents, day.orders, day.gross_minor))
    by_time = select(func.min(day.quarter_at), *sums).group_by(time_of_day(session, day.quarter_at))
    for begin, spans in changed.items():
        those = [one for begins, at in found if at == begin for one in days_of_month(begins)]
        parts += [by_time.where(day.day.in_(those), _within(day.quarter_at, *span)) for span in spans if those]
    return union_all(*parts, _not_summed(session, documents.c.issued_at, since, until)).subquery()


def _within(at: ColumnElement[datetime], begin: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(at >= begin, at < end)


def _not_summed(session: Session, part: ColumnElement[Any], since: date, until: date) -> Select[Any]:
    """Return the sales of a period that no sum by this part of them has yet: each document of the days since then."""
    is_order = case((documents.c.kind.in_(ORDERS), 1), else_=0)
    return select(part, literal(1), is_order, documents.c.gross_minor).where(
        documents.c.date_on.between(max(since, period_sums.before(session)), until),
        documents.c.state != State.VOIDED.value,
        documents.c.kind != Kind.QUOTE.value,
    )


def by_department(session: Session, *, since: date, until: date, by: Actor) -> tuple[RankedSales, ...]:
    """Return the sales of each department, the largest first; "" is that of items without one.

    An item belongs to the department that the product of its name has today: documents name no department.
    """
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    found = department_sales.of_period(session, of_period(session, since, until))
    rows = sorted(found.items(), key=lambda row: (-row[1][1], row[0]))
    return tuple(RankedSales(None, name, count, Money(gross, currency)) for name, (count, gross) in rows if gross)


def by_customer_type(session: Session, *, since: date, until: date, by: Actor) -> tuple[CustomerTypeSales, ...]:
    """Return the sales to new customers, returning ones and walk-ins; they add up to the period's sales and orders."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    found = buyers.of_period(session, of_period(session, since, until))
    new = (found.new, found.new_orders, found.new_gross)
    returning = (found.customers - found.new, found.orders - found.new_orders, found.gross - found.new_gross)
    gross_minor, _, _, all_orders = _sales(session, since, until)
    walk_in = (0, all_orders - new[1] - returning[1], gross_minor - new[2] - returning[2])
    each_sort = zip(CustomerType, (new, returning, walk_in), strict=True)
    return tuple(CustomerTypeSales(custom, sums[0], sums[1], Money(sums[2], currency)) for custom, sums in each_sort)


def best_customers(
    session: Session, *, since: date, until: date, by: Actor, limit: int = 10
) -> tuple[RankedSales, ...]:
    """Return the customers with the highest sales, the highest first. One who was erased has no name."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    found = best_sales.buyers(session, of_period(session, since, until), limit)
    rows = session.execute(
        select(customers.c.key, customers.c.name).where(customers.c.key.in_([one.key for one in found]))
    )
    names = {row.key: row.name for row in rows}
    return tuple(RankedSales(key, names[key], count, Money(gross, currency)) for key, count, gross in found)


def best_items(session: Session, *, since: date, until: date, by: Actor, limit: int = 10) -> tuple[RankedSales, ...]:
    """Return the items with the highest sales (after all discounts, with tax), the highest first."""
    permitted(session, by, Right.STATISTICS)
    currency = shop.current(session).currency
    found = best_sales.items(session, of_period(session, since, until), limit)
    return tuple(RankedSales(None, item, count, Money(gross, currency)) for item, count, gross in found)


def _overview(session: Session, since: date, until: date, before: Overview | None) -> Overview:
    currency = shop.current(session).currency
    gross, net, tax, orders = _sales(session, since, until)
    return Overview(
        sales=Money(gross, currency),
        net=Money(net, currency),
        tax=Money(tax, currency),
        orders=orders,
        average=Money(rounded(gross, orders) if orders else 0, currency),
        customers=buyers.count(session, of_period(session, since, until)),
        before=before,
    )


def _sales(session: Session, since: date, until: date) -> tuple[int, int, int, int]:
    """Return gross, net and tax in minor units, and the number of orders."""
    columns = (day_sales.c.gross_minor, day_sales.c.net_minor, day_sales.c.tax_minor)
    orders = func.coalesce(func.sum(day_sales.c.documents).filter(day_sales.c.kind.in_(ORDERS)), 0)
    where = day_sales.c.day.between(since, until)
    row = session.execute(select(*(_sum(column) for column in columns), orders).where(where)).one()
    gross, net, tax, count = (int(value) for value in row)
    return gross, net, tax, count


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)
