"""The transaction that use cases and queries work in; their caller opens and commits it. Not SQLAlchemy's session.

SQLAlchemy's session keeps an object for each row. This program has none, so that session would only load 40 more
modules and make each statement slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, overload

from sqlalchemy import Connection, CursorResult, Delete, Engine, Executable, Insert, Table, TableClause, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from shopdesk.store import insert_batch
from shopdesk.store.error_text import UNDONE_FOR_ANOTHER
from shopdesk.store.prepared_statement import execute_text, is_watched, prepared, raise_as_own

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import TypedReturnsRows

READS = "shopdesk_reads"
"""Execution option: a read-only transaction that sees the database as of one moment."""
BUFFER_WRITES = "shopdesk_writes_wait"
"""Execution option: buffer statements without a result and send them with the next one."""

_MOST_TRIES = 3

T = TypeVar("T")
Columns = TypeVarTuple("Columns")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Asked = tuple[Executable, Mapping[str, Any]]
"""A query for ``Session.fetch``, a constant of its module, with its parameters."""
_NONE: Mapping[str, Any] = {}


class Session:
    """One transaction on ``connection``. ``changed`` has the names of the tables it has written to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changed: set[str] = set()
        self._gathers = bool(connection.get_execution_options().get(BUFFER_WRITES))
        self._is_watched = is_watched(connection)
        self._cursor: Any = None
        self._driver_error = connection.dialect.loaded_dbapi.Error
        self._read_ahead: dict[tuple[Any, ...], Sequence[Any]] = {}
        self._waiting: dict[insert_batch.Shape, insert_batch.Rows] = {}

    @property
    def dialect(self) -> str:
        """The dialect of SQL: “sqlite” or “postgresql”."""
        return self.connection.dialect.name

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]], *, adds: bool = False) -> None:
        """Insert rows, which must all have the same columns; with ``adds``, add to existing rows with the same key.

        On a server they are buffered, and sent before the next statement or with the COMMIT.
        """
        if not self._gathers:
            self._execute_prepared(_putting(table, self.dialect, adds=adds), rows, columns=tuple(rows[0]))
            return
        self.changed.add(table.name)
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
        self._read_ahead = {}
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

    def fetch(
        self, statement: Executable, parameters: Mapping[str, Any] = _NONE, *, beside: bool = False
    ) -> Sequence[Any]:
        """Execute a statement of the hot path, a constant of its module, and return all its rows as named tuples.

        It is compiled once: see ``store/prepared_statement.py``. ``beside`` is that of ``execute``.
        """
        if self._waiting and not beside:
            self.flush()
        if self._read_ahead and (found := self._read_ahead.pop(_key(statement, parameters), None)) is not None:
            return found
        return self._execute_prepared(statement, (parameters,))

    def read_ahead(self, *asked: Asked) -> None:
        """Send queries for ``fetch`` to a server in one round trip; the next ``fetch`` of each has its rows already.

        Rows that were not fetched yet are dropped by any statement of another kind, which may change them.
        """
        if not self._gathers or self._is_watched:
            return
        self.flush()
        dialect = self.connection.dialect
        known = [(prepared(statement, dialect), statement, parameters) for statement, parameters in asked]
        sent = [(one.text, one.converted(parameters)) for one, _, parameters in known]
        try:
            cursors = self._driver_cursor().connection.execute_together(sent)
        except self._driver_error as error:
            raise_as_own(self.connection, error, "; ".join(text for text, _ in sent))
        self._read_ahead = {
            _key(statement, parameters): one.rows(cursor)
            for (one, statement, parameters), cursor in zip(known, cursors, strict=True)
        }

    def fetch_value(self, statement: Executable, parameters: Mapping[str, Any] = _NONE, *, beside: bool = False) -> Any:
        """Return the first value of the first row that ``fetch`` finds, or None."""
        rows = self.fetch(statement, parameters, beside=beside)
        return rows[0][0] if rows else None

    def fetch_text(self, text: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Execute SQL in the form of the driver, and return its rows as named tuples, with the driver's own types."""
        self.flush()
        self._read_ahead = {}
        if self._is_watched:
            return self.connection.exec_driver_sql(text, parameters).all()
        try:
            return execute_text(self._driver_cursor(), text, parameters)
        except self._driver_error as error:
            raise_as_own(self.connection, error, text)

    def _execute_prepared(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]], *, columns: tuple[str, ...] | None = None
    ) -> Sequence[Any]:
        connection = self.connection
        known = prepared(statement, connection.dialect, columns)
        if known.table is not None:
            self.changed.add(known.table)
        if self._is_watched:
            found = connection.execute(statement, rows if columns else rows[0])
            return found.all() if found.returns_rows else ()
        try:
            return known.execute(self._driver_cursor(), rows)
        except self._driver_error as error:
            raise_as_own(connection, error, known.text)

    def _driver_cursor(self) -> Any:
        """Return the driver's cursor, in the transaction."""
        if not self.connection.in_transaction():
            self.connection.begin()
        if self._cursor is None:
            self._cursor = self.connection.connection.cursor()
        return self._cursor


def _key(statement: Executable, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    return statement, *parameters.items()


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

    def run(self, act: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        """Run ``act`` in a transaction of its own; return its value and the names of the tables it has written to.

        It runs again if the server undid it because of another transaction: both waited for each other, say.
        """
        for _ in range(_MOST_TRIES - 1):
            try:
                return self._run(act)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in UNDONE_FOR_ANOTHER:
                    raise
        return self._run(act)

    def _run(self, act: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        with self.begin() as session:
            value = act(session)
        return value, frozenset(session.changed)

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
