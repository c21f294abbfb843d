"""A real SMTP server on loopback that stores the messages it receives and can refuse at every step."""

import asyncio
import email
import email.policy
import re
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, cast

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from aiosmtpd.smtp import auth_mechanism as named

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Received:
    """A received message."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    user: str | None  # who signed in
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        """The body in plain text."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


class MailServer:
    """``host``, ``port``, ``received``; ``answers["DATA"] = "451 4.3.0 later"`` refuses at MAIL, RCPT or DATA."""

    host = "127.0.0.1"

    def __init__(self, security: Security, *, login: tuple[str, str] | None, certificate: Path | None) -> None:
        self.security = security
        self.login = login
        self.certificate = certificate  # of the authority, in PEM: the client must trust it
        self.answers: dict[str, str] = {}
        self.lets_in: Callable[[str, str], bool] | None = None  # user and access token, by XOAUTH2
        self.challenged: list[bytes] = []  # what came after the error of a token
        self.lose_answer = False  # accepts the message and closes the connection before it answers
        self.received: list[Received] = []
        self.port = 0
        self._came = threading.Condition()

    def wait_for(self, number: int, *, timeout: float = 10) -> list[Received]:
        """Wait for at least ``number`` messages and return all received."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.received) >= number, timeout), (
                f"{len(self.received)} of {number} messages came within {timeout} s"
            )
            return list(self.received)

    # aiosmtpd calls these on its own thread.

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (self.login or self.lets_in) and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if refusal := self.answers.get("DATA"):
            return refusal
        content = envelope.original_content or b""
        login = session.login_data
        user = login.decode() if login else None
        encrypted = session.ssl is not None or self.security == "tls"
        received = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, user, encrypted)
        with self._came:
            self.received.append(received)
            self._came.notify_all()
        if self.lose_answer:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            raise asyncio.CancelledError
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.login, handled=False, auth_data=data)

    @named("XOAUTH2")
    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:
        """As Google does: an error is a challenge first, and the refusal comes after the answer to it."""
        given = re.fullmatch("user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", b64decode(arguments[1]).decode())
        if given and self.lets_in and self.lets_in(given[1], given[2]):
            return AuthResult(success=True, auth_data=LoginPassword(given[1].encode(), b""))
        answer = await server.challenge_auth('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}')
        self.challenged.append(cast(bytes, answer))
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and Password not accepted.")


class _Connection(SMTP):
    """A connection that is in ``among`` while it is open, so that the server can close it at its end."""

    def __init__(self, mail: MailServer, among: "set[_Connection]", **options: Any) -> None:
        super().__init__(mail, **options)
        self._among = among
        self.lost: asyncio.Future[None] = self.loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._among.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._among.discard(self)
        if not self.lost.done():
            self.lost.set_result(None)
        super().connection_lost(error)


@contextmanager
def _serving(mail: MailServer, context: ssl.SSLContext | None) -> Iterator[None]:
    listener = socket.create_server((mail.host, 0))
    mail.port = listener.getsockname()[1]
    loop = asyncio.new_event_loop()
    connections: set[_Connection] = set()

    def connection() -> _Connection:
        options: dict[str, Any] = {"hostname": "mail.test", "enable_SMTPUTF8": True, "loop": loop}
        options["auth_exclude_mechanism"] = ["LOGIN", "PLAIN"] if mail.lets_in else ["XOAUTH2"]
        if mail.lets_in:
            options["auth_require_tls"] = False
        if mail.login:
            options |= {"authenticator": mail.authenticate, "auth_require_tls": mail.security == "starttls"}
        if mail.security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        return _Connection(mail, connections, **options)

    ended: asyncio.Future[None] = loop.create_future()

    async def serve() -> None:
        tls = context if mail.security == "tls" else None
        server = await loop.create_server(connection, sock=listener, ssl=tls)
        await ended
        server.close()
        await _end(connections)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.close()

    # The socket listens already: a client that connects before the thread runs just waits.
    thread = threading.Thread(target=run, name="mail server")
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(ended.set_result, None)  # also before the thread has begun to serve
        thread.join()


async def _end(connections: set[_Connection]) -> None:
    for one in connections:
        assert isinstance(one.transport, asyncio.Transport)
        if not one.transport.is_closing():  # a closing one is ending its TLS session and must not be aborted
            one.transport.abort()
    if connections:
        await asyncio.wait([one.lost for one in connections], timeout=5)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """The authority that signs the certificates of this test run."""
    return trustme.CA()


@pytest.fixture
def start_mail_server(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., MailServer]]:
    """``start_mail_server("starttls", login=("shop", "secret"), trusted=True)``: a server with these options.

    ``trusted`` makes ``ssl.create_default_context()`` accept its certificate, as if the machine knew the authority.
    """
    with ExitStack() as running:

        def start(
            security: Security = "none", *, login: tuple[str, str] | None = None, trusted: bool = True
        ) -> MailServer:
            context = certificate = None
            if security != "none":
                certificate = tmp_path / "authority.pem"
                authority.cert_pem.write_to_path(certificate)
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
                if trusted:
                    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            mail = MailServer(security, login=login, certificate=certificate)
            running.enter_context(_serving(mail, context))
            return mail

        yield start


@pytest.fixture
def mail_server(start_mail_server: Callable[..., MailServer]) -> MailServer:
    """A server without encryption and without sign-in."""
    return start_mail_server()
