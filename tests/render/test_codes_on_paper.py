"""Codes on paper, read back from the dots that a printer prints: by zxing, which is not what drew them."""

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from render.documents import document, line
from render.e_invoices import invoice
from render.reading import opened, printed, text
from shopdesk.domain.document import Document, PaperForm
from shopdesk.domain.paper_layout import PaperLayout
from shopdesk.render.code_128 import bars
from shopdesk.render.receipt_pdf import PaperSize, receipt
from support.e_invoice_rules import package

BREAD = [line("Bread", 3000, 50_000)]
WITH_CODE = PaperLayout(has_barcode=True)


def codes(picture: Image.Image) -> dict[str, str]:
    """What a reader sees, by the kind of code."""
    reader: Any = package("zxingcpp")
    return {str(found.format).rpartition(".")[2]: found.text for found in reader.read_barcodes(picture)}


@pytest.mark.parametrize(
    "number", ["R-A-2026-000412", "I-FRONT123-2026-1234567", "Q-7-1999-000001", "1", "12", "A1234"]
)
def test_a_number_in_code_128_is_read_back(number: str) -> None:
    widths = bars(number)
    row = [shade for at, width in enumerate(widths) for shade in [255 * (at % 2)] * width]
    picture = Image.new("L", (len(row) + 20, 40), 255)
    for x, shade in enumerate(row):
        picture.paste(shade, (x + 10, 5, x + 11, 35))
    assert codes(picture.resize((picture.width * 2, 80), Image.Resampling.NEAREST)) == {"Code 128": number}


def test_digits_in_pairs_make_the_code_of_a_number_short_enough_for_a_slip() -> None:
    assert 2 * (sum(bars("R-A-2026-000412")) + 20) == 396
    assert 2 * (sum(bars("R-FRONT123-2026-000412")) + 20) < 576


@pytest.mark.parametrize("text", ["", "é", "a\nb"])
def test_what_code_128_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        bars(text)


@pytest.mark.parametrize(
    ("dots", "kind", "language"),
    [(576, "Code 128", "de"), (512, "Code 128", "de"), (384, "QR Code", "de"), (576, "Code 128", "ar")],
)
def test_the_number_is_read_from_a_slip_of_each_width(qapp: object, dots: int, kind: str, language: str) -> None:
    made = document(BREAD, language=language, layout=WITH_CODE)
    picture = printed(receipt(made, paper=PaperSize.ROLL_80, dots=dots), dots)
    assert picture.width == dots
    assert codes(picture) == {kind: made.number}


def test_a_number_that_is_too_long_for_the_roll_gets_the_square_code() -> None:
    made = document(BREAD, number="R-FRONT123-2026-000412", layout=WITH_CODE)
    assert codes(printed(receipt(made, paper=PaperSize.ROLL_80, dots=512), 512)) == {"QR Code": made.number}


@pytest.mark.parametrize("form", [PaperForm.ORIGINAL, PaperForm.DELIVERY_NOTE])
def test_the_number_is_read_from_a_sheet_at_203_dots_to_an_inch(form: PaperForm) -> None:
    made = document(BREAD, layout=WITH_CODE)
    with opened(receipt(made, form=form)) as file:
        picture = file[0].render(scale=203.2 / 72, grayscale=True).to_pil().point(lambda gray: 255 * (gray >= 128))
    assert codes(picture) == {"Code 128": made.number}


@pytest.mark.parametrize("dots", [576, 384])
def test_an_unpaid_invoice_on_the_roll_has_its_payment_code(dots: int) -> None:
    made = replace(invoice(BREAD), layout=PaperLayout())
    pdf = receipt(made, paper=PaperSize.ROLL_80, dots=dots)
    assert codes(printed(pdf, dots))["QR Code"].split("\n")[6:8] == ["DE89370400440532013000", "EUR15.00"]
    assert "DE89 3704 0044 0532 0130 00" in text(pdf)


def _as_before() -> list[Document]:
    made = invoice(BREAD)
    return [made, document(BREAD)]


@pytest.mark.parametrize("made", _as_before())
def test_a_document_of_an_older_program_prints_no_code_on_the_roll(made: Document) -> None:
    assert codes(printed(receipt(made, paper=PaperSize.ROLL_80), 576)) == {}


def test_practice_prints_no_number_that_a_scan_would_find() -> None:
    made = document(BREAD, layout=WITH_CODE)
    assert codes(printed(receipt(made, paper=PaperSize.ROLL_80, is_practice=True), 576)) == {}
