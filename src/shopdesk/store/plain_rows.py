"""Rows as the journal tells them, for ``verify``: instants, dates and keys as text, without an object for each value.

The types of ``store/columns`` make a million documents take minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, String, Text, cast, func, type_coerce
from sqlalchemy.types import NullType

from shopdesk.store.columns import Instant, UuidKey

Advanced = Callable[[int], object]
"""Called with the number of rows that were read since the last call, to show progress."""

_INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def ignored(_rows: int) -> None:
    """Show no progress."""


def plain(columns: Iterable[Column[Any]], dialect: str) -> list[ColumnElement[Any]]:
    """Return columns under their names, as text where they are keys, instants or dates; ``key_text`` ends with keys."""
    value = _on_file if dialect == "sqlite" else _on_server
    return [value(column).label(column.name) for column in columns]


def _on_file(column: Column[Any]) -> ColumnElement[Any]:
    return type_coerce(column, NullType())  # as the driver gives it: instants and dates are stored as this text


def _on_server(column: Column[Any]) -> ColumnElement[Any]:
    match column.type:
        case Instant():
            return func.to_char(func.timezone("UTC", column), _INSTANT)
        case UuidKey() | Date():
            return cast(column, Text)
        case _:
            return type_coerce(column, NullType())


def key_text(value: bytes | str) -> str:
    """Return a key as the journal writes it. Raises ValueError for bytes of another length."""
    if isinstance(value, str):
        return value
    if len(value) != 16:
        raise ValueError(f"a key has 16 bytes, not {len(value)}")
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def key_text_or_none(value: bytes | str | None) -> str | None:
    """Return the same for a column that may have none."""
    return None if value is None else key_text(value)


def in_order(columns: Sequence[Column[Any]], dialect: str) -> list[ColumnElement[Any]]:
    """Return columns to order by as Python orders their plain values: text by its code points."""
    if dialect == "sqlite":
        return list(columns)
    return [column.collate("C") if isinstance(column.type, String) else column for column in columns]
