"""The loopback redirect: an address on this machine that the browser returns to after a sign-in (RFC 8252, 7.3).

Any program on this machine and any page in the browser can send requests to it. Only the answer with the secret
``state`` of this sign-in is accepted, once, and no request is logged.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import re
import selectors
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence

_LARGEST_REQUEST = 16 * 1024
_MOST_CONNECTIONS = 32
_CONNECTION_SECONDS = 10.0
"""Time limit of a connection: browsers open some in advance and send nothing, which must not block the others."""
_LOOK_SECONDS = 0.1
"""Interval at which a cancelled sign-in is noticed."""

_HOSTS = {"127.0.0.1": ("127.0.0.1",), "localhost": ("127.0.0.1", "::1"), "[::1]": ("::1",)}
"""Hosts allowed in a redirect address, and the addresses to listen on. Some providers accept only ``localhost``.

A browser decides by itself which address ``localhost`` is: both are open, or another program could take the answer at
the one that is not.
"""
_NOT_HERE = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_TRIES = 20
"""Free ports of the first address that are tried, until one is free at the second address, too."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """An address on this machine for the browser to return to; ``port`` 0 means any free port."""

    host: str
    port: int
    path: str

    def at(self, port: int) -> str:
        """Return the complete address with the given port."""
        return f"http://{self.host}:{port}{self.path}"


def read_redirect(text: str) -> Redirect:
    """Parse a redirect address such as ``http://127.0.0.1/callback`` or ``http://localhost:8912/``. Raises Refused."""
    matched = re.fullmatch(
        r"http://(127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?(/[\w./~-]*)?", text.strip(), re.ASCII
    )
    port = int(matched[2] or 0) if matched else 0
    if not matched or port > 65535:
        raise Refused(
            sentence(
                "“{text}” does not point to this machine. Enter an address such as http://127.0.0.1/callback.",
                text=text,
            ),
            field="redirect",
        )
    return Redirect(matched[1], port, matched[3] or "/")


@dataclass(slots=True)
class _Connection:
    """An open connection and the bytes received on it."""

    closes_at: float
    is_answered: bool = False
    received: bytearray = field(default_factory=bytearray)


class RedirectListener:
    """A server that listens inside its ``with`` block; ``address`` is where the provider must send the browser.

    After the answer was accepted, every further answer gets 410 (Gone).
    """

    def __init__(self, redirect: Redirect, *, state: str) -> None:
        if not state:
            raise ValueError("a sign-in without a secret state would take anybody's answer")
        self._redirect = redirect
        self._state = state
        self._answer: Mapping[str, str] | None = None
        self._came = threading.Condition()
        self._connections: dict[socket.socket, _Connection] = {}
        self.address = ""

    def __enter__(self) -> Self:
        """Start to listen. Raises Unavailable when the port is in use."""
        try:
            self._doors = _doors(_HOSTS[self._redirect.host], self._redirect.port)
        except OSError as error:
            where = self._redirect.at(self._redirect.port)
            advice = sentence(
                "Another program may be using this port. Close it, or choose another port for the redirect."
            )
            raise Unavailable(
                sentence("The browser cannot return to {where}: {reason}.", where=where, reason=error.strerror),
                advice=advice,
            ) from error
        port = self._doors[0].getsockname()[1]
        self.address = self._redirect.at(port)
        self._host = f"{self._redirect.host}:{port}"
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="sign-in listener", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wake.close()
        self._thread.join()

    def wait(self, *, cancelled: threading.Event, seconds: float) -> Mapping[str, str] | None:
        """Wait for the answer and return its parameters; None after ``seconds`` or once ``cancelled`` is set."""
        end = time.monotonic() + seconds
        with self._came:
            while self._answer is None and not cancelled.is_set() and (left := end - time.monotonic()) > 0:
                self._came.wait(min(left, _LOOK_SECONDS))
            return None if cancelled.is_set() else self._answer

    # --- on the thread ----------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector, ExitStack() as opened, self._woken:
            for door in self._doors:
                opened.enter_context(door)
                selector.register(door, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(_LOOK_SECONDS if self._connections else None):
                    caller: Any = key.fileobj
                    if caller is self._woken:
                        for connection in self._connections:
                            connection.close()
                        return
                    if caller in self._doors:
                        self._admit(selector, caller)
                    elif self._is_done(caller):
                        self._dismiss(selector, caller)
                now = time.monotonic()
                for late in [caller for caller, one in self._connections.items() if one.closes_at < now]:
                    self._dismiss(selector, late)

    def _admit(self, selector: selectors.BaseSelector, door: socket.socket) -> None:
        try:
            caller, _ = door.accept()
        except OSError:  # closed before it was accepted
            return
        if len(self._connections) >= _MOST_CONNECTIONS:
            self._dismiss(selector, next(iter(self._connections)))
        caller.setblocking(False)
        self._connections[caller] = _Connection(time.monotonic() + _CONNECTION_SECONDS)
        selector.register(caller, selectors.EVENT_READ)

    def _dismiss(self, selector: selectors.BaseSelector, caller: socket.socket) -> None:
        selector.unregister(caller)
        del self._connections[caller]
        caller.close()

    def _is_done(self, caller: socket.socket) -> bool:
        """Read what arrived and answer once the request is complete; return True if the connection has ended."""
        one = self._connections[caller]
        try:
            piece = caller.recv(_LARGEST_REQUEST)
            if not piece:
                return True
            # Later bytes are read and dropped: closing a socket with unread bytes would discard the answer.
            if not one.is_answered:
                one.received += piece
                if b"\r\n\r\n" in one.received or len(one.received) > _LARGEST_REQUEST:
                    one.is_answered = True
                    caller.send(self._response(bytes(one.received)))  # smaller than any socket's buffer
                    caller.shutdown(socket.SHUT_WR)
        except OSError:
            return True
        return False

    def _response(self, said: bytes) -> bytes:
        if len(said) > _LARGEST_REQUEST:
            return _page(431, "This request is too long.")
        lines = said.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        request = re.fullmatch(r"([A-Z]+) (\S+) HTTP/1\.[01]", lines[0])
        hosts = [
            value.strip() for name, _, value in (line.partition(":") for line in lines[1:]) if name.lower() == "host"
        ]
        if not request:
            return _page(400, "This is not a valid browser request.")
        if hosts != [self._host]:  # stops DNS rebinding: another name that points here
            return _page(403, "This address is not served here.")
        method, target = request.groups()
        path, _, query = target.partition("?")
        if path != self._redirect.path:
            return _page(404, "This page does not exist.")
        if method != "GET":
            return _page(405, "Only GET requests are supported here.")
        return self._taken(query)

    def _taken(self, query: str) -> bytes:
        try:
            given = parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=50)
        except ValueError:
            given = []
        answer = dict(given)
        is_ours = hmac.compare_digest(answer.get("state", "").encode(), self._state.encode())
        if not is_ours or len(answer) != len(given) or ("code" in answer) == ("error" in answer):
            return _page(400, "This does not belong to a sign-in in progress. You can close this page.")
        with self._came:
            if self._answer is not None:
                return _page(410, "This sign-in is already complete. You can close this page.")
            self._answer = MappingProxyType(answer)
            self._came.notify_all()
        if "error" in answer:
            return _page(200, "You were not signed in. You can close this page and go back to the till.")
        return _page(200, "You can close this page and go back to the till.")


def _doors(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Listen on addresses of this machine with one port; ``port`` 0 means any that is free at all of them.

    An address that the machine does not have is left out, but for the first. Raises OSError.
    """
    tries = 1 if port else _TRIES
    while True:
        tries -= 1
        opened = [_door(addresses[0], port)]
        try:
            opened += [_door(address, opened[0].getsockname()[1]) for address in addresses[1:]]
        except OSError as error:
            if error.errno in _NOT_HERE:
                return opened
            opened[0].close()
            if not tries:
                raise
        else:
            return opened


def _door(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    door = socket.create_server((address, port), family=family, backlog=_MOST_CONNECTIONS)
    door.setblocking(False)
    return door


_STYLE = (
    "body{font:1.25rem/1.5 system-ui,sans-serif;margin:20vh auto 0;max-width:32rem;padding:0 1.5rem;text-align:center}"
    "h1{font-size:1.25rem;letter-spacing:.02em;opacity:.7}:root{color-scheme:light dark}"
)
# The page loads nothing and sends no referrer: its address contains the code.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "Gone",
    431: "Request Header Fields Too Large",
}


def _page(status: int, text: str) -> bytes:
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>shopdesk</title><style>{_STYLE}</style><h1>shopdesk</h1><p>{text}</p></html>"
    ).encode()
    headers = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "Cache-Control: no-store",
        f"Content-Security-Policy: {_POLICY}",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        *(["Allow: GET"] if status == 405 else []),
    ]
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + body
