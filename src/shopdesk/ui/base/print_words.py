"""Prints in words: what became of one, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shopdesk.domain.print_job import DocumentPrint, PrintState
from shopdesk.domain.printer import PaperChoice
from shopdesk.message_catalogues import Marked, mark
from shopdesk.ui.base.i18n import StatusLook, stored, tr, tr_marked
from shopdesk.ui.base.tokens import Tone

PRINT_STATES: Mapping[PrintState, tuple[Marked, str, Tone]] = MappingProxyType(
    {
        PrintState.QUEUED: (mark("queued"), "waiting", Tone.SOFT),
        PrintState.SENDING: (mark("printing"), "print", Tone.SOFT),
        PrintState.PRINTED: (mark("printed"), "good", Tone.GOOD),
        PrintState.GIVEN: (mark("given to the printer"), "good", Tone.SOFT),
        PrintState.UNCLEAR: (mark("unclear"), "unknown", Tone.WARN),
        PrintState.FAILED: (mark("failed"), "bad", Tone.BAD),
        PrintState.WITHDRAWN: (mark("withdrawn"), "voided", Tone.SOFT),
    }
)


def print_state(which: PrintState) -> StatusLook:
    """Return the look of a print's state."""
    word, icon, tone = PRINT_STATES[which]
    return StatusLook(tr_marked(word), icon, tone)


def paper_name(paper: PaperChoice) -> str:
    """Return the name of a paper."""
    return tr("Roll") if paper is PaperChoice.ROLL else tr("A4 sheet")


def copy_name(job: DocumentPrint) -> str:
    """Return which copy a print is: “Original”, “Copy 2”."""
    return tr("Copy {count}", count=job.copy) if job.copy else tr("Original")


def explained(job: DocumentPrint) -> str:
    """Return what a print's state means for the cashier, and the printer's own words."""
    said = {
        PrintState.QUEUED: tr("It is printed as soon as the printer can.") if job.attempts else "",
        PrintState.UNCLEAR: tr("Look at the paper: it may be printed, in part or whole."),
    }.get(job.state, "")
    words = "" if job.state is PrintState.PRINTED else stored(job.last_words)
    return " ".join(filter(None, (words, said)))
