"""Runs work on background threads, inside transactions, and returns the results to the window thread.

``do`` runs a use case in one transaction, ``ask`` a query, ``study`` a slow query, ``reach`` work without the database
(network, keyring, drawing), ``prepare`` work on the database's thread before there are sessions. Each returns at once;
``then`` gets the result later, on the window thread. The one thing to know: a use case never commits. The transaction
is opened and closed here, and nowhere else.

While the database is unreachable, queries fail at once, use cases are tried all the same, and the connection is checked
every two seconds; ``away`` and ``reconnected`` are emitted when it is lost and restored.
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

from shopdesk.domain.errors import ConfirmationRequired, DatabaseUnavailable, Refused, Unavailable
from shopdesk.store import error_text

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from shopdesk.store.session import Sessions

T = TypeVar("T")
Failed = Callable[[Exception], None]

_THREADS = {"database": 1, "studies": 1, "reach": 4, "files": 1}
PROBE_AGAIN_MS = 2000
ANNOUNCE_AFTER_MS = 500
"""Time for the first check of a lost connection; after it the loss is shown."""
SLOW_AFTER_MS = 4000
STANDBY_AGAIN_SECONDS = 60.0
"""Pause before a standby that did not answer is tried again."""


class _Kind(Enum):
    """The kind of a job: how it uses the database."""

    QUESTION = "question"
    SLOW_QUESTION = "question that may take long"
    ACT = "act"
    NEITHER = "neither"


_QUESTIONS = frozenset({_Kind.QUESTION, _Kind.SLOW_QUESTION})
_SOON = frozenset({_Kind.QUESTION, _Kind.ACT})
"""Kinds that the user waits for."""


class ProgramOutdated(Unavailable):
    """The database was upgraded beyond this program, which may still read but must not write."""

    def __init__(self) -> None:
        super().__init__("Another till upgraded the shop's database.", advice="Restart shopdesk on this till.")


class _Reply(NamedTuple):
    """The callbacks of a job, kept on the window thread: a worker must never hold the last reference to a window."""

    owner: QObject
    then: Callable[[Any], None] | None
    failed: Failed | None
    kind: _Kind = _Kind.NEITHER
    on_progress: Callable[[Any], None] | None = None


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
    error_reported = Signal(object)  # Exception: emitted for an error without a ``failed`` callback
    busy = Signal(bool)  # emitted with True when the first job starts, with False when the last one is done
    disconnected = Signal(object)  # DatabaseAway: emitted when the database becomes unreachable, or for another reason
    slow = Signal(bool)  # emitted with True when the database has not answered for SLOW_AFTER_MS, False when it does
    reconnected = Signal()  # emitted when reconnected; repeat the queries that failed

    _finished = Signal(object)  # _Outcome
    _connection_suspected = Signal()
    _probed = Signal(object, object)  # Sessions | None, DatabaseAway | None
    _progressed = Signal(int, object)  # job, progress value
    _change_announced = Signal(object)  # frozenset[str]
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
        self._writes_blocked = False
        self._disconnected: DatabaseUnavailable | None = (
            None  # also set by the worker: queued queries must fail at once
        )
        self._announced_fault: DatabaseUnavailable | None = None
        self._is_probing = False
        self._is_closed = False
        self._probe_again = QTimer(self, singleShot=True, interval=PROBE_AGAIN_MS)
        self._probe_again.timeout.connect(self.probe)
        self._announce_soon = QTimer(self, singleShot=True, interval=ANNOUNCE_AFTER_MS)
        self._announce_soon.timeout.connect(self._on_slow_probe)
        self._waiting = 0  # for the database
        self._is_slow = False
        self._slow = QTimer(self, singleShot=True, interval=SLOW_AFTER_MS)
        self._slow.timeout.connect(lambda: self._set_slow(is_so=True))
        # Explicitly queued: an automatic connection runs the callback inside the caller when a job is already done.
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._connection_suspected.connect(self.probe, Qt.ConnectionType.QueuedConnection)
        self._probed.connect(self._on_probed, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)
        self._change_announced.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self.error_reported, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """True if any job is unfinished."""
        return bool(self._replies)

    @property
    def is_disconnected(self) -> bool:
        """True if the database was unreachable at the last attempt."""
        return self._disconnected is not None and self._disconnected.is_unreachable

    def attach(self, sessions: Sessions, reads: Sessions | None = None, *, standby: Sessions | None = None) -> None:
        """Set the database that ``do`` writes to and ``ask`` reads from; ``study`` prefers the standby."""
        self._sessions = sessions
        self._reads = reads or sessions
        self._standby, self._standby_again_at = standby, 0.0
        self._writes_blocked = False
        if self._disconnected is not None:
            self._on_reconnected()

    def block_writes(self) -> None:
        """Block all writes, because another program upgraded the database. May be called from any thread."""
        self._writes_blocked = True
        self.report(ProgramOutdated())

    def do(
        self,
        usecase: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        on_write_lost: Callable[[], object] | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``usecase(session, *args, **kwargs)`` in one transaction; it is committed before ``then`` runs.

        If it fails, ``rescue`` is called at once, on the worker, even while the program is closing.
        """
        sessions = self._sessions

        def transaction() -> tuple[T, frozenset[str]]:
            if self._writes_blocked:
                raise ProgramOutdated
            with _with_fallback(on_write_lost), _opened(sessions).begin() as session:
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
        query after ``reconnected``.
        """
        sessions = self._reads

        def question() -> tuple[T, frozenset[str]]:
            with _opened(sessions)() as session:
                return query(session, *args, **kwargs), frozenset()

        self._submit("database", question, _Reply(owner, then, failed, _Kind.QUESTION))

    def ask_slow(
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
                    if error_text.explain(error) is None:
                        raise
                    self._do_without_standby()
                else:
                    self._standby_again_at = 0.0
                    return value, frozenset()
            with _opened(reads)() as session:
                return query(session, *args, **kwargs), frozenset()

        self._submit("studies", question, _Reply(owner, then, failed, _Kind.SLOW_QUESTION))

    def run_in_pool(
        self,
        call: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        on_progress: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> None:
        """Run ``call(*args, **kwargs)`` on the pool, without a session: network, keyring, files, heavy drawing.

        With ``heard`` the call gets one more argument, ``tell``: a function that passes progress to ``heard`` on the
        window thread.
        """
        job = next(self._jobs)
        if on_progress is not None:
            kwargs["tell"] = lambda value: self._progressed.emit(job, value)
        reply = _Reply(owner, then, failed, on_progress=on_progress)
        self._submit("reach", lambda: (call(*args, **kwargs), frozenset()), reply, job)

    def run_on_file_thread(
        self,
        call: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Run ``call(*args)`` on the one thread for local files: in order, and finished before the program ends."""
        self._submit("files", lambda: (call(*args), frozenset()), _Reply(owner, then, failed))

    def run_on_database_thread(
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

    def probe(self) -> None:
        """Check the connection to the database on the pool; emits ``away`` or ``reconnected`` if that changed."""
        self._probe_again.stop()
        if self._is_probing or self._is_closed:
            return
        self._is_probing = True
        self._pool("reach").submit(self._probe_once, self._sessions)

    def report_lost_connection(self) -> None:
        """Check the connection, because another part lost the database. May be called from any thread."""
        self._connection_suspected.emit()

    def announce(self, tables: frozenset[str]) -> None:
        """Emit ``changed`` for tables written by delivery or another till. May be called from any thread."""
        self._change_announced.emit(tables)

    def report(self, error: Exception) -> None:
        """Emit ``troubled`` for an error that no screen asked for. May be called from any thread."""
        self._reported.emit(error)

    def close(self) -> None:
        """Finish running jobs, drop queued network jobs and slow queries, and end all threads. May be called twice.

        Everything passed to ``do`` is still written: the last keystroke of a draft is saved.
        """
        self._is_closed = True
        for timer in (self._probe_again, self._announce_soon, self._slow):
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
        away = self._disconnected if kind in _QUESTIONS else None
        try:
            if away is not None and away.is_unreachable:
                outcome = _Outcome(job, error=away)
            else:
                value, changed = work()
                outcome = _Outcome(job, value=value, changed=changed)
        except Exception as error:
            outcome = _Outcome(
                job, error=_explained(error, instead=ProgramOutdated() if self._writes_blocked else None)
            )
            if kind is not _Kind.NEITHER and isinstance(outcome.error, DatabaseUnavailable):
                self._disconnected = outcome.error
        del work  # with its arguments, before the window thread goes on
        self._finished.emit(outcome)

    def _on_progress(self, job: int, value: object) -> None:
        reply = self._replies.get(job)
        if reply is not None and reply.on_progress is not None and isValid(reply.owner):
            reply.on_progress(value)

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
                self._classify_outcome(outcome)
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
        elif reply.kind not in _QUESTIONS or (is_there and not isinstance(outcome.error, DatabaseUnavailable)):
            self.error_reported.emit(outcome.error)  # report a failed use case even if its window is gone

    # --- connection to the database ---

    def _note_answer(self) -> None:
        """Note an answer of the database, however slow, and restart the timer for the jobs that still wait."""
        self._waiting -= 1
        self._set_slow(is_so=False)
        if self._waiting:
            self._slow.start()
        else:
            self._slow.stop()

    def _set_slow(self, *, is_so: bool) -> None:
        if is_so is not self._is_slow:
            self._is_slow = is_so
            self.slow.emit(is_so)

    def _classify_outcome(self, outcome: _Outcome) -> None:
        """Update the connection state by the outcome of a job.

        A database that cannot write, as with a full disk, counts as restored only after it has written.
        """
        error = outcome.error
        if isinstance(error, DatabaseUnavailable):
            self._disconnected = error
            # A connection may be dead and the server alive: check before the loss is shown.
            if not error.is_unreachable or self._announced_fault is not None or self._is_slow:
                self._announce_disconnected(error)
            elif not self._announce_soon.isActive():
                self._announce_soon.start()
            if error.is_unreachable and not self._probe_again.isActive():
                self.probe()
        elif self._disconnected is not None and (self._disconnected.is_unreachable or outcome.changed):
            self._on_reconnected()

    def _probe_once(self, sessions: Sessions | None) -> None:
        """Check the connection with the smallest query; runs on a worker."""
        try:
            with _opened(sessions)() as session:
                session.connection.exec_driver_sql("SELECT 1")
            self._probed.emit(sessions, None)
        except Exception as error:
            told = _explained(error, instead=None)
            self._probed.emit(sessions, told if isinstance(told, DatabaseUnavailable) else None)

    def _on_probed(self, sessions: Sessions | None, error: DatabaseUnavailable | None) -> None:
        self._is_probing = False
        if self._is_closed:
            return
        if sessions is not self._sessions:  # another database was attached meanwhile
            if self._disconnected is not None:
                self.probe()
            return
        if error is not None:
            self._disconnected = error
            self._announce_disconnected(error)
            self._probe_again.start()
        elif self._disconnected is not None:
            self._on_reconnected()

    def _on_slow_probe(self) -> None:
        if self._disconnected is not None:
            self._announce_disconnected(self._disconnected)

    def _on_reconnected(self) -> None:
        self._disconnected = self._announced_fault = None
        self._probe_again.stop()
        self._announce_soon.stop()
        self.reconnected.emit()

    def _announce_disconnected(self, error: DatabaseUnavailable) -> None:
        if self._announced_fault is None or str(self._announced_fault) != str(error):
            self._announced_fault = error
            self.disconnected.emit(error)


@contextmanager
def _with_fallback(rescue: Callable[[], object] | None) -> Iterator[None]:
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


def _explained(error: Exception, *, instead: Exception | None) -> Exception:
    """Return the error as a window can show it: one of the three worded kinds, or a bug, which is logged in full.

    ``instead`` replaces an error that would otherwise be a bug.
    """
    import logging

    kinds = (Refused, ConfirmationRequired, Unavailable)
    known = error if isinstance(error, kinds) else error_text.explain(error) or _network_down(error) or instead
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


def _network_down(error: Exception) -> Unavailable | None:
    """Return an error of files, disk or network that no gateway has worded; None for other errors."""
    if not isinstance(error, OSError) or error.strerror is None:
        return None
    name = f" ({error.filename})" if error.filename else ""
    return Unavailable(f"{error.strerror}{name}.", advice="Check it, then try again.")
