"""The folder of a mailbox that delivery reports come to, read by IMAP (RFC 3501) and left as it is.

The folder is opened read-only and messages are read with PEEK: none is deleted, moved or marked as seen.
"""

from __future__ import annotations

import imaplib
import re
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from shopdesk.domain.email_address import ascii_domain
from shopdesk.domain.errors import MailSignInFailed, Unavailable
from shopdesk.domain.sentence import Sentence, joined, sentence
from shopdesk.gateways.connecting import connected_socket, tls_context
from shopdesk.gateways.delivery_report import Bounce, is_report, read_bounce
from shopdesk.gateways.smtp import (
    SETTINGS,
    SIGN_IN_AGAIN,
    connection_error,
    is_to_this_machine,
    words_of,
    xoauth2,
)
from shopdesk.settings import MailSettings, MailSignIn, Security

_SECONDS = 30.0
"""The longest wait for one step."""
_MOST_OCTETS = 262_144
"""The octets of a report that are read: what a server says and the headers come before the message's attachments."""
_MOST_AT_ONCE = 500
"""The messages that are looked at with one connection."""
_LONGEST_ANSWER = 2 * _MOST_OCTETS
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Place:
    """The end of a look into a folder: its last UID. UIDs mean something only together with their ``validity``."""

    validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of a look into the folder, and the place for the next one; ``is_whole`` if nothing is left for it."""

    bounces: tuple[Bounce, ...]
    place: Place | None
    is_whole: bool


def read(
    mail: MailSettings,
    secret: str | None,
    after: Place | None,
    *,
    since: date,
    opened: Callable[[Folder], object] = lambda _: None,
) -> Reading:
    """Read what came after a place, or since a day. ``opened`` gets the open folder, to abort it from another thread.

    ``secret`` is the password or access token of the user name. Raises MailSignInFailed and Unavailable.
    """
    with open_folder(mail, secret) as folder:
        opened(folder)
        uids = folder.uids(after, since=since)
        reports = [folder.report(uid) for uid in uids[:_MOST_AT_ONCE]]
        if after is not None and after.validity != folder.validity:
            after = None
        place = Place(folder.validity, uids[:_MOST_AT_ONCE][-1]) if uids else after
    bounces = (read_bounce(report) for report in reports if report is not None)
    return Reading(tuple(one for one in bounces if one), place, len(uids) <= _MOST_AT_ONCE)


class Folder:
    """The open folder."""

    def __init__(self, connection: _Connection, validity: int) -> None:
        self._connection = connection
        self.validity = validity

    def uids(self, after: Place | None, *, since: date) -> list[int]:
        """Return the UIDs of the messages after a place; without one, or if the UIDs were made anew, of those since."""
        if after is None or after.validity != self.validity:
            found = self._connection.uid("SEARCH", f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}")
            return sorted(_numbers(_answer(found)))
        found = self._connection.uid("SEARCH", f"UID {after.uid + 1}:*")
        return sorted(uid for uid in _numbers(_answer(found)) if uid > after.uid)  # “*” is always the last message

    def report(self, uid: int) -> bytes | None:
        """Return the beginning of a message that may be a delivery report; None of another one, or if it is gone."""
        header = self._fetched(uid, "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)]")
        if header is None or not is_report(header.decode("ascii", "replace").partition(":")[2]):
            return None
        return self._fetched(uid, f"BODY.PEEK[]<0.{_MOST_OCTETS}>")

    def _fetched(self, uid: int, what: str) -> bytes | None:
        parts = _answer(self._connection.uid("FETCH", str(uid), f"({what})"))
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def abort(self) -> None:
        """End the connection at once, from any thread; what waits for it raises Unavailable."""
        with suppress(OSError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def open_folder(mail: MailSettings, secret: str | None) -> Iterator[Folder]:
    """Connect, sign in and open the folder; errors are raised as by ``read``, inside the block too."""
    server = f"{mail.imap_host} (port {mail.imap_port})"
    try:
        connection = _Connection(mail)
        try:
            if mail.imap_security is Security.STARTTLS:
                connection.starttls(tls_context())
            _sign_in(connection, mail, secret, server)
            yield Folder(connection, _opened(connection, mail.imap_folder, server))
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                connection.logout()
            with suppress(OSError):
                connection.shutdown()
    except imaplib.IMAP4.error as error:
        what = sentence("{server} did not do what IMAP servers do: {words}.", server=server, words=_said(error))
        raise Unavailable(what, advice=SETTINGS) from error
    except (OSError, UnicodeError) as error:
        raise connection_error(error, mail.imap_host, mail.imap_port, mail.imap_security) from error


def test(mail: MailSettings, secret: str | None) -> Sentence:
    """Open the folder and return the result as a sentence. Raises as ``read`` does."""
    with open_folder(mail, secret):
        return sentence("Bounces are read from “{folder}” at {host}.", folder=mail.imap_folder, host=mail.imap_host)


class _Connection(imaplib.IMAP4):
    """A connection whose steps have a time limit, and whose answers have a limit of length."""

    def __init__(self, mail: MailSettings) -> None:
        self._is_tls = mail.imap_security is Security.TLS
        super().__init__(ascii_domain(mail.imap_host), mail.imap_port, timeout=_SECONDS)

    def _create_socket(self, timeout: float) -> socket.socket:
        return connected_socket(self.host, self.port, is_tls=self._is_tls, seconds=lambda: _SECONDS)

    def read(self, size: int) -> bytes:
        """Read a literal. Raises the library's error for one that is longer than was asked for."""
        if size > _LONGEST_ANSWER:
            raise self.abort(f"a literal of {size} octets")
        return super().read(size)


def _sign_in(connection: _Connection, mail: MailSettings, secret: str | None, server: str) -> None:
    if not is_to_this_machine(connection.sock) and mail.imap_security is Security.NONE:
        what = sentence("The password would be sent unencrypted to {server}.", server=server)
        raise MailSignInFailed(what, advice=joined((sentence("Choose “starttls” or “tls”."), SETTINGS)))
    if secret is None:
        what = sentence("The password for {server} is missing.", server=server)
        raise MailSignInFailed(what, advice=joined((sentence("Enter it."), SETTINGS)))
    by_token = mail.sign_in is not MailSignIn.PASSWORD
    try:
        if by_token:
            answers = [xoauth2(mail.username, secret)]
            # An error comes as a challenge before the refusal, and wants an empty answer.
            connection.authenticate("XOAUTH2", lambda _: answers.pop().encode() if answers else b"")
        elif "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: f"\0{mail.username}\0{secret}".encode())  # RFC 4616
        else:
            connection.login(mail.username, secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        what = sentence("{server} rejected the sign-in: {words}.", server=server, words=_said(error))
        wanted = SIGN_IN_AGAIN if by_token else sentence("Check the user name and the password.")
        raise MailSignInFailed(what, advice=joined((wanted, SETTINGS))) from error


def _opened(connection: _Connection, folder: str, server: str) -> int:
    """Open the folder read-only and return the validity of its UIDs."""
    status, said = connection.select(f'"{_utf_7(folder)}"', readonly=True)
    if status != "OK":
        what = sentence(
            "{server} does not open the folder “{folder}”: {words}.",
            server=server,
            folder=folder,
            words=words_of(said[0] or b""),
        )
        raise Unavailable(what, advice=SETTINGS)
    (validity,) = _numbers(connection.response("UIDVALIDITY")[1])
    return validity


def _utf_7(folder: str) -> str:
    """Return the name of a folder in IMAP's own UTF-7 (RFC 3501, 5.1.3), escaped for a quoted string."""

    def encoded(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        return f"&{b64encode(found[0].encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"

    return re.sub(r"&|[^ -~]+", encoded, folder).replace("\\", "\\\\").replace('"', '\\"')


def _said(error: imaplib.IMAP4.error) -> str:
    said = error.args[0] if error.args else ""
    return words_of(said if isinstance(said, bytes) else str(said))


def _answer(answer: tuple[str, list[Any]]) -> list[Any]:
    status, parts = answer
    if status != "OK":
        raise imaplib.IMAP4.error(parts[0] if parts else status)
    return parts


def _numbers(parts: list[Any]) -> list[int]:
    return [int(number) for part in parts if isinstance(part, bytes) for number in part.split() if number.isdigit()]
