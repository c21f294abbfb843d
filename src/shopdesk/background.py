"""Where threads, transactions and the event loop meet.

``do`` runs a use case in one transaction, ``ask`` a query, ``reach`` whatever leaves the machine, ``prepare`` what has
to happen on the database's thread before there are sessions. Each returns at once; ``then`` gets the result later, on
the window thread. The one thing to know: a use case never commits. The transaction is opened and closed here, so
"all or nothing" is written once in the whole program.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from shopdesk.domain.errors import NeedsYes, Refused, Unavailable

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy.orm import Session, sessionmaker

T = TypeVar("T")
Failed = Callable[[Exception], None]

_THREADS = {"database": 1, "reach": 4}
CHANGED = "changed"
"""The key in ``session.info`` under which the store keeps the names of the tables that were written."""


class DatabaseAway(Unavailable):
    """The database did not answer as it should; what was typed stays where it is, and may be tried again."""


class Outdated(DatabaseAway):
    """The database has become newer than this program: it may look, and must not write any more."""

    def __init__(self) -> None:
        super().__init__("Another till upgraded the shop's database.", advice="Restart shopdesk here.")


class _Reply(NamedTuple):
    """Who waits for a job. Kept on the window thread alone: a worker must never be the last to hold a window."""

    owner: QObject
    then: Callable[[Any], None] | None
    failed: Failed | None
    is_question: bool = False
    heard: Callable[[Any], None] | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a worker hands back."""

    job: int
    value: Any = None
    error: Exception | None = None
    changed: frozenset[str] = frozenset()


class Background(QObject):
    """One worker thread for the database, a few for the network, and the one way back to the window thread.

    Made once, on the window thread. Results for an owner that was deleted meanwhile are dropped; an error that
    nobody took with ``failed`` goes to ``troubled``, never nowhere.
    """

    changed = Signal(object)  # frozenset[str]: names of the tables that a COMMIT, here or elsewhere, has just written
    written = Signal(object)  # the same, for transactions of this program alone: what others may want to hear of
    troubled = Signal(object)  # Exception
    busy = Signal(bool)  # whether any job is waited for

    _finished = Signal(object)  # _Outcome
    _said = Signal(int, object)  # job, what it says meanwhile
    _announced = Signal(object)  # frozenset[str]
    _reported = Signal(object)  # Exception

    def __init__(
        self,
        sessions: sessionmaker[Session] | None = None,
        reads: sessionmaker[Session] | None = None,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._reads = reads or sessions
        self._jobs = itertools.count(1)
        self._replies: dict[int, _Reply] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._barred: Outdated | None = None
        # Queued by name: an automatic connection runs the callback inside the caller when a job is already done.
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._said.connect(self._on_said, Qt.ConnectionType.QueuedConnection)
        self._announced.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self.troubled, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Whether any job is waited for."""
        return bool(self._replies)

    def attach(self, sessions: sessionmaker[Session], reads: sessionmaker[Session] | None = None) -> None:
        """Say which database ``do`` writes to and ``ask`` reads from, from now on."""
        self._sessions = sessions
        self._reads = reads or sessions
        self._barred = None

    def bar(self) -> None:
        """From any thread: another program upgraded the database, so that nothing is written here any more."""
        self._barred = Outdated()
        self.report(self._barred)

    def do(
        self,
        usecase: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``usecase(session, *args, **kwargs)`` in one transaction; it is committed before ``then`` runs."""
        sessions = self._sessions

        def transaction() -> tuple[T, frozenset[str]]:
            if self._barred is not None:
                raise self._barred
            with _opened(sessions).begin() as session:
                value = usecase(session, *args, **kwargs)
            return value, frozenset(session.info.get(CHANGED, ()))

        self._submit("database", transaction, _Reply(owner, then, failed))

    def ask(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``query(session, *args, **kwargs)``; nothing it might write is kept."""
        sessions = self._reads

        def question() -> tuple[T, frozenset[str]]:
            with _opened(sessions)() as session:
                return query(session, *args, **kwargs), frozenset()

        self._submit("database", question, _Reply(owner, then, failed, is_question=True))

    def reach(
        self,
        call: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        heard: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``call(*args, **kwargs)`` beside the database: network, keyring, files, heavy drawing. No session.

        With ``heard`` the call gets one argument more, ``tell``: what it tells before it is done reaches ``heard``, on
        the window thread.
        """
        job = next(self._jobs)
        if heard is not None:
            kwargs["tell"] = lambda value: self._said.emit(job, value)
        reply = _Reply(owner, then, failed, heard=heard)
        self._submit("reach", lambda: (call(*args, **kwargs), frozenset()), reply, job)

    def prepare(
        self,
        call: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``call(*args, **kwargs)`` on the database's own thread, without a session: open, migrate, back up."""
        self._submit("database", lambda: (call(*args, **kwargs), frozenset()), _Reply(owner, then, failed))

    def announce(self, tables: frozenset[str]) -> None:
        """From any thread: these tables were written, by delivery or at another till. Emits ``changed`` here."""
        self._announced.emit(tables)

    def report(self, error: Exception) -> None:
        """From any thread: something went wrong that no screen asked for. Emits ``troubled`` here."""
        self._reported.emit(error)

    def close(self) -> None:
        """Finish what was begun, drop what only waited for the network, and leave no thread. May be called twice.

        Everything handed to ``do`` is still written: the last keystroke of a draft is kept.
        """
        self._pool("reach").shutdown(wait=True, cancel_futures=True)
        self._pool("database").shutdown(wait=True)
        self._replies.clear()

    def _pool(self, name: str) -> ThreadPoolExecutor:
        """Made when first needed: the first paint of the window does not wait for it."""
        if name not in self._pools:
            from concurrent.futures import ThreadPoolExecutor

            self._pools[name] = ThreadPoolExecutor(_THREADS[name], thread_name_prefix=name)
        return self._pools[name]

    def _submit(
        self, pool: str, work: Callable[[], tuple[Any, frozenset[str]]], reply: _Reply, job: int | None = None
    ) -> None:
        job = job or next(self._jobs)
        self._pool(pool).submit(self._work, job, work)
        self._replies[job] = reply
        if len(self._replies) == 1:
            self.busy.emit(True)

    def _work(self, job: int, work: Callable[[], tuple[Any, frozenset[str]]]) -> None:
        """On a worker: run, and hand the outcome over. Every error ends here, in words where it is the world's."""
        try:
            value, changed = work()
            outcome = _Outcome(job, value=value, changed=changed)
        except Exception as error:
            outcome = _Outcome(job, error=_in_words(error, instead=self._barred))
        del work  # with its arguments, before the window thread goes on
        self._finished.emit(outcome)

    def _on_said(self, job: int, value: object) -> None:
        reply = self._replies.get(job)
        if reply is not None and reply.heard is not None and isValid(reply.owner):
            reply.heard(value)

    def _on_finished(self, outcome: _Outcome) -> None:
        reply = self._replies.pop(outcome.job, None)
        if reply is None:  # closed meanwhile
            return
        try:
            self._answer(reply, outcome)
        finally:
            if outcome.changed:
                self.written.emit(outcome.changed)
                self.changed.emit(outcome.changed)
            if not self._replies:
                self.busy.emit(False)

    def _answer(self, reply: _Reply, outcome: _Outcome) -> None:
        is_there = isValid(reply.owner)
        if outcome.error is None:
            if reply.then is not None and is_there:
                reply.then(outcome.value)
        elif reply.failed is not None and is_there:
            reply.failed(outcome.error)
        elif is_there or not reply.is_question:  # an act that failed is told even when its window is gone
            self.troubled.emit(outcome.error)


def _opened(sessions: sessionmaker[Session] | None) -> sessionmaker[Session]:
    if sessions is None:
        raise DatabaseAway("The database is not open yet.", advice="Wait a moment and try again.")
    return sessions


def _in_words(error: Exception, *, instead: Exception | None) -> Exception:
    """The error as a window may show it: one of the three kinds in words, or a bug, logged whole.

    ``instead`` explains whatever would be a bug otherwise.
    """
    import logging

    kinds = (Refused, NeedsYes, Unavailable)
    known = error if isinstance(error, kinds) else _database_away(error) or _machine_away(error) or instead
    log = logging.getLogger(__name__)
    if known is None:
        log.error("unexpected error in the background", exc_info=error)
    elif isinstance(known, Unavailable):
        log.info("unavailable: %s", known, exc_info=error)
    _forget_locals(error)
    return known or error


def _forget_locals(error: BaseException | None) -> None:
    """Keep the lines of the traceback, drop what its frames hold: no session may die on the window thread."""
    import traceback

    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


# SQLite's primary result codes (sqlite.org/rescode.html) that are the world's fault, and what to do about each.
_SQLITE = {
    5: ("The database is busy.", "Another program holds it. Try again in a moment."),
    6: ("The database is busy.", "Try again in a moment."),
    8: ("The database can only be read.", "Give this user the right to write to its file and its folder."),
    10: ("The disk did not answer.", "Check the disk and its cable, then try again."),
    11: ("The database file is damaged.", "Restore the latest backup."),
    13: ("The disk is full.", "Make some room, then try again."),
    14: ("The database file cannot be opened.", "Check that its folder is there and may be written to."),
    26: ("The file is not a database.", "Restore the latest backup, or name another file in the settings."),
}

# PostgreSQL's error classes (appendix A) that are the world's fault.
_POSTGRESQL = {
    "08": ("The database server cannot be reached.", "Check the network, then try again."),
    "28": ("The database server refused this program's user or password.", "Check them in the settings."),
    "3D": ("The database server has no database of this name.", "Check the name in the settings."),
    "40": ("Another till was faster.", "Try again."),
    "53": ("The database server has no room left.", "Ask whoever looks after it."),
    "57": ("The database server is shutting down or stopped the request.", "Try again in a moment."),
    "58": ("The database server has trouble with its disk.", "Ask whoever looks after it."),
}


def _database_away(error: Exception) -> DatabaseAway | None:
    """A database error in words; None when it is no database error, or one that only a bug can cause."""
    library = sys.modules.get("sqlalchemy.exc")
    if library is None:
        return None
    if isinstance(error, library.TimeoutError):
        return _away("The database is busy.", "Try again in a moment.")
    if not isinstance(error, library.DBAPIError) or isinstance(
        error, library.IntegrityError | library.ProgrammingError
    ):
        return None
    cause = error.orig
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _away(*_SQLITE[code & 0xFF]) if code & 0xFF in _SQLITE else None
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return _away(*_POSTGRESQL[state[:2]]) if state[:2] in _POSTGRESQL else None
    if error.connection_invalidated or isinstance(error, library.OperationalError | library.InterfaceError):
        return _away(*_POSTGRESQL["08"])
    return None


def _machine_away(error: Exception) -> Unavailable | None:
    """A fault of files, disk or network that no gateway turned into words."""
    if not isinstance(error, OSError) or error.strerror is None:
        return None
    name = f" ({error.filename})" if error.filename else ""
    return Unavailable(f"{error.strerror}{name}.", advice="Check it, then try again.")


def _away(what: str, advice: str) -> DatabaseAway:
    return DatabaseAway(what, advice=advice)
