"""Scheduler of the sums of months and years: finished days are added one by one, while the program runs.

After an upgrade, or on a till that was long closed, that may be years of days. A pause after each lets sales through.
"""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer

from shopdesk.background import Background
from shopdesk.domain.errors import Unavailable
from shopdesk.usecases.period_sums import add_finished_day

_FIRST_LOOK_MS = 30_000
"""Delay of the first check: after a start the cashier wants to sell."""
_LOOK_AGAIN_MS = 10 * 60_000
_PAUSE_MS = 250


class SumsScheduler(QObject):
    """The scheduler; lives on the window thread."""

    def __init__(self, background: Background, *, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._timer = QTimer(self, interval=_FIRST_LOOK_MS)
        self._timer.timeout.connect(self.check)

    def start(self) -> None:
        """Start the checks."""
        self._timer.start()

    def close(self) -> None:
        """Stop; a day that is being added is finished."""
        self._timer.stop()

    def check(self) -> None:
        """Add the next finished day, if there is one."""
        self._timer.stop()
        today = datetime.now(UTC).astimezone().date()
        self._background.do(add_finished_day, today=today, owner=self, then=self._on_added, failed=self._on_failed)

    def _on_added(self, is_added: object) -> None:
        self._timer.start(_PAUSE_MS if is_added else _LOOK_AGAIN_MS)

    def _on_failed(self, error: Exception) -> None:
        self._timer.start(_LOOK_AGAIN_MS)
        if not isinstance(error, Unavailable):  # another part of the program tells that the server is away
            self._background.report(error)
