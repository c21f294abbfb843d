"""The fixed texts on paper and in messages: every case has one, and the right one in each language."""

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from render.documents import ADA, document, line, payment
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.message import MessageReason
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import PercentOff
from shopdesk.render.document_text import DocumentText
from shopdesk.render.email_message import order_placed
from shopdesk.render.translations import wording

_TEXTS = Path(__file__).parents[1] / "fixtures" / "paper"
_EARLIER = UUID(int=50)


def test_english_covers_all_kinds_methods_occasions_and_reasons() -> None:
    english = wording("en")
    assert set(english.kinds) == set(Kind)
    assert set(english.methods) == set(Method)
    assert set(english.letters) == set(english.other_letters) == set(MessageReason) - {MessageReason.STATEMENT}
    assert set(english.categories) == set(Category) - {Category.STANDARD, Category.ZERO}


@pytest.mark.parametrize(("tag", "language"), [("de-AT", "de"), ("iw", "he"), ("pt-BR", "en"), ("", "en")])
def test_a_tag_finds_the_words_of_its_language_or_english(tag: str, language: str) -> None:
    assert wording(tag) is wording(language)
    assert wording(tag).language == language


@pytest.mark.parametrize("language", sorted(file.stem for file in _TEXTS.iterdir()))
def test_a_document_says_in_each_language_what_it_always_said(language: str) -> None:
    """A change of these texts is a change of every shop's paper: look at it, then write it into the file."""
    assert "\n".join(_everything(language)) + "\n" == (_TEXTS / f"{language}.txt").read_text("utf-8")


def _everything(language: str) -> list[str]:
    """Return a message, how each other one begins, and what the paper says beyond that."""
    invoice = _invoice(language)
    credit = document(1, kind=Kind.CREDIT_NOTE, language=language, corrects=_EARLIER)
    paper, words = DocumentText(invoice, {}), wording(language)
    said = [order_placed(invoice, MessageReason.ORDER_PLACED, numbers={_EARLIER: "R-A-2026-000100"}).body]
    for made, reason in product((invoice, credit), words.letters):
        message = order_placed(made, reason)
        said += [message.subject, *message.body.split("\n\n")[:2], ""]
    said += [" | ".join(row) for row in (*paper.facts(), *paper.taxes())]
    said += [*paper.tax_remarks(), *paper.remarks(), paper.thanks]
    heads = (words.item, words.quantity, words.unit_price, words.discount, words.tax, words.amount)
    said += [" | ".join(heads), words.customer, words.note, words.page, words.voided]
    return said


def _invoice(language: str) -> Document:
    rows = [
        line("Fluid milk", 2000, 8900, discount=PercentOff(10_000)),
        line("Stamps", 1000, 12_500, tax=TaxRate(0, Category.EXEMPT)),
        *(line(f"Article {at}") for at in range(20)),
    ]
    made = document(
        rows,
        kind=Kind.INVOICE,
        language=language,
        prices_include_tax=False,
        discount=PercentOff(5_000),
        buyer=ADA,
        note="Delivered to the back door.",
        due_on=date(2026, 12, 6),
        replaces=_EARLIER,
    )
    paid = (payment(503, 1000, smallest_coin=5), replace(payment(100, 100), method=Method.TRANSFER))
    return replace(made, payments=paid)
