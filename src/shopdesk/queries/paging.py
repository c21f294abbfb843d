"""Paging by key: a list goes on after the last row shown, which no OFFSET has to count up to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, literal, tuple_


def place(columns: tuple[Column[Any], ...], values: tuple[Any, ...]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The columns and a row's values of them, as two tuples to compare. Each value takes its column's type."""
    given = [literal(value, column.type) for column, value in zip(columns, values, strict=True)]
    return tuple_(*columns), tuple_(*given)
