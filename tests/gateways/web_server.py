"""A small web server on loopback for the providers of the tests: it keeps what it was asked, and can misbehave."""

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What somebody asked. A parameter given twice is refused before any route sees it (RFC 6749, 3.1)."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, content: object, status: int = 200) -> "Answer":
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        return cls(status, json.dumps(content).encode(), headers)


Route = Callable[[Request], Answer]


class WebServer:
    """Runs from ``with`` to its end. ``instead[path]`` answers in place of the route; ``silent`` paths never answer."""

    def __init__(self, *, context: ssl.SSLContext | None = None) -> None:
        self.routes: dict[tuple[str, str], Route] = {}
        self.instead: dict[str, Route] = {}
        self.silent: set[str] = set()
        self.asked: list[Request] = []
        self._stopped = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def _answer(self, body: bytes) -> None:
                answer = server._answer(self.command, self.path, body, dict(self.headers.items()))
                self.send_response(answer.status)
                for name, value in ({"Content-Length": str(len(answer.body))} | dict(answer.headers)).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

        class Threads(ThreadingHTTPServer):
            daemon_threads = False  # closing waits for each of them

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # whoever asked hung up

        self._http = Threads(("127.0.0.1", 0), Handler)
        if context:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"{'https' if context else 'http'}://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), name="web server")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def asked_for(self, path: str) -> list[Request]:
        return [one for one in self.asked if one.path == path]

    def _answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        query, form = parse_qsl(parts.query, keep_blank_values=True), parse_qsl(body.decode(), keep_blank_values=True)
        lowered = {name.lower(): value for name, value in headers.items()}
        request = Request(method, parts.path, dict(query), dict(form), lowered)
        self.asked.append(request)
        if parts.path in self.silent:
            self._stopped.wait(30)
        if parts.path in self.instead:
            return self.instead[parts.path](request)
        if len(request.query) != len(query) or len(request.form) != len(form):
            return Answer.of({"error": "invalid_request", "error_description": "a parameter came twice"}, 400)
        if body and not lowered.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return Answer.of({"error": "invalid_request", "error_description": "this is no form"}, 415)
        route = self.routes.get((method, parts.path))
        return route(request) if route else Answer(404, b"nothing here")
