"""Expressions by which a query names the one index that it is read along, whatever a database guesses.

SQLite does not know how many rows a condition leaves: it may follow the index of a condition that leaves most of them,
and sort a million: every other column is hidden from it. PostgreSQL may look up all rows of a second table at once
where only those of one page are asked for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Exists, Select, case, func, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class unindexed(GenericFunction[Any]):
    """The value of a column; SQLite reads it without an index (https://sqlite.org/optoverview.html#uplus)."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unindexed)
def _as_it_is(element: unindexed, compiler: SQLCompiler, **given: Any) -> str:
    return compiler.process(element.clauses.clauses[0], **given)


@compiles(unindexed, "sqlite")
def _with_plus(element: GenericFunction[Any], compiler: SQLCompiler, **given: Any) -> str:
    return "+" + compiler.process(element.clauses.clauses[0], **given)


class unordered(GenericFunction[Any]):
    """The value of a column, to sort by or to compare, for which no database follows an index."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unordered)
def _coalesced(element: unordered, compiler: SQLCompiler, **given: Any) -> str:
    column = compiler.process(element.clauses.clauses[0], **given)
    return f"coalesce({column}, {column})"


compiles(unordered, "sqlite")(_with_plus)


def one_by_one(found: Select[Any]) -> Exists:
    """Return the condition that a subquery finds a row, asked for each row anew: with OFFSET nothing is hashed."""
    return found.offset(0).exists()


def as_few(keys: Select[Any], dialect: str) -> Select[Any]:
    """Return a query for keys of which PostgreSQL expects few, so that it looks for each by an index.

    It knows no better of a condition on two columns, and would rather read a whole table.
    """
    return select(func.unnest(func.array(keys.scalar_subquery()))) if dialect == "postgresql" else keys


def is_among(key: ColumnElement[Any], keys: Select[Any]) -> ColumnElement[bool]:
    """Return the condition that a query finds a key: it is run once, and no database joins it or follows it."""
    return case((key.in_(keys), true()))
