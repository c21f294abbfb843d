"""The order of names in the language of the shop, stored with each name."""

from __future__ import annotations

from sqlalchemy import Table, bindparam, select, update

from shopdesk.domain.collation import sort_key
from shopdesk.store.session import Session

_AT_ONCE = 5000


def sort_again(session: Session, table: Table, language: str) -> None:
    """Compute the sort keys of a table's names again, for another language. Most stay, and are not written."""
    columns = (table.c.key, table.c.name, table.c.sort_key)
    change = update(table).where(table.c.key == bindparam("which")).values(sort_key=bindparam("new"))
    statement = select(*columns).order_by(table.c.key).limit(_AT_ONCE)
    rows = session.execute(statement).all()
    while rows:
        keys = [(row.key, row.sort_key, sort_key(row.name, language)) for row in rows]
        changed = [{"which": key, "new": new} for key, old, new in keys if new != old]
        if changed:
            session.execute(change, changed)
        rows = session.execute(statement.where(table.c.key > rows[-1].key)).all()
