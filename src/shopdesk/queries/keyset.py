"""From one place of an index to the next: lists continue after the last row shown, without a slow OFFSET."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_


def rows_after(
    columns: tuple[ColumnElement[Any], ...], values: tuple[Any, ...]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the columns and a row's values as two tuples to compare. Each value takes its column's type."""
    given = [literal(value, column.type) for column, value in zip(columns, values, strict=True)]
    return tuple_(*columns), tuple_(*given)


def each_value(column: ColumnElement[str]) -> Select[tuple[str]]:
    """Return each ``value`` of an indexed column once: from one to the next in the index, not over all rows."""
    found = select(func.min(column).label("value")).cte("found", recursive=True)
    following = select(select(func.min(column)).where(column > found.c.value).scalar_subquery())
    found = found.union_all(following.where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))
