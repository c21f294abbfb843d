"""A database's error in words: what happened, what to do about it, and whether it can be reached at all.

Imports neither SQLAlchemy nor a driver: an error of theirs can only come where they are loaded already.
"""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from shopdesk.domain.errors import MOVED, DatabaseAway, Unavailable


class _Words(NamedTuple):
    what: str
    advice: str
    is_gone: bool = False


_UNREACHED = _Words("The database server cannot be reached.", "Check the network.", is_gone=True)
_LOST = _Words("The connection to the database server was lost.", "Check the network.", is_gone=True)
_ENDED = _Words("The database server ended the connection.", "Try again in a moment.", is_gone=True)
_SILENT = _Words("The database server does not answer.", "Check the network, and whether it is up.", is_gone=True)
_FULL_HOUSE = _Words(
    "The database server has no connection left for this till.", "Ask whoever looks after it.", is_gone=True
)
_STARTING = _Words("The database server is starting.", "It will be there in a moment.", is_gone=True)
_STOPPING = _Words("The database server is being stopped.", "Ask whoever looks after it.", is_gone=True)
_STANDING_BY = _Words(
    "None of the database's servers is in charge.", "Wait until the one that stands in has taken over.", is_gone=True
)
_NOT_LET_IN = _Words(
    "The database server refused this program's user or password.", "Check them in the settings.", is_gone=True
)
_NO_DATABASE = _Words(
    "The database server has no database of this name.", "Check the name in the settings.", is_gone=True
)
_NO_NAME = _Words(
    "The database server's name is not known here.", "Check the network, and the name in the settings.", is_gone=True
)
_NO_TLS = _Words(
    "No protected connection to the database server is possible.",
    "Check its certificate, and this machine's clock.",
    is_gone=True,
)
_FASTER = "Another till was faster.", "Try again."
_DRAFT_AGAIN = "uq_documents_draft_key"
"""The COMMIT of the first Save hangs, and it was pressed again: PostgreSQL alone can come this far."""

# SQLite's primary result codes (sqlite.org/rescode.html) that are the world's fault, and what to do about each.
_SQLITE = {
    5: _Words("The database is busy.", "Another program holds it. Try again in a moment."),
    6: _Words("The database is busy.", "Try again in a moment."),
    8: _Words("The database can only be read.", "Give this user the right to write to its file and its folder."),
    10: _Words("The disk did not answer.", "Check the disk and its cable, then try again."),
    11: _Words("The database file is damaged.", "Restore the latest backup."),
    13: _Words("The disk is full.", "Make some room, then try again."),
    14: _Words(
        "The database file cannot be opened.", "Check that its folder is there and may be written to.", is_gone=True
    ),
    26: _Words("The file is not a database.", "Restore the latest backup, or name another file in the settings."),
}

# PostgreSQL's error codes and classes (appendix A) that are the world's fault; the first that fits is taken.
_POSTGRESQL = {
    "08": _UNREACHED,
    "25006": _Words(
        "The database server can only be read at the moment.", "It stands in for another one. Try again in a moment."
    ),
    "28": _NOT_LET_IN,
    "3D": _NO_DATABASE,
    "53100": _Words("The database server's disk is full.", "Ask whoever looks after it to make room, then try again."),
    "53300": _FULL_HOUSE,
    "53": _Words("The database server has no room left.", "Ask whoever looks after it."),
    "57014": _Words("The database server stopped the request.", "Try again in a moment."),
    "57P01": _ENDED,  # this connection alone, or the whole server: asking again tells which
    "57P02": _ENDED,
    "57P03": _STARTING,
    "57": _STOPPING,
    "58": _Words("The database server has trouble with its disk.", "Ask whoever looks after it."),
}

# Who is turned away at the door gets no code from libpq, only the sentence (in English, unless the server was set up
# in another language: then it is “cannot be reached”).
_SAID = (
    (r"too many (clients|connections)|connection slots are reserved|connection limit exceeded", _FULL_HOUSE),
    (r"session is read-only", _STANDING_BY),
    (r"starting up|not yet accepting connections|in recovery mode", _STARTING),
    (r"shutting down", _STOPPING),
    (r"authentication failed|no password supplied|no pg_hba\.conf|role .* (does not exist|not permitted)", _NOT_LET_IN),
    (r"database .* does not exist", _NO_DATABASE),
    (r"translate host name|resolve host|name or service not known|no address associated", _NO_NAME),
    (r"certificate|server does not support ssl|tls alert|ssl error: (?!unexpected eof)", _NO_TLS),
    (r"timeout|timed out|silent", _SILENT),
    (r"closed the connection|connection (has been|was|is) (closed|lost)|eof (while|detected)|reset by peer", _LOST),
)  # fmt: skip


def in_words(error: Exception) -> Unavailable | None:
    """A database error in words; None when it is no database error, or one that only a bug can cause."""
    library = sys.modules.get("sqlalchemy.exc")
    if library is None:
        return None
    if isinstance(error, library.TimeoutError):
        return _away(_Words("The database is busy.", "Try again in a moment."))
    if not isinstance(error, library.DBAPIError):
        return None
    cause = error.orig
    if (said := str(cause).partition("\n")[0]).startswith(MOVED):
        return _away(_Words(f"{said}.", "Name that database in Settings here, too."))
    if _DRAFT_AGAIN in said:
        return Unavailable("It is being saved already.", advice="Wait a moment.")
    code, state = getattr(cause, "sqlite_errorcode", None), getattr(cause, "sqlstate", None)
    if isinstance(code, int):
        return _away(_SQLITE.get(code & 0xFF))
    if isinstance(state, str):
        return Unavailable(_FASTER[0], advice=_FASTER[1]) if state[:2] == "40" else _away(_coded(state))
    if error.connection_invalidated or isinstance(error, library.OperationalError | library.InterfaceError):
        return _away(_said(str(cause).casefold()))
    return None


def _coded(state: str) -> _Words | None:
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])


def _said(text: str) -> _Words:
    return next((words for pattern, words in _SAID if re.search(pattern, text)), _UNREACHED)


def _away(words: _Words | None) -> DatabaseAway | None:
    return DatabaseAway(words.what, advice=words.advice, is_gone=words.is_gone) if words else None
