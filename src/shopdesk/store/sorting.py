"""The order of names in the language of the shop, stored with each name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, select, update

from shopdesk.domain.collation import sort_key
from shopdesk.store.session import Session

_AT_ONCE = 5000


def sort_again(
    session: Session,
    table: Table,
    language: str,
    *,
    write: Callable[[Table, Sequence[Mapping[str, Any]]], object] | None = None,
) -> None:
    """Compute the sort keys of a table's names again, for another language. Most stay, and are not written.

    ``write`` takes the table and some of the rows that change, with ``key`` and ``sort_key``.
    """
    columns = (table.c.key, table.c.name, table.c.sort_key)
    change = update(table).where(table.c.key == bindparam("which")).values(sort_key=bindparam("new"))
    statement = select(*columns).order_by(table.c.key).limit(_AT_ONCE)
    rows = session.execute(statement).all()
    while rows:
        keys = [(row.key, row.sort_key, sort_key(row.name, language)) for row in rows]
        changed = [{"which": key, "new": new} for key, old, new in keys if new != old]
        if changed and write is not None:
            write(table, [{"key": one["which"], "sort_key": one["new"]} for one in changed])
        elif changed:
            session.execute(change, changed)
        rows = session.execute(statement.where(table.c.key > rows[-1].key)).all()
