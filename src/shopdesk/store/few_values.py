"""Queries for a few values at once that are compiled once: a list is asked for in parts of the same length.

A statement for ``Session.fetch`` is compiled once, so its text may not depend on how many values there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable, bindparam

from shopdesk.store.session import Asked

AT_ONCE = 8
"""Values per statement: the different products of most sales."""
_NAMES = tuple(f"value_{number}" for number in range(AT_ONCE))


def among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values that ``asked`` gives."""
    return column.in_([bindparam(name, type_=column.type) for name in _NAMES])


def asked(statement: Executable, values: Sequence[Any]) -> list[Asked]:
    """Return a query with ``among`` for these values, once for each part of them; the last value fills the last up."""
    parts = (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
    return [(statement, dict(zip(_NAMES, (*some, *[some[-1]] * AT_ONCE), strict=False))) for some in parts]
