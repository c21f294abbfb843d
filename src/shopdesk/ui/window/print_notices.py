"""Tells the cashier of prints that wait for the printer, failed, or are unclear."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject

from shopdesk.domain.print_job import DocumentPrint, PrintState
from shopdesk.queries import print_jobs
from shopdesk.queries.print_jobs import PrintTrouble
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import stored, tr
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone


class PrintNotices(QObject):
    """Shows a notice for each print of this till that gets stuck, and for the first that finds no printer."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._stuck: frozenset[UUID] = frozenset()
        self._is_waiting = False
        context.background.changed.connect(self._on_changed)
        self.look()

    def look(self) -> None:
        """Look for prints in trouble."""
        self._context.ask(
            print_jobs.trouble,
            self._context.actor.till.key,
            owner=self,
            then=self._on_found,
            failed=self._context.report_unanswered,
        )

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "print_jobs" in tables:
            self.look()

    def _on_found(self, trouble: PrintTrouble) -> None:
        newly_stuck = [job for job in trouble.stuck if job.key not in self._stuck]
        if newly_stuck:
            self._tell(_stuck_text(newly_stuck[0]), Tone.BAD)
        elif trouble.waiting is not None and not self._is_waiting:
            words = stored(trouble.waiting.last_words)
            text = tr("{number} waits for the printer. {words}", number=trouble.waiting.number, words=words)
            self._tell(text, Tone.WARN)
        self._stuck = frozenset(job.key for job in trouble.stuck)
        self._is_waiting = trouble.waiting is not None

    def _tell(self, text: str, tone: Tone) -> None:
        navigation = self._context.navigation
        navigation.notify(text, tone=tone, stays=True, action=NoticeAction(tr("Show"), navigation.show_prints))


def _stuck_text(job: DocumentPrint) -> str:
    words = stored(job.last_words)
    if job.state is PrintState.UNCLEAR:
        return tr("It is unclear whether {number} was printed. {words}", number=job.number, words=words)
    return tr("{number} was not printed. {words}", number=job.number, words=words)
