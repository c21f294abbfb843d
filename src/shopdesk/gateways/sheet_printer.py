"""Printing of a PDF on sheets by a queue of CUPS, without a dialog: the size is named, the job is followed to its end.

Not on Windows: there Qt prints (``ui/output/printing.py``), and no job is followed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from shopdesk.domain.errors import Refused
from shopdesk.domain.printer import PrintOutcome, PrintResult
from shopdesk.domain.sentence import NOTHING, Sentence, joined, sentence, verbatim
from shopdesk.gateways import ipp, print_queue

A4 = "iso_a4_210x297mm"
"""The size of sheets by its name in IPP (PWG 5101.1)."""
_CLOCKS_DIFFER_SECONDS = 120
_CANCELLED, _ABORTED, _COMPLETED = 7, 8, 9
"""States of a job (RFC 8011, 5.3.7); the lower ones are of open jobs."""
_NOT_ADDED = "Unable to add document"
"""The words of a completed job whose printer refused the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetJob:
    """A job in a queue; ``submitted_at`` in seconds since 1970.

    A server that lost its power may give a number again. So title and time tell whether a job is this one.
    """

    queue: str
    number: int
    title: str
    submitted_at: int


def submit(queue: str, pdf: bytes, *, title: str, size: str = A4, copies: int = 1) -> SheetJob:
    """Give a PDF to a queue (an empty name is the default one). ``size`` is that of its pages, such as ``A4``.

    Raise Refused if the printer is for receipts or has no such paper, Unavailable if the queue does not take the job.
    """
    name = queue or _default_queue()
    found = ipp.ask(ipp.GET_PRINTER_ATTRIBUTES, f"printers/{name}", ("media-supported", "printer-make-and-model"))
    sizes = found[0].get("media-supported", ()) if found else ()
    if found and not sizes:
        raise Refused(sentence("{name} passes data as it is, to a receipt printer: it cannot print a PDF.", name=name))
    if found and size not in sizes:
        raise Refused(
            sentence(
                "{name} has no paper of the size {size}. It has: {sizes}.",
                name=name,
                size=_readable(size),
                sizes=tuple(sorted({_readable(str(each)) for each in sizes})),
            )
        )
    options = (f"media={size}", f"copies={copies}")
    number = print_queue.submit(name, pdf, title=title, options=options)
    return SheetJob(queue=name, number=number, title=title, submitted_at=round(time.time()))


def state_of(job: SheetJob) -> PrintResult | None:
    """Return the end of a job, or None while it is open. Raise Unavailable if there is no print server.

    A queue knows that bytes left it, not that they are on paper: the best end is GIVEN.
    """
    wanted = ("job-state", "job-name", "time-at-creation", "job-printer-state-message")
    found = ipp.ask(ipp.GET_JOB_ATTRIBUTES, f"jobs/{job.number}", wanted)
    if not found or not _is_same(job, found[0]):
        return PrintResult(
            PrintOutcome.UNCLEAR, sentence("The print server does not know this job any more."), job.number
        )
    state = print_queue.first(found[0], "job-state", 0)
    words = str(print_queue.first(found[0], "job-printer-state-message", ""))
    if state < _CANCELLED:
        return None
    return PrintResult(*_end(state, words), job.number)


def _end(state: int, words: str) -> tuple[PrintOutcome, Sentence]:
    last = sentence("Last word of the queue: {words}", words=verbatim(words)) if words else NOTHING
    if state == _COMPLETED and words.startswith(_NOT_ADDED):
        return PrintOutcome.FAILED, joined((sentence("The printer refused the document."), last))
    if state == _COMPLETED:
        return PrintOutcome.GIVEN, sentence("The print queue has sent it to the printer.")
    said = {
        _CANCELLED: sentence("The job was cancelled in the print queue."),
        _ABORTED: sentence("The print queue gave the job up."),
    }[state]
    return PrintOutcome.UNCLEAR, joined((said, last))


def _is_same(job: SheetJob, found: ipp.Attributes) -> bool:
    made_at: int = print_queue.first(found, "time-at-creation", 0)
    is_named: bool = print_queue.first(found, "job-name", "") == job.title
    return is_named and abs(made_at - job.submitted_at) <= _CLOCKS_DIFFER_SECONDS


def _default_queue() -> str:
    found = ipp.ask(ipp.GET_DEFAULT, wanted=("printer-name",))
    if not found:
        raise Refused(sentence("This computer has no default printer. Choose one in Settings, Printer."))
    return str(print_queue.first(found[0], "printer-name", ""))


def _readable(size: str) -> str:
    """Return the name of a size for people: “A4” of “iso_a4_210x297mm”, “Letter” of “na_letter_8.5x11in”."""
    parts = size.split("_")
    return parts[1].capitalize() if len(parts) == 3 else size
