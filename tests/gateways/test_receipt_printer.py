"""A slip on a real port: what arrives is what was drawn, and the result says no more than the printer answered."""

import io
from contextlib import closing
from pathlib import Path

import pytest
import zxingcpp
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.eanbc import Ean13BarcodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas
from usb.backend import libusb1

from shopdesk.domain.printer import (
    Connection,
    Picture,
    PrinterAddress,
    PrinterState,
    PrintOutcome,
    ReceiptPrinter,
    read_printer_address,
)
from shopdesk.gateways import printer_devices, printer_transports
from shopdesk.gateways import receipt_printer as gateway
from shopdesk.render import receipt_picture
from support.receipt_printers import NetworkReceiptPrinter, TerminalReceiptPrinter, UsbReceiptPrinter
from support.systems import POSIX, WINDOWS

_MM = 72 / 25.4
_WIDTH = 576
_PICTURE = Picture(_WIDTH, 1000, bytes(range(72)) * 1000)


def test_the_paper_shows_the_picture(receipt_printer: NetworkReceiptPrinter) -> None:
    result = gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1")
    assert result.outcome is PrintOutcome.PRINTED
    (slip,) = receipt_printer.slips
    assert b"".join(slip.rows) == _PICTURE.rows
    assert slip.is_cut
    assert not receipt_printer.kicks


@pytest.mark.parametrize("pin", [2, 5])
def test_the_drawer_opens(receipt_printer: NetworkReceiptPrinter, pin: int) -> None:
    printer = receipt_printer.settings(drawer=pin)
    assert gateway.print_picture(printer, _PICTURE, title="R-1", kick_drawer=True).outcome is PrintOutcome.PRINTED
    assert receipt_printer.kicks == [pin]
    opened = gateway.kick_drawer(printer)
    assert (opened.outcome, opened.words) == (PrintOutcome.GIVEN, "The cash drawer was told to open.")
    receipt_printer.wait_until(lambda: receipt_printer.kicks == [pin, pin])
    assert gateway.kick_drawer(receipt_printer.settings()).outcome is PrintOutcome.FAILED


def test_the_drawer_opens_without_paper(receipt_printer: NetworkReceiptPrinter) -> None:
    receipt_printer.rows_left = 0
    gateway.kick_drawer(receipt_printer.settings(drawer=2))
    receipt_printer.wait_until(lambda: receipt_printer.kicks == [2])


def test_nothing_is_sent_to_a_printer_with_a_fault(receipt_printer: NetworkReceiptPrinter) -> None:
    receipt_printer.rows_left = 0
    result = gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1")
    assert (result.outcome, result.words) == (PrintOutcome.FAILED, "The printer has no paper.")
    receipt_printer.rows_left, receipt_printer.is_cover_open = None, True
    result = gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1")
    assert (result.outcome, result.words) == (PrintOutcome.FAILED, "The printer's cover is open.")
    assert not receipt_printer.received
    receipt_printer.is_cover_open = False
    assert gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1").outcome is PrintOutcome.PRINTED


def test_paper_that_runs_out_in_the_middle_is_unclear(receipt_printer: NetworkReceiptPrinter) -> None:
    receipt_printer.rows_left = 400
    result = gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1")
    assert result.outcome is PrintOutcome.UNCLEAR
    assert result.words.startswith("The printer has no paper. Look whether")


def test_a_printer_without_status_is_given_the_slip(
    receipt_printer: NetworkReceiptPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "_ANSWER_SECONDS", 0.05)
    receipt_printer.is_silent = True
    assert gateway.status(receipt_printer.settings()).state is PrinterState.SILENT
    assert gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1").outcome is PrintOutcome.GIVEN
    receipt_printer.wait_until(lambda: len(receipt_printer.slips) == 1 and receipt_printer.slips[0].is_cut)


def test_bytes_that_a_printer_sends_by_itself_are_no_answer(receipt_printer: NetworkReceiptPrinter) -> None:
    receipt_printer.sends_stray_bytes = True
    assert gateway.status(receipt_printer.settings()).state is PrinterState.READY
    receipt_printer.is_paper_low = True
    assert gateway.status(receipt_printer.settings()).state is PrinterState.PAPER_LOW
    receipt_printer.rows_left = 0
    assert gateway.status(receipt_printer.settings()).state is PrinterState.PAPER_OUT


def test_a_connection_that_ends_early_is_unclear(receipt_printer: NetworkReceiptPrinter) -> None:
    receipt_printer.closes_after = 100
    result = gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1")
    assert result.outcome is PrintOutcome.UNCLEAR
    assert len(receipt_printer.received) < 1000


def test_a_printer_that_stops_reading_is_unclear(
    receipt_printer: NetworkReceiptPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_transports, "_SEND_SECONDS", 0.1)
    receipt_printer.stops_after = 4096
    tall = Picture(_WIDTH, 100_000, bytes(72 * 100_000))  # more than both ends of the connection hold
    result = gateway.print_picture(receipt_printer.settings(), tall, title="R-1")
    assert result.outcome is PrintOutcome.UNCLEAR
    assert "stopped taking data" in result.words


def test_a_slow_printer_prints_all(receipt_printer: NetworkReceiptPrinter) -> None:
    receipt_printer.seconds_per_piece = 0.005
    assert gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1").outcome is PrintOutcome.PRINTED
    assert b"".join(receipt_printer.slips[0].rows) == _PICTURE.rows


def test_a_printer_that_is_off_is_named(receipt_printer: NetworkReceiptPrinter) -> None:
    receipt_printer.close()
    result = gateway.print_picture(receipt_printer.settings(), _PICTURE, title="R-1")
    assert result.outcome is PrintOutcome.FAILED
    assert result.words == (
        f"The printer tcp://127.0.0.1:{receipt_printer.port} cannot be reached: Connection refused. "
        "Check that it is switched on and connected."
    )
    assert gateway.status(receipt_printer.settings()).state is PrinterState.UNREACHABLE


@pytest.mark.parametrize("width", [384, 512, 576])
def test_bars_on_the_paper_are_read(receipt_printer: NetworkReceiptPrinter, width: int) -> None:
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(80 * _MM, 60 * _MM))
    bars = Drawing(60 * _MM, 30 * _MM)
    two_dots = 2 * 72 * _MM / width
    bars.add(Ean13BarcodeWidget("4006381333931", barWidth=two_dots, barHeight=20 * _MM))
    renderPDF.draw(bars, canvas, 12 * _MM, 20 * _MM)
    canvas.save()
    picture = receipt_picture.picture(made.getvalue(), width=width)
    assert picture.width == width
    assert abs(picture.height - 60 / 72 * width) <= 1
    gateway.print_picture(receipt_printer.settings(width=width), picture, title="R-1")
    (read,) = zxingcpp.read_barcodes(receipt_printer.slips[0].picture())
    assert read.text == "4006381333931"


@pytest.mark.parametrize("connection", [Connection.FILE, Connection.SERIAL])
def test_a_printer_at_a_device_prints_and_answers(
    terminal_printer: TerminalReceiptPrinter, connection: Connection
) -> None:
    address = PrinterAddress(connection, terminal_printer.path, 115200)
    printer = ReceiptPrinter(address=address, width=_WIDTH, drawer=5)
    assert gateway.status(printer).state is PrinterState.READY
    result = gateway.print_picture(printer, _PICTURE, title="R-1", kick_drawer=True)
    assert result.outcome is PrintOutcome.PRINTED
    assert b"".join(terminal_printer.slips[0].rows) == _PICTURE.rows
    assert terminal_printer.kicks == [5]
    terminal_printer.rows_left = 0
    assert gateway.print_picture(printer, _PICTURE, title="R-2").words == "The printer has no paper."
    assert len(terminal_printer.slips) == 1


@POSIX
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("file:///dev/usb/no-printer", "cannot be reached: No such file or directory."),
        ("serial:///dev/no-port?baud=9600", "cannot be reached: No such file or directory."),
    ],
)
def test_a_device_that_is_not_there_is_named(address: str, words: str) -> None:
    printer = ReceiptPrinter(address=read_printer_address(address), width=_WIDTH)
    result = gateway.print_picture(printer, _PICTURE, title="R-1")
    assert result.outcome is PrintOutcome.FAILED
    assert result.words == f"The printer {address} {words} Check that it is switched on and connected."


@pytest.mark.parametrize("path", [pytest.param("/dev/null", marks=POSIX), pytest.param("COM99", marks=WINDOWS)])
def test_what_is_no_serial_port_is_named(path: str) -> None:
    printer = ReceiptPrinter(address=PrinterAddress(Connection.SERIAL, path, 9600), width=_WIDTH)
    result = gateway.print_picture(printer, _PICTURE, title="R-1")
    assert result.outcome is PrintOutcome.FAILED
    assert result.words == (
        f"There is no serial port {path}, or another program uses it. Check that it is switched on and connected."
    )


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / "accounts.txt"
    kept.write_text("1,234.00")
    printer = ReceiptPrinter(address=PrinterAddress(Connection.FILE, str(kept)), width=_WIDTH)
    result = gateway.print_picture(printer, _PICTURE, title="R-1")
    assert (result.outcome, result.words) == (PrintOutcome.FAILED, f"{kept} is not the device of a printer.")
    assert kept.read_text("utf-8") == "1,234.00"


def test_a_usb_printer_that_is_not_there_is_named() -> None:
    printer = ReceiptPrinter(address=read_printer_address("usb://04b8:FFFF"), width=_WIDTH)
    result = gateway.print_picture(printer, _PICTURE, title="R-1")
    assert result.outcome is PrintOutcome.FAILED
    assert result.words.startswith(("No USB device 04b8:ffff is connected.", "Printers at USB need the library libusb"))


def test_a_usb_printer_prints_and_answers(usb_printer: UsbReceiptPrinter) -> None:
    assert PrinterAddress(Connection.USB, usb_printer.ID) in printer_devices.found()
    printer = ReceiptPrinter(address=read_printer_address(f"usb://{usb_printer.ID}"), width=_WIDTH, drawer=2)
    result = gateway.print_picture(printer, _PICTURE, title="R-1", kick_drawer=True)
    assert result.outcome is PrintOutcome.PRINTED
    assert b"".join(usb_printer.slips[0].rows) == _PICTURE.rows
    assert usb_printer.kicks == [2]
    usb_printer.is_cover_open = True
    assert gateway.status(printer).state is PrinterState.COVER_OPEN


def test_a_usb_device_that_is_no_printer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(UsbReceiptPrinter(interface_class=8)) as stick:
        monkeypatch.setattr(libusb1, "get_backend", lambda: stick)
        printer = ReceiptPrinter(address=PrinterAddress(Connection.USB, stick.ID), width=_WIDTH)
        result = gateway.print_picture(printer, _PICTURE, title="R-1")
        assert (result.outcome, result.words) == (PrintOutcome.FAILED, f"{stick.ID} is not the device of a printer.")
        assert gateway.status(printer).state is PrinterState.UNREACHABLE


def test_a_usb_printer_without_a_way_back_is_given_the_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    mute = UsbReceiptPrinter(has_way_back=False)
    monkeypatch.setattr(libusb1, "get_backend", lambda: mute)
    monkeypatch.setattr(gateway, "_ANSWER_SECONDS", 0.0)
    printer = ReceiptPrinter(address=PrinterAddress(Connection.USB, mute.ID), width=_WIDTH)
    assert gateway.print_picture(printer, _PICTURE, title="R-1").outcome is PrintOutcome.GIVEN
    mute.wait_until(lambda: bool(mute.slips and mute.slips[0].is_cut))
    mute.close()
