"""A gateway for text messages on loopback, as strict as Africa's Talking documents its own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from shopdesk.settings import SmsGateway, SmsSettings

KEY = "atsk_0123456789abcdef"
"""The key that the gateway takes."""
_MESSAGING, _USER = "/version1/messaging", "/version1/user"


class Fault(Enum):
    """What goes wrong with an answer on its way."""

    SILENCE = auto()  # no answer until the test ends
    CLOSED = auto()  # the connection is closed before the answer
    CUT = auto()  # half of the answer


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form; each may be there once."""
        pairs = parse_qsl(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)


@dataclass
class SmsServer:
    """``requests`` are those received. ``answer`` replaces the usual one: status, type of content, text."""

    port: int = 0
    requests: list[ReceivedRequest] = field(default_factory=list)
    answer: tuple[int, str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    code: int = 101
    fault: Fault | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def africastalking(self) -> SmsSettings:
        """The settings of a till that sends by it."""
        return SmsSettings(gateway=SmsGateway.AFRICASTALKING, username="shop", address=self.address)

    def respond(self, request: ReceivedRequest) -> tuple[int, str, str]:
        """Return the answer of Africa's Talking to a request."""
        path = urlsplit(request.target).path
        if request.headers.get("apikey") != KEY:
            return 401, "text/plain", "The supplied authentication is invalid"
        if (request.method, path) == ("GET", _USER):
            return _json(200, {"UserData": {"balance": "KES 1785.50"}})
        if (request.method, path) != ("POST", _MESSAGING):
            return 404, "text/html", "<html>The requested resource could not be found.</html>"
        return self._message(request)

    def _message(self, request: ReceivedRequest) -> tuple[int, str, str]:
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return 415, "text/plain", "Unsupported content type"
        form = request.form
        for name in ("username", "to", "message"):
            if not form.get(name):
                return 400, "text/plain", f"Request is missing required form field '{name}'"
        if form.keys() - {"username", "to", "message", "from"}:
            return 400, "text/plain", "Unknown form field"
        if form.get("from", "SHOP") != "SHOP":
            return _json(201, {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}})
        recipient = {
            "statusCode": self.code,
            "number": form["to"],
            "status": STATUSES[self.code],
            "cost": "KES 0.8000",
            "messageId": "ATXid_1",
        }
        said = "Sent to 1/1 Total Cost: KES 0.8000"
        return _json(201, {"SMSMessageData": {"Message": said, "Recipients": [recipient]}})


STATUSES = {
    100: "Processed",
    101: "Success",
    102: "Queued",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
"""The statuses of a recipient that the documentation of Africa's Talking has."""


def _json(status: int, content: Any) -> tuple[int, str, str]:
    return status, "application/json", json.dumps(content)


class _Handler(BaseHTTPRequestHandler):
    gateway: SmsServer

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): text for name, text in self.headers.items()}
        request = ReceivedRequest(self.command, self.path, headers, body)
        self.gateway.requests.append(request)
        if self.gateway.fault is Fault.SILENCE:
            self.gateway.ended.wait(30)
        if self.gateway.fault in {Fault.SILENCE, Fault.CLOSED}:
            return
        status, kind, text = self.gateway.answer or self.gateway.respond(request)
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in self.gateway.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if self.gateway.fault is Fault.CUT else content)

    do_GET = do_POST = do_PUT = do_HEAD = _take

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@contextmanager
def running_gateway() -> Iterator[SmsServer]:
    gateway = SmsServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"gateway": gateway}))
    server.daemon_threads = False
    gateway.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="gateway")
    serving.start()
    try:
        yield gateway
    finally:
        gateway.ended.set()
        server.shutdown()
        server.server_close()
        serving.join()


@pytest.fixture
def sms_gateway() -> Iterator[SmsServer]:
    """A gateway that is as strict as Africa's Talking."""
    with running_gateway() as gateway:
        yield gateway
