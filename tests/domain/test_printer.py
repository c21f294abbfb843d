"""Addresses of printers are read as they are written, and what no printer has is refused in words."""

from collections.abc import Callable

import pytest

from shopdesk.domain.errors import Refused
from shopdesk.domain.printer import (
    PROFILES,
    Connection,
    PrinterAddress,
    PrinterState,
    PrinterStatus,
    read_drawer_pin,
    read_printer_address,
    read_profile,
    read_receipt_width,
)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("192.0.2.7", PrinterAddress(Connection.NETWORK, "192.0.2.7", 9100)),
        (" Kitchen.local:9101 ", PrinterAddress(Connection.NETWORK, "kitchen.local", 9101)),
        ("TCP://192.0.2.7", PrinterAddress(Connection.NETWORK, "192.0.2.7", 9100)),
        ("2001:db8::7", PrinterAddress(Connection.NETWORK, "2001:db8::7", 9100)),
        ("tcp://[2001:db8::7]:9100", PrinterAddress(Connection.NETWORK, "2001:db8::7", 9100)),
        ("file:///dev/usb/lp0", PrinterAddress(Connection.FILE, "/dev/usb/lp0")),
        ("serial:///dev/ttyUSB0", PrinterAddress(Connection.SERIAL, "/dev/ttyUSB0", 9600)),
        ("serial://COM3?baud=115200", PrinterAddress(Connection.SERIAL, "COM3", 115200)),
        ("usb://04B8:0202", PrinterAddress(Connection.USB, "04b8:0202")),
        ("queue://EPSON TM-T20", PrinterAddress(Connection.QUEUE, "EPSON TM-T20")),
    ],
)
def test_an_address_is_read_and_written(typed: str, address: PrinterAddress) -> None:
    assert read_printer_address(typed) == address
    assert read_printer_address(str(address)) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "tcp://", "two words", "192.0.2.7:0", "192.0.2.7:99999", "192.0.2.7:port",
        "http://192.0.2.7", "192.0.2.7/print", "a@b",
        "192.0.2..7", ".printer", f"{'p' * 64}.local",
        "file://lp0", "file:///dev/usb/", "serial://", "serial:///dev/ttyUSB0?baud=9601", "serial:///dev/ttyS0?baud=fast",
        "usb://04b8", "usb://epson:0202", "queue://", "queue://-o",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="is not the address of a printer"):
        read_printer_address(typed)


def test_settings_of_a_printer_are_what_printers_have() -> None:
    assert [read_drawer_pin(pin) for pin in (0, 2, 5)] == [0, 2, 5]
    assert [read_receipt_width(width) for width in (0, 192, 1024)] == [0, 192, 1024]
    assert read_profile("tm-t88v") == "TM-T88V"


@pytest.mark.parametrize(
    "read",
    [
        lambda: read_drawer_pin(3),
        lambda: read_receipt_width(191),
        lambda: read_receipt_width(1025),
        lambda: read_profile("X"),
    ],
)
def test_what_no_printer_has_is_refused(read: Callable[[], object]) -> None:
    with pytest.raises(Refused):
        read()


def test_the_width_of_each_model_is_one_that_may_be_set() -> None:
    assert all(read_receipt_width(profile.width) == profile.width for profile in PROFILES.values())


def test_only_a_printer_that_says_so_is_good_or_at_fault() -> None:
    states = {state: PrinterStatus(state) for state in PrinterState}
    assert [state for state, status in states.items() if status.is_good] == [PrinterState.READY, PrinterState.PAPER_LOW]
    neither = [state for state, status in states.items() if not status.is_good and not status.is_fault]
    assert neither == [PrinterState.SILENT]
    assert all(status.words for status in states.values())
