"""X and Z reports on paper: complete, on the page in every language and size, the same bytes each time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtWidgets import QApplication

from render.documents import SELLER
from render.reading import pages, sizes, symbols, text
from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method
from shopdesk.domain.sales_report import (
    CashierSum,
    MethodSum,
    NumberSpan,
    SalesFigures,
    SalesReport,
    ShiftResult,
    Sum,
    TaxSum,
    TillSpan,
)
from shopdesk.domain.shift import CashMovement, Shift, ShiftCount
from shopdesk.domain.tax import TaxRate
from shopdesk.message_catalogues import languages
from shopdesk.render import formatting
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.render.sales_report_pdf import sales_report_pdf
from shopdesk.row_keys import new_key

MADE = datetime(2026, 11, 23, 20, 5, tzinfo=UTC)
TILL = new_key()
SHIFT = Shift(
    till_key=TILL, till="FRONT", number=318, opening=15_000, opened_at=MADE - timedelta(hours=9), by_name="Ada",
    opened_seq=4_001,
)  # fmt: skip
COUNT = ShiftCount(
    attempt=2, expected=88_215, counted=88_175, pieces=((5_000, 17), (25, 127)), at=MADE, by_name="Ada", until_seq=4_400
)
MOVED = (
    CashMovement(key=new_key(), amount=-50_000, reason="To the bank", at=MADE, by_name="Ada"),
    CashMovement(key=new_key(), amount=2_000, reason="Change from the safe, as every Monday", at=MADE, by_name="Ada"),
)
FIGURES = SalesFigures(
    tills=(TillSpan(till_key=TILL, till="FRONT", after_seq=3_900, until_seq=4_402, head=bytes(range(32))),),
    kinds=(
        (Kind.INVOICE, Sum(12, 1_234_567_00)),
        (Kind.RECEIPT, Sum(381, 912_345)),
        (Kind.CREDIT_NOTE, Sum(2, -4_400)),
    ),
    taxes=(
        TaxSum(rate=TaxRate.percent(0), net=100_00, tax=0, gross=100_00),
        TaxSum(rate=TaxRate.percent(7), net=105_000_00, tax=7_350_00, gross=112_350_00),
        TaxSum(rate=TaxRate.percent(19), net=951_000_00, tax=180_690_00, gross=1_131_690_00),
    ),
    payments=(
        MethodSum(method=Method.CASH, count=250, amount=121_213, rounding=2),
        MethodSum(method=Method.CARD, count=131, amount=791_132, rounding=0),
        MethodSum(method=Method.OFFSET, count=2, amount=0, rounding=0),
    ),
    numbers=(
        NumberSpan("I-FRONT-2026-000101", "I-FRONT-2026-000112", 12),
        NumberSpan("R-FRONT-2026-004101", "R-FRONT-2026-004483", 383),
    ),
    voided=Sum(2, 3_300),
    amended=4,
    credited=Sum(2, -4_400),
    replaced=Sum(1, 1_150),
    discounts=Sum(17, 8_840),
    cashiers=(
        CashierSum(key=new_key(), name="Ada Lovelace", sales=Sum(200, 61_213_00)),
        CashierSum(key=new_key(), name="Ben", sales=Sum(195, 1_182_434_45)),
    ),
    shifts=(
        ShiftResult(shift=SHIFT, cash=121_215, moved=MOVED, count=COUNT),
        ShiftResult(shift=replace(SHIFT, number=7), cash=900, moved=(), count=replace(COUNT, counted=None)),
    ),
    drawer_openings=3,
)  # fmt: skip
REPORT = SalesReport(
    number=412,
    day=date(2026, 11, 23),
    since=MADE - timedelta(days=1),
    made_at=MADE,
    by_name="Ada Lovelace",
    seller=SELLER,
    currency=Currency.of("EUR"),
    language="en",
    total_before=98_765_432_10,
    figures=FIGURES,
)


@pytest.mark.parametrize("paper", PaperSize)
@pytest.mark.parametrize("language", languages())
def test_a_report_is_complete_and_on_the_page_in_every_language(
    language: str, paper: PaperSize, qapp: QApplication
) -> None:
    made = replace(REPORT, language=language)
    pdf = sales_report_pdf(made, paper=paper)
    assert sales_report_pdf(made, paper=paper) == pdf
    (width, height), *_ = sizes(pdf)
    for page in symbols(pdf):
        assert all(box[0] >= 8 and box[2] <= width - 8 and box[1] >= 8 and box[3] <= height for box in page)
    if not formatting.is_rtl(language):
        said = text(pdf).replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
        for minor in (1_234_567_00, 121_215, 180_690_00, REPORT.running_total, -50_000, -40):
            shown = formatting.amount(minor, made.currency, language)
            assert shown.replace("\u00a0", "").replace("\u202f", "").replace(" ", "") in said, shown


def test_a_z_report_says_what_it_covers_and_how_its_shifts_ended() -> None:
    said = " ".join(text(sales_report_pdf(REPORT)).split())
    for words in (
        "Z report 412",
        "R-FRONT-2026-004101 – R-FRONT-2026-004483",
        "Till FRONT, shift 318",
        "Change from the safe, as every Monday",
        "Counted 2 times",
        "Not counted",
        "Running total before",
        bytes(range(32)).hex(),
    ):
        assert words in said, words


def test_an_x_report_has_no_number_and_no_running_total_and_an_empty_one_says_so() -> None:
    nothing = replace(
        FIGURES, kinds=(), taxes=(), payments=(), numbers=(), cashiers=(), shifts=(), voided=Sum(), amended=0,
        credited=Sum(), replaced=Sum(), discounts=Sum(), drawer_openings=0,
    )  # fmt: skip
    said = text(sales_report_pdf(replace(REPORT, number=0, figures=nothing)))
    assert "X report" in said
    assert "Nothing was sold." in said
    for words in ("Running total", "Cashiers", "Payments"):
        assert words not in said


def test_practice_is_written_across_and_a_long_report_goes_on_to_more_pages() -> None:
    many = replace(FIGURES, shifts=FIGURES.shifts * 20)
    assert len(pages(sales_report_pdf(replace(REPORT, figures=many)))) > 1
    assert len(pages(sales_report_pdf(replace(REPORT, figures=many), paper=PaperSize.ROLL_80))) == 1
    assert sales_report_pdf(REPORT, is_practice=True) != sales_report_pdf(REPORT)
