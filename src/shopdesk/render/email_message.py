"""The message to the customer: its text, and the complete e-mail with the document attached."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.email_address import ascii_domain
from shopdesk.domain.message import MessageReason
from shopdesk.domain.shop import Seller
from shopdesk.domain.statement import Statement
from shopdesk.render import formatting
from shopdesk.render.document_text import DocumentText, TotalsRow, Weight
from shopdesk.render.receipt_pdf import receipt
from shopdesk.render.statement_pdf import StatementText, statement_pdf

_NONE: Mapping[UUID, str] = MappingProxyType({})
_MOST_ITEMS = 20
"""The most items in a message; the attached document has all."""
_LONGEST_ITEM = 80
_LONGEST_NAME = 120
_LONGEST_LINE = 66
"""Of a name with its address, so that with the header's name the line is within 78 characters (RFC 5322, 2.1.1)."""
_OCTETS = 39
"""In one encoded word, so that with the header's name the line is within 76 characters (RFC 2047, 2)."""
_ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_PLAIN_TEXT = re.compile(r"[ -~]+")


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of a message: a one-line subject, and a body in which each line ends with a line break."""

    subject: str
    body: str


def order_placed(document: Document, reason: MessageReason, *, numbers: Mapping[UUID, str] = _NONE) -> MessageText:
    """Return the plain text message in the document's language. For ``numbers``, see ``receipt``."""
    said = _MessageWords(document, reason, numbers)
    parts = [
        [said.greeting] if said.greeting else [],
        [said.opening],
        [said.headline, *said.remarks],
        [*(f"{item}: {amount}" for item, amount in said.items), *said.more],
        [f"{row.label}: {row.value}" for row in said.sums],
        said.note,
        [said.attached],
        [said.questions, *said.shop],
    ]
    return MessageText(said.subject, "\n\n".join("\n".join(part) for part in parts if part) + "\n")


def mail(
    document: Document,
    *,
    message_id: str,
    recipient: str,
    sender: str,
    at: datetime,
    reason: MessageReason,
    numbers: Mapping[UUID, str] = _NONE,
) -> bytes:
    """Return the complete e-mail (RFC 5322) with the PDF attached; same arguments, same bytes.

    ``at`` is aware. ``recipient`` is an address; ``sender`` may add a name (default: the shop's). Names and texts
    cannot inject headers or addresses. An address with a local part that is not ASCII makes the headers UTF-8, and
    needs a server with SMTPUTF8 (RFC 6531). Raises ValueError for an invalid address or message ID.
    """
    text = order_placed(document, reason, numbers=numbers)
    contents = DocumentText(document, numbers)
    return _whole(
        text,
        _html(_MessageWords(document, reason, numbers), contents),
        _Attachment(document.number, receipt(document, numbers=numbers)),
        seller=document.seller,
        buyer=document.buyer,
        language=contents.words.language,
        message_id=message_id,
        recipient=recipient,
        sender=sender,
        at=at,
    )


def statement_mail(statement: Statement, *, message_id: str, recipient: str, sender: str, at: datetime) -> bytes:
    """Return the complete e-mail with a statement of account attached; see ``mail``."""
    said = _StatementWords(statement)
    contents = said.contents
    parts = [
        [said.greeting] if said.greeting else [],
        [said.opening],
        [said.headline],
        [f"{label}: {value}" for label, value in said.sums],
        [said.attached],
        [said.questions, *said.shop],
    ]
    text = MessageText(said.subject, "\n\n".join("\n".join(part) for part in parts if part) + "\n")
    return _whole(
        text,
        _statement_html(said),
        _Attachment(f"statement {statement.since}--{statement.until}", statement_pdf(statement, made_at=at)),
        seller=statement.seller,
        buyer=statement.buyer,
        language=contents.words.language,
        message_id=message_id,
        recipient=recipient,
        sender=sender,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class _Attachment:
    name: str
    pdf: bytes


def _whole(
    text: MessageText,
    html_part: str,
    attachment: _Attachment,
    *,
    seller: Seller,
    buyer: Buyer,
    language: str,
    message_id: str,
    recipient: str,
    sender: str,
    at: datetime,
) -> bytes:
    name, address = parseaddr(sender)
    headers = [
        ("From", _mailbox(name or seller.name, address)),
        ("To", _mailbox(buyer.name, recipient)),
        ("Subject", _encoded(text.subject, is_plain=_PLAIN_TEXT)),
        ("Date", format_datetime(at.astimezone(UTC))),
        ("Message-ID", _message_id(message_id)),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834: no out-of-office replies
        ("Content-Language", language),
    ]
    if seller.email and seller.email != address:
        headers.insert(2, ("Reply-To", _mailbox(seller.name, seller.email)))
    # 7bit: text that is not ASCII is encoded, so that no server changes the message.
    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    message.set_content(text.body)
    message.add_alternative(html_part, subtype="html")
    message.add_attachment(
        attachment.pdf,
        maintype="application",
        subtype="pdf",
        filename=f"{re.sub(r'[^A-Za-z0-9._-]', '_', attachment.name)}.pdf",
    )
    # The email package would choose random boundaries.
    mark = sha256(message_id.encode("utf-8", "replace")).hexdigest()[:32]
    for count, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"={mark}={count}")
    del message["MIME-Version"]
    headers.append(("MIME-Version", "1.0"))
    # Not set on the message: the email package decodes what looks encoded in a name, and some versions lose its quotes.
    return "".join(f"{header}: {value}\r\n" for header, value in headers).encode() + message.as_bytes()


class _StatementWords:
    """The parts of the message with a statement, as single lines."""

    def __init__(self, statement: Statement) -> None:
        self.contents = contents = StatementText(statement)
        words = contents.words
        shop = {"shop": _line(statement.seller.name, _LONGEST_NAME)}
        self.subject = words.statement.letter.subject.format(**shop)
        self.opening = words.statement.letter.opening.format(**shop)
        name = _line(statement.buyer.name, _LONGEST_NAME)
        is_address = name in {statement.buyer.email, statement.buyer.phone}
        self.greeting = words.greeting.format(name=name) if name and not is_address else ""
        self.headline = f"{words.statement.title}, {contents.period}"
        self.sums = [
            (words.statement.brought_forward, contents.amount(statement.opening)),
            contents.closing(),
        ]
        self.attached = words.attached
        self.questions = words.questions
        self.shop = [_line(line, 500) for line in (statement.seller.name, *contents.seller())]


class _MessageWords:
    """The parts of a message, as single lines."""

    def __init__(self, document: Document, occasion: MessageReason, numbers: Mapping[UUID, str]) -> None:
        contents = DocumentText(document, numbers)
        text = contents.words
        letter = text.letter(document.kind, occasion)
        filled = {
            "kind": contents.kind,
            "number": _line(document.number, _LONGEST_NAME),
            "shop": _line(document.seller.name, _LONGEST_NAME),
        }
        self.subject = letter.subject.format(**filled)
        self.opening = letter.opening.format(**filled)
        name = _line(document.buyer.name, _LONGEST_NAME)
        is_address = name in {document.buyer.email, document.buyer.phone}
        self.greeting = text.greeting.format(name=name) if name and not is_address else ""
        what = f"{contents.kind} {filled['number']}"
        self.headline = contents.join([what, formatting.day(document.date_on, contents.language)])
        self.remarks = contents.remarks()
        self.items = [
            (f"{row.quantity} × {_line(row.item, _LONGEST_ITEM)}", row.amount)
            for row, _ in zip(contents.lines(), range(_MOST_ITEMS), strict=False)
        ]
        left = len(document.lines) - len(self.items)
        self.more = [text.more_items.format(count=formatting.count(left, contents.language))] if left else []
        self.sums: list[TotalsRow] = [*contents.totals(), *contents.payments()]
        if document.due_on is not None:
            label = text.valid_until if document.kind is Kind.QUOTE else text.due_date
            self.sums.append(TotalsRow(label, formatting.day(document.due_on, contents.language)))
        self.note = [formatting.tidy(line) for line in contents.note.splitlines()]
        self.attached = text.attached
        self.questions = text.questions
        self.shop = [_line(line, 500) for line in (document.seller.name, *contents.seller())]


def _line(text: str, most: int) -> str:
    """Return one line without control characters, of at most ``most`` characters."""
    line = " ".join(formatting.tidy(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _mailbox(name: str, address: str) -> str:
    """Return a name and an address as a header's value, which is one address whatever the name is."""
    local, at, domain = address.strip().rpartition("@")
    if not (at and local and domain and address.isprintable()) or re.search(r'[\s()<>,;:\\"]', address.strip()):
        raise ValueError(f"not an e-mail address: {address!r}")
    written = f"{local}@{ascii_domain(domain)}"
    shown = _line(name, _LONGEST_NAME)
    if not shown or shown == address:
        return written
    if _PLAIN_TEXT.fullmatch(shown) and "=?" not in shown and not _ATOMS.fullmatch(shown):
        words = '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'  # RFC 5322, 3.2.4
    else:
        words = _encoded(shown, is_plain=_ATOMS)
    return f"{words}\r\n <{written}>" if len(words) + len(written) > _LONGEST_LINE else f"{words} <{written}>"


def _encoded(text: str, *, is_plain: re.Pattern[str]) -> str:
    """Return a text as encoded words (RFC 2047), folded, or unchanged if it is plain and does not look encoded."""
    if is_plain.fullmatch(text) and "=?" not in text:
        return text
    pieces = [b""]
    for mark in text:
        octets = mark.encode("utf-8", "replace")
        if len(pieces[-1]) + len(octets) > _OCTETS:  # RFC 2047, 5: a word holds whole characters
            pieces.append(b"")
        pieces[-1] += octets
    return "\r\n ".join(f"=?utf-8?b?{b64encode(piece).decode('ascii')}?=" for piece in pieces)


def _message_id(given: str) -> str:
    left, _, domain = given.strip().strip("<>").rpartition("@")
    if not re.fullmatch(r"[^\s<>@]+", left) or not re.fullmatch(r"[^\s<>@]+", domain):
        raise ValueError(f"not a Message-ID: {given!r}")
    return f"<{left}@{ascii_domain(domain)}>"


# --- the HTML part ----------------------------------------------------------------------------------------------------

_PAGE = """\
<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{subject}</title></head>
<body>
<div lang="{language}" dir="{direction}" style="max-width:560px;margin:0 auto;padding:16px;font:15px/1.5 sans-serif">
<p style="margin:0 0 24px;font-size:18px;font-weight:bold">{shop}</p>
{greeting}<p style="margin:0 0 24px">{opening}</p>
<p style="margin:0 0 8px;font-size:13px">{headline}</p>
{tables}
{note}<p style="margin:24px 0 0">{attached}</p>
<p style="margin:24px 0 0;padding-top:16px;{ruled_above};font-size:13px">{contact}</p>
</div>
</body>
</html>
"""
"""No colour but the rules': text and background are the reader's own, light or dark.

Language and direction stand at the text, too: a mailbox in the browser shows only what is inside the body.
"""
_TABLE = """\
<table width="100%" style="width:100%;border-collapse:collapse">
{rows}
</table>"""
_ROW = """\
<tr><th scope="row" align="{start}" style="padding:6px 0;font-weight:{weight};{style}">{label}</th>\
<td align="{end}" style="padding:6px 0;font-weight:{weight};{style}">{value}</td></tr>"""
_GREY = "#808890"
"""Of a rule: seen on white and on black, four times as bright as the one and a quarter of the other."""
_RULED = f"border-bottom:1px solid {_GREY}"
_LOUD = {
    Weight.PLAIN: ("normal", ""),
    Weight.STRONG: ("bold", ""),
    Weight.TOTAL: ("bold", f"font-size:20px;border-top:2px solid {_GREY}"),
}


def _html(said: _MessageWords, contents: DocumentText) -> str:
    items = [(item, amount, "normal", _RULED) for item, amount in said.items]
    items += [(more, "", "normal", _RULED) for more in said.more]
    sums = [(line.label, line.value, *_LOUD[line.weight]) for line in said.sums]
    return _page(
        said,
        language=contents.words.language,
        headline=[said.headline, *said.remarks],
        tables=[rows for rows in (items, sums) if rows],
        note=said.note,
    )


def _statement_html(said: _StatementWords) -> str:
    (before, after) = said.sums
    sums = [(*before, "normal", _RULED), (*after, *_LOUD[Weight.TOTAL])]
    return _page(said, language=said.contents.words.language, headline=[said.headline], tables=[sums], note=[])


def _page(
    said: _MessageWords | _StatementWords,
    *,
    language: str,
    headline: list[str],
    tables: list[list[tuple[str, str, str, str]]],
    note: list[str],
) -> str:
    """Return the HTML part. A row of a table is its label and value, and their weight and style."""
    is_rtl = formatting.is_rtl(language)
    return _PAGE.format(
        language=language,
        direction="rtl" if is_rtl else "ltr",
        subject=html.escape(said.subject),
        shop=html.escape(said.shop[0]),
        greeting=f'<p style="margin:0 0 8px">{html.escape(said.greeting)}</p>\n' if said.greeting else "",
        opening=html.escape(said.opening),
        headline=_broken(headline),
        tables="\n".join(_table(rows, is_rtl=is_rtl) for rows in tables),
        note=f'<p style="margin:24px 0 0">{_broken(note)}</p>\n' if note else "",
        attached=html.escape(said.attached),
        ruled_above=f"border-top:1px solid {_GREY}",
        contact=_broken([said.questions, *said.shop]),
    )


def _table(rows: list[tuple[str, str, str, str]], *, is_rtl: bool) -> str:
    start, end = ("right", "left") if is_rtl else ("left", "right")
    return _TABLE.format(
        rows="\n".join(
            _ROW.format(
                label=html.escape(label), value=html.escape(value), weight=weight, style=style, start=start, end=end
            )
            for label, value, weight, style in rows
        )
    )


def _broken(lines: list[str]) -> str:
    return "<br>\n".join(map(html.escape, lines))
