"""A receipt as PDF, against a bare reportlab canvas that draws the same strings; a slip, against sending its bytes."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from benchmarks import books
from benchmarks.measure import Result, in_turns
from shopdesk.domain.document import Document
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.print_job import PrintRequest
from shopdesk.domain.printer import PaperChoice, Picture, PrintOutcome, PrintResult
from shopdesk.gateways import printer_commands, receipt_printer
from shopdesk.print_delivery import PrintDelivery, Printers, SlipPrinter
from shopdesk.render import fonts, receipt_a4, receipt_picture
from shopdesk.render.document_text import DocumentText
from shopdesk.render.receipt_pdf import PaperSize, receipt
from shopdesk.usecases import documents
from shopdesk.usecases.amount_check import AMOUNT_IS_MEANT
from support.receipt_printers import NetworkReceiptPrinter
from support.shops import SampleShop


def printing(folder: Path, *, lines: int, rounds: int) -> Iterator[Result]:
    """Different documents, one after the other: nothing of a page can be kept for the next."""
    documents = _issued(folder, lines, rounds + 10)
    strings = [list(_strings(DocumentText(document, {}))) for document in documents]
    times = in_turns(rounds, lambda turn: receipt(documents[turn]), lambda turn: _bare(strings[turn]), warm_up=10)
    yield from times.results(f"PDF of {lines} lines")


def slips(folder: Path, *, lines: int, rounds: int) -> Iterator[Result]:
    """From the document to the printer's answer behind the last byte, against the same bytes on a bare socket."""
    documents = _issued(folder, lines, rounds + 10)
    with contextlib.closing(NetworkReceiptPrinter()) as printer:
        sent = [
            printer_commands.slip(receipt_picture.picture(_roll(document), width=_WIDTH), has_cutter=True)
            for document in documents
        ]

        def print_slip(turn: int) -> None:
            picture = receipt_picture.picture(_roll(documents[turn]), width=_WIDTH)
            result = receipt_printer.print_picture(printer.settings(width=_WIDTH), picture, title="")
            if result.outcome is not PrintOutcome.PRINTED:
                raise SystemExit(f"not printed: {result.words}")

        times = in_turns(rounds, print_slip, lambda turn: _send_raw(printer.port, sent[turn]), warm_up=10)
    yield from times.results(f"slip of {lines} lines at the printer")


def saved_slips(folder: Path, *, lines: int, rounds: int) -> Iterator[Result]:
    """From Save to the printer's answer behind the last byte, by the thread that prints; against a bare socket."""
    sample_shop = books.sample_shop(books.shop(folder))
    drafts = [
        sample_shop.draft(*(DraftRow(f"Item {number + line}", "2", f"{number + line + 1}.25") for line in range(lines)))
        for number in range(rounds + 10)
    ]
    done = threading.Semaphore(0)
    with contextlib.closing(NetworkReceiptPrinter()) as printer, contextlib.closing(sample_shop.database):
        its = printer.settings(width=_WIDTH)

        def print_slip(picture: Picture, title: str) -> PrintResult:
            result = receipt_printer.print_picture(its, picture, title=title)
            if result.outcome is PrintOutcome.PRINTED:
                done.release()
            return result

        printers = Printers(SlipPrinter(_WIDTH, print_slip, lambda: receipt_printer.kick_drawer(its)))
        delivery = PrintDelivery(
            sample_shop.database,
            till=lambda _: sample_shop.by.till.key,
            printers=lambda: printers,
            changed=lambda _: None,
            troubled=lambda _: None,
        )

        def save(turn: int) -> None:
            to_print = PrintRequest(paper=PaperChoice.ROLL)
            sample_shop.do(documents.issue, drafts[turn], to_print=to_print, confirmed=_CONFIRMED)
            delivery.wake()
            if not done.acquire(timeout=20):
                raise SystemExit("not printed")

        picture = receipt_picture.picture(_roll(_issued_by(sample_shop, lines, 1)[0]), width=_WIDTH)
        data = printer_commands.slip(picture, has_cutter=True)
        delivery.start()
        with contextlib.closing(delivery):
            times = in_turns(rounds, save, lambda _: _send_raw(printer.port, data), warm_up=10)
    yield from times.results(f"Save to slip of {lines} lines at the printer")


_WIDTH = 576
_CONFIRMED = frozenset({documents.SAME_AGAIN, AMOUNT_IS_MEANT})


def _roll(document: Document) -> bytes:
    return receipt(document, paper=PaperSize.ROLL_80)


def _send_raw(port: int, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(data + printer_commands.ASK_PRINTER)
        connection.recv(1)


def _issued(folder: Path, lines: int, count: int) -> list[Document]:
    sample_shop = books.sample_shop(books.shop(folder))
    with contextlib.closing(sample_shop.database):
        return _issued_by(sample_shop, lines, count)


def _issued_by(sample_shop: SampleShop, lines: int, count: int) -> list[Document]:
    return [
        sample_shop.issue(
            *(DraftRow(f"Item {number + line}", "2", f"{number + line}.25") for line in range(1, lines + 1))
        )
        for number in range(count)
    ]


def _strings(contents: DocumentText) -> Iterator[tuple[float, float, str, float, bool]]:
    """Every string of the pages as it is laid out: where, what, how large, and whether bold."""
    form = receipt_a4.page_format(contents)
    pages = receipt_a4.pages(contents, form)
    for count, page in enumerate(pages, start=1):
        for top, whole in [*page.blocks, (0.0, receipt_a4.page_number(contents, form, count, len(pages)))]:
            for y, block in whole.each(top):
                for text in block.texts:
                    yield text.x, page.height - y - text.y, text.text, text.size, text.bold


def _bare(strings: list[tuple[float, float, str, float, bool]]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=1)
    for x, y, text, size, bold in strings:
        canvas.setFont(fonts.face(bold=bold).name, size)
        canvas.drawString(x, y, text)
    canvas.showPage()
    canvas.save()
    return file.getvalue()
