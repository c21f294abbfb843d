"""A real print server: what a queue is given arrives, and its words say no more than it knows."""

import pytest

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.printer import (
    Connection,
    Picture,
    PrinterAddress,
    PrinterState,
    PrintOutcome,
    ReceiptPrinter,
)
from shopdesk.gateways import ipp, print_queue, receipt_printer, sheet_printer
from shopdesk.gateways.sheet_printer import SheetJob
from support.print_server import PrintServer

_PDF = b"%PDF-1.4 stands for a document"
_SLIPS = ReceiptPrinter(address=PrinterAddress(Connection.QUEUE, "Slips"), width=64, drawer=2)


def _ended(print_server: PrintServer, job: SheetJob) -> tuple[PrintOutcome, str]:
    print_server.until(lambda: sheet_printer.state_of(job) is not None)
    result = sheet_printer.state_of(job)
    assert result is not None
    return result.outcome, result.words


def _has_ended(number: int) -> bool:
    return ipp.ask(ipp.GET_JOB_ATTRIBUTES, f"jobs/{number}", ("job-state",))[0]["job-state"][0] in (7, 8, 9)


def test_a_queue_is_given_a_slip_as_it_is(print_server: PrintServer) -> None:
    picture = Picture(64, 100, bytes(range(200)) * 4)
    result = receipt_printer.print_picture(_SLIPS, picture, title="Ż-1 “Müller”", kick_drawer=True)
    assert (result.outcome, result.words) == (PrintOutcome.GIVEN, "It was given to the print queue Slips.")
    assert result.job is not None
    number = result.job
    print_server.until(lambda: _has_ended(number))
    printed = print_server.printed(number)
    assert printed.startswith(b"\x1b@\x1bp\x00\x32\x32\x1dv0\x00\x08\x00\x64\x00" + picture.rows)
    assert printed.endswith(b"\x1dV\x01")
    named = ipp.ask(ipp.GET_JOB_ATTRIBUTES, f"jobs/{number}", ("job-name",))
    assert named[0]["job-name"] == ["Ż-1 “Müller”"]


def test_a_queue_that_is_not_there_takes_nothing(print_server: PrintServer) -> None:
    gone = ReceiptPrinter(address=PrinterAddress(Connection.QUEUE, "Gone"), width=64)
    result = receipt_printer.print_picture(gone, Picture(64, 1, bytes(8)), title="R-1")
    assert result.outcome is PrintOutcome.FAILED
    assert result.words == "The print queue answered: Error - The printer or class does not exist."
    assert receipt_printer.status(gone).words == "There is no print queue Gone."


def test_queues_tell_what_they_are(print_server: PrintServer) -> None:
    print_server.run("lpadmin", "-p", "Letters", "-o", "printer-error-policy=retry-job")
    found = {queue.name: queue for queue in print_queue.queues()}
    assert {name: queue.is_raw for name, queue in found.items()} == {"Letters": False, "Sheets": False, "Slips": True}
    assert [name for name, queue in found.items() if queue.repeats] == ["Letters"]
    assert found["Slips"].status.state is PrinterState.READY
    print_server.run("lpadmin", "-p", "Letters", "-o", "printer-error-policy=abort-job")


def test_a_sheet_is_printed_on_the_size_that_it_has(print_server: PrintServer) -> None:
    job = sheet_printer.submit("Sheets", _PDF, title="RE-2026-000123", copies=2)
    assert _ended(print_server, job) == (PrintOutcome.GIVEN, "The print queue has sent it to the printer.")
    assert print_server.printed(job.number) == _PDF
    assert "PageSize=A4" in print_server.options(job.number)
    assert print_server.options(job.number).startswith("2 ")


def test_paper_that_the_printer_does_not_have_is_refused(print_server: PrintServer) -> None:
    with pytest.raises(Refused, match=r"Letters has no paper of the size A4. It has: Letter."):
        sheet_printer.submit("Letters", _PDF, title="RE-1")
    letter = sheet_printer.submit("Letters", _PDF, title="RE-1", size="na_letter_8.5x11in")
    assert _ended(print_server, letter)[0] is PrintOutcome.GIVEN
    with pytest.raises(Refused, match="Slips passes data as it is"):
        sheet_printer.submit("Slips", _PDF, title="RE-1")


def test_the_default_queue_is_used_if_none_is_named(print_server: PrintServer) -> None:
    print_server.run("lpadmin", "-d", "Sheets")
    job = sheet_printer.submit("", _PDF, title="RE-1")
    assert job.queue == "Sheets"
    assert _ended(print_server, job)[0] is PrintOutcome.GIVEN


def test_a_job_waits_while_paper_is_out(print_server: PrintServer) -> None:
    print_server.remove_paper()
    job = sheet_printer.submit("Sheets", _PDF, title="RE-1")
    print_server.until(lambda: print_queue.status("Sheets").state is PrinterState.PAPER_OUT)
    assert sheet_printer.state_of(job) is None
    print_server.fill_paper()
    assert _ended(print_server, job)[0] is PrintOutcome.GIVEN
    assert print_queue.status("Sheets").state is PrinterState.READY


def test_a_job_that_broke_off_is_unclear(print_server: PrintServer) -> None:
    print_server.break_down()
    job = sheet_printer.submit("Sheets", _PDF, title="RE-1")
    assert _ended(print_server, job) == (PrintOutcome.UNCLEAR, "The print queue gave the job up.")


def test_a_document_that_the_printer_refused_is_not_printed_though_the_queue_has_completed_it(
    print_server: PrintServer,
) -> None:
    print_server.refuse_documents()
    job = sheet_printer.submit("Sheets", _PDF, title="RE-1")
    assert _ended(print_server, job) == (
        PrintOutcome.FAILED,
        "The printer refused the document. Last word of the queue: Unable to add document to print job.",
    )


def test_a_job_that_was_cancelled_is_unclear(print_server: PrintServer) -> None:
    print_server.remove_paper()
    job = sheet_printer.submit("Sheets", _PDF, title="RE-1")
    print_server.until(lambda: print_queue.status("Sheets").state is PrinterState.PAPER_OUT)
    print_server.run("cancel", str(job.number))
    assert _ended(print_server, job)[0] is PrintOutcome.UNCLEAR
    print_server.until(lambda: print_queue.status("Sheets").state is PrinterState.READY)  # for all that it knows


def test_a_number_that_was_given_again_is_not_the_same_job(print_server: PrintServer) -> None:
    job = sheet_printer.submit("Sheets", _PDF, title="RE-1")
    other = SheetJob(queue="Sheets", number=job.number, title="RE-2", submitted_at=job.submitted_at)
    later = SheetJob(queue="Sheets", number=job.number, title="RE-1", submitted_at=job.submitted_at + 3600)
    unknown = SheetJob(queue="Sheets", number=99_999, title="RE-1", submitted_at=job.submitted_at)
    for one in (other, later, unknown):
        result = sheet_printer.state_of(one)
        assert result is not None
        assert result.outcome is PrintOutcome.UNCLEAR


def test_a_stopped_queue_says_so(print_server: PrintServer) -> None:
    print_server.run("cupsdisable", "-r", "Toner is low", "Letters")
    stopped = print_queue.status("Letters")
    print_server.run("cupsenable", "Letters")
    assert (stopped.state, stopped.words) == (PrinterState.OFFLINE, "The print queue is stopped: Toner is low.")


def test_without_a_print_server_it_says_so(print_server: PrintServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", "/nowhere/cups.sock")
    with pytest.raises(Unavailable, match="The print server does not answer: No such file or directory"):
        print_queue.queues()
    assert receipt_printer.status(_SLIPS).state is PrinterState.UNREACHABLE
    assert receipt_printer.print_picture(_SLIPS, Picture(8, 1, b"x"), title="R").outcome is PrintOutcome.FAILED
