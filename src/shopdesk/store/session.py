"""What use cases and queries are handed: it sends statements in a transaction that somebody else opens and commits.

SQLAlchemy's own session keeps an object for each row. There are none in this program, so it would be 40 modules to load
and work on each statement for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVarTuple, overload

from sqlalchemy import Connection, CursorResult, Delete, Engine, Executable, Insert, Table, TableClause, Update
from sqlalchemy.dialects import postgresql, sqlite

from shopdesk.store import gathered

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import TypedReturnsRows

READS = "shopdesk_reads"
"""The execution option of connections that only read: all of it as of one moment."""
WRITES_WAIT = "shopdesk_writes_wait"
"""The execution option of connections on which what answers nothing may go with what comes after it."""

Columns = TypeVarTuple("Columns")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Session:
    """One transaction on ``connection``. ``changed`` holds the names of the tables it has written to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changed: set[str] = set()
        self._gathers = bool(connection.get_execution_options().get(WRITES_WAIT))
        self._waiting: dict[gathered.Shape, gathered.Rows] = {}

    @property
    def dialect(self) -> str:
        """Whose SQL it is: “sqlite” or “postgresql”."""
        return self.connection.dialect.name

    def put(self, table: Table, rows: Sequence[Mapping[str, Any]], *, adds: bool = False) -> None:
        """Put rows of the same columns into a table; with ``adds``, what is there under the same key is added to.

        On a server they may wait for others, and go with them: before whatever is executed next, or with the COMMIT.
        """
        self.changed.add(table.name)
        if not self._gathers:
            self.connection.execute(_putting(table, self.dialect, adds=adds), rows)
            return
        if any(table is waiting for waiting, *_ in self._waiting):
            self.flush()
        self._waiting[gathered.shape(table, rows, adds=adds)] = rows

    def flush(self) -> None:
        """Send what waits."""
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            given = gathered.as_json({table.name: rows for (table, *_), rows in waiting.items()})
            self.connection.exec_driver_sql(gathered.statement(tuple(waiting)), {"given": given})

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
        """Send a statement, once or for each of several rows. Its errors are SQLAlchemy's.

        ``beside`` says that it does not look at rows that wait: they need not be sent before it.
        """
        if self._waiting and not beside:
            self.flush()
        if isinstance(statement, Insert | Update | Delete) and isinstance(statement.table, TableClause):
            self.changed.add(statement.table.name)
        return self.connection.execute(statement, parameters)


@cache
def _putting(table: Table, dialect: str, *, adds: bool) -> sqlite.Insert | postgresql.Insert:
    """Built once: this is the hot path."""
    statement = insert(table, dialect)
    if not adds:
        return statement
    sums = {name: table.c[name] + statement.excluded[name] for name in gathered.summed(table)}
    return statement.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=sums)


def insert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, as one of the two databases writes it."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Opens transactions on one database."""

    engine: Engine

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back when an error leaves it."""
        with self.engine.begin() as connection:
            session = Session(connection)
            yield session
            session.flush()

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        """A transaction of which nothing is kept."""
        with self.engine.connect() as connection:
            yield Session(connection)


UNHURRIED_SECONDS = 900.0


@contextmanager
def unhurried(connection: Connection) -> Iterator[None]:
    """Let one answer of a server take many minutes: a whole shop is migrated, copied or compared.

    (A server that is gone is noticed all the same, by its silence below TCP: see ``store/postgresql.py``.)
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    own: Any = connection.connection.dbapi_connection
    own.patience = UNHURRIED_SECONDS
    try:
        yield
    finally:
        del own.patience  # its class knows the usual one
