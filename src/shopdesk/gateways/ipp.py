"""Questions to a print server by IPP (RFC 8010, RFC 8011): what queues it has, and what became of a job.

CUPS has commands for that, too, but “lpstat” tells completed, aborted and cancelled jobs only in words that are alike.
"""

from __future__ import annotations

import getpass
import http.client
import os
import re
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence, verbatim

_SECONDS = 5.0
_SOCKET = Path("/run/cups/cups.sock")
_PORT = 631

GET_JOB_ATTRIBUTES = 0x0009
GET_PRINTER_ATTRIBUTES = 0x000B
GET_DEFAULT = 0x4001  # of CUPS
GET_PRINTERS = 0x4002  # of CUPS

_OPERATION_GROUP, _END = 0x01, 0x03
_FIRST_VALUE_TAG = 0x10
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_KEYWORD, _URI, _CHARSET, _LANGUAGE, _NAME = 0x44, 0x45, 0x47, 0x48, 0x42
_NOT_FOUND = 0x0406
_FIRST_ERROR = 0x0400

Values = Sequence[int | str]
Attributes = Mapping[str, Values]


def ask(operation: int, target: str = "", wanted: Sequence[str] = ()) -> list[Attributes]:
    """Return the attributes of the printers or the job that the server tells; none if it knows no such.

    ``target`` is a path on the server, such as “printers/NAME” or “jobs/12”. Raise Unavailable if there is no server.
    """
    try:
        code, found = _read(_exchange(_request(operation, target, wanted)))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(
            sentence(
                "The print server does not answer: {reason}.",
                reason=verbatim(getattr(error, "strerror", "") or str(error)),
            )
        ) from error
    if code == _NOT_FOUND:
        return []
    if code >= _FIRST_ERROR:
        raise Unavailable(sentence("The print server refused the question (IPP status {code}).", code=f"{code:#06x}"))
    return found


def _request(operation: int, target: str, wanted: Sequence[str]) -> bytes:
    parts = [struct.pack(">BBHIB", 2, 0, operation, 1, _OPERATION_GROUP)]
    parts.append(_attribute(_CHARSET, "attributes-charset", "utf-8"))
    parts.append(_attribute(_LANGUAGE, "attributes-natural-language", "en"))
    if target:
        kind = "job-uri" if target.startswith("jobs/") else "printer-uri"
        parts.append(_attribute(_URI, kind, f"ipp://localhost/{quote(target)}"))
    parts.append(_attribute(_NAME, "requesting-user-name", getpass.getuser()))
    for place, name in enumerate(wanted):
        parts.append(_attribute(_KEYWORD, "" if place else "requested-attributes", name))
    return b"".join((*parts, bytes([_END])))


def _attribute(tag: int, name: str, value: str) -> bytes:
    """Return an attribute with a value of text; one without a name is another value of the one before."""
    key, text = name.encode(), value.encode()
    return struct.pack(">BH", tag, len(key)) + key + struct.pack(">H", len(text)) + text


def _read(answer: bytes) -> tuple[int, list[Attributes]]:
    """Return the status of an answer and its groups. Raise ValueError if it is not IPP, or not whole."""
    try:
        return int.from_bytes(answer[2:4]), list(_groups(answer))
    except IndexError:
        raise ValueError("not an IPP answer") from None


def _groups(answer: bytes) -> Iterator[Attributes]:
    """Yield the groups of attributes after that of the operation itself."""
    at, name = 8, ""
    group: dict[str, list[int | str]] = {}
    groups: list[dict[str, list[int | str]]] = []
    while (tag := answer[at]) != _END:
        at += 1
        if tag < _FIRST_VALUE_TAG:
            group = {}
            groups.append(group)
            continue
        key, at = _counted(answer, at)
        value, at = _counted(answer, at)
        name = key.decode() or name
        group.setdefault(name, []).append(_value(tag, value))
    yield from groups[1:]


def _counted(answer: bytes, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(answer[at : at + 2])
    return answer[at + 2 : at + 2 + length], at + 2 + length


def _value(tag: int, value: bytes) -> int | str:
    if tag in (_INTEGER, _ENUM, _BOOLEAN):
        return int.from_bytes(value, signed=tag != _BOOLEAN)
    return value.decode(errors="replace")


def _exchange(request: bytes) -> bytes:
    connection = _Connection(*_server())
    try:
        connection.request("POST", "/", request, {"Content-Type": "application/ipp"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise http.client.HTTPException(f"{answer.status} {answer.reason}")
        return answer.read()
    finally:
        connection.close()


def _server() -> tuple[str, int]:
    """Return host and port of the print server, or the path of its socket and 0; as the commands of CUPS find it."""
    named = re.sub(r"/version=[\d.]+$", "", os.environ.get("CUPS_SERVER", ""))
    if named.startswith("/"):
        return named, 0
    if named:
        parts = urlsplit(f"//{named}")
        return parts.hostname or "", parts.port or _PORT
    return (str(_SOCKET), 0) if _SOCKET.exists() else ("localhost", _PORT)


class _Connection(http.client.HTTPConnection):
    """A connection to the print server, mostly by the socket of this computer."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__("localhost" if not port else host, port or _PORT, timeout=_SECONDS)
        self._path = "" if port else host

    def connect(self) -> None:
        """Connect to the socket if it has a path, else as always."""
        if not self._path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._path)
