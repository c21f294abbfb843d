"""Ways to a receipt printer. Each is opened for one job, takes bytes and may bring bytes back."""

from __future__ import annotations

import os
import select
import socket
import stat
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Protocol, Self

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.printer import Connection, PrinterAddress
from shopdesk.domain.sentence import Sentence, sentence, verbatim

_CONNECT_SECONDS = 3.0
_SEND_SECONDS = 10.0
"""The longest wait until a printer takes the next bytes: it prints what it has in the meantime."""
_PIECE = 4096
_ANSWER_SIZE = 64
USB_PRINTER = 7
"""The class of printers among USB interfaces (USB Device Class Definition for Printing Devices, 4.2.1)."""


class Transport(AbstractContextManager["Transport"], Protocol):
    """An open way to a printer. Each function raises OSError when the printer is gone."""

    def send(self, data: bytes) -> None:
        """Send all bytes, or raise: how many arrived is not known then."""
        ...  # pragma: no cover

    def receive(self, seconds: float) -> bytes:
        """Return what has come from the printer; wait for it up to ``seconds``, then return nothing."""
        ...  # pragma: no cover


class NetworkTransport:
    """A printer in the network that takes bytes at a port, mostly 9100."""

    def __init__(self, address: PrinterAddress) -> None:
        self._socket = socket.create_connection((address.target, address.number), timeout=_CONNECT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            self.receive(0.0)  # with bytes left unread, closing would reset the connection, and with it what was sent
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send all bytes; raise TimeoutError if the printer takes none for a while."""
        rest = memoryview(data)
        self._socket.settimeout(_SEND_SECONDS)
        while rest:
            rest = rest[self._socket.send(rest) :]

    def receive(self, seconds: float) -> bytes:
        """Return the bytes that have come; raise ConnectionError if the printer closed the connection."""
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(64)
        except (TimeoutError, BlockingIOError):  # the second one if it does not wait at all
            return b""
        if not data:
            raise ConnectionResetError("the printer closed the connection")
        return data


_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Flags that open a device without waiting for it; Windows, which has no such devices, lacks them."""


class FileTransport:
    """A printer at a device file, such as that of Linux for a printer at USB."""

    def __init__(self, address: PrinterAddress) -> None:
        self._file = os.open(address.target, os.O_RDWR | _AT_ONCE)
        if not stat.S_ISCHR(os.fstat(self._file).st_mode):  # never write over a file
            os.close(self._file)
            raise _no_printer(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def send(self, data: bytes) -> None:
        """Send all bytes; raise TimeoutError if the printer takes none for a while."""
        rest = memoryview(data)
        while rest:
            self._wait_until_taken()
            rest = rest[os.write(self._file, rest) :]
        self._wait_until_taken()  # closing would take back what Linux still has on the way to a printer at USB

    def _wait_until_taken(self) -> None:
        if not select.select((), (self._file,), (), _SEND_SECONDS)[1]:
            raise TimeoutError

    def receive(self, seconds: float) -> bytes:
        """Return the bytes that have come; wait for them up to ``seconds``."""
        is_there = select.select((self._file,), (), (), seconds)[0]
        return os.read(self._file, _ANSWER_SIZE) if is_there else b""


class SerialTransport:
    """A printer at a serial port: 8 bits, no parity, as receipt printers are delivered."""

    def __init__(self, address: PrinterAddress) -> None:
        import serial  # 20 ms: only where there is such a printer

        try:
            self._port = serial.Serial(address.target, address.number, write_timeout=_SEND_SECONDS)
        except serial.SerialException as error:  # its own words are those of a programmer
            if not error.errno:
                raise Unavailable(
                    sentence("There is no serial port {port}, or another program uses it.", port=address.target),
                    advice=_CHECK,
                ) from error
            raise OSError(error.errno, os.strerror(error.errno)) from error
        self._timeout_error = serial.SerialTimeoutException

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._port.close()

    def send(self, data: bytes) -> None:
        """Send all bytes, piece by piece: at 9600 baud a slip takes a minute, and each piece has its time limit."""
        try:
            for start in range(0, len(data), _PIECE):
                self._port.write(data[start : start + _PIECE])
        except self._timeout_error:
            raise TimeoutError from None

    def receive(self, seconds: float) -> bytes:
        """Return the bytes that have come; wait for the first up to ``seconds``, never for more of them."""
        self._port.timeout = seconds
        first: bytes = self._port.read(1)
        return first + self._port.read(self._port.in_waiting) if first else b""


class UsbTransport:
    """A printer at USB by libusb, where the system has no device file for it."""

    def __init__(self, address: PrinterAddress) -> None:
        import usb.core
        import usb.util

        vendor, product = (int(part, 16) for part in address.target.split(":"))
        try:
            device = usb.core.find(idVendor=vendor, idProduct=product)
        except usb.core.NoBackendError:
            raise Unavailable(
                sentence("Printers at USB need the library libusb, which is missing."),
                advice=sentence("Install the package {package}, or use a print queue.", package="libusb-1.0-0"),
            ) from None
        if device is None:
            raise Unavailable(sentence("No USB device {address} is connected.", address=address.target), advice=_CHECK)
        self._device = device
        self._release = usb.util.dispose_resources
        self._timeout_error = usb.core.USBTimeoutError
        interfaces = (one for one in device.get_active_configuration() if one.bInterfaceClass == USB_PRINTER)
        interface = next(interfaces, None)
        if interface is None:
            raise _no_printer(address)
        with suppress(NotImplementedError):  # only Linux has its own driver in the way
            if device.is_kernel_driver_active(interface.bInterfaceNumber):
                device.detach_kernel_driver(interface.bInterfaceNumber)
        self._out, self._in = (
            usb.util.find_descriptor(
                interface,
                custom_match=lambda end, way=way: usb.util.endpoint_direction(end.bEndpointAddress) == way,
            )
            for way in (usb.util.ENDPOINT_OUT, usb.util.ENDPOINT_IN)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._release(self._device)

    def send(self, data: bytes) -> None:
        """Send all bytes, piece by piece: each has its time limit."""
        try:
            for start in range(0, len(data), _PIECE):
                self._out.write(data[start : start + _PIECE], round(_SEND_SECONDS * 1000))
        except self._timeout_error:
            raise TimeoutError from None

    def receive(self, seconds: float) -> bytes:
        """Return the bytes that have come; some printers have no way back."""
        if self._in is None:
            return b""
        try:
            return bytes(self._in.read(_ANSWER_SIZE, max(1, round(seconds * 1000))))
        except self._timeout_error:
            return b""


def opened(address: PrinterAddress) -> Transport:
    """Open the way to a printer. Raise Unavailable if there is none."""
    try:
        return _TRANSPORTS[address.connection](address)
    except OSError as error:
        raise Unavailable(
            sentence(
                "The printer {address} cannot be reached: {reason}.",
                address=str(address),
                reason=_reason(error),
            ),
            advice=_CHECK,
        ) from error


def _no_printer(address: PrinterAddress) -> Unavailable:
    return Unavailable(sentence("{path} is not the device of a printer.", path=address.target), final=True)


_CHECK = sentence("Check that it is switched on and connected.")


def _reason(error: OSError) -> Sentence:
    if isinstance(error, TimeoutError):
        return sentence("no answer")
    return verbatim(error.strerror or str(error))


_TRANSPORTS: Mapping[Connection, Callable[[PrinterAddress], Transport]] = {
    Connection.NETWORK: NetworkTransport,
    Connection.FILE: FileTransport,
    Connection.SERIAL: SerialTransport,
    Connection.USB: UsbTransport,
}
