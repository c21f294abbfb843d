"""A report on paper: its tables, page by page."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
from pypdfium2 import PdfDocument

from shopdesk.domain.money import Currency
from shopdesk.render.export import Cell
from shopdesk.render.report_pdf import ReportColumn, ReportHead, ReportPdf

AT = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - local time, as files have it
HEAD = ReportHead(
    title="Number report",
    period="November",
    seller=("Corner Shop", "1 High Street"),
    language="en",
    currency=Currency.of("EUR"),
)
COLUMNS = (ReportColumn(title="Number", share=2), ReportColumn(title="Total", share=1, is_number=True))


def made(rows: Sequence[Sequence[Cell]], head: ReportHead = HEAD) -> bytes:
    file = io.BytesIO()
    pdf = ReportPdf(file, head, COLUMNS, made_at=AT)
    pdf.write(rows)
    pdf.close()
    return file.getvalue()


def pages(content: bytes) -> list[str]:
    with PdfDocument(content) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_the_first_page_says_whose_report_it_is_and_each_page_has_the_headings() -> None:
    first, *_, last = pages(made([(f"R-A-2026-{count:06d}", Decimal("1.50")) for count in range(1, 101)]))
    for text in ("Corner Shop", "1 High Street", "Number report", "November", "R-A-2026-000001", "1.50"):
        assert text in first
    assert "R-A-2026-000100" in last
    assert all("Total" in page for page in (first, last))


def test_each_row_is_on_paper_once() -> None:
    whole = "".join(pages(made([(f"R-{count:06d}", count) for count in range(300)])))
    assert [whole.count(f"R-{count:06d}") for count in range(300)] == [1] * 300


def test_cells_are_written_as_the_language_writes_them() -> None:
    german = ReportHead(title="Bericht", period="", seller=("Laden",), language="de", currency=Currency.of("EUR"))
    text = pages(made([(date(2026, 11, 2), Decimal("1234.50"))], german))[0]
    assert "1.234,50" in text
    assert "2. Nov. 2026" in text or "02.11.2026" in text


def test_the_same_report_is_the_same_bytes() -> None:
    assert made([("R", 1)]) == made([("R", 1)])


def test_a_second_table_has_its_own_headings() -> None:
    file = io.BytesIO()
    pdf = ReportPdf(file, HEAD, made_at=AT)
    for title in ("Sales", "Payments"):
        pdf.begin_table((ReportColumn(title=f"of {title}", share=1),), title)
        pdf.write([(f"all {title}",)], bold=True)
    pdf.close()
    (text,) = pages(file.getvalue())
    for said in ("Sales", "of Sales", "all Sales", "Payments", "of Payments", "all Payments"):
        assert said in text


def test_a_report_without_rows_still_has_its_head() -> None:
    assert "Number report" in pages(made([]))[0]


@pytest.mark.parametrize("is_practice", [True, False])
def test_practice_is_written_across_each_page(is_practice: bool) -> None:
    head = ReportHead(
        title="R", period="", seller=("Shop",), language="en", currency=Currency.of("EUR"), is_practice=is_practice
    )
    assert ("Practice" in pages(made([("R", 1)], head))[0]) is is_practice
