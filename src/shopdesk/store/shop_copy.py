"""Copy a whole shop from one database to another: from the local file to PostgreSQL, or back.

All rows are written in one transaction of the target, table by table, and then compared: counts, sums and the journal's
chain. Only if all agree is it committed. The source is only read, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, or_, select, text, update

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store import journal
from shopdesk.store.columns import WholeNumber
from shopdesk.store.database import Database
from shopdesk.store.session import Session, long_running
from shopdesk.store.tables import documents, metadata, shop

_BATCH = 1000
_LAST = ("sealed_at", "corrects", "replaces")

Progress = Callable[[int, int], object]
"""Callback for progress, called repeatedly with rows done and total rows; may raise to cancel the copy."""


def copy(origin: Session, target: Database, *, progress: Progress = lambda _done, _all: None) -> int:
    """Copy every row that ``origin`` sees into ``target``, and return their number.

    ``target`` must be migrated. Raises Refused if it has a shop already, or if the copy differs from the source.
    """
    # A session of ``target.sessions`` would buffer the writes.
    with target.engine.begin() as connection, long_running(connection), long_running(origin.connection):
        copied = Session(connection)
        if copied.execute(select(shop.c.id)).first() is not None:
            raise Refused(sentence("That database already has a shop. Choose an empty one. Nothing was copied."))
        total = sum(_count(origin, table) for table in metadata.sorted_tables)
        done = 0
        for table in metadata.sorted_tables:
            for rows in _batches(origin, table):
                # Rows cannot be added to a sealed document, and a document may refer to one that is copied after it if
                # the clock was set back between the two. So these columns are set once all rows are copied.
                _write(copied, table, [row | dict.fromkeys(_LAST) for row in rows] if table is documents else rows)
                done += len(rows)
                progress(done, total)
        _complete(origin, copied)
        _compare(origin, copied, lambda: progress(done, total))
    if target.path is None:
        with target.engine.connect() as opened, long_running(opened):
            connection = opened.execution_options(isolation_level="AUTOCOMMIT")
            # Queries on a table that was never analysed are planned badly.
            connection.execute(text("ANALYZE"))
    return done


def _batches(origin: Session, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = origin.execute(select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_BATCH))
    for partition in rows.mappings().partitions(_BATCH):
        yield [dict(row) for row in partition]


def _write(copied: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    if copied.dialect == "sqlite":
        copied.execute(insert(table), rows)
        return
    columns = ", ".join(f'"{name}"' for name in rows[0])
    cursor: Any = copied.connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(tuple(row.values()))


def _complete(origin: Session, copied: Session) -> None:
    given = [documents.c[name] for name in _LAST]
    has_any = or_(*(column.is_not(None) for column in given))
    rows = origin.execute(
        select(documents.c.key.label("document"), *(column.label(f"its_{column.name}") for column in given))
        .where(has_any)
        .execution_options(yield_per=_BATCH)
    )
    statement = (
        update(documents)
        .where(documents.c.key == bindparam("document"))
        .values({name: bindparam(f"its_{name}") for name in _LAST})
    )
    for partition in rows.mappings().partitions(_BATCH):
        copied.execute(statement, [dict(row) for row in partition])


def _compare(origin: Session, copied: Session, go_on: Callable[[], object]) -> None:
    for table in metadata.sorted_tables:
        go_on()
        sums = [func.coalesce(func.sum(column), 0) for column in table.columns if isinstance(column.type, WholeNumber)]
        facts = select(func.count(), *sums).select_from(table)
        there, here = (tuple(map(int, session.execute(facts).one())) for session in (origin, copied))
        if there != here:
            raise Refused(
                sentence("The copy of {table} differs from the original. Nothing was copied.", table=table.name)
            )
    if fault := next(journal.violations(copied), None):
        raise Refused(sentence("The copy's journal failed verification. Nothing was copied. {fault}", fault=fault))


def _count(session: Session, table: Table) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()
