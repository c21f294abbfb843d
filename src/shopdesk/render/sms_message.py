"""The text message to the customer about a document: plain, in its language, as short as it can be."""

from __future__ import annotations

from shopdesk.domain.document import Document
from shopdesk.domain.message import MessageReason
from shopdesk.domain.sms_text import plain_sms
from shopdesk.render import formatting
from shopdesk.render.document_text import DocumentText

_LONGEST_SHOP = 30
"""Of the shop's name, in characters."""


def sms(document: Document, reason: MessageReason) -> str:
    """Return the text message about a document: its shop, number and total, in plain blanks and quotes."""
    contents = DocumentText(document, {})
    shop = " ".join(formatting.tidy(document.seller.name).split())
    total = formatting.money(document.gross, contents.language)
    letter = contents.words.letter(document.kind, reason)
    return plain_sms(letter.sms.format(shop=_cut(shop), kind=contents.kind, number=document.number, total=total))


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOP else name[: _LONGEST_SHOP - 3].rstrip() + "..."
