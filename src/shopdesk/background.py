"""Runs work on background threads, inside transactions, and returns the results to the window thread.

``do`` runs a use case in one transaction, ``ask`` a query, ``study`` a slow query, ``reach`` work without the database
(network, keyring, drawing), ``prepare`` work on the database's thread before there are sessions. Each returns at once;
``then`` gets the result later, on the window thread. The one thing to know: a use case never commits. The transaction
is opened and closed here, and nowhere else.

While the database is unreachable, queries fail at once, use cases are tried all the same, and the connection is checked
every two seconds; ``away`` and ``returned`` are emitted when it is lost and restored.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from shopdesk.domain.errors import DatabaseAway, NeedsYes, Refused, Unavailable
from shopdesk.store import error_text

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from shopdesk.store.session import Sessions

T = TypeVar("T")
Failed = Callable[[Exception], None]

_THREADS = {"database": 1, "studies": 1, "reach": 4, "files": 1}
LOOK_AGAIN_MS = 2000
TOLD_AFTER_MS = 500
"""Time for the first check of a lost connection; after it the loss is shown."""
SLOW_AFTER_MS = 4000
STANDBY_AGAIN_SECONDS = 60.0
"""Pause before a standby that did not answer is tried again."""


class _Kind(Enum):
    """The kind of a job: how it uses the database."""

    QUESTION = "question"
    STUDY = "question that may take long"
    ACT = "act"
    NEITHER = "neither"


_QUESTIONS = frozenset({_Kind.QUESTION, _Kind.STUDY})
_SOON = frozenset({_Kind.QUESTION, _Kind.ACT})
"""Kinds that the user waits for."""


class Outdated(Unavailable):
    """The database was upgraded beyond this program, which may still read but must not write."""

    def __init__(self) -> None:
        super().__init__("Another till upgraded the shop's database.", advice="Restart shopdesk on this till.")


class _Reply(NamedTuple):
    """The callbacks of a job, kept on the window thread: a worker must never hold the last reference to a window."""

    owner: QObject
    then: Callable[[Any], None] | None
    failed: Failed | None
    kind: _Kind = _Kind.NEITHER
    heard: Callable[[Any], None] | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The outcome of a job, sent from the worker to the window thread."""

    job: int
    value: Any = None
    error: Exception | None = None
    changed: frozenset[str] = frozenset()


class Background(QObject):
    """Worker threads (one for the database, one for slow queries, one for files, four for the rest) and their results.

    Create it once, on the window thread. Results are dropped if their owner was deleted meanwhile. An error without a
    ``failed`` callback is emitted by ``troubled``.
    """

    changed = Signal(object)  # frozenset[str]: emitted after a COMMIT here or elsewhere; the tables written
    written = Signal(object)  # frozenset[str]: the same, for this program's transactions only; to notify other tills
    troubled = Signal(object)  # Exception: emitted for an error without a ``failed`` callback
    busy = Signal(bool)  # emitted with True when the first job starts, with False when the last one is done
    away = Signal(object)  # DatabaseAway: emitted when the database becomes unreachable, or for another reason
    slow = Signal(bool)  # emitted with True when the database has not answered for SLOW_AFTER_MS, False when it does
    returned = Signal()  # emitted when reconnected; repeat the queries that failed

    _finished = Signal(object)  # _Outcome
    _suspected = Signal()
    _looked = Signal(object, object)  # Sessions | None, DatabaseAway | None
    _said = Signal(int, object)  # job, progress value
    _announced = Signal(object)  # frozenset[str]
    _reported = Signal(object)  # Exception

    def __init__(
        self,
        sessions: Sessions | None = None,
        reads: Sessions | None = None,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._reads = reads or sessions
        self._standby: Sessions | None = None
        self._standby_again_at = 0.0
        self._jobs = itertools.count(1)
        self._replies: dict[int, _Reply] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._is_barred = False
        self._away: DatabaseAway | None = None  # also set by the worker: queued queries must fail at once
        self._told: DatabaseAway | None = None
        self._is_looking = False
        self._is_closed = False
        self._look_again = QTimer(self, singleShot=True, interval=LOOK_AGAIN_MS)
        self._look_again.timeout.connect(self.look)
        self._tell_soon = QTimer(self, singleShot=True, interval=TOLD_AFTER_MS)
        self._tell_soon.timeout.connect(self._on_late_look)
        self._waiting = 0  # for the database
        self._is_slow = False
        self._slow = QTimer(self, singleShot=True, interval=SLOW_AFTER_MS)
        self._slow.timeout.connect(lambda: self._tell_slow(is_so=True))
        # Explicitly queued: an automatic connection runs the callback inside the caller when a job is already done.
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._suspected.connect(self.look, Qt.ConnectionType.QueuedConnection)
        self._looked.connect(self._on_looked, Qt.ConnectionType.QueuedConnection)
        self._said.connect(self._on_said, Qt.ConnectionType.QueuedConnection)
        self._announced.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self.troubled, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """True if any job is unfinished."""
        return bool(self._replies)

    @property
    def is_away(self) -> bool:
        """True if the database was unreachable at the last attempt."""
        return self._away is not None and self._away.is_gone

    def attach(self, sessions: Sessions, reads: Sessions | None = None, *, standby: Sessions | None = None) -> None:
        """Set the database that ``do`` writes to and ``ask`` reads from; ``study`` prefers the standby."""
        self._sessions = sessions
        self._reads = reads or sessions
        self._standby, self._standby_again_at = standby, 0.0
        self._is_barred = False
        if self._away is not None:
            self._on_back()

    def bar(self) -> None:
        """Block all writes, because another program upgraded the database. May be called from any thread."""
        self._is_barred = True
        self.report(Outdated())

    def do(
        self,
        usecase: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        rescue: Callable[[], object] | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``usecase(session, *args, **kwargs)`` in one transaction; it is committed before ``then`` runs.

        If it fails, ``rescue`` is called at once, on the worker, even while the program is closing.
        """
        sessions = self._sessions

        def transaction() -> tuple[T, frozenset[str]]:
            if self._is_barred:
                raise Outdated
            with _rescuing(rescue), _opened(sessions).begin() as session:
                value = usecase(session, *args, **kwargs)
            return value, frozenset(session.changed)

        self._submit("database", transaction, _Reply(owner, then, failed, _Kind.ACT))

    def ask(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``query(session, *args, **kwargs)``; anything it writes is rolled back.

        While the database is unreachable it fails at once. Without ``failed`` only ``away`` is emitted then; repeat the
        query after ``returned``.
        """
        sessions = self._reads

        def question() -> tuple[T, frozenset[str]]:
            with _opened(sessions)() as session:
                return query(session, *args, **kwargs), frozenset()

        self._submit("database", question, _Reply(owner, then, failed, _Kind.QUESTION))

    def study(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run a slow query as ``ask`` does, but on a thread of its own, so that no sale waits for it.

        It reads from the standby if there is one. While that is unreachable, which is reported once, it reads from the
        main server.
        """
        reads, standby = self._reads, self._standby

        def question() -> tuple[T, frozenset[str]]:
            if standby is not None and time.monotonic() >= self._standby_again_at:
                try:
                    with standby() as session:
                        value = query(session, *args, **kwargs)
                except Exception as error:
                    if error_text.in_words(error) is None:
                        raise
                    self._do_without_standby()
                else:
                    self._standby_again_at = 0.0
                    return value, frozenset()
            with _opened(reads)() as session:
                return query(session, *args, **kwargs), frozenset()

        self._submit("studies", question, _Reply(owner, then, failed, _Kind.STUDY))

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
        """Run ``call(*args, **kwargs)`` on the pool, without a session: network, keyring, files, heavy drawing.

        With ``heard`` the call gets one more argument, ``tell``: a function that passes progress to ``heard`` on the
        window thread.
        """
        job = next(self._jobs)
        if heard is not None:
            kwargs["tell"] = lambda value: self._said.emit(job, value)
        reply = _Reply(owner, then, failed, heard=heard)
        self._submit("reach", lambda: (call(*args, **kwargs), frozenset()), reply, job)

    def write(
        self,
        call: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Run ``call(*args)`` on the one thread for local files: in order, and finished before the program ends."""
        self._submit("files", lambda: (call(*args), frozenset()), _Reply(owner, then, failed))

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

    def look(self) -> None:
        """Check the connection to the database on the pool; emits ``away`` or ``returned`` if that changed."""
        self._look_again.stop()
        if self._is_looking or self._is_closed:
            return
        self._is_looking = True
        self._pool("reach").submit(self._try, self._sessions)

    def suspect(self) -> None:
        """Check the connection, because another part lost the database. May be called from any thread."""
        self._suspected.emit()

    def announce(self, tables: frozenset[str]) -> None:
        """Emit ``changed`` for tables written by delivery or another till. May be called from any thread."""
        self._announced.emit(tables)

    def report(self, error: Exception) -> None:
        """Emit ``troubled`` for an error that no screen asked for. May be called from any thread."""
        self._reported.emit(error)

    def close(self) -> None:
        """Finish running jobs, drop queued network jobs and slow queries, and end all threads. May be called twice.

        Everything passed to ``do`` is still written: the last keystroke of a draft is saved.
        """
        self._is_closed = True
        for timer in (self._look_again, self._tell_soon, self._slow):
            timer.stop()
        self._pool("reach").shutdown(wait=True, cancel_futures=True)
        self._pool("studies").shutdown(wait=True, cancel_futures=True)
        self._pool("database").shutdown(wait=True)
        self._pool("files").shutdown(wait=True)
        self._replies.clear()

    def _do_without_standby(self) -> None:
        if not self._standby_again_at:
            self.report(
                Unavailable(
                    "The standby server does not respond.", advice="Statistics are read from the main server instead."
                )
            )
        self._standby_again_at = time.monotonic() + STANDBY_AGAIN_SECONDS

    def _pool(self, name: str) -> ThreadPoolExecutor:
        """Return the pool of this name, created when first needed so that the first paint does not wait for it."""
        if name not in self._pools:
            from concurrent.futures import ThreadPoolExecutor

            self._pools[name] = ThreadPoolExecutor(_THREADS[name], thread_name_prefix=name)
        return self._pools[name]

    def _submit(
        self, pool: str, work: Callable[[], tuple[Any, frozenset[str]]], reply: _Reply, job: int | None = None
    ) -> None:
        job = job or next(self._jobs)
        self._pool(pool).submit(self._work, job, work, reply.kind)
        self._replies[job] = reply
        if reply.kind in _SOON:
            self._waiting += 1
            if not self._slow.isActive():
                self._slow.start()
        if len(self._replies) == 1:
            self.busy.emit(True)

    def _work(self, job: int, work: Callable[[], tuple[Any, frozenset[str]]], kind: _Kind) -> None:
        """Run a job on a worker and hand the outcome over. Every error ends here, worded if it has a known cause."""
        away = self._away if kind in _QUESTIONS else None
        try:
            if away is not None and away.is_gone:
                outcome = _Outcome(job, error=away)
            else:
                value, changed = work()
                outcome = _Outcome(job, value=value, changed=changed)
        except Exception as error:
            outcome = _Outcome(job, error=_in_words(error, instead=Outdated() if self._is_barred else None))
            if kind is not _Kind.NEITHER and isinstance(outcome.error, DatabaseAway):
                self._away = outcome.error
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
            if reply.kind is not _Kind.NEITHER:
                self._judge(outcome)
            if reply.kind in _SOON:
                self._note_answer()
            if not self._replies:
                self.busy.emit(False)

    def _answer(self, reply: _Reply, outcome: _Outcome) -> None:
        is_there = isValid(reply.owner)
        if outcome.error is None:
            if reply.then is not None and is_there:
                reply.then(outcome.value)
        elif reply.failed is not None and is_there:
            reply.failed(outcome.error)
        elif reply.kind not in _QUESTIONS or (is_there and not isinstance(outcome.error, DatabaseAway)):
            self.troubled.emit(outcome.error)  # report a failed use case even if its window is gone

    # --- connection to the database ---

    def _note_answer(self) -> None:
        """Note an answer of the database, however slow, and restart the timer for the jobs that still wait."""
        self._waiting -= 1
        self._tell_slow(is_so=False)
        if self._waiting:
            self._slow.start()
        else:
            self._slow.stop()

    def _tell_slow(self, *, is_so: bool) -> None:
        if is_so is not self._is_slow:
            self._is_slow = is_so
            self.slow.emit(is_so)

    def _judge(self, outcome: _Outcome) -> None:
        """Update the connection state by the outcome of a job.

        A database that cannot write, as with a full disk, counts as restored only after it has written.
        """
        error = outcome.error
        if isinstance(error, DatabaseAway):
            self._away = error
            # A connection may be dead and the server alive: check before the loss is shown.
            if not error.is_gone or self._told is not None or self._is_slow:
                self._tell(error)
            elif not self._tell_soon.isActive():
                self._tell_soon.start()
            if error.is_gone and not self._look_again.isActive():
                self.look()
        elif self._away is not None and (self._away.is_gone or outcome.changed):
            self._on_back()

    def _try(self, sessions: Sessions | None) -> None:
        """Check the connection with the smallest query; runs on a worker."""
        try:
            with _opened(sessions)() as session:
                session.connection.exec_driver_sql("SELECT 1")
            self._looked.emit(sessions, None)
        except Exception as error:
            told = _in_words(error, instead=None)
            self._looked.emit(sessions, told if isinstance(told, DatabaseAway) else None)

    def _on_looked(self, sessions: Sessions | None, error: DatabaseAway | None) -> None:
        self._is_looking = False
        if self._is_closed:
            return
        if sessions is not self._sessions:  # another database was attached meanwhile
            if self._away is not None:
                self.look()
            return
        if error is not None:
            self._away = error
            self._tell(error)
            self._look_again.start()
        elif self._away is not None:
            self._on_back()

    def _on_late_look(self) -> None:
        if self._away is not None:
            self._tell(self._away)

    def _on_back(self) -> None:
        self._away = self._told = None
        self._look_again.stop()
        self._tell_soon.stop()
        self.returned.emit()

    def _tell(self, error: DatabaseAway) -> None:
        if self._told is None or str(self._told) != str(error):
            self._told = error
            self.away.emit(error)


@contextmanager
def _rescuing(rescue: Callable[[], object] | None) -> Iterator[None]:
    is_done = False
    try:
        yield
        is_done = True
    finally:
        if rescue is not None and not is_done:
            with suppress(OSError, Unavailable):  # report the original error, not this one
                rescue()


def _opened(sessions: Sessions | None) -> Sessions:
    if sessions is None:
        raise Unavailable("The database is not open yet.", advice="Wait a moment and try again.")
    return sessions


def _in_words(error: Exception, *, instead: Exception | None) -> Exception:
    """Return the error as a window can show it: one of the three worded kinds, or a bug, which is logged in full.

    ``instead`` replaces an error that would otherwise be a bug.
    """
    import logging

    kinds = (Refused, NeedsYes, Unavailable)
    known = error if isinstance(error, kinds) else error_text.in_words(error) or _machine_away(error) or instead
    log = logging.getLogger(__name__)
    if known is None:
        log.error("unexpected error in the background", exc_info=error)
    elif isinstance(known, Unavailable):
        log.info("unavailable: %s", known, exc_info=error)
    _forget_locals(error)
    return known or error


def _forget_locals(error: BaseException | None) -> None:
    """Drop the variables of a traceback but keep its lines: no session may be destroyed on the window thread."""
    import traceback

    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _machine_away(error: Exception) -> Unavailable | None:
    """Return an error of files, disk or network that no gateway has worded; None for other errors."""
    if not isinstance(error, OSError) or error.strerror is None:
        return None
    name = f" ({error.filename})" if error.filename else ""
    return Unavailable(f"{error.strerror}{name}.", advice="Check it, then try again.")
