"""A whole shop from one database to another: from the local file to PostgreSQL, or back.

Everything goes over in one transaction of the target, in the order of the tables, and is then compared: counts, sums
and the journal's chain. Only when that holds is it committed. The source is only read, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select, text, update

from shopdesk.domain.errors import Refused
from shopdesk.store import journal
from shopdesk.store.columns import Whole
from shopdesk.store.database import Database
from shopdesk.store.session import Session
from shopdesk.store.tables import documents, metadata, shop

_BATCH = 1000

Progress = Callable[[int, int], object]
"""Called with rows done and rows in all, again and again; may raise to give the whole copy up."""


def copy(origin: Session, target: Database, *, progress: Progress = lambda _done, _all: None) -> int:
    """Copy every row that ``origin`` sees into ``target``, which must be migrated and hold no shop. Returns how many.

    Raises Refused when the target has a shop already, or when the copy does not equal the source.
    """
    with target.sessions.begin() as copied:
        if copied.execute(select(shop.c.id)).first() is not None:
            raise Refused("That database has a shop already. Choose an empty one: nothing was copied.")
        total = sum(_count(origin, table) for table in metadata.sorted_tables)
        done = 0
        sealed: list[tuple[object, object]] = []
        for table in metadata.sorted_tables:
            for rows in _batches(origin, table):
                if table is documents:
                    # Rows cannot be added to a sealed document, so the seal is set when all of them are there.
                    sealed += [(row["key"], row["sealed_at"]) for row in rows if row["sealed_at"] is not None]
                    rows = [row | {"sealed_at": None} for row in rows]
                copied.execute(insert(table), rows)
                done += len(rows)
                progress(done, total)
        _seal(copied, sealed)
        _compare(origin, copied, lambda: progress(done, total))
    if target.path is None:
        with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # A table never analysed is slow to insert into and badly planned.
            connection.execute(text("ANALYZE"))
    return done


def _batches(origin: Session, table: Table) -> Iterator[list[dict[str, Any]]]:
    # A credit note refers to the document before it, so documents go in the order they were issued.
    order = [documents.c.issued_at, documents.c.key] if table is documents else [*table.primary_key.columns]
    rows = origin.execute(select(table).order_by(*order).execution_options(yield_per=_BATCH))
    for partition in rows.mappings().partitions(_BATCH):
        yield [dict(row) for row in partition]


def _seal(copied: Session, sealed: list[tuple[object, object]]) -> None:
    if sealed:
        statement = update(documents).where(documents.c.key == bindparam("document")).values(sealed_at=bindparam("at"))
        copied.execute(statement, [{"document": key, "at": at} for key, at in sealed])


def _compare(origin: Session, copied: Session, go_on: Callable[[], object]) -> None:
    for table in metadata.sorted_tables:
        go_on()
        sums = [func.coalesce(func.sum(column), 0) for column in table.columns if isinstance(column.type, Whole)]
        facts = select(func.count(), *sums).select_from(table)
        there, here = (tuple(map(int, session.execute(facts).one())) for session in (origin, copied))
        if there != here:
            raise Refused(f"The copy of {table.name} differs from the original, so nothing was kept.")
    if fault := next(journal.faults(copied), None):
        raise Refused(f"The copy's journal does not hold, so nothing was kept. {fault}")


def _count(session: Session, table: Table) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()
