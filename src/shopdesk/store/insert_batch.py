"""Batched inserts: rows for several tables as one PostgreSQL statement, instead of one round trip for each INSERT.

The rows are sent as one JSON text, which the server converts to the types of the tables. All constraints apply as
usual; foreign keys are checked once all rows are inserted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table

Rows = Sequence[Mapping[str, Any]]
Shape = tuple[Table, bool, tuple[str, ...]]
"""The form of the rows for one table: the table, True if they are added to existing rows, and the column names."""

BEGINS = "WITH given AS "
"""The beginning of such a statement, which has no result."""


def shape(table: Table, rows: Rows, *, adds: bool) -> Shape:
    """Return the form of some rows, which must all have the same columns."""
    return table, adds, tuple(rows[0])


@cache
def statement(shapes: tuple[Shape, ...]) -> str:
    """Return the statement for rows of these shapes, each of a different table. Cached: this is the hot path."""
    *others, last = (_into(table, names, adds=adds) for table, adds, names in shapes)
    given = [f"{BEGINS}(SELECT CAST(%(given)s AS jsonb) AS rows)"]
    given += [f"w{number} AS ({other})" for number, other in enumerate(others)]
    return f"{', '.join(given)} {last}"


def as_json(rows: Any) -> str:
    """Return rows as JSON, by name of the table or those of one, which the server converts to its types."""
    return _encode(rows)


def _into(table: Table, names: tuple[str, ...], *, adds: bool) -> str:
    columns, name = ", ".join(names), table.name
    taken_apart = f"jsonb_populate_recordset(NULL::{name}, rows -> '{name}')"
    put = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM given, {taken_apart}"  # noqa: S608 - names of our own
    if not adds:
        return put
    keys = ", ".join(column.name for column in table.primary_key)
    sums = ", ".join(f"{one} = {name}.{one} + excluded.{one}" for one in summed(table))
    return f"{put} ON CONFLICT ({keys}) DO UPDATE SET {sums}"


def summed(table: Table) -> list[str]:
    """Return the columns of a table of totals that are not part of its key."""
    return [column.name for column in table.columns if not column.primary_key]


def _plain(value: object) -> str:
    match value:
        case UUID():
            return str(value)
        case bytes():
            return f"\\x{value.hex()}"
        case datetime() if value.tzinfo is None:
            raise TypeError("an instant needs its time zone")
        case date():
            return value.isoformat()
    raise TypeError(f"{value!r} cannot be stored in a column")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode
