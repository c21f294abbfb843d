"""Connecting to a server on the network: each step ends in time, and only valid certificates are trusted."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from shopdesk.domain.sentence import Sentence, sentence

_LOOK_UP_SECONDS = 10.0
"""The longest look-up of a server's name; the usual resolver asks twice, for five seconds each."""


class _NoNameServer(TimeoutError):
    """The server's name was not looked up in time."""


def connected_socket(host: str, port: int, *, is_tls: bool, seconds: Callable[[], float]) -> socket.socket:
    """Connect to the first address that answers; each step may take ``seconds()``. Raises OSError and UnicodeError."""
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
    for family, kind, protocol, _, address in _addresses(host, port, min(_LOOK_UP_SECONDS, seconds())):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(seconds())
            connection.connect(address)
            connection.settimeout(seconds())
            return tls_context().wrap_socket(connection, server_hostname=host) if is_tls else connection
        except ssl.SSLError:
            connection.close()
            raise
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _addresses(host: str, port: int, seconds: float) -> list[Any]:
    """Look up the addresses of a host. The system's look-up has no deadline: one that hangs is left to its thread."""
    answers: SimpleQueue[list[Any] | OSError | UnicodeError] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, name="look-up of a server", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise _NoNameServer from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def tls_context() -> ssl.SSLContext:
    """Return the context of a connection: a trusted certificate, and no old protocol."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996; for mail RFC 8997
    return context


def why_unreachable(error: Exception) -> Sentence | str:
    """Return why a server could not be reached, to follow a colon."""
    match error:
        case _NoNameServer():
            return sentence("the name server did not answer in time")
        case TimeoutError():
            return sentence("it did not answer in time")
        case socket.gaierror() | UnicodeError():
            return sentence("no server has that name")
        case ConnectionRefusedError():
            return sentence("it refused the connection")
        case ssl.SSLCertVerificationError():
            return sentence("its certificate is not valid")
        case ConnectionError():
            return sentence("it closed the connection")
        case _:
            return getattr(error, "strerror", None) or str(error) or type(error).__name__
