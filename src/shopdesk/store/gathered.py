"""Rows for many tables as one PostgreSQL statement: ten INSERTs cost a server, a client and a line ten times as much.

The rows travel as one JSON text, which the server takes apart by the tables' own types. Whatever a table refuses is
refused as ever; foreign keys are looked at when all rows are there.
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
"""What goes into one table: whether to add to a row that is there, and which columns are given."""

BEGINS = "WITH given AS "
"""How such a statement begins: it answers nothing."""


def shape(table: Table, rows: Rows, *, adds: bool) -> Shape:
    """What the statement has to know of some rows."""
    return table, adds, tuple(rows[0])


@cache
def statement(shapes: tuple[Shape, ...]) -> str:
    """One statement for rows of these shapes, each for another table. Built once: this is the hot path."""
    *others, last = (_into(table, names, adds=adds) for table, adds, names in shapes)
    given = [f"{BEGINS}(SELECT CAST(%(given)s AS jsonb) AS rows)"]
    given += [f"w{number} AS ({other})" for number, other in enumerate(others)]
    return f"{', '.join(given)} {last}"


def as_json(rows: Mapping[str, Rows]) -> str:
    """The rows of each table."""
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
    """The columns of a table of sums that are not its key."""
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
    raise TypeError(f"{value!r} is nothing that a column keeps")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode
