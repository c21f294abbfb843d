"""The transaction that use cases and queries work in; their caller opens and commits it. Not SQLAlchemy's session.

SQLAlchemy's session keeps an object for each row. This program has none, so that session would only load 40 more
modules and make each statement slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVarTuple, overload

from sqlalchemy import Connection, CursorResult, Delete, Engine, Executable, Insert, Table, TableClause, Update
from sqlalchemy.dialects import postgresql, sqlite

from shopdesk.store import insert_batch

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import TypedReturnsRows

READS = "shopdesk_reads"
"""Execution option: a read-only transaction that sees the database as of one moment."""
BUFFER_WRITES = "shopdesk_writes_wait"
"""Execution option: buffer statements without a result and send them with the next one."""

Columns = TypeVarTuple("Columns")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Session:
    """One transaction on ``connection``. ``changed`` has the names of the tables it has written to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changed: set[str] = set()
        self._gathers = bool(connection.get_execution_options().get(BUFFER_WRITES))
        self._waiting: dict[insert_batch.Shape, insert_batch.Rows] = {}

    @property
    def dialect(self) -> str:
        """The dialect of SQL: “sqlite” or “postgresql”."""
        return self.connection.dialect.name

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]], *, adds: bool = False) -> None:
        """Insert rows, which must all have the same columns; with ``adds``, add to existing rows with the same key.

        On a server they are buffered, and sent before the next statement or with the COMMIT.
        """
        self.changed.add(table.name)
        if not self._gathers:
            self.connection.execute(_putting(table, self.dialect, adds=adds), rows)
            return
        if any(table is waiting for waiting, *_ in self._waiting):
            self.flush()
        self._waiting[insert_batch.shape(table, rows, adds=adds)] = rows

    def flush(self) -> None:
        """Send the buffered rows."""
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            given = insert_batch.as_json({table.name: rows for (table, *_), rows in waiting.items()})
            self.connection.exec_driver_sql(insert_batch.statement(tuple(waiting)), {"given": given})

    @overload
    def execute(
        self, statement: TypedReturnsRows[*Columns], parameters: Parameters | None = None, *, beside: bool = False
    ) -> CursorResult[*Columns]: ...
    @overload
    def execute(
        self, statement: Executable, parameters: Parameters | None = None, *, beside: bool = False
    ) -> CursorResult[*tuple[Any, ...]]: ...
    def execute(
        self, statement: Executable, parameters: Parameters | None = None, *, beside: bool = False
    ) -> CursorResult[*tuple[Any, ...]]:
        """Execute a statement, once or for each of several rows. Its errors are SQLAlchemy's.

        With ``beside``, buffered rows are not sent first: the statement must not depend on them.
        """
        if self._waiting and not beside:
            self.flush()
        if isinstance(statement, Insert | Update | Delete) and isinstance(statement.table, TableClause):
            self.changed.add(statement.table.name)
        return self.connection.execute(statement, parameters)

    @contextmanager
    def streamed(self, statement: Executable, *, at_once: int = 500) -> Iterator[CursorResult[*tuple[Any, ...]]]:
        """Execute a query whose rows are read ``at_once`` at a time, from a server's cursor, and close it after."""
        if not self.connection.in_transaction():
            self.connection.begin()  # SQLAlchemy makes the cursor first, and a server's cursor needs a transaction
        with closing(self.execute(statement.execution_options(yield_per=at_once))) as rows:
            yield rows


@cache
def _putting(table: Table, dialect: str, *, adds: bool) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT for a table. Cached: this is the hot path."""
    statement = insert(table, dialect)
    if not adds:
        return statement
    sums = {name: table.c[name] + statement.excluded[name] for name in insert_batch.summed(table)}
    return statement.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=sums)


def insert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT with support for ON CONFLICT, in the dialect of the database."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@dataclass(frozen=True, slots=True)
class Sessions:
    """A factory of transactions on one database."""

    engine: Engine

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end, or rolled back on an error."""
        with self.engine.begin() as connection:
            session = Session(connection)
            yield session
            session.flush()

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        """Open a transaction that is rolled back at the end."""
        with self.engine.connect() as connection:
            yield Session(connection)


LONG_RUNNING_SECONDS = 900.0


@contextmanager
def long_running(connection: Connection) -> Iterator[None]:
    """Raise the response timeout to ``LONG_RUNNING_SECONDS``, to migrate, copy or compare a whole shop.

    (A lost server is still noticed, by TCP's own timeouts: see ``store/postgresql.py``.)
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    own: Any = connection.connection.dbapi_connection
    own.timeout = LONG_RUNNING_SECONDS
    try:
        yield
    finally:
        del own.timeout  # back to the default of its class
