"""The message to the customer: its words, its bytes, and that nobody can put a header into it."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import date, timedelta, timezone
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from render.documents import ADA, ISSUED, SELLER, document, line, payment
from render.e_invoices import invoice
from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.message import MessageReason
from shopdesk.message_catalogues import languages
from shopdesk.render import formatting
from shopdesk.render.email_message import mail, order_placed
from shopdesk.render.receipt_pdf import receipt

pytestmark = pytest.mark.usefixtures("qapp")  # the attached PDF in Hebrew and Arabic is laid out by Qt

MESSAGE_ID = "<0192f0a1@corner.example.org>"


def sold(**kwargs: Any) -> Document:
    """Two rows, paid in part."""
    rows = [line("Fluid milk", 2000, 8900), line("Bananas", 1255, 39_900)]
    given: dict[str, Any] = {"buyer": ADA, "kind": Kind.INVOICE, "due_on": date(2026, 12, 6)}
    made = document(rows, **(given | kwargs))
    return replace(made, payments=(payment(made.totals.gross, 500),)) if made.kind.is_order else made


def sent(made: Document, occasion: MessageReason = MessageReason.ORDER_PLACED, **changes: str) -> bytes:
    given: dict[str, Any] = {"message_id": MESSAGE_ID, "recipient": "ada@example.org", "sender": "shop@example.org"}
    return mail(made, at=ISSUED, reason=occasion, **(given | changes))


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def test_a_message_says_what_was_ordered_what_it_comes_to_and_how_to_reach_the_shop() -> None:
    said = order_placed(sold(note="Delivered to the back door."), MessageReason.ORDER_PLACED)
    assert said.subject == "Your order I-A-2026-000412 has been placed"
    assert (
        said.body
        == """\
Hello Ada Lovelace,

Your order has been placed. Thank you for shopping at Corner Grocery.

Invoice I-A-2026-000412 · 22 Nov 2026

2 × Fluid milk: 1.78
1.255 × Bananas: 5.01

Total USD: 6.79
Cash: 5.00
Paid: 5.00
Due: 1.79
Due date: 6 Dec 2026

Delivered to the back door.

The document is attached as a PDF file.

Questions? You reach us here:
Corner Grocery
12 Market Street
Nairobi 00100
+254 712 345 678 · shop@corner.example.org
Tax ID P051234567X
"""
    )


@pytest.mark.parametrize("language", languages())
def test_every_occasion_is_told_in_every_language(language: str) -> None:
    for kind, occasion in product(Kind, set(MessageReason) - {MessageReason.STATEMENT}):
        made = sold(kind=kind, language=language)
        said = order_placed(made, occasion)
        assert "\n" not in said.subject
        assert f"{kind.letter}-A-2026-000412" in said.subject
        assert formatting.amount(made.totals.gross, made.currency, language) in said.body
        assert "{" not in said.subject + said.body


def test_a_cancelled_order_says_so_whether_voided_or_credited() -> None:
    voided = order_placed(sold(state=State.VOIDED), MessageReason.VOIDED)
    assert voided.subject == "Your order I-A-2026-000412 has been cancelled"
    credit = document([line()], kind=Kind.CREDIT_NOTE, corrects=UUID(int=5), note="I-A-2026-000399", buyer=ADA)
    said = order_placed(credit, MessageReason.VOIDED)
    assert said.subject == "Your order has been cancelled: C-A-2026-000412"
    assert "Credit note for I-A-2026-000399" in said.body


def test_a_date_after_a_number_stays_behind_it_from_right_to_left() -> None:
    body = order_placed(sold(language="ar"), MessageReason.ORDER_PLACED).body
    assert "I-A-2026-000412\u200f · \u200f22" in body


def test_a_quote_is_no_order() -> None:
    assert (
        order_placed(sold(kind=Kind.QUOTE), MessageReason.ORDER_PLACED).subject
        == "Quote Q-A-2026-000412 from Corner Grocery"
    )


def test_a_long_document_shows_its_first_items_and_how_many_more() -> None:
    body = order_placed(document(1234, buyer=ADA), MessageReason.ORDER_PLACED).body
    assert body.count("Article") == 20
    assert "… and 1,214 more" in body


@pytest.mark.parametrize("name", ["", "ada@example.org", "+254712345678"])
def test_nobody_is_greeted_by_their_address(name: str) -> None:
    buyer = Buyer(key=UUID(int=1), name=name, email="ada@example.org", phone="+254712345678")
    assert "Hello" not in order_placed(sold(buyer=buyer), MessageReason.ORDER_PLACED).body


def test_the_mail_has_its_headers_two_texts_and_the_document() -> None:
    made = sold()
    message = parsed(sent(made))
    assert message["From"] == "Corner Grocery <shop@example.org>"
    assert message["To"] == "Ada Lovelace <ada@example.org>"
    assert message["Reply-To"] == "Corner Grocery <shop@corner.example.org>"
    assert message["Message-ID"] == MESSAGE_ID
    assert message["Date"].datetime == ISSUED
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    text = order_placed(made, MessageReason.ORDER_PLACED)
    assert message["Subject"] == text.subject
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == text.body
    assert "Fluid milk" in html.get_content()
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "I-A-2026-000412.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == receipt(made)


def test_the_mail_of_an_invoice_carries_the_e_invoice() -> None:
    made = invoice()
    (attached,) = parsed(sent(made)).iter_attachments()
    assert attached.get_content() == receipt(made)
    assert b"factur-x.xml" in attached.get_content()


@pytest.mark.parametrize("language", languages())
def test_any_server_can_carry_the_bytes(language: str) -> None:
    content = sent(sold(language=language, buyer=replace(ADA, name="Łucja Ångström שרה")))
    assert content.isascii()
    lines = content.split(b"\r\n")
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in lines)


def test_the_same_message_has_the_same_bytes() -> None:
    assert sent(sold()) == sent(sold())
    assert sent(sold()) != sent(sold(), message_id="<other@corner.example.org>")


def test_the_time_is_the_same_in_every_zone() -> None:
    there = mail(
        sold(),
        message_id=MESSAGE_ID,
        recipient="ada@example.org",
        sender="shop@example.org",
        at=ISSUED.astimezone(timezone(timedelta(hours=3))),
        reason=MessageReason.ORDER_PLACED,
    )
    assert there == sent(sold())


EVIL = "x\r\nBcc: everybody@example.org\r\n\r\nhello\x00\x1b\ud800\u202e"


def test_no_name_can_add_a_header() -> None:
    seller = replace(SELLER, name=EVIL, address=EVIL, footer=EVIL, phone=EVIL)
    made = sold(buyer=replace(ADA, name=EVIL, address=EVIL), seller=seller, note=EVIL)
    made = replace(made, number="I-A\r\nBcc: x", lines=(replace(made.lines[0], item=EVIL), made.lines[1]))
    message = parsed(sent(made))
    assert message["Bcc"] is None
    assert sorted(message.keys()) == sorted(parsed(sent(sold())).keys())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@example.org\r\nBcc: x@example.org",
        "a b@example.org",
        "<ada@example.org>",
        "ada,eve@example.org",
        "ada@example.org,eve@example.org",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        sent(sold(), recipient=address)


@pytest.mark.parametrize("message_id", ["", "x", "<a@b>\r\nBcc: x", "<a b@c>", "<a@b@c d>"])
def test_a_message_id_that_is_none_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="not a Message-ID"):
        sent(sold(), message_id=message_id)


def test_a_domain_in_other_letters_is_written_as_dns_knows_it() -> None:
    content = sent(sold(), recipient="ada@bücher.example", message_id="<1@bücher.example>")
    assert parsed(content)["To"] == "Ada Lovelace <ada@xn--bcher-kva.example>"
    assert parsed(content)["Message-ID"] == "<1@xn--bcher-kva.example>"
    assert content.isascii()


@pytest.mark.parametrize(
    ("domain", "dns"), [("straße.example", "xn--strae-oqa.example"), ("σίσυφος.example", "xn--kxa6ajbbmh.example")]
)
def test_sharp_s_and_final_sigma_stay_letters_of_their_own(domain: str, dns: str) -> None:
    content = sent(sold(), recipient=f"ada@{domain}", sender=f"shop@{domain}", message_id=f"<1@{domain}>")
    message = parsed(content)
    assert (message["To"].addresses[0].domain, message["From"].addresses[0].domain) == (dns, dns)
    assert message["Message-ID"] == f"<1@{dns}>"


def test_an_address_in_other_letters_makes_the_headers_utf_8() -> None:
    content = sent(sold(), recipient="ädä@example.org")
    assert "To: Ada Lovelace <ädä@example.org>".encode() in content


def test_a_sender_may_bring_a_name() -> None:
    assert parsed(sent(sold(), sender="Till A <shop@example.org>"))["From"] == "Till A <shop@example.org>"


def test_names_that_look_like_addresses_are_quoted() -> None:
    buyer = replace(ADA, name='Ada "the first", <ceo@example.com>; Esq.')
    (to,) = parsed(sent(sold(buyer=buyer)))["To"].addresses
    assert to.addr_spec == "ada@example.org"
    assert to.display_name == buyer.name


# --- the HTML part ----------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The tags of a page and the texts of its body."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        if "body" in [tag for tag, _ in self.tags] and data.strip():
            self.texts.append(data.strip())


def page(made: Document) -> Page:
    html = parsed(sent(made)).get_body(("html",))
    assert html is not None
    return Page(html.get_content())


@pytest.mark.parametrize("language", languages())
def test_html_says_the_same_as_the_text(language: str) -> None:
    made = sold(language=language, note="Delivered <to> the\n& back door.")
    body = order_placed(made, MessageReason.ORDER_PLACED).body
    assert sorted("".join(page(made).texts[1:]).replace(" ", "")) == sorted(
        re.sub(r": (?=[^:]*$)", "", body, flags=re.MULTILINE).replace(" ", "").replace("\n", "")
    )


@pytest.mark.parametrize("language", languages())
def test_html_is_read_from_the_side_where_its_language_begins(language: str) -> None:
    direction, begin, end = ("rtl", "right", "left") if language in {"ar", "he"} else ("ltr", "left", "right")
    tags = page(sold(language=language)).tags
    given = {"lang": language, "dir": direction}
    # Mailboxes in a browser drop the tags outside the body's content.
    assert [tag for tag, values in tags if values.items() >= given.items()] == ["html", "div"]
    assert {values["align"] for tag, values in tags if tag == "th"} == {begin}
    assert {values["align"] for tag, values in tags if tag == "td"} == {end}


def test_html_leaves_the_colours_to_the_readers_scheme_and_loads_nothing() -> None:
    shown = page(sold())
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in shown.tags
    styles = " ".join(values.get("style") or "" for _, values in shown.tags)
    assert "background" not in styles
    assert not re.search(r"(^|[; ])color:", styles)
    assert set(re.findall(r"#\w+", styles)) == {"#808890"}
    loading = {"img", "link", "script", "style", "a", "base", "iframe"}
    assert not loading & {tag for tag, _ in shown.tags}
    assert "url(" not in styles


def test_rows_and_sums_are_tables_of_their_own() -> None:
    tags = [tag for tag, _ in page(sold()).tags if tag in {"table", "tr"}]
    assert tags == ["table", "tr", "tr", "table", "tr", "tr", "tr", "tr", "tr"]


def test_html_shows_names_as_they_are_written() -> None:
    html = parsed(sent(sold(buyer=replace(ADA, name="<script>alert(1)</script>")))).get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()


def test_texts_of_ten_thousand_characters_pass() -> None:
    long = "word " * 2000
    made = sold(buyer=replace(ADA, name=long, address=long), seller=replace(SELLER, name=long, footer=long), note=long)
    message = parsed(sent(replace(made, lines=(replace(made.lines[0], item=long), made.lines[1]))))
    assert len(message["Subject"]) < 400
    assert [part.get_filename() for part in message.iter_attachments()] == ["I-A-2026-000412.pdf"]
