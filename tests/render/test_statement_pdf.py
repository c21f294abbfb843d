"""The statement of account on paper and by mail: right, complete and on the page in every language."""

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy

import pytest
from PySide6.QtWidgets import QApplication

from render.documents import ADA, ISSUED, SELLER
from render.reading import glyphs, pages, sizes, symbols, text
from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method
from shopdesk.domain.statement import Statement, StatementLine
from shopdesk.message_catalogues import languages
from shopdesk.render import formatting
from shopdesk.render.email_message import statement_mail
from shopdesk.render.statement_pdf import statement_pdf
from shopdesk.render.translations import wording

DAY = date(2026, 11, 20)
STATEMENT = Statement(
    seller=SELLER,
    buyer=ADA,
    currency=Currency.of("KES"),
    language="en",
    since=date(2026, 11, 1),
    until=date(2026, 11, 30),
    opening=22_345,
    lines=(
        StatementLine(on=DAY, kind=Kind.INVOICE, number="I-A-2026-000412", amount=1_234_567),
        StatementLine(on=DAY, kind=Kind.INVOICE, number="I-A-2026-000412", amount=-1_000_000, method=Method.TRANSFER),
        StatementLine(on=DAY, kind=Kind.CREDIT_NOTE, number="C-A-2026-000001", amount=-300_000),
        StatementLine(on=DAY, kind=Kind.CREDIT_NOTE, number="C-A-2026-000001", amount=50_000, method=Method.CASH),
    ),
    ageing=(-10_000, 16_912, 0, 0),
)


@pytest.mark.parametrize("language", languages())
def test_a_statement_is_complete_and_on_the_page_in_every_language(language: str, qapp: QApplication) -> None:
    made = replace(STATEMENT, language=language)
    pdf = statement_pdf(made, made_at=ISSUED)
    assert statement_pdf(made, made_at=ISSUED) == pdf
    (width, height), *_ = sizes(pdf)
    for page in symbols(pdf):
        assert all(box[0] >= 30 and box[2] <= width - 30 and box[1] >= 10 and box[3] <= height for box in page)
    words = wording(language).statement
    said = "".join(letter for page in glyphs(pdf) for letter, _ in page)
    for minor in (22_345, 1_234_567, 256_912, -300_000, made.closing, 16_912):
        shown = formatting.amount(minor, made.currency, language).replace("\u00a0", "").replace("\u202f", "")
        assert shown.strip("\u200e\u200f\u2212-") in said.replace("\u00a0", "").replace("\u202f", ""), shown
    if not formatting.is_rtl(language):
        for word in (words.title, words.brought_forward, words.closing, words.ages[1]):
            assert " ".join(word.split()) in text(pdf)


def test_a_long_statement_repeats_its_header_and_keeps_its_balance_with_the_last_row() -> None:
    line = STATEMENT.lines[0]
    many = tuple(replace(line, number=f"I-A-2026-{at:06d}", amount=100) for at in range(120))
    found = pages(statement_pdf(replace(STATEMENT, lines=many), made_at=ISSUED))
    assert len(found) == 4
    assert all("Statement of account" in page and "Balance" in page for page in found)
    assert "I-A-2026-000119" in found[-1]
    assert "Balance due KES 343.45" in found[-1]


def test_a_balance_in_the_customers_favour_and_an_empty_period_say_so() -> None:
    made = replace(STATEMENT, opening=-500, lines=(), ageing=(0, 0, 0, 0))
    said = text(statement_pdf(made, made_at=ISSUED))
    assert "Balance in your favour KES 5.00" in said
    assert "Nothing was sold or paid in this period." in said
    assert "overdue" not in said


@pytest.mark.parametrize("language", languages())
def test_the_mail_has_the_balance_and_the_statement_attached(language: str, qapp: QApplication) -> None:
    made = replace(STATEMENT, language=language)
    given = {"message_id": "<one@example.org>", "recipient": "ada@example.org", "sender": "shop@example.org"}
    content = statement_mail(made, at=datetime(2026, 12, 1, tzinfo=UTC), **given)
    mail = message_from_bytes(content, policy=policy.default)
    assert SELLER.name in mail["Subject"]
    body, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert body is not None
    assert page is not None
    for part in (body.get_content(), page.get_content()):
        assert formatting.amount(abs(made.closing), made.currency, language) in part
        assert "{" not in part.partition("<body")[2] or "{" not in part
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "statement_2026-11-01--2026-11-30.pdf"
