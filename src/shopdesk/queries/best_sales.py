"""The best items and customers of any period, from the first rows of an index wherever that is enough.

Candidates are the first of each month or year that the period touches. No part of a month sells more than the month
(``sold_minor``), so whatever is not among the first has at most what the last of them has. Once the best have more than
that, nothing else is read (the threshold algorithm: Fagin, Lotem and Naor 2001).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, Table, and_, func, or_, select, text, union_all

from shopdesk.queries.period_cover import Cover
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    customers,
    day_customers,
    day_items,
    month_customers,
    month_items,
    tills,
    year_customers,
    year_items,
)

_LONGEST_LIST = 2000
"""The length of the lists of candidates from which on all is added up."""
_MANY_DAYS = 100
"""So many days outside of whole months, where the sums are not up to date, are added up at once, too."""
_MANY_MONTHS = 4
"""From so many months of a year on the year's list bounds them better than lists of their own."""

_MERGED = (
    select(customers.c.key, customers.c.merged_into)
    .where(customers.c.merged_into > UUID(int=0))  # so, and not IS NOT NULL, SQLite finds the few by the index
    .cte("merged")
    .prefix_with("MATERIALIZED")
)
"""The customers that were merged into others. By itself, not row by row: few are merged."""
CURRENT = func.coalesce(_MERGED.c.merged_into, day_customers.c.customer_key)
"""The key of a row's customer, or of the one that it was merged into."""
BY_CUSTOMER = day_customers.outerjoin(_MERGED, _MERGED.c.key == day_customers.c.customer_key)
"""The sums per day with ``CURRENT``."""


class Ranked(NamedTuple):
    """An item's name or a customer's key, its quantity or number of orders, and its gross sales in minor units."""

    key: Any
    amount: int
    gross: int


@dataclass(frozen=True, slots=True)
class _Sums:
    """The tables with the sums of items or customers, and their columns of the key and of what is counted."""

    day: Table
    month: Table
    year: Table
    key: str
    counted: str
    few_days: int
    """The length of a period that is added up at once."""

    def of(self, table: Table, keys: Sequence[Any] | None = None) -> Select[Any]:
        """Return the sums in a table, by today's key; only those of some keys if they are given."""
        counted = (table.c[self.counted].label("counted"), table.c.gross_minor)
        if table is not day_customers:
            rows = select(table.c[self.key].label("key"), *counted)
            return rows if keys is None else rows.where(table.c[self.key].in_(keys))
        rows = select(CURRENT.label("key"), *counted).select_from(BY_CUSTOMER)
        if keys is None:
            return rows
        merged = select(_MERGED.c.key).where(_MERGED.c.merged_into.in_(keys))
        return rows.where(or_(table.c.customer_key.in_(keys), table.c.customer_key.in_(merged)))


_ITEMS = _Sums(day_items, month_items, year_items, "item", "quantity_milli", few_days=3)
_CUSTOMERS = _Sums(day_customers, month_customers, year_customers, "customer_key", "documents", few_days=40)


def items(session: Session, cover: Cover, limit: int) -> list[Ranked]:
    """Return the items with the highest gross sales of a period, without those that sum up to nothing."""
    return _best(session, _ITEMS, cover, limit)


def every_item(cover: Cover, names: Sequence[str] | None = None) -> Subquery:
    """Return ``key``, ``amount`` and ``gross`` of every item of a period, or of those with these names."""
    return _added_up(_ITEMS, cover, names).subquery()


def buyers(session: Session, cover: Cover, limit: int) -> list[Ranked]:
    """Return the customers with the highest gross sales of a period; those of merged customers count together."""
    return _best(session, _CUSTOMERS, cover, limit)


def _best(session: Session, sums: _Sums, cover: Cover, limit: int) -> list[Ranked]:
    length = 5 * limit if _pays_off(sums, cover) else _LONGEST_LIST + 1
    found: dict[Any, Ranked] = {}
    while length <= _LONGEST_LIST:
        leaders, rest = _leaders(session, sums, cover, length)
        best = _best_of(session, sums, cover, leaders, found, limit)
        if rest is None or (len(best) == limit and best[-1].gross >= rest):
            return best
        length *= 4
    every = _ranking(sums, cover).order_by(text("gross DESC")).limit(limit)
    return [Ranked(key, int(count), int(gross)) for key, count, gross in session.execute(every)]


def _pays_off(sums: _Sums, cover: Cover) -> bool:
    days = len(cover.each_day)
    return days < _MANY_DAYS and (days > sums.few_days or bool(cover.months))


def _best_of(
    session: Session, sums: _Sums, cover: Cover, leaders: dict[Any, int], found: dict[Any, Ranked], limit: int
) -> list[Ranked]:
    """Return the best of the candidates, adding up those with the highest bounds first; ``found`` keeps the sums."""
    waiting = sorted(leaders, key=lambda key: -leaders[key])
    best: list[Ranked] = []
    while waiting and (len(best) < limit or best[-1].gross < leaders[waiting[0]]):
        some, waiting = waiting[: 2 * limit], waiting[2 * limit :]
        if new := [key for key in some if key not in found]:
            rows = session.execute(_ranking(sums, cover, new))
            found.update((key, Ranked(key, int(count), int(gross))) for key, count, gross in rows)
        known = [*best, *(found[key] for key in some if key in found)]
        best = sorted(known, key=lambda one: (-one.gross, str(one.key)))[:limit]
    return best


def _leaders(session: Session, sums: _Sums, cover: Cover, length: int) -> tuple[dict[Any, int], int | None]:
    """Return the candidates with what each can have at most, and what all others can have.

    That is None if there are no others.
    """
    lists = [session.execute(one.limit(length)).all() for one in _lists(sums, cover)]
    lasts = [max(int(rows[-1][1]), 0) if len(rows) == length else 0 for rows in lists]
    most: dict[Any, int] = {}
    for rows, last in zip(lists, lasts, strict=True):
        for key, sold in rows:
            most[key] = most.get(key, sum(lasts)) + max(int(sold), 0) - last
    return most, sum(lasts) if any(len(rows) == length for rows in lists) else None


def _lists(sums: _Sums, cover: Cover) -> Iterator[Select[Any]]:
    """Yield the lists of candidates: together they have every day of the period."""
    for year, months in cover.touched.items():
        by_year = year in cover.years or len(months) >= _MANY_MONTHS
        table, periods = (sums.year, [year]) if by_year else (sums.month, months)
        for begins in periods:
            rows = select(table.c[sums.key], table.c.sold_minor).where(table.c.begins == begins)
            yield rows.order_by(table.c.sold_minor.desc())
    if cover.until >= cover.mark:
        each = sums.of(sums.day).where(sums.day.c.day.between(max(cover.mark, cover.since), cover.until)).subquery()
        gross = func.sum(each.c.gross_minor)
        yield select(each.c.key, gross).group_by(each.c.key).order_by(gross.desc())


def _added_up(sums: _Sums, cover: Cover, keys: Sequence[Any] | None = None) -> Select[Any]:
    """Return key, what is counted, and gross of each item or customer of a period, or of some of them."""
    in_years = frozenset(cover.years)
    months = [month for month in cover.months if month.replace(month=1) not in in_years]
    parts = [
        sums.of(table, keys).where(table.c.begins.in_(periods))
        for table, periods in ((sums.year, cover.years), (sums.month, months))
        if periods
    ]
    if cover.days or not parts:
        parts.append(sums.of(sums.day, keys).where(_in_days(sums, cover, keys)))
    each = union_all(*parts).subquery()
    amount, gross = func.sum(each.c.counted).label("amount"), func.sum(each.c.gross_minor).label("gross")
    return select(each.c.key, amount, gross).group_by(each.c.key)


def _ranking(sums: _Sums, cover: Cover, keys: Sequence[Any] | None = None) -> Select[Any]:
    """Return the same without items that sum up to nothing."""
    found = _added_up(sums, cover, keys)
    return found.having(text("sum(gross_minor) <> 0")) if sums is _ITEMS else found


def _in_days(sums: _Sums, cover: Cover, keys: Sequence[Any] | None) -> ColumnElement[bool]:
    """Return the condition for days: by each value of the primary key, where the items are given."""
    if keys is None or sums is _CUSTOMERS:
        return cover.in_days(sums.day)
    return and_(sums.day.c.day.in_(cover.each_day), sums.day.c.till_key.in_(select(tills.c.key)))
