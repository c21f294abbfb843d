"""Prints of documents at a till, from queued to what the printer says of the last byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shopdesk.domain.document import Action, Document, PaperForm
from shopdesk.domain.printer import AutoPrint, PaperChoice, PrintOutcome

ASKED_AT_ISSUE = "print"
"""The part of the journal's detail of an issued or corrected document that is printed at once. It is stored."""
ASKED_TWICE = "print twice"
"""The same with a second slip, which is a copy. It is stored."""
COPY = "copy"
"""The beginning of the journal's detail of a copy: “copy 2”. It is stored."""


class PrintState(StrEnum):
    """The state of a print.

    ``SENDING`` begins before the first byte leaves: a program that ends in it leaves the print ``UNCLEAR``. Only
    ``QUEUED`` is printed without a person. ``GIVEN`` means that all bytes were given away, ``WITHDRAWN`` that it is
    not needed any more: a cashier said so, or the document changed before.
    """

    QUEUED = "queued"
    SENDING = "sending"
    PRINTED = "printed"
    GIVEN = "given"
    UNCLEAR = "unclear"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


OVERTAKES_PRINTS = frozenset({Action.AMEND, Action.VOID, Action.CREDIT})
"""The actions on a document after which a print of what it was is not wanted any more."""
STUCK = frozenset({PrintState.FAILED, PrintState.UNCLEAR})
"""The states in which a person has to look, until the print is ended."""
STATE_AFTER = {
    PrintOutcome.PRINTED: PrintState.PRINTED,
    PrintOutcome.GIVEN: PrintState.GIVEN,
    PrintOutcome.UNCLEAR: PrintState.UNCLEAR,
    PrintOutcome.FAILED: PrintState.QUEUED,
}
"""The state after an attempt: nothing was printed by one that failed, so it may be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRequest:
    """The print that is wanted of a document when it is saved."""

    paper: PaperChoice
    has_second_slip: bool = False
    only_without_email: bool = False

    def is_for(self, document: Document) -> bool:
        """Return True if this document is to be printed."""
        return not (self.only_without_email and document.buyer.email)

    @property
    def count(self) -> int:
        """The number of slips or sheets; the second is a copy."""
        return 2 if self.has_second_slip else 1

    @property
    def detail(self) -> str:
        """The words of the journal for it."""
        return ASKED_TWICE if self.has_second_slip else ASKED_AT_ISSUE


def request_at_save(*, auto: AutoPrint, paper: PaperChoice, has_second_slip: bool) -> PrintRequest | None:
    """Return the print to ask for together with Save, by a till's setting for such documents; None for none yet."""
    if auto not in {AutoPrint.ALWAYS, AutoPrint.NO_EMAIL}:
        return None
    return PrintRequest(
        paper=paper,
        has_second_slip=has_second_slip,
        only_without_email=auto is AutoPrint.NO_EMAIL,
    )


def count_prints(history: Iterable[tuple[Action, str]]) -> int:
    """Return how often a document was printed, or asked to be, by its actions in the journal and their details.

    The oldest action is first. A correction makes another paper, whose first print is no copy. Other forms than the
    document itself do not count.
    """
    count = 0
    for act, detail in history:
        if act is Action.AMEND:
            count = 0
        if act is Action.PRINT:
            count += detail not in _OTHER_FORMS
        else:
            count += _AT_SAVE.get(detail.rpartition(", ")[2], 0)
    return count


_OTHER_FORMS = frozenset(form.value for form in PaperForm if form is not PaperForm.ORIGINAL)
_AT_SAVE = {ASKED_AT_ISSUE: 1, ASKED_TWICE: 2}


def print_detail(form: PaperForm, copy: int) -> str:
    """Return the journal's detail of a print: the form, or which copy it is; empty for the first of the original."""
    if form is not PaperForm.ORIGINAL:
        return form.value
    return f"{COPY} {copy}" if copy else ""


@dataclass(frozen=True, slots=True)
class QueueJob:
    """A job of a queue of the system: its number is given again, so the queue's name and the time belong to it."""

    queue: str
    number: int
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPrint:
    """One print of a document at its till. ``copy`` is 0 for an original, else n of “COPY n”.

    ``queue_job`` is that of the system's queue, for a sheet. ``ended_at`` is None while anything may still follow, by
    itself or by a person who has to look.
    """

    key: UUID
    document_key: UUID
    till_key: UUID
    number: str
    form: PaperForm
    paper: PaperChoice
    copy: int
    state: PrintState
    attempts: int
    last_words: str
    queue_job: QueueJob | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def title(self) -> str:
        """The name of the print at the printer and in its queue: the number, and which copy it is."""
        return f"{self.number} {COPY} {self.copy}" if self.copy else self.number

    @property
    def is_stuck(self) -> bool:
        """True if a person has to look: it failed, or it is unclear what is on paper."""
        return self.ended_at is None and self.state in STUCK

    @property
    def waits(self) -> bool:
        """True if no printer took it so far: it was tried, and is tried again."""
        return self.state is PrintState.QUEUED and self.attempts > 0

    @property
    def printed_nothing(self) -> bool:
        """True if it may go again as it is: no byte of it has left."""
        return self.queue_job is None and self.state in {PrintState.QUEUED, PrintState.FAILED}


MOST_ATTEMPTS = 120
"""The attempts after which a print that finds no printer fails: an hour or so. No customer waits that long."""
_LONGEST_WAIT = timedelta(seconds=30)


def wait_after(attempts: int) -> timedelta:
    """Return the wait until a printer is tried again after so many attempts: 2, 4, 8 … at most 30 seconds."""
    return min(_LONGEST_WAIT, timedelta(seconds=2 ** min(attempts, 5)))
