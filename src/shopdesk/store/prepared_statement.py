"""Statements that are compiled once and handed straight to the driver, for what runs with every sale.

SQLAlchemy takes several times as long to hand over a statement and to wrap its rows as SQLite takes to execute it.
Types are converted as SQLAlchemy does it, and errors are SQLAlchemy's, too.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Any, NoReturn

from sqlalchemy import Connection, Delete, Dialect, Executable, Insert, TableClause, Update
from sqlalchemy.sql.compiler import SQLCompiler

from shopdesk.store.columns import whole

_WHOLE = {int, type(None)}
"""The types of whole numbers: a row that has no others needs no look at each."""


class PreparedStatement:
    """A statement for one dialect. Its parameters are its ``bindparam`` by name, or the columns of a row to insert."""

    def __init__(self, statement: Any, dialect: Dialect, columns: Sequence[str] | None) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns, for_executemany=True)
        if compiled.post_compile_params or compiled.literal_execute_params or compiled.insert_prefetch:
            raise TypeError(f"a statement whose text depends on its parameters: {compiled}")
        self.text = str(compiled)
        self.table: str | None = None
        if isinstance(statement, Insert | Update | Delete) and isinstance(statement.table, TableClause):
            self.table = statement.table.name
        self._is_positional = bool(compiled.positional)
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._write_by(compiled, dialect)
        self._read_by(statement, dialect)

    def _write_by(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        processors = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
        }
        self._names = compiled.positiontup or list(processors)
        self._values = _getter(self._names)
        self._whole = _getter([name for name in self._names if processors[name] is whole])
        converters = [(at, processors[name]) for at, name in enumerate(self._names)]
        self._converters = [(at, convert) for at, convert in converters if convert is not None and convert is not whole]

    def _read_by(self, statement: Any, dialect: Dialect) -> None:
        found = list(statement.exported_columns) if _has_rows(statement) else []
        self._row: Any = partial(tuple.__new__, _row(tuple(one.key for one in found))) if found else None
        readers = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in found]
        self._readers = [(at, read) for at, read in enumerate(readers) if read is not None]

    def execute(self, cursor: Any, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Execute the statement, once or for each of several rows, and return what it finds as named tuples."""
        if len(rows) == 1:
            cursor.execute(self.text, self.converted(rows[0]))
        else:
            cursor.executemany(self.text, [self.converted(row) for row in rows])
        return self.rows(cursor)

    def converted(self, row: Mapping[str, Any]) -> Any:
        """Return parameters as the driver wants them."""
        row = {**self._constants, **row} if self._constants else row
        if not _WHOLE.issuperset(map(type, self._whole(row))):
            for value in self._whole(row):
                whole(value)
        values = list(self._values(row))
        for at, convert in self._converters:
            values[at] = convert(values[at])
        return values if self._is_positional else dict(zip(self._names, values, strict=True))

    def rows(self, cursor: Any) -> list[Any]:
        """Return what a cursor has found with this statement."""
        if self._row is None:
            return []
        found = cursor.fetchall()
        return list(map(self._row, map(self._read, found) if self._readers else found))

    def _read(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for at, read in self._readers:
            values[at] = read(values[at])
        return values


_kept: dict[tuple[Executable, str, tuple[str, ...] | None], PreparedStatement] = {}


def prepared(statement: Executable, dialect: Dialect, columns: tuple[str, ...] | None = None) -> PreparedStatement:
    """Return a statement compiled for a dialect. It is kept, so it must be a constant of its module."""
    key = statement, dialect.name, columns
    if (known := _kept.get(key)) is None:
        known = _kept[key] = PreparedStatement(statement, dialect, columns)
    return known


def execute_text(cursor: Any, text: str, parameters: Mapping[str, Any]) -> list[Any]:
    """Execute SQL as the driver wants it, and return its rows as named tuples."""
    cursor.execute(text, parameters)
    row: Any = _row(tuple(column[0] for column in cursor.description))
    return [row._make(found) for found in cursor.fetchall()]


@cache
def _row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)


def _getter(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return the function that returns these values of a row."""
    match names:
        case []:
            return lambda _row: ()
        case [name]:
            return lambda row: (row[name],)
    return itemgetter(*names)


def is_watched(connection: Connection) -> bool:
    """Return True if someone listens to the statements of this connection, which SQLAlchemy must execute then."""
    dispatch: Any = connection.dispatch
    return bool(dispatch.before_cursor_execute or dispatch.before_execute)


def raise_as_own(connection: Connection, error: Exception, statement: str) -> NoReturn:
    """Raise the driver's error as SQLAlchemy's own, and give up a connection that is lost."""
    connection._handle_dbapi_exception(error, statement, None, None, None)  # private: nothing public does both


def _has_rows(statement: Any) -> bool:
    return not isinstance(statement, Insert | Update | Delete) or bool(statement._returning)
