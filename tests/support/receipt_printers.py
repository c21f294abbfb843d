"""Receipt printers that take ESC/POS, print pictures and tell their status: at a port, at a device, and at USB."""

import os
import socket
import threading
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import usb.core
from PIL import Image
from usb.backend import libusb1

from shopdesk.domain.printer import Connection, PrinterAddress, ReceiptPrinter

_ANSWER, _OFFLINE, _COVER_OPEN, _PAPER_LOW, _PAPER_OUT = 0x12, 0x08, 0x04, 0x0C, 0x60
_STRAY = b"\x14\x00\x00\x0f"
"""The four bytes that a printer sends by itself when its state changes."""


class _Gone(Exception):
    """The connection ends here."""


@dataclass
class PrintedSlip:
    """Paper that came out up to a cut, or up to the end of the connection."""

    rows: list[bytes] = field(default_factory=list)
    is_cut: bool = False

    def picture(self) -> Image.Image:
        """Return what is seen on the paper."""
        width = len(self.rows[0]) * 8
        inverted = bytes(byte ^ 0xFF for byte in b"".join(self.rows))
        return Image.frombytes("1", (width, len(self.rows)), inverted)


class EscPosPrinter:
    """Carries out the commands that come over a line and keeps what it prints. The modes may be set at any time."""

    def __init__(self) -> None:
        self.slips: list[PrintedSlip] = []
        self.kicks: list[int] = []
        """The pins of the drawers that were opened: 2 or 5."""
        self.received = bytearray()
        """All bytes but the questions."""
        self.is_silent = False
        self.is_cover_open = False
        self.is_paper_low = False
        self.sends_stray_bytes = False
        self.rows_left: int | None = None
        """The rows until the paper runs out; None if there is enough."""
        self.closes_after: int | None = None
        """The number of bytes after which it closes the connection."""
        self.stops_after: int | None = None
        """The number of bytes after which it reads no more."""
        self.seconds_per_piece = 0.0
        """The time it takes to print what it reads at once."""
        self._ends = threading.Event()
        self._changed = threading.Condition()
        self._waiting = b""

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that has arrived makes the condition true."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout=20)

    def _print_from(self, receive: Callable[[int], bytes], send: Callable[[bytes], object]) -> None:
        """Print what comes over a line until it ends."""
        self._waiting = b""
        slip: PrintedSlip | None = None
        while True:
            command = self._take(1, receive)
            if command == b"\x10":
                send(self._answer(self._take(2, receive)[1]))
                continue
            command += self._take(1, receive)
            assert command in (b"\x1b@", b"\x1bd", b"\x1bp", b"\x1dv", b"\x1dV"), f"not a command: {command!r}"
            if slip is None and command in (b"\x1dv", b"\x1dV"):
                slip = PrintedSlip()
                self.slips.append(slip)
            with self._changed:
                self._do(command, slip, lambda count: self._take(count, receive))
                self._changed.notify_all()
            if command == b"\x1dV":
                slip = None

    def _do(self, command: bytes, slip: PrintedSlip | None, take: Callable[[int], bytes]) -> None:
        if command == b"\x1bp":
            self.kicks.append({0: 2, 1: 5}[take(3)[0]])
        elif command == b"\x1bd":
            take(1)
        elif command == b"\x1dv" and slip:
            head = take(6)
            width, height = int.from_bytes(head[2:4], "little"), int.from_bytes(head[4:6], "little")
            for _ in range(height):
                row = take(width)
                if self.rows_left != 0:
                    slip.rows.append(row)
                    self.rows_left = self.rows_left and self.rows_left - 1
        elif command == b"\x1dV" and slip:
            take(1)
            slip.is_cut = True

    def _answer(self, question: int) -> bytes:
        if self.is_silent:
            return b""
        is_out = self.rows_left == 0
        low = _PAPER_LOW if self.is_paper_low or is_out else 0
        table = {
            1: _OFFLINE if is_out or self.is_cover_open else 0,
            2: _COVER_OPEN if self.is_cover_open else 0,
            4: low | (_PAPER_OUT if is_out else 0),
        }
        stray = _STRAY if self.sends_stray_bytes else b""
        return stray + bytes([_ANSWER | table[question]])

    def _take(self, count: int, receive: Callable[[int], bytes]) -> bytes:
        while len(self._waiting) < count:
            self._waiting += self._piece(receive)
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        if taken[:1] not in (b"\x10", b"\x04"):
            self.received += taken
        return taken

    def _piece(self, receive: Callable[[int], bytes]) -> bytes:
        if self.stops_after is not None and len(self.received) >= self.stops_after:
            self._ends.wait()
            raise _Gone
        if self.closes_after is not None and len(self.received) >= self.closes_after:
            raise _Gone
        if self.seconds_per_piece:
            self._ends.wait(self.seconds_per_piece)
        piece = receive(4096 if self.closes_after is None else 100)
        if not piece:
            raise _Gone
        return piece


class NetworkReceiptPrinter(EscPosPrinter):
    """Listens on loopback, one connection at a time as such printers do."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # printers have small ones
        self.port: int = self._listener.getsockname()[1]
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="receipt printer")
        self._thread.start()

    @property
    def address(self) -> PrinterAddress:
        return PrinterAddress(Connection.NETWORK, "127.0.0.1", self.port)

    def settings(self, *, width: int = 576, drawer: int = 0) -> ReceiptPrinter:
        """Return what a till knows of it."""
        return ReceiptPrinter(address=self.address, width=width, drawer=drawer)

    def close(self) -> None:
        """Switch it off; connections are refused from then on."""
        if self._ends.is_set():
            return
        self._ends.set()
        for one in (self._connection, self._listener):
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                self._connection = self._listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            with suppress(OSError, _Gone), self._connection:
                self._print_from(self._connection.recv, self._connection.sendall)


class TerminalReceiptPrinter(EscPosPrinter):
    """At a pseudo-terminal, which stands for a serial port or for the device file of a USB printer."""

    def __init__(self) -> None:
        if os.name != "posix":
            pytest.skip("this system has no pseudo-terminals")
        import pty
        import tty

        super().__init__()
        self._line, self._device = pty.openpty()
        tty.setraw(self._device)
        self.path = os.ttyname(self._device)
        self._thread = threading.Thread(target=self._serve, name="receipt printer")
        self._thread.start()

    def close(self) -> None:
        """Switch it off."""
        self._ends.set()
        os.close(self._device)  # the other end reads no more then
        self._thread.join()
        os.close(self._line)

    def _serve(self) -> None:
        with suppress(OSError, _Gone):
            self._print_from(lambda count: os.read(self._line, count), lambda data: os.write(self._line, data))


class UsbReceiptPrinter(EscPosPrinter):
    """At USB, without a USB: it stands below pyusb, in the place of libusb."""

    ID = "04b8:0202"

    def __init__(self, *, has_way_back: bool = True, interface_class: int = 7) -> None:
        super().__init__()
        self._interface_class = interface_class
        self._line, printer = socket.socketpair()
        self.is_system_driver_active = True
        self._has_way_back = has_way_back
        self._printer = printer
        self._thread = threading.Thread(target=self._serve, name="receipt printer")
        self._thread.start()

    def close(self) -> None:
        """Pull the plug."""
        self._line.close()
        self._thread.join()
        self._printer.close()

    def _serve(self) -> None:
        with suppress(OSError, _Gone):
            self._print_from(self._printer.recv, self._printer.sendall)

    # --- what pyusb asks of libusb ---

    def enumerate_devices(self) -> list[int]:
        return [1]

    def get_parent(self, device: object) -> None:
        return None

    def get_device_descriptor(self, device: object) -> SimpleNamespace:
        vendor, product = (int(part, 16) for part in self.ID.split(":"))
        zeros = dict.fromkeys(
            "bLength bDescriptorType bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0 bcdDevice "
            "iManufacturer iProduct iSerialNumber address bus port_number port_numbers speed".split(),
            0,
        )
        return SimpleNamespace(**zeros, idVendor=vendor, idProduct=product, bNumConfigurations=1)

    def get_configuration_descriptor(self, device: object, index: int) -> SimpleNamespace:
        if index:
            raise IndexError(index)
        zeros = dict.fromkeys(
            "bLength bDescriptorType wTotalLength iConfiguration bmAttributes bMaxPower extra_descriptors".split(), 0
        )
        return SimpleNamespace(**zeros, bNumInterfaces=2, bConfigurationValue=1)

    def get_interface_descriptor(self, device: object, number: int, setting: int, _: object) -> SimpleNamespace:
        if number > 1 or setting:
            raise IndexError(number)
        zeros = dict.fromkeys(
            "bLength bDescriptorType bAlternateSetting bInterfaceSubClass bInterfaceProtocol iInterface "
            "extra_descriptors".split(),
            0,
        )
        return SimpleNamespace(
            **zeros,
            bInterfaceNumber=number,
            bNumEndpoints=1 + self._has_way_back if number else 0,
            bInterfaceClass=self._interface_class if number else 3,
        )

    def get_endpoint_descriptor(
        self, device: object, end: int, number: int, setting: int, configuration: int
    ) -> SimpleNamespace:
        zeros = dict.fromkeys("bLength bDescriptorType bInterval bRefresh bSynchAddress extra_descriptors".split(), 0)
        return SimpleNamespace(**zeros, bEndpointAddress=(0x01, 0x82)[end], bmAttributes=2, wMaxPacketSize=64)

    def open_device(self, device: object) -> int:
        return 1

    def close_device(self, handle: object) -> None: ...

    def get_configuration(self, handle: object) -> int:
        return 1

    def claim_interface(self, handle: object, number: int) -> None:
        assert number == 1
        assert not self.is_system_driver_active, "busy, says libusb"

    def release_interface(self, handle: object, number: int) -> None: ...

    def is_kernel_driver_active(self, handle: object, number: int) -> bool:
        return self.is_system_driver_active

    def detach_kernel_driver(self, handle: object, number: int) -> None:
        self.is_system_driver_active = False

    def bulk_write(self, handle: object, end: int, number: int, data: Any, timeout: int) -> int:
        self._line.sendall(data)
        return len(data)

    def bulk_read(self, handle: object, end: int, number: int, buffer: Any, timeout: int) -> int:
        self._line.settimeout(timeout / 1000)
        try:
            data = self._line.recv(len(buffer))
        except TimeoutError:
            raise usb.core.USBTimeoutError("Operation timed out") from None
        buffer[: len(data)] = array("B", data)
        return len(data)

    intr_write = iso_write = bulk_write
    intr_read = iso_read = bulk_read


@pytest.fixture
def receipt_printer() -> Iterator[NetworkReceiptPrinter]:
    """A receipt printer in the network."""
    made = NetworkReceiptPrinter()
    yield made
    made.close()


@pytest.fixture
def terminal_printer() -> Iterator[TerminalReceiptPrinter]:
    """A receipt printer at a device."""
    made = TerminalReceiptPrinter()
    yield made
    made.close()


@pytest.fixture
def usb_printer(monkeypatch: pytest.MonkeyPatch) -> Iterator[UsbReceiptPrinter]:
    """A receipt printer at USB."""
    made = UsbReceiptPrinter()
    monkeypatch.setattr(libusb1, "get_backend", lambda: made)
    yield made
    made.close()
