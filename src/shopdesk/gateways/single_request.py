"""One HTTP request that is sent once: no redirect is followed, nothing is repeated, and the exchange ends in time.

The standard library's client, because it alone tells apart what fails before and after the request was sent.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from shopdesk import __version__
from shopdesk.domain.errors import OutcomeUnknown, Unavailable
from shopdesk.domain.http_template import HttpRequest
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.gateways.connecting import connected_socket, why_unreachable

_CONNECT_SECONDS = 10.0
_STEP_SECONDS = 30.0
_EXCHANGE_SECONDS = 60.0
"""The longest exchange once connected: the end of the program waits for it."""
_LONGEST_ANSWER = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request: the status, and the text as UTF-8."""

    status: int
    text: str


def exchange(request: HttpRequest) -> Answer:
    """Send a request and return the answer, whatever its status.

    Raises Unavailable if it was not sent, OutcomeUnknown if it may have been and no whole answer came.
    """
    parts = urlsplit(request.address)
    host = parts.hostname or ""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connected(host, parts.port, is_tls=parts.scheme == "https")
    with closing(connection), _ended_in_time(connection.sock):
        try:
            headers = {"User-Agent": f"shopdesk/{__version__}", "Connection": "close", **request.headers}
            connection.request(request.method, path, request.body or None, headers)
            with connection.getresponse() as response:
                content = response.read(_LONGEST_ANSWER)
            if response.length and len(content) < _LONGEST_ANSWER:
                raise http.client.IncompleteRead(content, response.length)  # it raises by itself for chunks only
        except (OSError, http.client.HTTPException) as error:
            raise OutcomeUnknown(
                sentence("{server} did not answer: {reason}.", server=host, reason=_cause(error)), advice=_MAYBE
            ) from error
    return Answer(response.status, content.decode("utf-8", "replace"))


_MAYBE = sentence("The message may have been sent.")


class _HttpsConnection(http.client.HTTPConnection):
    """HTTP through a socket that is encrypted already."""

    default_port = http.client.HTTPS_PORT


def _connected(host: str, port: int | None, *, is_tls: bool) -> http.client.HTTPConnection:
    """Return a connection. Raises Unavailable; nothing was sent then."""
    connection = (_HttpsConnection if is_tls else http.client.HTTPConnection)(host, port)
    end = time.monotonic() + _CONNECT_SECONDS

    def left() -> float:
        if (seconds := end - time.monotonic()) <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds

    try:
        connection.sock = connected_socket(host, connection.port, is_tls=is_tls, seconds=left)
        connection.sock.settimeout(_STEP_SECONDS)
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            sentence("{server} cannot be reached: {reason}.", server=host, reason=why_unreachable(error)),
            advice=sentence("Nothing was sent."),
        ) from error
    return connection


@contextmanager
def _ended_in_time(line: socket.socket) -> Iterator[None]:
    """Cut a connection at the deadline: the timeout of a socket is for each piece only."""
    cut = threading.Timer(_EXCHANGE_SECONDS, _cut, [line])
    cut.start()
    try:
        yield
    finally:
        cut.cancel()
        cut.join()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _cause(error: Exception) -> Sentence | str:
    if isinstance(error, http.client.HTTPException):
        return sentence("it closed the connection")
    return why_unreachable(error)
