"""Runs work on background threads, inside transactions, and returns the results to the window thread.

==========================  ==========================================================  =========================
method                      runs                                                        on
==========================  ==========================================================  =========================
``do``                      a use case, in a transaction that is committed              the database's thread
``look_up``                 the query of a scan, in order with the use cases            the database's thread
``ask``                     a query; no sale waits for it                               the queries' thread
``ask_slow``                a query that may take long; no other one waits for it       a thread of its own
``run_on_database_thread``  work on the database without a session: open, back up       the database's thread
``run_on_file_thread``      work on local files, in order, finished before the end      the files' thread
``run_in_pool``             everything else: network, keyring, files, heavy drawing     a pool of four threads
==========================  ==========================================================  =========================

Each returns at once. The callbacks run later on the window thread, unless ``owner`` was deleted meanwhile:

``then``           gets the result
``failed``         gets the error; without it ``error_reported`` is emitted
``on_progress``    gets what the call passes to its own ``on_progress`` while it runs (``run_in_pool``)
``on_write_lost``  is called at once and on the worker if nothing was committed, even while the program ends (``do``)

A use case never commits. The transaction is opened and closed here, and nowhere else.

A query sees what was written by every use case that was passed to ``do`` before it: it waits for them. No use case
waits for a query. The answer of a query that a use case has overtaken is read again, so that a screen never gets an
answer that is older than the one before.

While the database is unreachable, queries fail at once and use cases are tried all the same; ``watch`` probes it and
tells when it is back.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from shopdesk.database_watch import DatabaseWatch
from shopdesk.domain.errors import ConfirmationRequired, DatabaseUnavailable, Refused, Unavailable
from shopdesk.domain.sentence import sentence, verbatim
from shopdesk.store import error_text

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from shopdesk.store.session import Sessions

T = TypeVar("T")
Failed = Callable[[Exception], None]

_THREADS = {"database": 1, "queries": 1, "slow": 1, "pool": 4, "files": 1}
_NICE = {"queries": 5, "slow": 10}
"""The niceness of the threads of a pool: they get a processor after the others, where all are taken."""
STANDBY_AGAIN_SECONDS = 60.0
"""Pause before a standby that did not answer is tried again."""


class _Kind(Enum):
    """The kind of a job: how it uses the database."""

    QUERY = "query"
    SLOW_QUERY = "query that may take long"
    USE_CASE = "use case"
    OTHER = "no session"


_QUERIES = frozenset({_Kind.QUERY, _Kind.SLOW_QUERY})
_AWAITED = frozenset({_Kind.QUERY, _Kind.USE_CASE})
"""Kinds that the user waits for."""


class ProgramOutdated(Unavailable):
    """The database was upgraded beyond this program, which may still read but must not write."""

    def __init__(self) -> None:
        super().__init__(
            sentence("Another till upgraded the shop's database."), advice=sentence("Restart shopdesk on this till.")
        )


class _Reply(NamedTuple):
    """The callbacks of a job, kept on the window thread: a worker must never hold the last reference to a window."""

    owner: QObject
    then: Callable[[Any], None] | None
    failed: Failed | None
    kind: _Kind = _Kind.OTHER
    on_progress: Callable[[Any], None] | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The outcome of a job, sent from the worker to the window thread."""

    job: int
    value: Any = None
    error: Exception | None = None
    changed: frozenset[str] = frozenset()


class Background(QObject):
    """Worker threads (``_THREADS``) and their results.

    Create it once, on the window thread. Results are dropped if their owner was deleted meanwhile. An error without a
    ``failed`` callback is emitted by ``error_reported``.
    """

    changed = Signal(object)  # frozenset[str]: emitted after a COMMIT here or elsewhere; the tables written
    written = Signal(object)  # frozenset[str]: the same, for this program's transactions only; to notify other tills
    committed = Signal(
        object
    )  # frozenset[str]: the same, on the thread that wrote, before any answer; connect directly
    error_reported = Signal(object)  # Exception: emitted for an error without a ``failed`` callback
    busy = Signal(bool)  # emitted with True when the first job starts, with False when the last one is done

    _finished = Signal(object)  # _Outcome
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
        self._last_written: Future[None] | None = None
        self._last_asked: Future[None] | None = None
        self._commits = 0
        self._writes_blocked = False
        self.watch = DatabaseWatch(sessions, self._attempt, parent=self)
        # Explicitly queued: an automatic connection runs the callback inside the caller when a job is already done.
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)
        self._change_announced.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self.error_reported, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """True if any job is unfinished."""
        return bool(self._replies)

    def attach(self, sessions: Sessions, reads: Sessions | None = None, *, standby: Sessions | None = None) -> None:
        """Set the database that ``do`` writes to and ``ask`` reads from; ``ask_slow`` prefers the standby."""
        self._sessions = sessions
        self._reads = reads or sessions
        self._standby, self._standby_again_at = standby, 0.0
        self._writes_blocked = False
        self.watch.attach(sessions)

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

        If nothing was committed, ``on_write_lost`` is called at once, on the worker, even while the program is closing.
        """
        sessions = self._sessions

        def transaction() -> tuple[T, frozenset[str]]:
            if self._writes_blocked:
                raise ProgramOutdated
            with _with_fallback(on_write_lost):
                return _opened(sessions).run(lambda session: usecase(session, *args, **kwargs))

        self._last_written = self._submit("database", transaction, _Reply(owner, then, failed, _Kind.USE_CASE))

    def look_up(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run the query of a scan as ``ask`` does, but before any other query: it must take a millisecond or two."""
        sessions = self._reads

        def run_query() -> tuple[T, frozenset[str]]:
            with _opened(sessions)() as session:
                return query(session, *args, **kwargs), frozenset()

        self._submit("database", run_query, _Reply(owner, then, failed, _Kind.QUERY))

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

        While the database is unreachable it fails at once. Without ``failed`` nothing is reported then; repeat the
        query after ``watch.reconnected``.
        """
        sessions = self._reads

        def read() -> T:
            with _opened(sessions)() as session:
                return query(session, *args, **kwargs)

        def run_query() -> tuple[T, frozenset[str]]:
            commits = self._commits
            value = read()
            if commits != self._commits:  # once: if it is overtaken again, ``changed`` makes the screens ask anew
                value = read()
            return value, frozenset()

        reply = _Reply(owner, then, failed, _Kind.QUERY)
        self._last_asked = self._submit("queries", run_query, reply, after=self._last_written)

    def ask_slow(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run a slow query as ``ask`` does, but on a thread of its own, so that no other query waits for it.

        It reads from the standby if there is one. While that is unreachable, which is reported once, it reads from the
        main server.
        """
        reads, standby = self._reads, self._standby

        def run_query() -> tuple[T, frozenset[str]]:
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

        self._submit("slow", run_query, _Reply(owner, then, failed, _Kind.SLOW_QUERY))

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

        With ``on_progress`` the call gets an argument of that name, too: a function that passes its value on to the
        window thread.
        """
        job = next(self._jobs)
        if on_progress is not None:
            kwargs["on_progress"] = lambda value: self._progressed.emit(job, value)
        reply = _Reply(owner, then, failed, on_progress=on_progress)
        self._submit("pool", lambda: (call(*args, **kwargs), frozenset()), reply, job)

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
        """Run ``call(*args, **kwargs)`` on the database's own thread, without a session: open, migrate, close.

        Queries asked for before it are answered first, those asked for later wait for it.
        """
        reply = _Reply(owner, then, failed)
        self._last_written = self._submit(
            "database", lambda: (call(*args, **kwargs), frozenset()), reply, after=self._last_asked
        )

    def announce(self, tables: frozenset[str]) -> None:
        """Emit ``changed`` for tables written by delivery or another till. May be called from any thread."""
        self._change_announced.emit(tables)

    def report(self, error: Exception) -> None:
        """Emit ``error_reported`` for an error that no screen asked for. May be called from any thread."""
        self._reported.emit(error)

    def close(self) -> None:
        """Finish running jobs, drop queued network jobs and slow queries, and end all threads. May be called twice.

        Everything passed to ``do`` is still written: the last keystroke of a draft is saved.
        """
        self.watch.close()
        self._pool("pool").shutdown(wait=True, cancel_futures=True)
        self._pool("slow").shutdown(wait=True, cancel_futures=True)
        self._pool("queries").shutdown(wait=True)
        self._pool("database").shutdown(wait=True)
        self._pool("files").shutdown(wait=True)
        self._replies.clear()

    def _do_without_standby(self) -> None:
        if not self._standby_again_at:
            self.report(
                Unavailable(
                    sentence("The standby server does not respond."),
                    advice=sentence("Statistics are read from the main server instead."),
                )
            )
        self._standby_again_at = time.monotonic() + STANDBY_AGAIN_SECONDS

    def _pool(self, name: str) -> ThreadPoolExecutor:
        """Return the pool of this name, created when first needed so that the first paint does not wait for it."""
        if name not in self._pools:
            from concurrent.futures import ThreadPoolExecutor

            self._pools[name] = ThreadPoolExecutor(
                _THREADS[name],
                thread_name_prefix=name,
                initializer=_let_others_go_first,
                initargs=(_NICE.get(name, 0),),
            )
        return self._pools[name]

    def _submit(
        self,
        pool: str,
        work: Callable[[], tuple[Any, frozenset[str]]],
        reply: _Reply,
        job: int | None = None,
        *,
        after: Future[None] | None = None,
    ) -> Future[None]:
        """Run a job on a pool, once the job ``after`` has ended. That is of another pool, and was submitted before."""
        job = job or next(self._jobs)
        submitted = self._pool(pool).submit(self._work, job, work, reply.kind, after)
        self._replies[job] = reply
        if reply.kind in _AWAITED:
            self.watch.expect_answer()
        if len(self._replies) == 1:
            self.busy.emit(True)
        return submitted

    def _work(
        self, job: int, work: Callable[[], tuple[Any, frozenset[str]]], kind: _Kind, after: Future[None] | None
    ) -> None:
        """Run a job on a worker and hand the outcome over. Every error ends here, worded if it has a known cause."""
        if after is not None:
            after.exception()  # waits for it; its error was told to whom it concerns
        outage = self.watch.outage if kind in _QUERIES else None
        try:
            if outage is not None:
                outcome = _Outcome(job, error=outage)
            else:
                value, changed = work()
                outcome = _Outcome(job, value=value, changed=changed)
                if changed:
                    self._commits += 1
                    self.committed.emit(changed)
        except Exception as error:
            outcome = _Outcome(
                job, error=_explained(error, instead=ProgramOutdated() if self._writes_blocked else None)
            )
            if kind is not _Kind.OTHER and isinstance(outcome.error, DatabaseUnavailable):
                self.watch.note_fault(outcome.error)
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
            if reply.kind is not _Kind.OTHER:
                self.watch.note_outcome(outcome.error, has_written=bool(outcome.changed))
            if reply.kind in _AWAITED:
                self.watch.note_answer()
            if not self._replies:
                self.busy.emit(False)

    def _answer(self, reply: _Reply, outcome: _Outcome) -> None:
        is_there = isValid(reply.owner)
        if outcome.error is None:
            if reply.then is not None and is_there:
                reply.then(outcome.value)
        elif reply.failed is not None and is_there:
            reply.failed(outcome.error)
        elif reply.kind not in _QUERIES or (is_there and not isinstance(outcome.error, DatabaseUnavailable)):
            self.error_reported.emit(outcome.error)  # report a failed use case even if its window is gone

    def _attempt(self, call: Callable[[], object], done: Callable[[Exception | None], object]) -> None:
        """Run a call on the pool that is no job of any window; ``done`` gets its error, worded, on the worker."""

        def attempt() -> None:
            try:
                call()
            except Exception as error:
                done(_explained(error, instead=None))
            else:
                done(None)

        self._pool("pool").submit(attempt)


def _let_others_go_first(nice: int) -> None:
    """Lower the priority of this thread by so much, so that queries that take a processor each slow down no sale.

    On Linux, where it still gets its share. Elsewhere it might be stopped for seconds, and may hold Python's lock then.
    """
    if sys.platform == "linux" and nice:
        with suppress(OSError):  # a sandbox may forbid it
            os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) + nice)


@contextmanager
def _with_fallback(on_write_lost: Callable[[], object] | None) -> Iterator[None]:
    is_done = False
    try:
        yield
        is_done = True
    finally:
        if on_write_lost is not None and not is_done:
            with suppress(OSError, Unavailable):  # report the original error, not this one
                on_write_lost()


def _opened(sessions: Sessions | None) -> Sessions:
    if sessions is None:
        raise Unavailable(sentence("The database is not open yet."), advice=sentence("Wait a moment and try again."))
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
    return Unavailable(verbatim(f"{error.strerror}{name}."), advice=sentence("Check it, then try again."))
