"""Ways to a receipt printer. Each is opened for one job, takes bytes and may bring bytes back."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from typing import Protocol, Self

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.printer import Connection, PrinterAddress
from shopdesk.domain.sentence import sentence, verbatim

_CONNECT_SECONDS = 3.0
_SEND_SECONDS = 10.0
"""The longest wait until a printer takes the next bytes: it prints what it has in the meantime."""


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


def opened(address: PrinterAddress) -> Transport:
    """Open the way to a printer. Raise Unavailable if there is none."""
    try:
        return _TRANSPORTS[address.connection](address)
    except OSError as error:
        raise Unavailable(
            sentence(
                "The printer {address} cannot be reached: {reason}.",
                address=str(address),
                reason=verbatim(error.strerror or str(error)),
            ),
            advice=sentence("Check that it is switched on and connected."),
        ) from error


_TRANSPORTS = {Connection.NETWORK: NetworkTransport}
