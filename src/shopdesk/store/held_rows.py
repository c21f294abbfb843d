"""Rows of a list that are held until the transaction ends, so that two users change them one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table

from shopdesk.store.acts_call import call
from shopdesk.store.session import Session


def held(session: Session, table: Table, statement: Select[Any]) -> Sequence[Row[Any]]:
    """Return the rows of ``table`` that a statement finds, and hold them. On SQLite a writing transaction does so.

    On a server a till's role may not lock a row itself: a function does, and the rows are read again after it.
    """
    rows = session.execute(statement).all()
    if session.dialect != "postgresql":
        return rows
    keys: set[UUID] = set()
    while not keys.issuperset(row.key for row in rows):
        keys.update(row.key for row in rows)
        call(session, "hold", (), _table=table.name, _keys=[row.key for row in rows])
        rows = session.execute(statement).all()
    return rows
