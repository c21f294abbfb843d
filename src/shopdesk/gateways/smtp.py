"""Sending of e-mail by SMTP (RFC 5321), with the password only over TLS or to this machine.

Delivery exactly once is not possible, because the server's "250" can be lost. The bytes of a message are made once, so
a repeat is the same message.
"""

from __future__ import annotations

import base64
import io
import ipaddress
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from shopdesk.domain.email_address import ascii_domain
from shopdesk.domain.errors import MailSignInFailed, Unavailable
from shopdesk.domain.message import SERVER_SAID
from shopdesk.domain.sentence import Sentence, joined, sentence
from shopdesk.gateways.connecting import connected_socket, tls_context, why_unreachable
from shopdesk.gateways.server_text import one_line, shortened
from shopdesk.settings import MailSettings, MailSignIn, Security

_SECONDS = 30.0
"""The longest wait for one step: a connection, a piece of an answer."""
_EXCHANGE_SECONDS = 60.0
"""The longest exchange, from the look-up to the answer after the message: the end of the program waits for it."""
_MOST_LINES = 200
"""The most lines of answers in an exchange; an ordinary one has about thirty."""
_RECORD = 16_384
"""The octets sent at once, with a timeout of their own: one record of TLS."""
SETTINGS = sentence("See Settings, Mail.")
_CHECK_PASSWORD = sentence("Check the user name and the password.")
SIGN_IN_AGAIN = sentence("Check the user name, and sign in again.")
_NOT_LET_IN = frozenset({530, 534, 535, 538})
"""RFC 4954, 4 and 6: sign-in needed, mechanism too weak, wrong password, encryption needed. 454 is temporary."""


class _EndlessAnswer(Exception):
    """The server sent more lines than an exchange has."""


class _Exchange(smtplib.SMTP):
    """An exchange with a server under one deadline and one limit of lines, which smtplib has per step or not at all."""

    def __init__(self, mail: MailSettings) -> None:
        self._deadline = time.monotonic() + _EXCHANGE_SECONDS
        self._lines = 0
        self._is_tls = mail.security is Security.TLS
        # smtplib checks the certificate against this host, and looks up this machine's name unless one is given.
        super().__init__(ascii_domain(mail.host), mail.port, local_hostname="[127.0.0.1]", timeout=_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connected_socket(host, port, is_tls=self._is_tls, seconds=self.seconds_left)

    def seconds_left(self) -> float:
        """Return the seconds that the next step may take. Raises TimeoutError after the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return min(_SECONDS, left)

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer, each piece of it within the deadline."""
        if self.file is None and self.sock is not None:
            self.file = _Answers(self)
        return super().getreply()

    def send(self, s: Any) -> None:
        """Send within the deadline, in pieces: over TLS the timeout of a socket is for each piece."""
        octets = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        connection = _socket(self)
        try:
            for start in range(0, len(octets), _RECORD):
                connection.settimeout(self.seconds_left())
                connection.sendall(octets[start : start + _RECORD])
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected from error

    def count_line(self) -> None:
        """Count a line of an answer. Raises _EndlessAnswer after the last one allowed."""
        self._lines += 1
        if self._lines > _MOST_LINES:
            self.close()
            raise _EndlessAnswer


class _Answers(io.BufferedReader):
    """The lines that a server sends."""

    def __init__(self, exchange: _Exchange) -> None:
        super().__init__(_Pieces(exchange))
        self._exchange = exchange

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read one line, and count it."""
        self._exchange.count_line()
        return super().readline(size)


class _Pieces(io.RawIOBase):
    def __init__(self, exchange: _Exchange) -> None:
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        connection = _socket(self._exchange)
        connection.settimeout(self._exchange.seconds_left())
        count = connection.recv_into(buffer)
        # A handshake of TLS may be next, which takes the timeout that it finds.
        connection.settimeout(self._exchange.seconds_left())
        return count


def send(mail: MailSettings, password: str | None, message_bytes: bytes, sender: str, recipient: str) -> str:
    """Send one message and return the server's answer, such as "250 2.0.0 Ok: queued as 4F1".

    ``password`` is the access token if ``mail`` signs in at Google or Microsoft.

    Raises MailSignInFailed; Unavailable with ``final`` when the server permanently refuses this message, its
    sender or its recipient (5xx); Unavailable when it may work later. It takes a minute at most.
    """
    with _session(mail, password) as server:
        options = _options(server, message_bytes, sender, recipient)
        _expect(server.mail(_ascii_domain(sender), options))
        _expect(server.rcpt(_ascii_domain(recipient)))
        code, answer = server.data(message_bytes)
        _expect((code, answer))
        return f"{code} {words_of(answer)}"


def test(mail: MailSettings, password: str | None) -> Sentence:
    """Connect and sign in without sending, and return the result as a sentence. Raises as ``send`` does."""
    with _session(mail, password) as server:
        _expect(server.noop())
        how = server.sock.version() if isinstance(server.sock, ssl.SSLSocket) else None
        protected = (
            sentence("the connection is encrypted with {protocol}", protocol=how)
            if how
            else sentence("the connection is not encrypted")
        )
        let_in = (
            sentence("“{user_name}” signed in", user_name=mail.username)
            if mail.username
            else sentence("no sign-in was needed")
        )
        return sentence(
            "{server} answered, {protected}, and {let_in}.",
            server=_named(mail.host, mail.port),
            protected=protected,
            let_in=let_in,
        )


@contextmanager
def _session(mail: MailSettings, password: str | None) -> Iterator[smtplib.SMTP]:
    """Connect and sign in, then yield the server; every error of the library becomes Unavailable."""
    if not mail.host:
        raise Unavailable(sentence("No mail server is set up."), advice=SETTINGS)
    try:
        server = _connected(mail)
        try:
            _sign_in(server, mail, password)
            yield server
        finally:
            # Nothing that happens after the answer to a message may make that message look unsent.
            with suppress(smtplib.SMTPException, OSError, _EndlessAnswer):
                server.quit()
            server.close()
    except _EndlessAnswer as error:
        raise Unavailable(sentence("{server} does not end its answer.", server=_named(mail.host, mail.port))) from error
    except smtplib.SMTPDataError as error:
        raise _refused(error.smtp_code, error.smtp_error, final=500 <= error.smtp_code <= 599) from error
    except smtplib.SMTPResponseException as error:  # before any message: greeting, EHLO, STARTTLS
        raise _refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPServerDisconnected as error:
        advice = sentence("Check that “{security}” is right for this port.", security=mail.security)
        raise Unavailable(
            sentence("{server} closed the connection or did not answer.", server=_named(mail.host, mail.port)),
            advice=advice,
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Unavailable(
            sentence(
                "{server} does not support what is needed: {error}.",
                server=_named(mail.host, mail.port),
                error=str(error),
            ),
            advice=SETTINGS,
        ) from error
    except (OSError, UnicodeError) as error:
        raise connection_error(error, mail.host, mail.port, mail.security) from error


def connection_error(error: OSError | UnicodeError, host: str, port: int, security: Security) -> Unavailable:
    """Return the error to show for one of the connection to a mail server."""
    server = _named(host, port)
    check_port = sentence("Check that “{security}” is right for this port.", security=security)
    match error:
        case ssl.SSLCertVerificationError():
            what = sentence("The certificate of {host} is not trusted: {why}.", host=host, why=error.verify_message)
            return Unavailable(what, advice=joined((sentence("Nothing was sent."), SETTINGS)))
        case ssl.SSLError():
            reason = (error.reason or "no reason given").replace("_", " ").lower()
            what = sentence("The encrypted connection to {server} failed: {reason}.", server=server, reason=reason)
            return Unavailable(what, advice=joined((check_port, SETTINGS)))
        case _:
            what = sentence("{server} cannot be reached: {reason}.", server=server, reason=why_unreachable(error))
            return Unavailable(what, advice=sentence("Check the network connection."))


def _connected(mail: MailSettings) -> smtplib.SMTP:
    server = _Exchange(mail)
    try:
        own = _socket(server).getsockname()[0]
        server.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"  # RFC 5321, 4.1.3
        if mail.security is Security.STARTTLS:
            server.starttls(context=tls_context())
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _sign_in(server: smtplib.SMTP, mail: MailSettings, password: str | None) -> None:
    """Sign in once, with a mechanism that the server offers. Raises MailSignInFailed and Unavailable.

    Not by smtplib's ``login``: it cannot send a password with other than ASCII letters, and tries a wrong password with
    every mechanism, which locks accounts.
    """
    if not mail.username:
        return
    if mail.security is Security.NONE and not is_to_this_machine(_socket(server)):
        what = sentence("The password would be sent unencrypted to {server}.", server=_named(mail.host, mail.port))
        raise MailSignInFailed(what, advice=joined((sentence("Choose “starttls” or “tls”."), SETTINGS)))
    if password is None:
        raise MailSignInFailed(
            sentence("The password for {server} is missing.", server=_named(mail.host, mail.port)),
            advice=joined((sentence("Enter it."), SETTINGS)),
        )
    offered = str(server.esmtp_features.get("auth", "")).upper().split()
    wanted = _CHECK_PASSWORD
    if mail.sign_in is not MailSignIn.PASSWORD:
        wanted = SIGN_IN_AGAIN
        answer = server.docmd("AUTH", f"XOAUTH2 {_base64(xoauth2(mail.username, password))}")
        if answer[0] == 334:  # an error as JSON: its code and words come after an empty answer
            answer = server.docmd("")
    elif "PLAIN" in offered:
        answer = server.docmd("AUTH", f"PLAIN {_base64('', mail.username, password)}")  # RFC 4616
    elif "LOGIN" in offered:
        answer = server.docmd("AUTH", "LOGIN")
        for word in (mail.username, password):
            if answer[0] == 334:
                answer = server.docmd(_base64(word))
    else:
        raise MailSignInFailed(
            sentence("{server} does not support sign-in with a password.", server=_named(mail.host, mail.port)),
            advice=SETTINGS,
        )
    if not 200 <= answer[0] <= 299:
        if 500 <= answer[0] <= 599:
            raise _not_let_in(*answer, wanted)
        raise _refused(*answer)


def xoauth2(username: str, access_token: str) -> str:
    """Return the first answer of the mechanism XOAUTH2, which Google and Microsoft have in SMTP and IMAP."""
    return f"user={username}\x01auth=Bearer {access_token}\x01\x01"


def _options(server: smtplib.SMTP, message: bytes, sender: str, recipient: str) -> list[str]:
    for address in (sender, recipient):
        if "\r" in address or "\n" in address:  # would be a command of its own
            raise Unavailable(sentence("The e-mail address contains a line break."), final=True)
    options = []
    if server.has_extn("size"):
        options.append(f"SIZE={len(message)}")  # RFC 1870: refused before it is sent
    if server.has_extn("8bitmime") and not message.isascii():
        options.append("BODY=8BITMIME")
    if not (_ascii_domain(sender) + _ascii_domain(recipient)).isascii():
        if not server.has_extn("smtputf8"):
            raise Unavailable(
                sentence(
                    "The mail server cannot send to “{recipient}”: it supports only plain letters.", recipient=recipient
                ),
                final=True,
            )
        options.append("SMTPUTF8")  # RFC 6531
    return options


def _ascii_domain(address: str) -> str:
    """Return the address with its domain in ASCII; the part before the @ is unchanged."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{ascii_domain(domain)}"
    except UnicodeError:
        return address


def _expect(answer: tuple[int, bytes]) -> None:
    """Raise unless the answer is yes: any 2yz is (RFC 5321, 4.2.1)."""
    code, words = answer
    if code in _NOT_LET_IN:
        raise _not_let_in(code, words)
    if not 200 <= code <= 299:
        raise _refused(code, words, final=500 <= code <= 599)


def _refused(code: int, answer: bytes | str, *, final: bool = False) -> Unavailable:
    if code < 0:
        return Unavailable(
            sentence("This is not a mail server. It answered: “{text}”.", text=words_of(answer)), advice=SETTINGS
        )
    return Unavailable(
        sentence("{server_said}{code} {text}.", server_said=SERVER_SAID, code=str(code), text=words_of(answer)),
        final=final,
    )


def _not_let_in(code: int, answer: bytes | str, wanted: Sentence = _CHECK_PASSWORD) -> MailSignInFailed:
    what = sentence("The mail server rejected the sign-in: {code} {text}.", code=str(code), text=words_of(answer))
    return MailSignInFailed(what, advice=joined((wanted, SETTINGS)))


def words_of(answer: bytes | str) -> str:
    """Return the words of a server as one short line without control characters."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return shortened(one_line(text), 300)


def _named(host: str, port: int) -> str:
    return f"{host} (port {port})"


def is_to_this_machine(connection: socket.socket) -> bool:
    """Return True if the other end is this machine, by the connection's address: a name can point anywhere."""
    return ipaddress.ip_address(connection.getpeername()[0].partition("%")[0]).is_loopback


def _socket(server: smtplib.SMTP) -> socket.socket:
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected
    return server.sock


def _base64(*words: str) -> str:
    return base64.b64encode("\0".join(words).encode()).decode("ascii")
