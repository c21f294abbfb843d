"""Messages for database errors: what happened, what to do, and whether the database is unreachable.

One table for the start, the commands and the running program. Errors are told apart by their codes, named in
``SqliteCode`` and ``SqlState``, and by text only where libpq gives no code. To add one: name its code, and give it a
message in ``_SQLITE`` or ``_POSTGRESQL``.

This module imports neither SQLAlchemy nor a driver: their errors only occur where they are loaded already.
"""

from __future__ import annotations

import re
import sys
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import NamedTuple

from shopdesk.domain.errors import MOVED, DatabaseCorrupt, DatabaseUnavailable, PasswordRefused, Unavailable
from shopdesk.domain.sentence import Sentence, sentence, verbatim


class SqliteCode(IntEnum):
    """The result codes of SQLite (sqlite.org/rescode.html) that no bug of the program causes."""

    BUSY = 5
    LOCKED = 6
    READONLY = 8
    IOERR = 10
    CORRUPT = 11
    FULL = 13
    CANTOPEN = 14
    NOTADB = 26
    IOERR_SHMSIZE = 10 | 19 << 8


class SqlState(StrEnum):
    """The error codes and classes of PostgreSQL (its manual, appendix A) that no bug of the program causes."""

    CONNECTION_EXCEPTION = "08"
    READ_ONLY_SQL_TRANSACTION = "25006"
    INVALID_AUTHORIZATION_SPECIFICATION = "28"
    INVALID_CATALOG_NAME = "3D"
    TRANSACTION_ROLLBACK = "40"
    INSUFFICIENT_PRIVILEGE = "42501"
    INSUFFICIENT_RESOURCES = "53"
    DISK_FULL = "53100"
    TOO_MANY_CONNECTIONS = "53300"
    OPERATOR_INTERVENTION = "57"
    QUERY_CANCELED = "57014"
    ADMIN_SHUTDOWN = "57P01"
    CRASH_SHUTDOWN = "57P02"
    CANNOT_CONNECT_NOW = "57P03"
    SYSTEM_ERROR = "58"


UNDONE_FOR_ANOTHER = frozenset({"40001", "40P01"})
"""A serialization failure and a deadlock: the same transaction may succeed if it is run again (its manual, 13.5)."""


class _Message(NamedTuple):
    what: Sentence
    advice: Sentence
    is_unreachable: bool = False
    kind: type[DatabaseUnavailable] = DatabaseUnavailable

    def error(self, file: Path | None = None) -> DatabaseUnavailable:
        what = self.what.filled(file=_named(file)) if "{file}" in self.what.source else self.what
        return self.kind(what, advice=self.advice, is_unreachable=self.is_unreachable)


def _named(file: Path | None) -> Sentence:
    """Return the subject of each message about a SQLite file; the path follows if it is known."""
    return sentence("The shop's file {path}", path=file) if file else sentence("The shop's file")


_BUSY = _Message(sentence("The database is busy."), sentence("Wait a moment, then try again."))
_DISK_FULL = _Message(
    sentence("{file} cannot grow: the disk is full."), sentence("Free up some space, then try again. Nothing was lost.")
)

_SQLITE: dict[int, _Message] = {
    SqliteCode.BUSY: _Message(
        sentence("{file} is in use by another program."),
        sentence("Close that program or wait a moment, then try again."),
    ),
    SqliteCode.LOCKED: _BUSY,
    SqliteCode.READONLY: _Message(
        sentence("{file} is read-only."), sentence("Allow your user to write to the file and its folder.")
    ),
    SqliteCode.IOERR: _Message(
        sentence("{file} cannot be read or written."), sentence("Check the disk and its cable, then try again.")
    ),
    SqliteCode.IOERR_SHMSIZE: _DISK_FULL,  # there is no space for the index of its log
    SqliteCode.CORRUPT: _Message(
        sentence("{file} is damaged."), sentence("Restore the newest backup."), kind=DatabaseCorrupt
    ),
    SqliteCode.FULL: _DISK_FULL,
    SqliteCode.CANTOPEN: _Message(
        sentence("{file} cannot be opened."),
        sentence("Check that its folder exists and that your user may write to it."),
        is_unreachable=True,
    ),
    SqliteCode.NOTADB: _Message(
        sentence("{file} is not a shopdesk database."),
        sentence("Restore the newest backup, or move this file to another folder."),
        kind=DatabaseCorrupt,
    ),
}
"""By extended result code, or by its primary code (the lowest byte)."""

_UNREACHED = _Message(
    sentence("The database server cannot be reached."),
    sentence("Check the network, the address, and that the server is running."),
    is_unreachable=True,
)
_LOST = _Message(
    sentence("The connection to the database server was lost."),
    sentence("Check the network and that the server is running, then try again."),
    is_unreachable=True,
)
_ENDED = _Message(
    sentence("The database server ended the connection."),
    sentence("Wait a moment, then try again."),
    is_unreachable=True,
)
_SILENT = _Message(
    sentence("The database server does not answer."),
    sentence("Check the network and that the server is running, then try again."),
    is_unreachable=True,
)
_TOO_MANY_CONNECTIONS = _Message(
    sentence("The database server has no connection left for this till."),
    sentence("Ask the server's administrator."),
    is_unreachable=True,
)
_STARTING = _Message(
    sentence("The database server is starting."), sentence("Wait a moment, then try again."), is_unreachable=True
)
_STOPPING = _Message(
    sentence("The database server is shutting down."), sentence("Ask the server's administrator."), is_unreachable=True
)
_IS_STANDBY = _Message(
    sentence("No database server accepts changes right now."),
    sentence("Wait for the standby to take over, then try again."),
    is_unreachable=True,
)
_PASSWORD_REFUSED = _Message(
    sentence("The database server refused the user name or password."),
    sentence("Check both, then try again."),
    is_unreachable=True,
    kind=PasswordRefused,
)
_COMPUTER_REFUSED = _Message(
    sentence("The database server does not allow connections from this computer."),
    sentence("Add a line for it to the server's pg_hba.conf."),
    is_unreachable=True,
)
_USER_REFUSED = _Message(
    sentence("The database server does not let this user open the database."),
    sentence("Ask the server's administrator."),
    is_unreachable=True,
)
_NO_DATABASE = _Message(
    sentence("The database does not exist on this server."),
    sentence("Check its name, or create it on the server with createdb."),
    is_unreachable=True,
)
_NO_NAME = _Message(
    sentence("The database server cannot be found by its host name."),
    sentence("Check the network and the host name."),
    is_unreachable=True,
)
_NOT_TRUSTED = _Message(
    sentence("The database server's certificate is not trusted on this computer."),
    sentence("Add sslrootcert=FILE with the server's root certificate to the address, or correct the clock."),
    is_unreachable=True,
)
_NO_ROOT_CERTIFICATE = _Message(
    sentence("The database server's certificate cannot be checked: the root certificate file is missing."),
    sentence("Add sslrootcert=FILE with the server's root certificate to the address."),
    is_unreachable=True,
)
_OTHER_HOST = _Message(
    sentence("The database server's certificate is for another host name."),
    sentence("Use the host name in the certificate."),
    is_unreachable=True,
)
_NO_TLS = _Message(
    sentence("The database server does not support encrypted connections."),
    sentence("Turn on ssl in its postgresql.conf."),
    is_unreachable=True,
)
_TLS_FAILED = _Message(
    sentence("A secure connection to the database server is not possible."),
    sentence("Check the server's certificate and this computer's clock."),
    is_unreachable=True,
)

_POSTGRESQL: dict[str, _Message] = {
    SqlState.CONNECTION_EXCEPTION: _UNREACHED,
    SqlState.READ_ONLY_SQL_TRANSACTION: _Message(
        sentence("The database is read-only right now."),
        sentence("The server may be a standby. Wait a moment, then try again."),
    ),
    SqlState.INVALID_AUTHORIZATION_SPECIFICATION: _PASSWORD_REFUSED,
    SqlState.INVALID_CATALOG_NAME: _NO_DATABASE,
    SqlState.INSUFFICIENT_PRIVILEGE: _Message(
        sentence("The database does not let this user change its tables."),
        sentence("Start shopdesk once as the owner of the database."),
    ),
    SqlState.DISK_FULL: _Message(
        sentence("The database server's disk is full."),
        sentence("Ask the server's administrator to free up space, then try again."),
    ),
    SqlState.TOO_MANY_CONNECTIONS: _TOO_MANY_CONNECTIONS,
    SqlState.INSUFFICIENT_RESOURCES: _Message(
        sentence("The database server is out of resources."), sentence("Ask the server's administrator.")
    ),
    SqlState.QUERY_CANCELED: _Message(
        sentence("The database server cancelled the request."), sentence("Wait a moment, then try again.")
    ),
    SqlState.ADMIN_SHUTDOWN: _ENDED,  # this connection only, or the whole server: the next attempt shows which
    SqlState.CRASH_SHUTDOWN: _ENDED,
    SqlState.CANNOT_CONNECT_NOW: _STARTING,
    SqlState.OPERATOR_INTERVENTION: _STOPPING,
    SqlState.SYSTEM_ERROR: _Message(
        sentence("The database server has a disk problem."), sentence("Ask the server's administrator.")
    ),
}
"""By whole code, or by its class (the first two characters)."""

# If the connection itself fails, libpq gives no code, only the server's message (in English; from a server set up in
# another language, it counts as “cannot be reached”).
_BY_TEXT = (
    (r"too many (clients|connections)|connection slots are reserved|connection limit exceeded", _TOO_MANY_CONNECTIONS),
    (r"session is read-only", _IS_STANDBY),
    (r"starting up|not yet accepting connections|in recovery mode", _STARTING),
    (r"shutting down", _STOPPING),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", _COMPUTER_REFUSED),
    (r"authentication failed|no password supplied|role .* (does not exist|not permitted)", _PASSWORD_REFUSED),
    (r"permission denied for database", _USER_REFUSED),
    (r"database .* does not exist", _NO_DATABASE),
    (r"translate host name|resolve host|name or service not known|no address associated", _NO_NAME),
    (r"certificate verify failed", _NOT_TRUSTED),
    (r"root certificate file", _NO_ROOT_CERTIFICATE),
    (r"does not match host name", _OTHER_HOST),
    (r"server does not support ssl", _NO_TLS),
    (r"certificate|tls alert|ssl error: (?!unexpected eof)", _TLS_FAILED),
    (r"timeout|timed out|silent", _SILENT),
    (r"closed the connection|connection (has been|was|is) (closed|lost)|eof (while|detected)|reset by peer", _LOST),
)  # fmt: skip

_DRAFT_AGAIN = "uq_documents_draft_key"
"""Save was pressed again while the COMMIT of the first one hangs. Only PostgreSQL raises this."""


def explain(error: Exception, file: Path | None = None) -> Unavailable | None:
    """Return the message for a database error; None for other errors and for those that only a bug can cause.

    ``file`` is the path of the shop's SQLite file, to be named in the message.
    """
    library = sys.modules.get("sqlalchemy.exc")
    if library is None:
        return None
    if isinstance(error, library.TimeoutError):
        return _BUSY.error()
    if not isinstance(error, library.DBAPIError):
        return None
    cause = error.orig
    if (first_line := _first_line(cause)).startswith(MOVED):
        return _Message(
            verbatim(f"{first_line}."), sentence("Choose that database in Settings, Database on this till, too.")
        ).error()
    if _DRAFT_AGAIN in first_line:
        return Unavailable(sentence("This document is already being saved."), advice=sentence("Wait a moment."))
    if not hasattr(cause, "sqlstate"):
        # A text in it that is no UTF-8 was written by damage; the driver's error for that has no code.
        default = SqliteCode.CORRUPT if "decode to UTF-8" in first_line else 0
        code = getattr(cause, "sqlite_errorcode", default)
        message = _SQLITE.get(code) or _SQLITE.get(code & 0xFF)
    elif cause.sqlstate is None:
        is_known = error.connection_invalidated or isinstance(error, library.OperationalError | library.InterfaceError)
        message = _by_text(str(cause).casefold()) if is_known else None
    elif cause.sqlstate.startswith(SqlState.TRANSACTION_ROLLBACK):
        return Unavailable(sentence("Another till made a change at the same time."), advice=sentence("Try again."))
    else:
        message = _POSTGRESQL.get(cause.sqlstate) or _POSTGRESQL.get(cause.sqlstate[:2])
    return message.error(file) if message else None


def describe(error: Exception, file: Path | None = None) -> Unavailable:
    """Return the message for any database error: the one of ``explain``, or the database's own words."""
    said = _first_line(getattr(error, "orig", error)).rstrip(".")
    name = _named(file) if file else sentence("The database")
    return explain(error, file) or Unavailable(
        sentence("{name} reported an error: {said}.", name=name, said=said),
        advice=sentence("Restart shopdesk. If it happens again, run “shopdesk doctor”."),
    )


def file_error(code: SqliteCode, file: Path) -> DatabaseUnavailable:
    """Return the message for a fault of the shop's file that was noticed before SQLite reported it."""
    return _SQLITE[code].error(file)


def _first_line(error: object) -> str:
    return str(error).partition("\n")[0]


def _by_text(text: str) -> _Message:
    return next((message for pattern, message in _BY_TEXT if re.search(pattern, text)), _UNREACHED)
