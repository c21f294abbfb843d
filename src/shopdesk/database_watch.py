"""Watches whether the database is reachable: by the outcome of every job, and by probing it once it is lost.

A connection may be dead while its server is alive, so a lost connection is shown only after a probe has failed or takes
long. The database is then probed every two seconds until it answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from shopdesk.domain.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from shopdesk.store.session import Sessions

PROBE_AGAIN_MS = 2000
ANNOUNCE_AFTER_MS = 500
"""Time for the first probe of a lost connection; after it the loss is shown."""
SLOW_AFTER_MS = 4000

Attempt = Callable[[Callable[[], object], Callable[[Exception | None], object]], object]
"""Runs a call on a worker; passes its error, worded for the user, or None to the second argument, on the worker."""


class DatabaseWatch(QObject):
    """The state of the connection to the database. For the window thread, except where a method says otherwise."""

    disconnected = Signal(object)  # DatabaseUnavailable: the database became unreachable, or for another reason
    reconnected = Signal()  # repeat the queries that failed
    slow = Signal(bool)  # True when the database has not answered for SLOW_AFTER_MS, False when it does

    _suspected = Signal()
    _probed = Signal(object, object)  # Sessions, Exception | None

    def __init__(self, sessions: Sessions | None, attempt: Attempt, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._attempt = attempt
        self._fault: DatabaseUnavailable | None = None
        self._announced_fault: DatabaseUnavailable | None = None
        self._is_probing = False
        self._is_closed = False
        self._unanswered = 0
        self._is_slow = False
        self._probe_again = QTimer(self, singleShot=True, interval=PROBE_AGAIN_MS)
        self._probe_again.timeout.connect(self.probe)
        self._announce_soon = QTimer(self, singleShot=True, interval=ANNOUNCE_AFTER_MS)
        self._announce_soon.timeout.connect(self._on_probe_delayed)
        self._slow = QTimer(self, singleShot=True, interval=SLOW_AFTER_MS)
        self._slow.timeout.connect(lambda: self._set_slow(is_slow=True))
        self._suspected.connect(self.probe, Qt.ConnectionType.QueuedConnection)
        self._probed.connect(self._on_probed, Qt.ConnectionType.QueuedConnection)

    def attach(self, sessions: Sessions) -> None:
        """Watch another database from now on, and take it for reachable."""
        self._sessions = sessions
        if self._fault is not None:
            self._on_reconnected()

    def close(self) -> None:
        """Stop watching. May be called twice."""
        self._is_closed = True
        for timer in (self._probe_again, self._announce_soon, self._slow):
            timer.stop()

    @property
    def outage(self) -> DatabaseUnavailable | None:
        """The error of the last attempt if the database was unreachable, else None. May be read from any thread."""
        fault = self._fault
        return fault if fault is not None and fault.is_unreachable else None

    @property
    def is_disconnected(self) -> bool:
        """True if the database was unreachable at the last attempt."""
        return self.outage is not None

    # --- the outcomes of jobs ---

    def note_fault(self, error: DatabaseUnavailable) -> None:
        """Note the error of a job at once, on its worker, so that queries queued behind it do not wait in vain."""
        self._fault = error

    def note_outcome(self, error: Exception | None, *, has_written: bool) -> None:
        """Update the state by the outcome of a job.

        A database that cannot write, as with a full disk, counts as restored only after it has written.
        """
        if isinstance(error, DatabaseUnavailable):
            self._fault = error
            if not error.is_unreachable or self._announced_fault is not None or self._is_slow:
                self._announce(error)
            elif not self._announce_soon.isActive():
                self._announce_soon.start()
            if error.is_unreachable and not self._probe_again.isActive():
                self.probe()
        elif self._fault is not None and (self._fault.is_unreachable or has_written):
            self._on_reconnected()

    def expect_answer(self) -> None:
        """Note that a job waits for the database; ``slow`` is emitted if none is answered for long."""
        self._unanswered += 1
        if not self._slow.isActive():
            self._slow.start()

    def note_answer(self) -> None:
        """Note an answer of the database, however slow, and restart the timer for the jobs that still wait."""
        self._unanswered -= 1
        self._set_slow(is_slow=False)
        if self._unanswered:
            self._slow.start()
        else:
            self._slow.stop()

    def note_progress(self) -> None:
        """Note that the database has answered a part of a long job, and restart the timer for the rest."""
        self._set_slow(is_slow=False)
        if self._unanswered:
            self._slow.start()

    def _set_slow(self, *, is_slow: bool) -> None:
        if is_slow is not self._is_slow:
            self._is_slow = is_slow
            self.slow.emit(is_slow)

    # --- probing ---

    def report_lost_connection(self) -> None:
        """Probe the database because another part lost its connection. May be called from any thread."""
        self._suspected.emit()

    def probe(self) -> None:
        """Try the smallest query on a worker; emits ``disconnected`` or ``reconnected`` if the state has changed."""
        self._probe_again.stop()
        sessions = self._sessions
        if sessions is None or self._is_probing or self._is_closed:
            return
        self._is_probing = True
        self._attempt(lambda: _select_one(sessions), lambda error: self._probed.emit(sessions, error))

    def _on_probed(self, sessions: Sessions, error: Exception | None) -> None:
        self._is_probing = False
        if self._is_closed:
            return
        if sessions is not self._sessions:  # another database was attached meanwhile
            if self._fault is not None:
                self.probe()
            return
        if isinstance(error, DatabaseUnavailable):
            self._fault = error
            self._announce(error)
            self._probe_again.start()
        elif self._fault is not None:
            self._on_reconnected()

    def _on_probe_delayed(self) -> None:
        if self._fault is not None:
            self._announce(self._fault)

    def _on_reconnected(self) -> None:
        self._fault = self._announced_fault = None
        self._probe_again.stop()
        self._announce_soon.stop()
        self.reconnected.emit()

    def _announce(self, error: DatabaseUnavailable) -> None:
        if self._announced_fault is None or str(self._announced_fault) != str(error):
            self._announced_fault = error
            self.disconnected.emit(error)


def _select_one(sessions: Sessions) -> None:
    with sessions() as session:
        session.connection.exec_driver_sql("SELECT 1")
