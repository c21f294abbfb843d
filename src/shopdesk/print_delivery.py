"""Printing of the till's print jobs: makes the picture or the PDF, claims the job, sends it, records what became of it.

Until a job is claimed nothing of it has left, so a program that ends then prints it at the next start. From the claim
on only a person can know what is on paper: a job that is found claimed by a program that has ended is unclear, and is
never repeated by itself. No printer is asked inside a transaction.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias
from uuid import UUID

from shopdesk.delivery import AFTER_TROUBLE, DATABASE_AWAY, LONGEST_NAP, RepeatingThread
from shopdesk.domain.errors import Refused, Unavailable, sentence_of
from shopdesk.domain.paper_layout import USUAL_DOTS
from shopdesk.domain.print_job import MOST_ATTEMPTS, STATE_AFTER, DocumentPrint, PrintState, QueueJob, wait_after
from shopdesk.domain.printer import PaperChoice, Picture, PrintOutcome, PrintResult, SubmissionUnclear
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.row_keys import new_key
from shopdesk.store import documents, print_jobs
from shopdesk.store.database import Database
from shopdesk.store.session import Session

_log = logging.getLogger(__name__)

_BETWEEN_LOOKS = timedelta(seconds=2)
"""The interval of asking a queue of the system for a sheet."""
_FOLLOWED_FOR = timedelta(minutes=10)
_TABLE = frozenset({"print_jobs"})


@dataclass(frozen=True, slots=True)
class SlipPrinter:
    """A receipt printer: the width of its print head in dots, and functions that print a slip and open the drawer.

    ``queue`` is the name of its queue of the system, if it is behind one.
    """

    width: int
    print: Callable[[Picture, str], PrintResult]
    kick: Callable[[], PrintResult]
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Printers:
    """The printers of a till; None where none is set.

    ``submit_sheet`` gives a PDF with a title to a queue of the system. It raises Refused if that printer never takes
    it, Unavailable if it may be tried again. ``state_of`` returns what a queue says of its job of this title, None
    while the job is on its way; it raises Unavailable if the queue cannot be asked.
    """

    slips: SlipPrinter | None = None
    submit_sheet: Callable[[bytes, str], QueueJob] | None = None
    state_of: Callable[[QueueJob, str], PrintResult | None] | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The result of an attempt. ``is_final``: another one would end as this one did."""

    result: PrintResult
    place: QueueJob | None = None
    is_final: bool = False


_Send: TypeAlias = Callable[[], _Attempt]


@dataclass
class TillPrinting:
    """The printing of a till by one worker, with its state between two prints.

    ``paused`` are the papers whose printer could not print, with the time to try again: all its jobs wait.
    """

    database: Database
    till_key: UUID
    worker: UUID = field(default_factory=new_key)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    paused: dict[PaperChoice, datetime] = field(default_factory=dict)
    unrecorded: Callable[[], object] | None = None

    def release(self) -> int:
        """Call unclear what an earlier program of the till left while it was printing; return how many."""
        with self.database.sessions.begin() as session:
            return print_jobs.release(session, self.till_key, worker=self.worker)

    def print_next(self, printers: Printers, changed: Callable[[], object] = lambda: None) -> PrintState | None:
        """Print the next job that may go; return its new state, or None if there is none.

        ``changed`` is called when the job is claimed.
        """
        self.finish_record()
        with self.database.reads() as session:
            job = print_jobs.next_queued(session, self.till_key, self._ready_papers())
        if job is None:
            return None
        send = self._prepared(job, printers)
        if not self._claim(job):
            return PrintState.WITHDRAWN
        changed()
        attempt = send()
        return self._record(job, attempt.result, self._state_after(job, attempt), attempt.place)

    def follow(self, printers: Printers) -> bool:
        """Record what queues of the system say of their jobs. Return True if any is still on its way."""
        with self.database.reads() as session:
            jobs = print_jobs.followed(session, self.till_key)
        on_their_way = [self._is_on_its_way(job, printers) for job in jobs]
        return any(on_their_way)

    def next_at(self) -> datetime | None:
        """Return the time at which a paused printer is tried again, or None."""
        return min(self.paused.values(), default=None)

    def finish_record(self) -> None:
        """Record the last result, if the database was not reachable before."""
        if self.unrecorded is not None:
            self.unrecorded()
            self.unrecorded = None

    def _ready_papers(self) -> list[PaperChoice]:
        now = self.now()
        return [paper for paper in PaperChoice if (until := self.paused.get(paper)) is None or until <= now]

    def _prepared(self, job: DocumentPrint, printers: Printers) -> _Send:
        """Return the function that sends a job. All else is done here, before the claim."""
        try:
            if job.paper is PaperChoice.ROLL and printers.slips is not None:
                queue = printers.slips.queue if printers.state_of is not None else ""
                picture = self._picture(job, printers.slips.width)
                return partial(self._print_slip, job, printers.slips, picture, queue)
            if job.paper is PaperChoice.A4 and printers.submit_sheet is not None:
                return partial(_submit, job, printers.submit_sheet, self._pdf(job))
        except DATABASE_AWAY:
            raise
        except Exception as error:
            _log.exception("print %s could not be prepared", job.key)
            words = _internal(error)
        else:
            words = _NO_SLIPS if job.paper is PaperChoice.ROLL else _NO_SHEETS
        failed = _Attempt(PrintResult(PrintOutcome.FAILED, words), is_final=True)
        return lambda: failed

    def _claim(self, job: DocumentPrint) -> bool:
        """Claim a job. If the database's answer is lost, the job is queued again later: nothing of it has left."""
        self.unrecorded = self._recording(job, PrintResult(PrintOutcome.FAILED, _NO_DATABASE), PrintState.QUEUED)
        with self.database.sessions.begin() as session:
            is_mine = print_jobs.claim(session, job.key, worker=self.worker)
        self.unrecorded = None
        return is_mine

    def _print_slip(self, job: DocumentPrint, printer: SlipPrinter, picture: Picture, queue: str) -> _Attempt:
        """Print a slip; an unexpected error leaves it unclear. ``queue`` is the one that tells more of it, if any."""
        try:
            result = printer.print(picture, job.title)
        except Exception as error:
            return _broken(job, error)
        place = QueueJob(queue, result.job, self.now()) if queue and result.job is not None else None
        return _Attempt(result, place)

    def _picture(self, job: DocumentPrint, width: int) -> Picture:
        from shopdesk.render import receipt_picture

        return receipt_picture.picture(self._pdf(job, dots=width), width=width)

    def _pdf(self, job: DocumentPrint, *, dots: int = USUAL_DOTS) -> bytes:
        from shopdesk.render import receipt_pdf

        with self.database.reads() as session:
            document = print_jobs.content(session, job.key)
            numbers = documents.related_numbers(session, document)
        paper = receipt_pdf.PaperSize.A4 if job.paper is PaperChoice.A4 else receipt_pdf.PaperSize.ROLL_80
        return receipt_pdf.receipt(document, paper=paper, form=job.form, copy=job.copy, numbers=numbers, dots=dots)

    def _state_after(self, job: DocumentPrint, attempt: _Attempt) -> PrintState:
        """Return the new state of a job; pause its printer if nothing was printed."""
        if attempt.result.outcome is not PrintOutcome.FAILED:
            self.paused.pop(job.paper, None)
            return STATE_AFTER[attempt.result.outcome]
        attempts = job.attempts + 1
        if attempt.is_final or attempts >= MOST_ATTEMPTS:
            return PrintState.FAILED
        self.paused[job.paper] = self.now() + wait_after(attempts)
        return PrintState.QUEUED

    def _record(
        self, job: DocumentPrint, result: PrintResult, state: PrintState, place: QueueJob | None = None
    ) -> PrintState:
        self.unrecorded = self._recording(job, result, state, place)
        self.finish_record()
        return state

    def _recording(
        self, job: DocumentPrint, result: PrintResult, state: PrintState, place: QueueJob | None = None
    ) -> Callable[[], object]:
        """Return the call that stores what became of a job."""
        ended = partial(
            print_jobs.record_result,
            key=job.key,
            worker=self.worker,
            state=state,
            words=str(result.words),
            at=self.now(),
            queue_job=place,
            is_followed=place is not None,
        )
        return lambda: self.database.sessions.run(ended)

    def _is_on_its_way(self, job: DocumentPrint, printers: Printers) -> bool:
        place = job.queue_job
        if place is None:
            return False
        try:
            result = printers.state_of(place, job.title) if printers.state_of is not None else None
        except Unavailable:
            result = None
        if result is None and self.now() - place.submitted_at < _FOLLOWED_FOR:
            return True
        result = result or PrintResult(PrintOutcome.GIVEN, _STILL_IN_QUEUE.filled(queue=place.queue))
        is_failed = result.outcome is PrintOutcome.FAILED  # of what was given away: a person decides
        self._record(job, result, PrintState.FAILED if is_failed else STATE_AFTER[result.outcome])
        return False


_NO_SLIPS = sentence("No receipt printer is set for this till.")
_NO_SHEETS = sentence("No printer for A4 is set for this till.")
_NO_DATABASE = sentence("The database did not answer.")
_STILL_IN_QUEUE = sentence("The queue {queue} has not said what became of it.")


def _submit(job: DocumentPrint, submit: Callable[[bytes, str], QueueJob], pdf: bytes) -> _Attempt:
    """Give a sheet to its queue; an unexpected error leaves it unclear."""
    try:
        place = submit(pdf, job.title)
    except SubmissionUnclear as error:
        return _Attempt(PrintResult(PrintOutcome.UNCLEAR, error.what))
    except (Refused, Unavailable) as error:
        failed = PrintResult(PrintOutcome.FAILED, sentence_of(error))
        return _Attempt(failed, is_final=isinstance(error, Refused) or error.final)
    except Exception as error:
        return _broken(job, error)
    given = sentence("It was given to the print queue {name}.", name=place.queue)
    return _Attempt(PrintResult(PrintOutcome.GIVEN, given), place)


def _broken(job: DocumentPrint, error: Exception) -> _Attempt:
    _log.error("print %s ended unexpectedly", job.key, exc_info=error)
    return _Attempt(PrintResult(PrintOutcome.UNCLEAR, _internal(error)))


def _internal(error: Exception) -> Sentence:
    return sentence("Internal error in shopdesk: {name}.", name=type(error).__name__)


class PrintDelivery(RepeatingThread):
    """The thread that prints the jobs of this program's till and opens its drawer.

    ``till`` returns the key of the till, None before it is registered; ``printers`` is called before each round;
    ``changed`` and ``troubled`` are called on this thread and must return at once.
    """

    def __init__(
        self,
        database: Database,
        *,
        till: Callable[[Session], UUID | None],
        printers: Callable[[], Printers],
        changed: Callable[[frozenset[str]], object],
        troubled: Callable[[Exception], object],
    ) -> None:
        super().__init__("printing", troubled=troubled, after_trouble=AFTER_TROUBLE)
        self._database = database
        self._till = till
        self._printers = printers
        self._changed = changed
        self._printing: TillPrinting | None = None
        self._kicks = threading.Semaphore(0)
        self._resumes_seen = 0

    def open_drawer(self) -> None:
        """Open the cash drawer, before the next print."""
        self._kicks.release()
        self._wake.set()

    def _round(self) -> timedelta:
        """Print all that may go; return the time until the next look."""
        printers = self._printers()
        self._kick(printers)
        printing = self._at_till()
        if printing is None:
            return LONGEST_NAP
        if self._resumes_seen != (resumed := self._resumed):
            self._resumes_seen = resumed
            printing.paused.clear()
        announce = partial(self._changed, _TABLE)
        while not self._is_stopping and printing.print_next(printers, announce) is not None:
            announce()
            self._kick(printers)
        if printing.follow(printers):
            return _BETWEEN_LOOKS
        at = printing.next_at()
        return LONGEST_NAP if at is None else max(timedelta(0), min(LONGEST_NAP, at - datetime.now(UTC)))

    def _at_till(self) -> TillPrinting | None:
        """Return the printing of the till that the settings name; call unclear what an earlier program left there."""
        with self._database.reads() as session:
            key = self._till(session)
        if key is None or (self._printing is not None and self._printing.till_key == key):
            return self._printing if key is not None else None
        printing = TillPrinting(self._database, key)
        if printing.release():
            self._changed(_TABLE)
        self._printing = printing
        return printing

    def _kick(self, printers: Printers) -> None:
        """Open the drawer as often as it was asked for."""
        while self._kicks.acquire(blocking=False):
            if printers.slips is None:
                words = _NO_SLIPS
            else:
                result = printers.slips.kick()
                if result.outcome is not PrintOutcome.FAILED:
                    continue
                words = result.words
            self._troubled(Unavailable(sentence("The cash drawer was not opened: {why}", why=words)))
