"""Print queues of CUPS: which there are, a job for one, and what became of it. Bytes go by its own command “lp”."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.printer import PrinterState, PrinterStatus, SubmissionUnclear
from shopdesk.domain.sentence import Sentence, sentence, verbatim
from shopdesk.gateways import ipp

_SECONDS = 15.0
"""The longest time that a command may take: a server in the network may be asked."""
_SUBMITTED = re.compile(r"request id is \S+-(\d+) ")
_RAW = "Raw Printer"
"""The end of the model of a queue that passes bytes as they are; it is made without a model."""
_ABORTS = "abort-job"
_IDLE, _STOPPED = 3, 5
_REASONS = (
    ("media-empty", PrinterState.PAPER_OUT),
    ("media-needed", PrinterState.PAPER_OUT),
    ("cover-open", PrinterState.COVER_OPEN),
    ("door-open", PrinterState.COVER_OPEN),
    ("offline", PrinterState.OFFLINE),
    ("media-low", PrinterState.PAPER_LOW),
)
"""The reasons of a printer's state (RFC 8011, 5.4.12), the worst first; each may end in -error, -warning or -report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintQueue:
    """A queue of this computer: ``is_raw`` if it passes bytes as they are, as receipt printers need it.

    ``repeats`` if it sends a job again from its first byte when it broke off: a slip may come out twice.
    """

    name: str
    is_raw: bool
    repeats: bool
    status: PrinterStatus


def queues() -> list[PrintQueue]:
    """Return the queues of this computer. Raise Unavailable if there is no print server."""
    wanted = ("printer-name", "printer-make-and-model", "printer-error-policy", *_STATE)
    return [_queue(found) for found in ipp.ask(ipp.GET_PRINTERS, wanted=wanted)]


def status(name: str) -> PrinterStatus:
    """Return the status of a queue, and of its printer as far as the queue knows it. Raise Unavailable if none is."""
    found = ipp.ask(ipp.GET_PRINTER_ATTRIBUTES, f"printers/{name}", _STATE)
    return _status(found[0]) if found else PrinterStatus(PrinterState.UNREACHABLE, _missing(name))


def submit(name: str, data: bytes, *, title: str, options: tuple[str, ...] = ()) -> int:
    """Give a file to a queue and return the number of its job.

    ``options`` are those of “lp -o”, such as “raw” or “media=iso_a4_210x297mm”. Raise Unavailable if the queue does not
    take it, SubmissionUnclear if it may have taken it.
    """
    chosen = [part for option in options for part in ("-o", option)]
    said = _run("lp", "-d", name, "-t", title, *chosen, "--", "-", data=data)
    number = _SUBMITTED.search(said)
    if number is None:
        raise SubmissionUnclear(sentence("The print queue answered: {words}", words=verbatim(said.strip())))
    return int(number[1])


def submit_raw(name: str, data: bytes, *, title: str) -> int:
    """Give bytes for a receipt printer to a queue, as they are; return the number of the job. Raise Unavailable."""
    return submit(name, data, title=title, options=("raw",))


_STATE = ("printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs")


def _queue(found: ipp.Attributes) -> PrintQueue:
    return PrintQueue(
        name=first(found, "printer-name", ""),
        is_raw=str(first(found, "printer-make-and-model", "")).endswith(_RAW),
        repeats=first(found, "printer-error-policy", _ABORTS) != _ABORTS,
        status=_status(found),
    )


def _status(found: ipp.Attributes) -> PrinterStatus:
    reasons = " ".join(map(str, found.get("printer-state-reasons", ())))
    if first(found, "printer-state", _IDLE) == _IDLE:
        reasons = ""  # those of the last job, which may have been cancelled: WORKAROUND(findings/cups_reason_stays.sh)
    for reason, state in _REASONS:
        if reason in reasons:
            return PrinterStatus(state)
    if first(found, "printer-state", _IDLE) == _STOPPED or not first(found, "printer-is-accepting-jobs", 1):
        words = verbatim(str(first(found, "printer-state-message", "")) or reasons)
        return PrinterStatus(PrinterState.OFFLINE, sentence("The print queue is stopped: {reason}.", reason=words))
    return PrinterStatus(PrinterState.READY, sentence("The print queue is ready."))


def first(found: ipp.Attributes, name: str, otherwise: Any) -> Any:
    """Return the first value of an attribute, or another value if there is none."""
    return next(iter(found.get(name, ())), otherwise)


def _missing(name: str) -> Sentence:
    return sentence("There is no print queue {name}.", name=name)


def _run(*command: str, data: bytes = b"") -> str:
    """Run a command of CUPS in English and return what it prints. Raise Unavailable with its words if it fails."""
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False, env=environ)
    except FileNotFoundError:
        raise Unavailable(
            sentence("The command {name} is missing.", name=command[0]),
            advice=sentence("Install the printing system CUPS (package {package}).", package="cups-client"),
        ) from None
    except subprocess.TimeoutExpired:
        raise SubmissionUnclear(sentence("The print server does not answer.")) from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().removeprefix(f"{command[0]}: ")
        raise Unavailable(sentence("The print queue answered: {words}", words=verbatim(words)))
    return done.stdout.decode(errors="replace")
