"""The document on paper: what it says, that nothing is lost, and that it is the same every time."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from render import reading
from render.documents import ADA, SELLER, SIXTEEN, document, line, lines, payment
from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind, PaperForm, State
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import AmountOff, PercentOff
from shopdesk.message_catalogues import languages
from shopdesk.render import formatting
from shopdesk.render.document_text import DocumentText
from shopdesk.render.receipt_pdf import PaperSize, receipt
from shopdesk.render.translations import wording

pytestmark = pytest.mark.usefixtures("qapp")  # Hebrew and Arabic are laid out by Qt

PAPERS = pytest.mark.parametrize("paper", PaperSize)
DEGREES = [SIXTEEN, TaxRate.percent(8), TaxRate.percent(0)]
EARLIER = UUID(int=77)


def mixed(**kwargs: Any) -> Document:
    """Three rates, both kinds of line discount, a weighed item, and a discount on all of it."""
    rows = [
        line("Fluid milk white only 1 PT", 2000, 8900),
        line("Bananas, loose", 1255, 39_900, tax=DEGREES[1]),
        line("Newspaper", 1000, 25_000, tax=DEGREES[2]),
        line("Steel pan 28 cm", 3000, 199_900, discount=PercentOff(15_000)),
        line("Batteries AA", 4000, 12_500, discount=AmountOff(64)),
    ]
    return document(rows, discount=PercentOff(10_000), buyer=ADA, **kwargs)


def numbers_of(made: Document) -> list[str]:
    """Every number of the totals as the paper has to write it."""
    totals = made.totals
    groups = [part for group in totals.groups for part in (group.net, group.tax, group.gross)]
    every = [*totals.amounts, totals.net, totals.tax, totals.gross, *groups]
    if totals.discount:
        every += [totals.sum, -totals.discount]
    return [formatting.amount(minor, made.currency, made.language) for minor in every]


def spaced(text: str) -> str:
    """As reading.text has it: no-break spaces are spaces, direction marks are not drawn."""
    return " ".join(text.replace("\u200e", "").split())


# --- what it says -----------------------------------------------------------------------------------------------------


@PAPERS
@pytest.mark.parametrize("prices_include_tax", [True, False])
def test_every_number_of_the_totals_is_on_the_paper(paper: PaperSize, prices_include_tax: bool) -> None:
    for kind in Kind:
        made = mixed(kind=kind, prices_include_tax=prices_include_tax)
        said = reading.text(receipt(made, paper=paper))
        for number in numbers_of(made):
            assert number in said
        for row in made.lines:
            assert row.item in said
            assert formatting.quantity(row.quantity, "en") in said
            assert formatting.price(row.unit_price, made.currency, "en") in said


@PAPERS
@pytest.mark.parametrize("language", languages())
def test_every_language_prints_every_kind(paper: PaperSize, language: str) -> None:
    for kind in Kind:
        made = mixed(kind=kind, language=language, prices_include_tax=False, due_on=date(2026, 12, 6))
        pdf = receipt(made, paper=paper)
        said = reading.text(pdf)
        for number in numbers_of(made):
            assert spaced(number) in said
        if not formatting.is_rtl(language):
            assert wording(language).kinds[kind] in said
            assert f"{wording(language).total} USD" in said
        assert made.number in said
        assert_all_on_paper(pdf)


@PAPERS
def test_a_delivery_note_and_a_pro_forma_have_their_title_in_every_language_and_the_documents_number(
    paper: PaperSize,
) -> None:
    for language in languages():
        made = mixed(kind=Kind.INVOICE, language=language, prices_include_tax=False, note="Back door")
        made = replace(made, payments=(payment(6420, 7000),))
        words = wording(language)
        assert len({*words.forms.values(), *words.kinds.values()}) == len(words.forms) + len(words.kinds)
        for form, title in words.forms.items():
            pdf = receipt(made, paper=paper, form=form)
            said = reading.text(pdf)
            assert made.number in said
            assert not any(spaced(row.value) in said for row in DocumentText(made, {}).payments())
            amounts = [spaced(number) in said for number in numbers_of(made)]
            assert all(amounts) if form is PaperForm.PRO_FORMA else not any(amounts)
            if not formatting.is_rtl(language):
                assert title in said
                assert f"{words.kinds[Kind.INVOICE]} {made.number}" in said
                assert (words.not_an_invoice in said) == (form is PaperForm.PRO_FORMA)
                assert (words.received_by in said) == (form is PaperForm.DELIVERY_NOTE)
            assert_all_on_paper(pdf)
            assert_nothing_overlaps(pdf)


@PAPERS
def test_what_is_made_to_practise_says_so_on_every_page(paper: PaperSize) -> None:
    pages = reading.pages(receipt(document(120), paper=paper, is_practice=True))
    assert all("PRACTICE" in page for page in pages)


@PAPERS
def test_shop_customer_dates_and_thanks_are_on_the_paper(paper: PaperSize) -> None:
    said = reading.text(receipt(mixed(due_on=date(2026, 12, 6), note="Delivered to the back door."), paper=paper))
    for piece in (
        "Corner Grocery",
        "12 Market Street",
        "Nairobi 00100",
        "+254 712 345 678",
        "Tax ID P051234567X",
        "Receipt",
        "R-A-2026-000412",
        "Ada Lovelace",
        "5 St James’s Square",
        "Tax ID GB123456789",
        "22 Nov 2026",
        "6 Dec 2026",
        "Served by Grace Hopper",
        "Delivered to the back door.",
        "Prices include tax.",
        "Thank you for your purchase!",
        "Goods can be returned within 14 days with this receipt.",
    ):
        assert piece in said


@PAPERS
def test_how_it_was_paid_and_the_change_are_on_the_paper(paper: PaperSize) -> None:
    made = document([line("Tea", 1000, 64_20_00)])
    rows = reading.text(receipt(replace(made, payments=(payment(6420, 7000),)), paper=paper))
    assert "Cash 70.00 Change 5.80 Paid 64.20 Due 0.00" in rows


@PAPERS
def test_cash_rounding_is_a_line_of_its_own(paper: PaperSize) -> None:
    made = document([line("Tea", 1000, 1018_00)], currency="CHF")
    said = reading.text(receipt(replace(made, payments=(payment(1018, 2000, smallest_coin=5),)), paper=paper))
    assert "Cash rounding 0.02 Cash 20.00 Change 9.80 Paid 10.18 Due 0.00" in said


@PAPERS
def test_what_is_still_due_is_on_the_paper(paper: PaperSize) -> None:
    made = document([line("Tea", 1000, 64_20_00)], kind=Kind.INVOICE)
    assert "Paid 0.00 Due 64.20" in reading.text(receipt(made, paper=paper))
    card = payment(6420, 2000, Method.CARD)
    assert "Card 20.00 Paid 20.00 Due 44.20" in reading.text(receipt(replace(made, payments=(card,)), paper=paper))


@PAPERS
def test_a_quote_is_valid_until_a_day_and_speaks_of_no_payment(paper: PaperSize) -> None:
    said = reading.text(receipt(mixed(kind=Kind.QUOTE, due_on=date(2026, 12, 6)), paper=paper))
    assert "Valid until 6 Dec 2026" in said
    assert not any(word in said for word in ("Paid", "Due", "Thank you"))


@PAPERS
def test_a_credit_note_names_what_it_gives_back_and_how_much_comes_back(paper: PaperSize) -> None:
    made = document([line("Tea", 2000, 100_00)], kind=Kind.CREDIT_NOTE, corrects=EARLIER, note="I-A-2026-000399")
    said = reading.text(receipt(made, paper=paper))
    assert "Credit note for I-A-2026-000399" in said
    assert said.count("I-A-2026-000399") == 1, "the note that only repeats the number is not printed again"
    assert "Total USD -2.00" in said
    assert "To be refunded 2.00" in said
    back = payment(-200, -200)
    assert "Refund: Cash 2.00 Refunded 2.00 To be refunded 0.00" in reading.text(
        receipt(replace(made, payments=(back,)), paper=paper)
    )


@PAPERS
def test_what_was_moved_between_documents_is_no_refund(paper: PaperSize) -> None:
    made = document([line("Tea", 2000, 100_00)], kind=Kind.CREDIT_NOTE, corrects=EARLIER)
    moved = replace(payment(-200, -200), method=Method.OFFSET)
    said = reading.text(receipt(replace(made, payments=(moved,)), paper=paper))
    assert "Offset against another document -2.00" in said
    assert "Refunded" not in said


@PAPERS
def test_related_documents_are_named_by_number_where_it_is_known(paper: PaperSize) -> None:
    made = document(1, kind=Kind.INVOICE, replaces=EARLIER)
    assert "Replaces an earlier document" in reading.text(receipt(made, paper=paper))
    named = reading.text(receipt(made, paper=paper, numbers={EARLIER: "I-A-2026-000399"}))
    assert "Replaces I-A-2026-000399" in named
    taken_back = document(1, kind=Kind.INVOICE, state=State.CORRECTED, corrected_by=EARLIER)
    assert "Corrected by C-A-2026-000001" in reading.text(
        receipt(taken_back, paper=paper, numbers={EARLIER: "C-A-2026-000001"})
    )


@PAPERS
def test_a_voided_document_says_so_across_each_page_and_in_a_frame(paper: PaperSize) -> None:
    made = document(90, state=State.VOIDED)
    pages = reading.pages(receipt(made, paper=paper))
    assert all("VOIDED" in page for page in pages)
    assert pages[0].count("VOIDED") >= 2
    assert "Thank you" not in " ".join(pages)
    assert " Due " not in pages[-1]


@PAPERS
def test_a_copy_says_which_one_it_is(paper: PaperSize) -> None:
    made = document(3, kind=Kind.INVOICE)
    copy = receipt(made, paper=paper, copy=2)
    assert "COPY 2" in reading.text(copy)
    assert "COPY" not in reading.text(receipt(made, paper=paper))


@PAPERS
def test_a_document_without_tax_shows_no_tax(paper: PaperSize) -> None:
    said = reading.text(receipt(document([line(tax=TaxRate.percent(0))]), paper=paper))
    assert "Tax" not in said.replace("Tax ID", "")
    assert "include tax" not in said


@PAPERS
def test_a_reason_for_no_tax_is_given_in_words(paper: PaperSize) -> None:
    rows = [
        line(),
        line("Export", tax=TaxRate(0, Category.REVERSE_CHARGE)),
        line("Stamp", tax=TaxRate(0, Category.EXEMPT)),
    ]
    said = reading.text(receipt(document(rows), paper=paper))
    assert "0%: Reverse charge." in said
    assert "0%: Exempt from tax." in said


def test_a_column_nobody_needs_is_left_out() -> None:
    assert "Discount" not in reading.text(receipt(document(3)))
    assert "Discount" in reading.text(receipt(document([line(discount=PercentOff(5000))])))


def test_a_currency_without_cents_is_written_without() -> None:
    rows = [line("Apple", 3000, 19_800, tax=TaxRate.percent(10)), line("Tea", 1000, 10_500, tax=DEGREES[1])]
    said = reading.text(receipt(document(rows, currency="JPY")))
    assert "Total JPY 699" in said
    assert "637 62 699" in said


def test_the_file_tells_what_it_is() -> None:
    told = reading.metadata(receipt(mixed()))
    assert told["Title"] == "Receipt R-A-2026-000412"
    assert told["Author"] == "Corner Grocery"
    assert told["Subject"] == "Receipt · Corner Grocery · Ada Lovelace"
    assert told["CreationDate"] == told["ModDate"] == "D:20261122104100+00'00'"


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (5, 1), (40, 2), (1000, 32)])
def test_a_long_document_has_numbered_pages_with_the_head_of_the_table_on_each(count: int, expected: int) -> None:
    pages = reading.pages(receipt(document(count)))
    assert len(pages) == expected
    for at, page in enumerate(pages, start=1):
        assert page.endswith(f"Page {at} of {expected}")
        assert "Item Qty Unit price Tax Amount USD" in page
        assert "R-A-2026-000412" in page
    said = " ".join(pages)
    assert all(f"Article {row + 1} of the shelf" in said for row in range(count))


@pytest.mark.parametrize("count", range(15, 32))
def test_totals_never_stand_alone_on_a_page(count: int) -> None:
    last = reading.pages(receipt(document(count)))[-1]
    assert "Total USD" in last
    assert f"Article {count} of the shelf" in last


def test_a_roll_is_as_long_as_its_content() -> None:
    heights = [reading.sizes(receipt(document(count), paper=PaperSize.ROLL_80)) for count in (1, 5, 100)]
    assert [len(pages) for pages in heights] == [1, 1, 1]
    assert all(width == pytest.approx(226.77, abs=0.1) for pages in heights for width, _ in pages)
    assert all(shorter[0][1] < longer[0][1] for shorter, longer in pairwise(heights))


def test_a_roll_longer_than_pdf_allows_is_several_pages() -> None:
    pdf = receipt(document(1500), paper=PaperSize.ROLL_80)
    sizes = reading.sizes(pdf)
    assert len(sizes) > 1
    assert all(height <= 14_400 for _, height in sizes)
    assert "Page 2 of" in reading.text(pdf)
    assert "Article 1500 of the shelf" in reading.text(pdf)


# --- nothing is lost --------------------------------------------------------------------------------------------------


def assert_all_on_paper(pdf: bytes) -> None:
    """Everything drawn lies within its page."""
    for (width, height), drawn in zip(reading.sizes(pdf), reading.symbols(pdf), strict=True):
        assert drawn
        assert not [box for box in drawn if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height]


def assert_nothing_overlaps(pdf: bytes) -> None:
    """No letter stands on another one."""
    for page in reading.glyphs(pdf):
        seen = sorted((left, right, low, high, letter) for letter, (left, low, right, high) in page if right > left)
        for at, (left, right, low, high, letter) in enumerate(seen):
            for other in seen[at + 1 :]:
                if other[0] >= right - 0.4:
                    break
                if other[:4] == (left, right, low, high):
                    continue  # a ligature: pdfium tells its letters one by one
                across = min(right, other[1]) - max(left, other[0])
                down = min(high, other[3]) - max(low, other[2])
                assert across < 0.4 * min(right - left, other[1] - other[0]) or down < 0.3, (letter, other)


LONG = "word " * 2000
UNBROKEN = "W" * 10_000
AWKWARD = {
    "long words": LONG,
    "no spaces": UNBROKEN,
    "control characters": "a\x1b[0m\tb\0c\r\nd\x85e\u2028f\ud800g\ufeffh",
    "emoji": "🍎 apple 😀 👨‍👩‍👧 🇰🇪",
    "hebrew": "שלום (abc) 12.50 עולם",
    "arabic": "مُحَمَّد بن سلمان ١٢ Ltd.",
    "long hebrew": "שלום עולם abc " * 700,
    "japanese": "日本語のテキスト",
    "hindi and thai": "नमस्ते दुनिया ภาษาไทย",
    "combining marks": "e\u0336x\u0336 z̷͎̓a̴̛l̶g̵o̷",
    "overrides": "abc\u202ecba\u202c \u2066x\u2069",
    "not assigned": "\U000e0001\ue000\U0010fffd\u0378",
    "empty": "",
    "space": " ",
}


@pytest.mark.parametrize(("paper", "language"), [(PaperSize.A4, "en"), (PaperSize.A4, "he"), (PaperSize.ROLL_80, "he")])
@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD.keys())
def test_no_text_is_too_awkward_for_any_place(paper: PaperSize, language: str, text: str) -> None:
    everywhere = document(
        [line(text), line("Tea", 1000, 100_00), line(text, tax=DEGREES[1])],
        language=language,
        buyer=Buyer(key=UUID(int=8), name=text, address=text, email=text, phone=text, tax_id=text),
        seller=replace(SELLER, name=text, address=text, footer=text, phone=text, email=text, tax_id=text),
        note=text,
        issued_by=text,
        due_on=date(2026, 12, 6),
    )
    pdf = receipt(everywhere, paper=paper)
    assert_all_on_paper(pdf)
    assert "1.00" in reading.text(pdf)


@PAPERS
def test_a_long_item_is_wrapped_and_loses_nothing(paper: PaperSize) -> None:
    parts = [f"part{count}" for count in range(200)]
    said = reading.text(receipt(document([line(" ".join(parts))]), paper=paper)).split()
    assert [word for word in said if word.startswith("part")] == parts
    pieces = reading.text(receipt(document([line(UNBROKEN)]), paper=paper))
    assert pieces.count("W") == len(UNBROKEN)


@PAPERS
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_largest_numbers_fit_and_do_not_overlap(paper: PaperSize, language: str) -> None:
    rows = [
        line("Palace", 999_999_999, 999_999_999_9),
        line("Yacht", 1000, 10**15 - 1, discount=AmountOff(10**12)),
        line("Yacht again", 999_999, 10**13, tax=DEGREES[1]),
    ]
    for currency in ("KWD", "JPY"):
        made = document(
            rows,
            kind=Kind.CREDIT_NOTE,
            currency=currency,
            language=language,
            discount=AmountOff(10**12),
            prices_include_tax=False,
        )
        pdf = receipt(made, paper=paper)
        assert_all_on_paper(pdf)
        assert_nothing_overlaps(pdf)


@PAPERS
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("state", [State.ISSUED, State.CORRECTED])
def test_nothing_overlaps_in_any_language(paper: PaperSize, language: str, state: State) -> None:
    made = mixed(kind=Kind.INVOICE, language=language, prices_include_tax=False, due_on=date(2026, 12, 6), state=state)
    paid = (payment(made.totals.gross, 1000, Method.CARD), replace(payment(2000, 1000), method=Method.OFFSET))
    assert_nothing_overlaps(receipt(replace(made, payments=paid, corrected_by=EARLIER), paper=paper))


def test_amounts_stand_under_each_other() -> None:
    made = document([line("Tea", 1000, 100_00), line("Gold", 1000, 12_345_600_00)])
    (page,) = reading.glyphs(receipt(made))
    right = max(box[2] for _, box in page)
    ends = [box[2] for letter, box in page if letter == "0" and right - box[2] < 2]
    assert len(ends) >= 4
    assert max(ends) - min(ends) < 1.0


# --- the same every time ----------------------------------------------------------------------------------------------


@PAPERS
def test_the_same_document_gives_the_same_bytes(paper: PaperSize) -> None:
    for made in (document(40), mixed(language="he"), document([line("مُحَمَّد 日本 🍎")], language="ar")):
        assert receipt(made, paper=paper) == receipt(made, paper=paper)


def test_two_processes_give_the_same_bytes() -> None:
    code = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1]);"
        "from PySide6.QtGui import QGuiApplication; app = QGuiApplication([]);"
        "from render.test_receipt_pdf import mixed; from shopdesk.render.receipt_pdf import PaperSize, receipt;"
        "papers = [receipt(mixed(language=l), paper=p) for p in PaperSize for l in ('en', 'ar')];"
        "print([hashlib.sha256(paper).hexdigest() for paper in papers])"
    )
    here = Path(__file__).parents[1]
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(here)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "QT_QPA_PLATFORM": "offscreen"},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    expected = [
        hashlib.sha256(receipt(mixed(language=language), paper=paper)).hexdigest()
        for paper in PaperSize
        for language in ("en", "ar")
    ]
    assert said == {str(expected)}


def test_several_threads_give_the_same_bytes() -> None:
    documents = [mixed(language=language) for language in ("en", "ar", "he", "pl")] * 4
    expected = [receipt(made) for made in documents]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(receipt, documents)) == expected


def test_no_path_of_this_machine_is_in_the_file() -> None:
    pdf = receipt(document([line("日本 🍎")]))
    assert b"/fonts" not in pdf
    assert b".ttf" not in pdf


def test_each_font_is_embedded() -> None:
    pdf = receipt(document(lines(3)))
    assert pdf.count(b"/FontFile2") == 2
    assert b"Helvetica" not in pdf
