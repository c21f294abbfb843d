"""The text message to the customer about a document: plain, in its language, as short as it can be."""

from __future__ import annotations

from shopdesk.domain.document import Document
from shopdesk.domain.message import MessageReason
from shopdesk.domain.sms_text import plain_sms
from shopdesk.render import formatting
from shopdesk.render.document_text import DocumentText
from shopdesk.render.translations import wording

_LONGEST_SHOP = 30
"""Of the shop's name, in characters."""


def sms(document: Document, reason: MessageReason) -> str:
    """Return the text message about a document: its shop, number and total, in plain blanks and quotes."""
    contents = DocumentText(document, {})
    shop = _cut(document.seller.name)
    total = formatting.money(document.gross, contents.language)
    letter = contents.words.letter(document.kind, reason)
    return plain_sms(letter.sms.format(shop=shop, kind=contents.kind, number=document.number, total=total))


def test_sms(shop_name: str, language: str) -> str:
    """Return the text message by which the owner tries the gateway."""
    return plain_sms(wording(language).test_sms.format(shop=_cut(shop_name)))


def _cut(name: str) -> str:
    name = " ".join(formatting.tidy(name).split())
    return name if len(name) <= _LONGEST_SHOP else name[: _LONGEST_SHOP - 3].rstrip() + "..."
