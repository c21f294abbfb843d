"""Where threads, transactions and the event loop meet.

``do`` runs a use case in one transaction, ``ask`` a query, ``study`` one that may take long, ``reach`` whatever leaves
the machine, ``prepare`` what has to happen on the database's thread before there are sessions. Each returns at once;
``then`` gets the result later, on the window thread. The one thing to know: a use case never commits. The transaction
is opened and closed here, so "all or nothing" is written once in the whole program.

While the database cannot be reached, a question is answered with that at once, an act is tried all the same, and every
few seconds somebody looks whether it is back: ``away`` and ``returned`` tell.
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
from shopdesk.store import faults

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from shopdesk.store.session import Sessions

T = TypeVar("T")
Failed = Callable[[Exception], None]

_THREADS = {"database": 1, "studies": 1, "reach": 4, "files": 1}
LOOK_AGAIN_MS = 2000
TOLD_AFTER_MS = 500
"""How long a look at a database that was just lost may take before that is told."""
SLOW_AFTER_MS = 4000
STANDBY_AGAIN_SECONDS = 60.0
"""How long a standby that did not answer is left alone."""


class _Kind(Enum):
    """What a job is to the database."""

    QUESTION = "question"
    STUDY = "question that may take long"
    ACT = "act"
    NEITHER = "neither"


_QUESTIONS = frozenset({_Kind.QUESTION, _Kind.STUDY})
_SOON = frozenset({_Kind.QUESTION, _Kind.ACT})
"""What somebody waits for."""


class Outdated(Unavailable):
    """The database has become newer than this program: it may look, and must not write any more."""

    def __init__(self) -> None:
        super().__init__("Another till upgraded the shop's database.", advice="Restart shopdesk here.")


class _Reply(NamedTuple):
    """Who waits for a job. Kept on the window thread alone: a worker must never be the last to hold a window."""

    owner: QObject
    then: Callable[[Any], None] | None
    failed: Failed | None
    kind: _Kind = _Kind.NEITHER
    heard: Callable[[Any], None] | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a worker hands back."""

    job: int
    value: Any = None
    error: Exception | None = None
    changed: frozenset[str] = frozenset()


class Background(QObject):
    """One worker thread for the database, one for statistics, a few for the network, and the one way back.

    Made once, on the window thread. Results for an owner that was deleted meanwhile are dropped; an error that
    nobody took with ``failed`` goes to ``troubled``, never nowhere.
    """

    changed = Signal(object)  # frozenset[str]: names of the tables that a COMMIT, here or elsewhere, has just written
    written = Signal(object)  # the same, for transactions of this program alone: what others may want to hear of
    troubled = Signal(object)  # Exception
    busy = Signal(bool)  # whether any job is waited for
    away = Signal(object)  # DatabaseAway: the database is away, or now for another reason
    slow = Signal(bool)  # whether something has waited for it longer than anything should
    returned = Signal()  # it is back; whatever was asked meanwhile has to be asked again

    _finished = Signal(object)  # _Outcome
    _suspected = Signal()
    _looked = Signal(object, object)  # Sessions | None, DatabaseAway | None
    _said = Signal(int, object)  # job, what it says meanwhile
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
        self._away: DatabaseAway | None = None  # set by the worker as well: what stands in line behind must not wait
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
        # Queued by name: an automatic connection runs the callback inside the caller when a job is already done.
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._suspected.connect(self.look, Qt.ConnectionType.QueuedConnection)
        self._looked.connect(self._on_looked, Qt.ConnectionType.QueuedConnection)
        self._said.connect(self._on_said, Qt.ConnectionType.QueuedConnection)
        self._announced.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self.troubled, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Whether any job is waited for."""
        return bool(self._replies)

    @property
    def is_away(self) -> bool:
        """Whether the database could not be reached when last tried."""
        return self._away is not None and self._away.is_gone

    def attach(self, sessions: Sessions, reads: Sessions | None = None, *, standby: Sessions | None = None) -> None:
        """Say which database ``do`` writes to and ``ask`` reads from, from now on; ``study`` reads from a standby."""
        self._sessions = sessions
        self._reads = reads or sessions
        self._standby, self._standby_again_at = standby, 0.0
        self._is_barred = False
        if self._away is not None:
            self._on_back()

    def bar(self) -> None:
        """From any thread: another program upgraded the database, so that nothing is written here any more."""
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

        ``rescue`` is called at once, on the worker, where that failed: also when the program is about to end.
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
        """Run ``query(session, *args, **kwargs)``; nothing it might write is kept.

        While the database is away it fails at once. Without ``failed`` that is told by ``away`` alone: whoever shows
        something reads it again when ``changed`` comes.
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
        """As ``ask``, for what may take long: on a thread of its own, so that no sale waits for it.

        It reads from the standby where there is one. While that is away, which is told once, from the main server.
        """
        reads, standby = self._reads, self._standby

        def question() -> tuple[T, frozenset[str]]:
            if standby is not None and time.monotonic() >= self._standby_again_at:
                try:
                    with standby() as session:
                        value = query(session, *args, **kwargs)
                except Exception as error:
                    if faults.in_words(error) is None:
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
        """Run ``call(*args, **kwargs)`` beside the database: network, keyring, files, heavy drawing. No session.

        With ``heard`` the call gets one argument more, ``tell``: what it tells before it is done reaches ``heard``, on
        the window thread.
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
        """Run ``call(*args)`` on the one thread for this machine's own files: in order, and before the program ends."""
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
        """Look whether the database is there, beside everything else; ``away`` or ``returned`` tells what changed."""
        self._look_again.stop()
        if self._is_looking or self._is_closed:
            return
        self._is_looking = True
        self._pool("reach").submit(self._try, self._sessions)

    def suspect(self) -> None:
        """From any thread: somebody else has lost the database. Looks."""
        self._suspected.emit()

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
            self.report(Unavailable("The standby does not answer.", advice="Statistics are read from the main server."))
        self._standby_again_at = time.monotonic() + STANDBY_AGAIN_SECONDS

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
        self._pool(pool).submit(self._work, job, work, reply.kind)
        self._replies[job] = reply
        if reply.kind in _SOON:
            self._waiting += 1
            if not self._slow.isActive():
                self._slow.start()
        if len(self._replies) == 1:
            self.busy.emit(True)

    def _work(self, job: int, work: Callable[[], tuple[Any, frozenset[str]]], kind: _Kind) -> None:
        """On a worker: run, and hand the outcome over. Every error ends here, in words where it is the world's."""
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
            self.troubled.emit(outcome.error)  # an act that failed is told even when its window is gone

    # --- whether the database is there ---

    def _note_answer(self) -> None:
        """It answers, however slowly; what stands in line has its own time from here."""
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
        """What an answer says about it. One that cannot write, as with a full disk, is back when it has written."""
        error = outcome.error
        if isinstance(error, DatabaseAway):
            self._away = error
            # A connection may be dead and the server alive: look before anybody is told.
            if not error.is_gone or self._told is not None or self._is_slow:
                self._tell(error)
            elif not self._tell_soon.isActive():
                self._tell_soon.start()
            if error.is_gone and not self._look_again.isActive():
                self.look()
        elif self._away is not None and (self._away.is_gone or outcome.changed):
            self._on_back()

    def _try(self, sessions: Sessions | None) -> None:
        """On a worker: the least that proves it."""
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
            with suppress(OSError, Unavailable):  # what is told is why it had to be rescued
                rescue()


def _opened(sessions: Sessions | None) -> Sessions:
    if sessions is None:
        raise Unavailable("The database is not open yet.", advice="Wait a moment and try again.")
    return sessions


def _in_words(error: Exception, *, instead: Exception | None) -> Exception:
    """The error as a window may show it: one of the three kinds in words, or a bug, logged whole.

    ``instead`` explains whatever would be a bug otherwise.
    """
    import logging

    kinds = (Refused, NeedsYes, Unavailable)
    known = error if isinstance(error, kinds) else faults.in_words(error) or _machine_away(error) or instead
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


def _machine_away(error: Exception) -> Unavailable | None:
    """A fault of files, disk or network that no gateway turned into words."""
    if not isinstance(error, OSError) or error.strerror is None:
        return None
    name = f" ({error.filename})" if error.filename else ""
    return Unavailable(f"{error.strerror}{name}.", advice="Check it, then try again.")
