"""The head of a message as the mail server gets it: exactly the headers that shopdesk wrote, whatever the names are."""

import email
from dataclasses import replace
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest

from render.documents import ADA, ISSUED, SELLER, document, line
from shopdesk.domain.document import Kind
from shopdesk.domain.message import MessageReason
from shopdesk.gateways import smtp
from shopdesk.render.email_message import mail
from shopdesk.settings import MailSettings, Security
from support.mail import MailServer, Received

pytestmark = pytest.mark.usefixtures("qapp")

HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]
LONG = "and Bread and Milk and Honey and Cheese and Wine and Flowers of the Valley, Leeds and York"


def received(server: MailServer, name: str, sender: str = "shop@example.org") -> Received:
    """Send the message about a document of a shop and a customer of that name."""
    seller = replace(SELLER, name=name, email="info@example.org")
    made = document([line()], kind=Kind.INVOICE, buyer=replace(ADA, name=name), seller=seller)
    content = mail(
        made,
        message_id="<1@example.org>",
        recipient="ada@example.org",
        sender=sender,
        at=ISSUED,
        reason=MessageReason.ORDER_PLACED,
    )
    settings = MailSettings(host=server.host, port=server.port, security=Security.NONE)
    smtp.send(settings, None, content, "shop@example.org", "ada@example.org")
    return server.wait_for(1)[0]


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Smith, John",
        "O'Neill & Sons.",
        *(f"Corner Shop{mark} {LONG}" for mark in ',;:()<>@"[]\\'),
        "Bäckerei Müller, Käthe & Söhne, Inhaber Jürgen Groß, Straße der Einheit 12, 50667 Köln am Rhein",
        "領収書" * 30,
        "👩🏽\u200d💻" * 20,
        "=?utf-8?q?eve=40example=2Ecom=2C?= Ada",
        "=?utf-8?b?ZXZlQGV4YW1wbGUuY29tLA==?=",
        "=?utf-8?q?x=0D=0ABcc=3A_eve=40example=2Ecom?=",
        "=?nonsense?x?%%%?=",
        'a" <eve@example.com>, "b',
        "a\r\nBcc: eve@example.com\r\n\r\nhello",
        "x" * 120,
    ],
)
def test_the_headers_are_ours_and_each_names_one_address(mail_server: MailServer, name: str) -> None:
    content = received(mail_server, name).content
    assert content.isascii()
    head = email.message_from_bytes(content)
    assert head.keys() == HEADERS
    shown = " ".join(name.split())
    for header, address in (("From", "shop"), ("To", "ada"), ("Reply-To", "info")):
        value = head[header].replace("\r\n", "")
        ((read, spec),) = getaddresses([value])
        assert spec == f"{address}@example.org"
        # Decoded once, as a mail program does: what the customer is really called, even if that looks encoded.
        assert str(make_header(decode_header(read))) == shown
    lines = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(map(len, lines)) <= 200


def test_a_subject_is_not_decoded_either(mail_server: MailServer) -> None:
    name = "=?utf-8?q?Caf=C3=A9?="
    seller = replace(SELLER, name=name)
    quote = document([line()], kind=Kind.QUOTE, buyer=ADA, seller=seller)
    content = mail(
        quote,
        message_id="<1@example.org>",
        recipient="ada@example.org",
        sender="shop@example.org",
        at=ISSUED,
        reason=MessageReason.ORDER_PLACED,
    )
    settings = MailSettings(host=mail_server.host, port=mail_server.port, security=Security.NONE)
    smtp.send(settings, None, content, "shop@example.org", "ada@example.org")
    head = email.message_from_bytes(mail_server.wait_for(1)[0].content)
    assert str(make_header(decode_header(head["Subject"]))) == f"Quote {quote.number} from {name}"
