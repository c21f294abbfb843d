"""The sales of each department, from the sums of its days.

An item belongs to the department that the product of its name has today. The sums are by the department that it is
counted under; where that is another one still (``former_departments``), its sales are moved here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select

from shopdesk.queries import best_sales
from shopdesk.queries.keyset import each_value
from shopdesk.queries.period_cover import Cover, cover
from shopdesk.queries.products import department_of
from shopdesk.store.session import Session
from shopdesk.store.tables import day_departments, former_departments

_MOST_MOVED = 50
"""From so many items on that are to be moved, all items are added up instead."""
Sums = dict[str, tuple[int, int]]
"""Quantity in thousandths and gross sales in minor units, by the department."""


def of_period(session: Session, period: Cover) -> Sums:
    """Return the sums of each department in a period; "" is that of items without one."""
    moved = session.execute(_MOVED).all()
    if len(moved) > _MOST_MOVED:
        return _added(session.execute(_by_item(period)))
    rows: list[Any] = []
    if period.since < period.mark:
        summed = cover(period.since, min(period.until, period.mark - timedelta(days=1)), mark=period.mark)
        rows += session.execute(_by_day(summed))
        rows += _moved(session, summed, {item: (former, now) for item, former, now in moved})
    if period.until >= period.mark:
        rows += session.execute(_by_item(cover(max(period.since, period.mark), period.until, mark=period.mark)))
    return _added(rows)


_MOVED = (
    select(former_departments, department_of(former_departments.c.item).label("now"))
    .where(former_departments.c.department != department_of(former_departments.c.item))
    .limit(_MOST_MOVED + 1)
)
"""The items that are counted under another department than that of today."""


def _by_day(period: Cover) -> Select[Any]:
    """Return the sums of the days that are summed, department by department along the key."""
    each, row = each_value(day_departments.c.department).subquery(), day_departments.c
    sums = (func.sum(row.quantity_milli), func.sum(row.gross_minor))
    days = (row.department == each.c.value, row.day.between(period.since, period.until))
    return select(each.c.value, *sums).join_from(each, day_departments, and_(*days)).group_by(each.c.value)


def _by_item(period: Cover) -> Select[Any]:
    each = best_sales.every_item(period)
    named = select(department_of(each.c.key).label("name"), each.c.amount, each.c.gross).subquery()
    return select(named.c.name, func.sum(named.c.amount), func.sum(named.c.gross)).group_by(named.c.name)


def _moved(session: Session, period: Cover, departments: dict[str, tuple[str, str]]) -> Iterable[tuple[str, int, int]]:
    """Yield what is to be taken out of former departments and added to those of today."""
    if not departments:
        return
    each = best_sales.every_item(period, list(departments))
    for item, amount, gross in session.execute(select(each.c.key, each.c.amount, each.c.gross)):
        former, now = departments[item]
        yield former, -amount, -gross
        yield now, amount, gross


def _added(rows: Iterable[Any]) -> Sums:
    sums: Sums = {}
    for name, amount, gross in rows:
        amounts, sold = sums.get(name, (0, 0))
        sums[name] = (amounts + int(amount), sold + int(gross))
    return sums
