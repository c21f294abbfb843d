"""Delivery reports in the forms that mail servers write; and mail that looks like one and is none."""

import base64
from datetime import UTC, datetime
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopdesk.gateways.delivery_report import Bounce, read_bounce

OURS = "<0192f0a1b2c37d4e8f90a1b2c3d4e5f6@corner.example.org>"
HEADERS = f"From: Corner Grocery <shop@example.org>\nTo: ada@example.org\nSubject: Your order\nMessage-ID: {OURS}\n"
STATUS = """\
Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 30 Nov 2026 09:41:00 +0000

Final-Recipient: rfc822; ada@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: Recipient address rejected:
    User unknown in virtual mailbox table

"""
WORDS = (
    "The mail server said: 550 5.1.1 <ada@example.org>: Recipient address rejected: "
    "User unknown in virtual mailbox table"
)


def report(
    status: str = STATUS,
    original: str = f"{HEADERS}\nHello\n",
    *,
    status_type: str = "message/delivery-status",
    original_type: str = "message/rfc822",
    encoding: str = "",
    kind: str = "multipart/report; report-type=delivery-status",
) -> bytes:
    """A report as a server writes it: what happened for people, for programs, and the message or its headers."""

    def part(content_type: str, text: str) -> str:
        if encoding == "base64":
            lines = base64.encodebytes(text.encode()).decode()
            return f"--=b\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64\n\n{lines}\n"
        return f"--=b\nContent-Type: {content_type}\n\n{text}\n"

    people = "--=b\nContent-Type: text/plain\n\nI am sorry to inform you …\n"
    parts = people + part(status_type, status) + (part(original_type, original) if original_type else "")
    head = f'From: MAILER-DAEMON@mx.example.org\nMIME-Version: 1.0\nContent-Type: {kind}; boundary="=b"\n'
    return f"{head}\n{parts}--=b--\n".replace("\n", "\r\n").encode()


WITHOUT_TYPE = STATUS.replace("rfc822; ada", "ada")
OF_ADDRESS_IN_OTHER_LETTERS = STATUS.replace("rfc822; ada", "utf-8; ädä")
SEVERAL = STATUS.replace("\n\nFinal", "\n\nFinal-Recipient: rfc822; ben@example.org\nAction: delivered\n\nFinal")
FORMS = {
    "Postfix, with the whole message": report(),
    "Exim, with the headers only": report(original=HEADERS, original_type="text/rfc822-headers"),
    "in other alphabets (RFC 6533)": report(
        OF_ADDRESS_IN_OTHER_LETTERS, status_type="message/global-delivery-status", original_type="message/global"
    ),
    "in other alphabets, with the headers only": report(
        OF_ADDRESS_IN_OTHER_LETTERS,
        original=HEADERS,
        status_type="message/global-delivery-status",
        original_type="message/global-headers",
    ),
    "base64": report(encoding="base64"),
    "base64 in other alphabets": report(
        OF_ADDRESS_IN_OTHER_LETTERS,
        status_type="message/global-delivery-status",
        original_type="message/global-headers",
        encoding="base64",
    ),
    "a recipient without a type": report(WITHOUT_TYPE),
    "several recipients": report(SEVERAL),
    "folded, in capitals, with a comment": report(
        STATUS.upper().replace("FAILED", "Failed (for good)").replace("ADA", "ada").replace("\nSTATUS", "\nX"),
        HEADERS.replace("Message-ID: ", "Message-Id:\n "),
    ),
    "lines of Unix": report().replace(b"\r\n", b"\n"),
    "cut in the middle of the message": report(original=HEADERS + "\n" + "x" * 5000)[:-4000],
}


@pytest.mark.parametrize("form", FORMS)
def test_a_failure_is_read_in_every_form(form: str) -> None:
    bounce = read_bounce(FORMS[form])
    assert bounce is not None
    assert (bounce.message_id, bounce.words.lower()) == (OURS, WORDS.lower())


def test_without_words_the_status_is_told() -> None:
    status = STATUS.partition("Diagnostic")[0] + "\n"
    assert read_bounce(report(status)) == Bounce(OURS, "The mail server said: 5.1.1")
    assert read_bounce(report(status.replace("Status: 5.1.1\n", ""))) == Bounce(OURS, "The mail server said: failed")


QUOTED = report().decode().replace("\r\n", "\n> ")
NONE = {
    "a delay": report(STATUS.replace("failed", "delayed")),
    "a success": report(STATUS.replace("failed", "delivered")),
    "a read receipt": report(
        "Final-Recipient: rfc822; ada@example.org\nDisposition: manual-action; displayed\n",
        status_type="message/disposition-notification",
        kind="multipart/report; report-type=disposition-notification",
    ),
    "a reply that quotes a report": f"Content-Type: text/plain\n\n> {QUOTED}".encode(),
    "a forwarded report": report(kind="multipart/mixed"),
    "no message with it": report(original_type=""),
    "no Message-ID": report(original="Subject: x\n\nHello\n"),
    "no recipient": report(STATUS.replace("Final-Recipient", "X-Recipient")),
    "an order": b"Subject: order\r\n\r\nthree pounds of tea",
    "nothing": b"",
}


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Mon, 30 Nov 2026 11:41:00 +0200", datetime(2026, 11, 30, 9, 41, tzinfo=UTC)),
        ("Mon, 30 Nov 2026 11:41:00 +9900", None),
        ("Mon, 30 Nov 99999999999999999999 11:41:00 +0000", None),
        ("yesterday", None),
    ],
)
def test_the_time_of_a_report_is_that_of_its_header(date: str, at: datetime | None) -> None:
    bounce = read_bounce(f"Date: {date}\r\n".encode() + report())
    assert bounce == Bounce(OURS, WORDS, at)


@pytest.mark.parametrize("what", NONE)
def test_what_reports_no_failure_is_none(what: str) -> None:
    assert read_bounce(NONE[what]) is None


@given(st.sampled_from([*FORMS.values()]), st.lists(st.tuples(st.integers(0, 1500), st.binary(max_size=8)), max_size=6))
@settings(max_examples=30, deadline=None)
def test_whatever_a_stranger_sends_is_read_without_an_error(content: bytes, changes: list[tuple[int, bytes]]) -> None:
    broken = bytearray(content)
    for place, octets in changes:
        broken[place : place + len(octets)] = octets
    bounce = read_bounce(bytes(broken))
    assert bounce is None or all(mark.isprintable() for mark in chain(bounce.words))
