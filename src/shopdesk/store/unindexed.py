"""A column that SQLite uses no index for.

SQLite does not know how many rows a condition leaves: it may follow the index of a condition that leaves most of them,
and sort a million. A query of a list names its one index by hiding every other column.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
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
def _with_plus(element: unindexed, compiler: SQLCompiler, **given: Any) -> str:
    return "+" + compiler.process(element.clauses.clauses[0], **given)
