"""What use cases and queries are handed: it sends statements in a transaction that somebody else opens and commits.

SQLAlchemy's own session keeps an object for each row. There are none in this program, so it would be 40 modules to load
and work on each statement for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVarTuple, overload

from sqlalchemy import Connection, CursorResult, Delete, Engine, Executable, Insert, Table, TableClause, Update
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import TypedReturnsRows

Columns = TypeVarTuple("Columns")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Session:
    """One transaction on ``connection``. ``changed`` holds the names of the tables it has written to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changed: set[str] = set()

    @property
    def dialect(self) -> str:
        """Whose SQL it is: “sqlite” or “postgresql”."""
        return self.connection.dialect.name

    @overload
    def execute(
        self, statement: TypedReturnsRows[*Columns], parameters: Parameters | None = None
    ) -> CursorResult[*Columns]: ...
    @overload
    def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[*tuple[Any, ...]]: ...
    def execute(self, statement: Executable, parameters: Parameters | None = None) -> CursorResult[*tuple[Any, ...]]:
        """Send a statement, once or for each of several rows. Its errors are SQLAlchemy's."""
        if isinstance(statement, Insert | Update | Delete) and isinstance(statement.table, TableClause):
            self.changed.add(statement.table.name)
        return self.connection.execute(statement, parameters)


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
            yield Session(connection)

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        """A transaction of which nothing is kept."""
        with self.engine.connect() as connection:
            yield Session(connection)
