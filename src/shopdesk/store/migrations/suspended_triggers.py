"""The guards of the books, taken off while a migration changes protected tables, and put back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, bindparam, text

_STATES = {"O": "ENABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


@contextmanager
def triggers_suspended(connection: Connection, *tables: str) -> Iterator[None]:
    """Let a migration change sealed rows of ``tables``, or make the tables anew; then restore their guards exactly.

    On SQLite the indexes of the tables are restored, too: Alembic's batch mode makes a table anew, whereby it drops
    the triggers and the DESC of indexes. (It drops CHECK constraints and WITHOUT ROWID as well: repeat them in its own
    arguments.) Rename no column of an index in between.
    """
    if connection.dialect.name == "sqlite":
        saved = _take_off_sqlite(connection, tables)
        yield
        for statement in saved:
            connection.exec_driver_sql(statement)
        return
    states = connection.execute(_TRIGGERS, {"tables": list(tables)}).all()
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table, name, state in states:
        connection.exec_driver_sql(f"ALTER TABLE {table} {_STATES[state]} TRIGGER {name}")


_TRIGGERS = text("""
    SELECT c.relname, quote_ident(g.tgname), g.tgenabled::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
    WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND c.relname IN :tables
    AND c.relnamespace = current_schema()::regnamespace
""").bindparams(bindparam("tables", expanding=True))


def _take_off_sqlite(connection: Connection, tables: tuple[str, ...]) -> list[str]:
    """Drop all triggers, for those of other tables refer to these, and the tables' indexes. Return their SQL."""
    listed = connection.exec_driver_sql(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        " ORDER BY type, name"
    ).all()
    saved = []
    for kind, name, table, sql in listed:
        if kind == "trigger" or table in tables:
            connection.exec_driver_sql(f'DROP {kind} "{name}"')
            saved.append(sql)
    return saved
