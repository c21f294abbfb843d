"""Reports of mail servers about messages that did not arrive (RFC 3464, RFC 6533).

The program reads them itself: libraries for bounces guess from texts, which takes a customer's reply with a quotation
for a failure, and miss reports in other alphabets or encodings.
"""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.utils import parsedate_to_datetime

from shopdesk.domain.message import SERVER_SAID
from shopdesk.gateways.smtp import words_of

_STATUS = {"message/delivery-status", "message/global-delivery-status"}
_ORIGINAL = {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}


@dataclass(frozen=True, slots=True)
class Bounce:
    """A message that did not arrive: its Message-ID, the words of the server that gave up, and when it did."""

    message_id: str
    words: str
    reported_at: datetime | None = None


def is_report(content_type: str) -> bool:
    """Return True if a message with this Content-Type may be a report."""
    return content_type.strip().lower().startswith("multipart/report")


def read_bounce(content: bytes) -> Bounce | None:
    """Return the failure that a message reports; None if it is another message, or reports a delay or a success.

    The end of a long message may be missing.
    """
    report = _Part(content)
    parts = [_Part(piece) for piece in report.pieces()]
    words = next((_failure(part.text()) for part in parts if part.content_type in _STATUS), "")
    originals = [message_from_string(part.text()) for part in parts if part.content_type in _ORIGINAL]
    message_id = next((str(one["Message-ID"]).strip() for one in originals if one["Message-ID"]), "")
    return Bounce(message_id, SERVER_SAID + words, report.written_at()) if words and message_id else None


def _failure(status: str) -> str:
    """Return the words of the first recipient's block that reports a failure (RFC 3464, 2.3), or an empty text."""
    for block in re.split(r"\n\s*\n", status.strip()):
        fields = message_from_string(f"{block}\n\n")
        action = str(fields.get("Action", "")).split("(")[0].strip().lower()
        if action == "failed" and "Final-Recipient" in fields:
            said = str(fields.get("Diagnostic-Code", "")).partition(";")[2].strip()
            return words_of(said or str(fields.get("Status", ""))) or "failed"
    return ""


class _Part:
    """A message or a part of one, as bytes.

    The email package would take inner messages and reports apart, encoded ones wrongly, and cannot always write them
    back (findings/email_written_back.sh).
    """

    def __init__(self, content: bytes) -> None:
        head, _, self._body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
        self._headers = message_from_bytes(head + b"\n\n")
        self.content_type = self._headers.get_content_type()

    def pieces(self) -> list[bytes]:
        """Return the parts of a report; none of any other message."""
        boundary = self._headers.get_boundary()
        if self.content_type != "multipart/report" or not boundary:
            return []
        line = b"^--" + re.escape(boundary.encode("utf-8", "surrogateescape")) + rb"(?:--)?[ \t]*$\n?"
        return re.split(line, self._body, flags=re.MULTILINE)[1:]

    def written_at(self) -> datetime | None:
        """Return the time in the header Date, or None if it has none that can be read."""
        try:
            return parsedate_to_datetime(str(self._headers["Date"])).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None

    def text(self) -> str:
        """Return the decoded body."""
        match str(self._headers.get("Content-Transfer-Encoding", "")).strip().lower():
            case "base64":
                letters = re.sub(rb"[^A-Za-z0-9+/]", b"", self._body)
                whole = letters[: len(letters) - (len(letters) % 4 == 1)]  # its end may be missing
                octets = base64.b64decode(whole + b"==")
            case "quoted-printable":
                octets = quopri.decodestring(self._body)
            case _:
                octets = self._body
        return octets.decode("utf-8", "replace").replace("\r\n", "\n")
