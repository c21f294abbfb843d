"""Keyset pagination: a list continues after the key of the last row shown, without a slow OFFSET."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal, tuple_


def rows_after(
    columns: tuple[ColumnElement[Any], ...], values: tuple[Any, ...]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the columns and a row's values as two tuples to compare. Each value takes its column's type."""
    given = [literal(value, column.type) for column, value in zip(columns, values, strict=True)]
    return tuple_(*columns), tuple_(*given)
