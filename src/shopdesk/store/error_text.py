"""Messages for database errors while the program runs: what happened, what to do, and whether it is unreachable.

This module imports neither SQLAlchemy nor a driver: their errors only occur where they are loaded already. Errors at
the start are worded in ``upgrade``, with the same advice.
"""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from shopdesk.domain.errors import MOVED, DatabaseUnavailable, Unavailable


class _Words(NamedTuple):
    what: str
    advice: str
    is_gone: bool = False


_UNREACHED = _Words(
    "The database server cannot be reached.",
    "Check the network, the address, and that the server is running.",
    is_gone=True,
)
_LOST = _Words(
    "The connection to the database server was lost.",
    "Check the network and that the server is running, then try again.",
    is_gone=True,
)
_ENDED = _Words("The database server ended the connection.", "Wait a moment, then try again.", is_gone=True)
_SILENT = _Words(
    "The database server does not answer.",
    "Check the network and that the server is running, then try again.",
    is_gone=True,
)
_TOO_MANY_CONNECTIONS = _Words(
    "The database server has no connection left for this till.", "Ask the server's administrator.", is_gone=True
)
_STARTING = _Words("The database server is starting.", "Wait a moment, then try again.", is_gone=True)
_STOPPING = _Words("The database server is shutting down.", "Ask the server's administrator.", is_gone=True)
_IS_STANDBY = _Words(
    "No database server accepts changes right now.", "Wait for the standby to take over, then try again.", is_gone=True
)
_NOT_LET_IN = _Words(
    "The database server refused the user name or password.", "Check both, then try again.", is_gone=True
)
_NO_DATABASE = _Words(
    "The database does not exist on this server.",
    "Check its name, or create it on the server with createdb.",
    is_gone=True,
)
_NO_NAME = _Words(
    "The database server cannot be found by its host name.", "Check the network and the host name.", is_gone=True
)
_NO_TLS = _Words(
    "A secure connection to the database server is not possible.",
    "Check the server's certificate and this computer's clock.",
    is_gone=True,
)
_CONFLICT = "Another till made a change at the same time.", "Try again."
_DRAFT_AGAIN = "uq_documents_draft_key"
"""Save was pressed again while the COMMIT of the first one hangs. Only PostgreSQL raises this."""

# SQLite's primary result codes (sqlite.org/rescode.html) that no bug of the program causes.
_SQLITE = {
    5: _Words("The database is in use by another program.", "Close that program or wait a moment, then try again."),
    6: _Words("The database is busy.", "Wait a moment, then try again."),
    8: _Words("The database is read-only.", "Allow your user to write to the file and its folder."),
    10: _Words("The database cannot be read or written.", "Check the disk and its cable, then try again."),
    11: _Words("The database is damaged.", "Restore the newest backup."),
    13: _Words("The database cannot grow: the disk is full.", "Free up some space, then try again. Nothing was lost."),
    14: _Words(
        "The database cannot be opened.",
        "Check that its folder exists and that your user may write to it.",
        is_gone=True,
    ),
    26: _Words(
        "The file is not a shopdesk database.", "Restore the newest backup, or move this file to another folder."
    ),
}

# PostgreSQL's error codes and classes (appendix A) that no bug of the program causes. A whole code comes before its
# class.
_POSTGRESQL = {
    "08": _UNREACHED,
    "25006": _Words(
        "The database is read-only right now.", "The server may be a standby. Wait a moment, then try again."
    ),
    "28": _NOT_LET_IN,
    "3D": _NO_DATABASE,
    "53100": _Words(
        "The database server's disk is full.", "Ask the server's administrator to free up space, then try again."
    ),
    "53300": _TOO_MANY_CONNECTIONS,
    "53": _Words("The database server is out of resources.", "Ask the server's administrator."),
    "57014": _Words("The database server cancelled the request.", "Wait a moment, then try again."),
    "57P01": _ENDED,  # this connection only, or the whole server: the next attempt shows which
    "57P02": _ENDED,
    "57P03": _STARTING,
    "57": _STOPPING,
    "58": _Words("The database server has a disk problem.", "Ask the server's administrator."),
}

# If the connection itself fails, libpq gives no code, only the server's message (in English; from a server set up in
# another language, it counts as “cannot be reached”).
_SAID = (
    (r"too many (clients|connections)|connection slots are reserved|connection limit exceeded", _TOO_MANY_CONNECTIONS),
    (r"session is read-only", _IS_STANDBY),
    (r"starting up|not yet accepting connections|in recovery mode", _STARTING),
    (r"shutting down", _STOPPING),
    (r"authentication failed|no password supplied|no pg_hba\.conf|role .* (does not exist|not permitted)", _NOT_LET_IN),
    (r"database .* does not exist", _NO_DATABASE),
    (r"translate host name|resolve host|name or service not known|no address associated", _NO_NAME),
    (r"certificate|server does not support ssl|tls alert|ssl error: (?!unexpected eof)", _NO_TLS),
    (r"timeout|timed out|silent", _SILENT),
    (r"closed the connection|connection (has been|was|is) (closed|lost)|eof (while|detected)|reset by peer", _LOST),
)  # fmt: skip


def explain(error: Exception) -> Unavailable | None:
    """Return the message for a database error; None for other errors and for those that only a bug can cause."""
    library = sys.modules.get("sqlalchemy.exc")
    if library is None:
        return None
    if isinstance(error, library.TimeoutError):
        return _unavailable(_Words("The database is busy.", "Wait a moment, then try again."))
    if not isinstance(error, library.DBAPIError):
        return None
    cause = error.orig
    if (said := str(cause).partition("\n")[0]).startswith(MOVED):
        return _unavailable(_Words(f"{said}.", "Choose that database in Settings, Database on this till, too."))
    if _DRAFT_AGAIN in said:
        return Unavailable("This document is already being saved.", advice="Wait a moment.")
    code, state = getattr(cause, "sqlite_errorcode", None), getattr(cause, "sqlstate", None)
    if isinstance(code, int):
        return _unavailable(_SQLITE.get(code & 0xFF))
    if isinstance(state, str):
        return Unavailable(_CONFLICT[0], advice=_CONFLICT[1]) if state[:2] == "40" else _unavailable(_coded(state))
    if error.connection_invalidated or isinstance(error, library.OperationalError | library.InterfaceError):
        return _unavailable(_server_text(str(cause).casefold()))
    return None


def _coded(state: str) -> _Words | None:
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])


def _server_text(text: str) -> _Words:
    return next((words for pattern, words in _SAID if re.search(pattern, text)), _UNREACHED)


def _unavailable(words: _Words | None) -> DatabaseUnavailable | None:
    return DatabaseUnavailable(words.what, advice=words.advice, is_gone=words.is_gone) if words else None
