"""Payment codes on unpaid invoices, read back from the drawn page by a reader of bar codes that is not ours."""

from dataclasses import replace
from typing import Any

import pytest

from render.documents import line
from render.documents import payment as paid
from render.e_invoices import CAFE, MILL, invoice
from render.reading import opened, pages, text
from shopdesk.domain.customer import WALK_IN
from shopdesk.domain.document import Document, Kind, PaperForm, State
from shopdesk.domain.payment import Method
from shopdesk.domain.payment_code import PostalAddress, payment_code, postal_address
from shopdesk.render.receipt_pdf import receipt
from support.e_invoice_rules import package

BAKERY = replace(
    MILL,
    name="Bäckerei Müller AG",
    address="Bahnhofstrasse 1\n8001 Zürich",
    country="CH",
    iban="CH9300762011623852957",
    bic="",
)
LISA = replace(CAFE, name="Lisa Muster", address="Seeweg 7\nCH-3000 Bern", country="CH")
ROW = line("Bread", 3000, 50_000)  # 15.00


def _codes(made: Document) -> list[str]:
    """The codes on the pages of the PDF, as a camera sees them."""
    reader: Any = package("zxingcpp")
    with opened(receipt(made)) as pdf:
        images = [page.render(scale=2.5).to_pil() for page in pdf]
    found = [code for image in images for code in reader.read_barcodes(image)]
    assert all(code.ec_level == "M" for code in found)
    return [code.text for code in found]


def _euros(**changes: Any) -> Document:
    return replace(invoice([ROW]), **changes)


def _francs(**changes: Any) -> Document:
    return replace(invoice([ROW], currency="CHF", seller=BAKERY), buyer=LISA, **changes)


def test_an_unpaid_invoice_in_euros_has_the_code_of_epc069_12() -> None:
    (code,) = _codes(_euros())
    assert code.split("\n") == [
        *("BCD", "002", "1", "SCT", "COBADEFFXXX", "Mühle & Söhne <Naturkost>", "DE89370400440532013000", "EUR15.00"),
        *("", "", "I-A-2026-000412"),
    ]
    said = text(receipt(_euros()))
    assert "IBAN DE89 3704 0044 0532 0130 00" in said


def test_the_code_is_not_mirrored_in_a_language_from_right_to_left(qapp: object) -> None:
    assert _codes(_euros(language="ar")) == _codes(_euros())
    assert _codes(_francs(language="he")) == _codes(_francs())


def test_a_code_asks_for_the_balance_only() -> None:
    part = paid(1500, 400, Method.CARD)
    assert "\nEUR11.00\n" in _codes(_euros(payments=(part,)))[0]
    assert _codes(_euros(payments=(paid(1500, 1500),))) == []


def test_line_breaks_and_lengths_cannot_shift_the_fields() -> None:
    code = _codes(_euros(seller=replace(MILL, name="Mühle\n" + "x" * 90, bic="")))[0].split("\n")
    assert len(code) == 11
    assert code[5] == "Mühle " + "x" * 64
    wide = payment_code(_euros(seller=replace(MILL, name="\U0001f9c0" * 80)))
    assert wide is not None
    assert len(wide.content.encode()) <= 331


def test_an_unpaid_invoice_in_francs_has_the_slip_of_a_qr_bill() -> None:
    address = ["S", "Bäckerei Müller AG", "Bahnhofstrasse 1", "", "8001", "Zürich", "CH"]
    debtor = ["S", "Lisa Muster", "Seeweg 7", "", "3000", "Bern", "CH"]
    made = _francs()
    (code,) = _codes(made)
    assert code.split("\n") == [
        *("SPC", "0200", "1", "CH9300762011623852957"),
        *address,
        *[""] * 7,
        *("15.00", "CHF"),
        *debtor,
        *("NON", "", "I-A-2026-000412", "EPD"),
    ]
    (page,) = pages(receipt(made))
    assert page.count("Bäckerei Müller AG") == 3, "at the head, and on both parts of the slip"
    for word in ("Empfangsschein", "Zahlteil", "Annahmestelle", "CH93 0076 2011 6238 5295 7", "Zahlbar durch"):
        assert word in page


def test_a_slip_without_the_address_of_the_payer_has_a_field_for_it() -> None:
    made = replace(_francs(), buyer=WALK_IN)
    lines = _codes(made)[0].split("\n")
    assert lines[20:27] == [""] * 7
    assert "Zahlbar durch (Name/Adresse)" in text(receipt(made))


def test_a_slip_that_does_not_fit_has_a_page_of_its_own() -> None:
    many = replace(invoice([ROW] * 20, currency="CHF", seller=BAKERY), buyer=LISA)
    assert len(pages(receipt(many))) == 2
    assert "Zahlteil" in pages(receipt(many))[-1]


def test_letters_outside_the_swiss_set_are_replaced() -> None:
    (code,) = _codes(_francs(seller=replace(BAKERY, name="Łódź 東京 €")))
    assert "\nŁódź .. €\n" in code


@pytest.mark.parametrize(
    "made",
    [
        invoice([ROW], seller=replace(MILL, iban="")),
        invoice([ROW], currency="JPY"),
        invoice([ROW], kind=Kind.CREDIT_NOTE),
        _euros(state=State.VOIDED),
        _euros(kind=Kind.RECEIPT),
        _francs(seller=replace(BAKERY, iban=MILL.iban)),
        _francs(seller=replace(BAKERY, iban="CH4431999123000889012")),  # asks for a reference of the bank's own
        _francs(seller=replace(BAKERY, address="Zürich")),
    ],
)
def test_where_a_code_cannot_be_there_is_none(made: Document) -> None:
    assert payment_code(made) is None
    assert _codes(made) == []


def test_where_there_is_no_code_the_account_is_printed_all_the_same() -> None:
    assert "IBAN DE89 3704 0044 0532 0130 00" in text(receipt(invoice([ROW], currency="JPY")))
    assert "IBAN" not in text(receipt(_euros(), form=PaperForm.DELIVERY_NOTE))
    assert "IBAN" not in text(receipt(_euros(), is_practice=True))


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("Seeweg 7\n3000 Bern", PostalAddress("Seeweg 7", "3000", "Bern", "CH")),
        ("c/o Ada\nSeeweg 7\nCH-3000  Bern", PostalAddress("Seeweg 7", "3000", "Bern", "CH")),
        ("Östgötagatan 1\n116 25 Stockholm", PostalAddress("Östgötagatan 1", "116 25", "Stockholm", "CH")),
        ("3000 Bern", PostalAddress("", "3000", "Bern", "CH")),
        ("Seeweg 7, Bern", None),
        ("", None),
    ],
)
def test_an_address_is_read_from_its_last_line(address: str, found: PostalAddress | None) -> None:
    assert postal_address(address, "CH") == found
    assert postal_address(address, "") is None
