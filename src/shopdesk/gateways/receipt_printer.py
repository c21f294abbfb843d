"""Printing on a receipt printer: the slip as a picture, the cash drawer, the status.

A slip counts as printed only if the printer answers that it is in order, before the first byte and after the last.
Until the first byte leaves a job may be repeated; from then on only a person can know what is on paper.
"""

from __future__ import annotations

import sys
import time

from shopdesk.domain.errors import Unavailable, sentence_of
from shopdesk.domain.printer import (
    Connection,
    Picture,
    PrinterState,
    PrinterStatus,
    PrintOutcome,
    PrintResult,
    ReceiptPrinter,
    SubmissionUnclear,
)
from shopdesk.domain.sentence import Sentence, joined, sentence
from shopdesk.gateways import printer_commands as commands
from shopdesk.gateways import printer_transports
from shopdesk.gateways.printer_transports import Transport

if sys.platform == "win32":
    from shopdesk.gateways import windows_spooler as spooler
else:
    from shopdesk.gateways import print_queue as spooler

_ANSWER_SECONDS = 1.0
"""The longest wait for an answer: printers answer these questions at once, whatever they do."""
_LAST_ANSWER_SECONDS = 10.0
"""The longest wait after the last byte, as some take the question only when they have printed what came before."""


def print_picture(printer: ReceiptPrinter, picture: Picture, *, title: str, kick_drawer: bool = False) -> PrintResult:
    """Print a slip and cut it; open the drawer first if ``kick_drawer``. ``title`` names the job in a queue.

    Raise nothing that a printer can cause: the result says it.
    """
    data = commands.slip(picture, has_cutter=printer.has_cutter, kicks=printer.drawer if kick_drawer else 0)
    if printer.address.connection is Connection.QUEUE:
        return _queued(printer.address.target, data, title)
    try:
        with printer_transports.opened(printer.address) as transport:
            return _print(transport, data)
    except Unavailable as error:
        return PrintResult(PrintOutcome.FAILED, sentence_of(error))


def kick_drawer(printer: ReceiptPrinter) -> PrintResult:
    """Open the cash drawer; no printer says whether it opened. The result is FAILED if there is no drawer."""
    if not printer.drawer:
        return PrintResult(PrintOutcome.FAILED, sentence("No cash drawer is set for this till."))
    data = commands.drawer(printer.drawer)
    if printer.address.connection is Connection.QUEUE:
        return _queued(printer.address.target, data, "drawer")
    try:
        with printer_transports.opened(printer.address) as transport:
            transport.send(data)
    except Unavailable as error:
        return PrintResult(PrintOutcome.FAILED, sentence_of(error))
    except OSError as error:
        return PrintResult(PrintOutcome.UNCLEAR, _broken_off(error))
    return PrintResult(PrintOutcome.GIVEN, sentence("The cash drawer was told to open."))


def status(printer: ReceiptPrinter) -> PrinterStatus:
    """Return the status of a printer; takes some seconds if it does not answer."""
    try:
        if printer.address.connection is Connection.QUEUE:
            return spooler.status(printer.address.target)
        with printer_transports.opened(printer.address) as transport:
            return _status(transport, _ANSWER_SECONDS)
    except (Unavailable, OSError) as error:
        return PrinterStatus(PrinterState.UNREACHABLE, sentence_of(error))


def _print(transport: Transport, data: bytes) -> PrintResult:
    """Send the bytes of a slip; ask for the status before and after."""
    try:
        before = _status(transport, _ANSWER_SECONDS)
    except OSError as error:
        return PrintResult(PrintOutcome.FAILED, _broken_off(error))
    if before.is_fault:
        return PrintResult(PrintOutcome.FAILED, before.words)
    seconds = _ANSWER_SECONDS if before.state is PrinterState.SILENT else _LAST_ANSWER_SECONDS
    try:
        transport.send(data)
        return _result(before, _status(transport, seconds))
    except OSError as error:
        return _unclear(_broken_off(error))


def _queued(queue: str, data: bytes, title: str) -> PrintResult:
    try:
        job = spooler.submit_raw(queue, data, title=title)
    except SubmissionUnclear as error:
        return _unclear(error.what)
    except Unavailable as error:
        return PrintResult(PrintOutcome.FAILED, sentence_of(error))
    return PrintResult(PrintOutcome.GIVEN, sentence("It was given to the print queue {name}.", name=queue), job)


def _result(before: PrinterStatus, after: PrinterStatus) -> PrintResult:
    if after.is_fault:
        return _unclear(after.words)
    if before.state is PrinterState.SILENT:
        return PrintResult(PrintOutcome.GIVEN, sentence("It was sent to the printer, which does not tell its status."))
    if after.state is PrinterState.SILENT:
        return _unclear(sentence("The printer stopped answering."))
    return PrintResult(PrintOutcome.PRINTED, sentence("Printed."))


def _broken_off(error: OSError) -> Sentence:
    if isinstance(error, TimeoutError):
        return sentence("The printer stopped taking data.")
    return sentence("The connection to the printer broke off.")


def _unclear(words: Sentence) -> PrintResult:
    advice = sentence("Look whether the slip is complete before you print it again.")
    return PrintResult(PrintOutcome.UNCLEAR, joined((words, advice)))


def _status(transport: Transport, seconds: float) -> PrinterStatus:
    """Ask the printer and its paper. Raise OSError if it has gone."""
    printer = _answer(transport, commands.ASK_PRINTER, seconds)
    if printer is None:
        return PrinterStatus(PrinterState.SILENT)
    paper = _answer(transport, commands.ASK_PAPER, seconds)
    if paper is None:
        return PrinterStatus(PrinterState.SILENT)
    if paper & commands.IS_PAPER_OUT:
        return PrinterStatus(PrinterState.PAPER_OUT)
    if printer & commands.IS_OFFLINE:
        cause = _answer(transport, commands.ASK_CAUSE, seconds) or 0
        is_open = cause & commands.IS_COVER_OPEN
        return PrinterStatus(PrinterState.COVER_OPEN if is_open else PrinterState.OFFLINE)
    return PrinterStatus(PrinterState.PAPER_LOW if paper & commands.IS_PAPER_LOW else PrinterState.READY)


def _answer(transport: Transport, question: bytes, seconds: float) -> int | None:
    """Return the answer to a question, or None if none comes; other bytes, such as automatic status, are skipped."""
    transport.receive(0.0)
    transport.send(question)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for byte in transport.receive(left):
            if commands.is_answer(byte):
                return byte
    return None
