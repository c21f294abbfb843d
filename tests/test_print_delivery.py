"""Slips leave once: to a real printer in the network that prints, is off, runs out of paper, and comes back."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from shopdesk.domain.document import Document
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.print_job import MOST_ATTEMPTS, DocumentPrint, PrintRequest, PrintState, QueueJob
from shopdesk.domain.printer import PaperChoice, Picture, PrintOutcome, PrintResult, SubmissionUnclear
from shopdesk.domain.sentence import sentence
from shopdesk.gateways import receipt_printer as gateway
from shopdesk.print_delivery import PrintDelivery, Printers, SlipPrinter, TillPrinting
from shopdesk.render import receipt_picture
from shopdesk.render.receipt_pdf import PaperSize, receipt
from shopdesk.store import print_jobs as kept
from shopdesk.store.database import connect
from shopdesk.store.tables import print_jobs as table
from shopdesk.usecases import documents, print_jobs
from support.receipt_printers import NetworkReceiptPrinter
from support.shops import SampleShop, open_shop

PROGRAM = Path(__file__).parent / "processes" / "printing_program.py"


def at(printer: NetworkReceiptPrinter, *, drawer: int = 0) -> Printers:
    """Return the printers of a till with the real gateway."""
    its = printer.settings(width=384, drawer=drawer)

    def send(picture: Picture, title: str) -> PrintResult:
        return gateway.print_picture(its, picture, title=title)

    return Printers(SlipPrinter(384, send, partial(gateway.kick_drawer, its)))


def sold(shop: SampleShop, paper: PaperChoice = PaperChoice.ROLL) -> Document:
    return shop.do(documents.issue, shop.draft(), to_print=PrintRequest(paper=paper))


def printing(shop: SampleShop) -> TillPrinting:
    """Return the printing of the shop's till, by the shop's clock."""
    return TillPrinting(shop.database, shop.by.till.key, now=lambda: shop.now)


def print_all(till: TillPrinting, printers: Printers) -> list[PrintState]:
    states = []
    while (state := till.print_next(printers)) is not None:
        states.append(state)
        if state is PrintState.QUEUED:
            break
    return states


def last(shop: SampleShop) -> DocumentPrint:
    """Return the newest print."""
    newest = select(table).order_by(table.c.created_at.desc(), table.c.copy.desc()).limit(1)
    return kept.to_print(shop.ask(lambda session: session.execute(newest).one()))


@pytest.fixture
def other_printer() -> Iterator[NetworkReceiptPrinter]:
    with closing(NetworkReceiptPrinter()) as made:
        yield made


@pytest.fixture
def file_shop(sqlite_shop_url: str) -> Iterator[SampleShop]:
    """A shop in a file."""
    with closing(connect(sqlite_shop_url)) as database:
        yield open_shop(database)


def test_the_paper_is_the_receipt_and_the_job_says_so(
    sample_shop: SampleShop, receipt_printer: NetworkReceiptPrinter
) -> None:
    document = sold(sample_shop)
    assert print_all(printing(sample_shop), at(receipt_printer)) == [PrintState.PRINTED]
    (slip,) = receipt_printer.slips
    shown = receipt_picture.picture(receipt(document, paper=PaperSize.ROLL_80, dots=384), width=384)
    assert (b"".join(slip.rows), slip.is_cut) == (shown.rows, True)
    job = last(sample_shop)
    assert (job.state, job.attempts, job.last_words, job.ended_at) == (
        PrintState.PRINTED, 1, "Printed.", sample_shop.now,
    )  # fmt: skip
    assert print_all(printing(sample_shop), at(receipt_printer)) == []


def test_what_finds_no_printer_waits_and_is_printed_in_order_once_it_is_back(
    file_shop: SampleShop, receipt_printer: NetworkReceiptPrinter, other_printer: NetworkReceiptPrinter
) -> None:
    first, till = sold(file_shop), printing(file_shop)
    other_printer.close()
    assert print_all(till, at(other_printer)) == [PrintState.QUEUED]
    second = sold(file_shop)
    assert till.print_next(at(receipt_printer)) is None, "its printer is tried again later"
    file_shop.now += timedelta(seconds=3)
    assert till.next_at() is not None
    receipt_printer.is_cover_open = True
    assert print_all(till, at(receipt_printer)) == [PrintState.QUEUED]
    assert receipt_printer.slips == []
    receipt_printer.is_cover_open = False
    file_shop.now += timedelta(seconds=30)
    assert print_all(till, at(receipt_printer)) == [PrintState.PRINTED] * 2
    expected = [
        receipt_picture.picture(receipt(one, paper=PaperSize.ROLL_80, dots=384), width=384) for one in (first, second)
    ]
    assert [b"".join(slip.rows) for slip in receipt_printer.slips] == [picture.rows for picture in expected]
    assert till.next_at() is None


def test_a_printer_that_stays_away_is_given_up_after_an_hour_and_a_person_tries_again(
    file_shop: SampleShop, receipt_printer: NetworkReceiptPrinter, other_printer: NetworkReceiptPrinter
) -> None:
    sold(file_shop)
    other_printer.close()
    with file_shop.database.sessions.begin() as session:
        session.execute(update(table).values(attempts=MOST_ATTEMPTS - 2))
    till = printing(file_shop)
    assert print_all(till, at(other_printer)) == [PrintState.QUEUED]
    file_shop.now += timedelta(seconds=30)
    assert print_all(till, at(other_printer)) == [PrintState.FAILED]
    file_shop.now += timedelta(seconds=30)
    assert print_all(till, at(receipt_printer)) == []
    file_shop.do(print_jobs.print_again, last(file_shop).key)
    assert print_all(till, at(receipt_printer)) == [PrintState.PRINTED]


def test_paper_that_ends_in_the_middle_is_unclear_and_goes_again_as_a_copy_by_a_person_only(
    sample_shop: SampleShop, receipt_printer: NetworkReceiptPrinter
) -> None:
    document = sold(sample_shop)
    receipt_printer.rows_left = 100
    assert print_all(printing(sample_shop), at(receipt_printer)) == [PrintState.UNCLEAR]
    receipt_printer.rows_left = None
    sample_shop.now += timedelta(hours=1)
    assert print_all(printing(sample_shop), at(receipt_printer)) == []
    sample_shop.do(print_jobs.print_again, last(sample_shop).key)
    assert print_all(printing(sample_shop), at(receipt_printer)) == [PrintState.PRINTED]
    copy = receipt_picture.picture(receipt(document, paper=PaperSize.ROLL_80, dots=384, copy=1), width=384)
    assert b"".join(receipt_printer.slips[-1].rows) == copy.rows


def test_without_a_printer_a_print_fails_and_says_why(file_shop: SampleShop) -> None:
    sold(file_shop)
    sold(file_shop, PaperChoice.A4)
    assert print_all(printing(file_shop), Printers()) == [PrintState.FAILED] * 2
    assert last(file_shop).last_words == "No printer for A4 is set for this till."


def test_a_sheet_is_given_to_its_queue_and_followed_until_the_queue_is_done(file_shop: SampleShop) -> None:
    given: list[tuple[bytes, str]] = []
    answers: list[PrintResult | None] = [None, PrintResult(PrintOutcome.PRINTED, sentence("Done."))]

    def take(pdf: bytes, title: str) -> QueueJob:
        given.append((pdf, title))
        return QueueJob("office", 41, file_shop.now)

    def state_of(job: QueueJob, title: str) -> PrintResult | None:
        assert (job.queue, job.number, title) == ("office", 41, document.number)
        return answers.pop(0)

    printers = Printers(submit_sheet=take, state_of=state_of)
    document, till = sold(file_shop, PaperChoice.A4), printing(file_shop)
    assert print_all(till, printers) == [PrintState.GIVEN]
    assert given == [(receipt(document), document.number)]
    assert till.follow(printers)
    assert last(file_shop).ended_at is None
    assert not till.follow(printers)
    assert (last(file_shop).state, last(file_shop).ended_at) == (PrintState.PRINTED, file_shop.now)


def test_a_queue_that_says_nothing_is_left_alone_after_some_minutes(file_shop: SampleShop) -> None:
    place = QueueJob("office", 41, file_shop.now)
    printers = Printers(submit_sheet=lambda *_: place, state_of=lambda *_: None)
    sold(file_shop, PaperChoice.A4)
    till = printing(file_shop)
    print_all(till, printers)
    file_shop.now += timedelta(minutes=11)
    assert not till.follow(printers)
    assert (last(file_shop).state, last(file_shop).ended_at) == (PrintState.GIVEN, file_shop.now)


def test_a_queue_that_cannot_be_asked_has_the_last_word_when_it_takes_the_slip(file_shop: SampleShop) -> None:
    result = PrintResult(PrintOutcome.GIVEN, sentence("It was given to the print queue {name}.", name="till"), job=7)
    slips = SlipPrinter(384, lambda *_: result, lambda: result, queue="till")
    sold(file_shop)
    till = printing(file_shop)
    printers = Printers(slips)
    assert print_all(till, printers) == [PrintState.GIVEN]
    assert not till.follow(printers)
    assert (last(file_shop).ended_at, last(file_shop).last_words) == (file_shop.now, str(result.words))


def test_a_queue_that_may_have_taken_a_sheet_gets_it_again_from_a_person_only(file_shop: SampleShop) -> None:
    def take(_pdf: bytes, _title: str) -> QueueJob:
        raise SubmissionUnclear(sentence("The print server does not answer."))

    sold(file_shop, PaperChoice.A4)
    till = printing(file_shop)
    assert print_all(till, Printers(submit_sheet=take)) == [PrintState.UNCLEAR]
    assert last(file_shop).last_words == "The print server does not answer."
    file_shop.now += timedelta(hours=2)
    assert print_all(till, Printers(submit_sheet=take)) == []


def test_an_unexpected_error_on_the_way_to_the_printer_leaves_the_print_unclear(
    file_shop: SampleShop, receipt_printer: NetworkReceiptPrinter, expect_log: Callable[[str], object]
) -> None:
    def fail(_picture: object, _title: str) -> PrintResult:
        raise ZeroDivisionError

    expect_log("ended unexpectedly")
    sold(file_shop)
    slips = at(receipt_printer).slips
    assert slips is not None
    assert print_all(printing(file_shop), Printers(replace(slips, print=fail))) == [PrintState.UNCLEAR]
    assert last(file_shop).last_words == "Internal error in shopdesk: ZeroDivisionError."


def test_a_program_that_is_killed_prints_nothing_twice_and_loses_nothing_unseen(
    file_shop: SampleShop, sqlite_shop_url: str, receipt_printer: NetworkReceiptPrinter
) -> None:
    program = subprocess.Popen(
        [sys.executable, PROGRAM, sqlite_shop_url, str(file_shop.by.till.key)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdin is not None
    assert program.stdout is not None
    states = {}
    for place in ("before", "in", "after"):
        sold(file_shop)
        with closing(NetworkReceiptPrinter()) as printer, socket.create_server(("127.0.0.1", 0)) as half:
            port = half.getsockname()[1] if place == "in" else printer.port
            print(place, port, file=program.stdin, flush=True)
            if place == "in":
                _take(half, 3000)
            else:
                assert program.stdout.readline() == "waiting\n"
            print("kill", file=program.stdin, flush=True)
            assert program.stdout.readline() == "-9\n"
            assert len(printer.slips) == (1 if place == "after" else 0)
        till = printing(file_shop)
        till.release()
        print_all(till, at(receipt_printer))
        states[place] = last(file_shop).state.value
    program.stdin.close()
    program.stdout.close()
    assert program.wait() == 0
    assert states == {"before": "printed", "in": "unclear", "after": "unclear"}
    assert len(receipt_printer.slips) == 1


def _take(listener: socket.socket, count: int) -> None:
    """Answer as a printer in order, and take so many bytes of a slip."""
    connection, _ = listener.accept()
    with connection:
        for _ in range(2):
            connection.recv(3)
            connection.sendall(b"\x12")
        while count > 0:
            count -= len(connection.recv(count))


# --- the thread -------------------------------------------------------------------------------------------------------


class Watched:
    """A thread that prints, and what it has told."""

    def __init__(self, shop: SampleShop, printers: Printers) -> None:
        self.troubles: list[Exception] = []
        self._told = threading.Condition()
        self.delivery = PrintDelivery(
            shop.database,
            till=lambda _: shop.by.till.key,
            printers=lambda: printers,
            changed=self._tell,
            troubled=self._take,
        )

    def _take(self, error: Exception) -> None:
        self.troubles.append(error)
        self._tell()

    def _tell(self, _tables: object = None) -> None:
        with self._told:
            self._told.notify_all()

    def wait_for(self, shop: SampleShop, state: PrintState) -> None:
        with self._told:
            assert self._told.wait_for(lambda: last(shop).state is state, timeout=20)

    def wait_for_trouble(self) -> Exception:
        with self._told:
            assert self._told.wait_for(lambda: self.troubles, timeout=20)
        return self.troubles[0]


def test_the_thread_prints_what_is_queued_and_opens_the_drawer(
    file_shop: SampleShop, receipt_printer: NetworkReceiptPrinter
) -> None:
    watched = Watched(file_shop, at(receipt_printer, drawer=5))
    with closing(watched.delivery) as delivery:
        delivery.start()
        delivery.open_drawer()
        receipt_printer.wait_until(lambda: receipt_printer.kicks == [5])
        sold(file_shop)
        delivery.wake()
        watched.wait_for(file_shop, PrintState.PRINTED)
    assert watched.troubles == []


def test_a_drawer_that_stays_shut_is_reported(file_shop: SampleShop) -> None:
    watched = Watched(file_shop, Printers())
    with closing(watched.delivery) as delivery:
        delivery.start()
        delivery.open_drawer()
        error = watched.wait_for_trouble()
    assert isinstance(error, Unavailable)
    assert str(error) == "The cash drawer was not opened: No receipt printer is set for this till."
