"""Lists as files: numbers stay numbers, text stays text whatever it begins with, and nothing is left of half a file."""

import csv
import io
import os
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shopdesk.render.export import Cell, FileKind, writer
from support.systems import POSIX

MADE_AT = datetime.fromisoformat("2026-11-23T10:41")


def written(kind: FileKind, *rows: Sequence[Cell], head: Sequence[str] = ("A", "B", "C")) -> bytes:
    file = io.BytesIO()
    made = writer(kind, file, head, title="List", made_at=MADE_AT)
    for row in rows:
        made.write([row])
    made.close()
    return file.getvalue()


def as_csv(*rows: Sequence[Cell]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written(FileKind.CSV, *rows).decode("utf-8-sig"), newline="")))[1:]


def as_cells(*rows: Sequence[Cell]) -> list[list[openpyxl.cell.Cell | openpyxl.cell.MergedCell]]:
    book = openpyxl.load_workbook(io.BytesIO(written(FileKind.XLSX, *rows)))
    return [list(row) for row in book.worksheets[0].iter_rows(min_row=2)]


def test_csv_is_utf8_with_a_mark_and_lines_end_as_the_rfc_says() -> None:
    raw = written(FileKind.CSV, ["Żółw, “x”", 'say "hi"', "two\nlines"])
    assert raw == b"\xef\xbb\xbfA,B,C\r\n" + '"Żółw, “x”","say ""hi""","two\nlines"\r\n'.encode()


def test_numbers_dates_and_nothing_are_written_as_such() -> None:
    row: list[Cell] = [Decimal("-1234.50"), date(2026, 1, 2), datetime.fromisoformat("2026-01-02T03:04:05")]
    assert as_csv(row, [3, None, ""]) == [["-1234.50", "2026-01-02", "2026-01-02 03:04:05"], ["3", "", ""]]
    amount, day, instant = as_cells(row)[0]
    assert (amount.value, amount.data_type, amount.number_format) == (-1234.5, "n", "#,##0.00")
    assert (day.value, day.number_format) == (datetime.fromisoformat("2026-01-02"), "yyyy-mm-dd")
    assert (instant.value, instant.number_format) == (datetime.fromisoformat("2026-01-02T03:04:05"), "yyyy-mm-dd hh:mm")


@pytest.mark.parametrize("text", ["=1+1", "+254712345678", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\n=1"])
def test_text_that_a_spreadsheet_would_run_stays_text(text: str) -> None:
    assert as_csv([text, "", ""])[0][0] == f"'{text}".replace("\r", " ")
    cell = as_cells([text, "", ""])[0][0]
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_an_error_of_a_spreadsheet_is_only_text_when_it_is_a_name() -> None:
    assert as_cells(["#N/A", "#REF!", "1.5"])[0][0].data_type == "s"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_any_text_comes_back_from_csv_as_it_was_or_after_an_apostrophe(text: str) -> None:
    back = as_csv([text, "x", "y"])[0][0]
    assert back in {text, f"'{text}"}
    assert not back.lstrip().startswith(("=", "+", "-", "@"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_fits_into_a_workbook(text: str) -> None:
    cell = as_cells([text, "x", "y"])[0][0]
    assert cell.data_type in {"s", "n", "inlineStr"}
    assert not str(cell.value or "").startswith("=") or cell.quotePrefix


RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ODD_TEXTS = st.text("=+-@＝＠'\t\r\n _x0041&<>Ab\x00\x1f\x85\ufffe", max_size=12)


def by_the_rule(text: str) -> str:
    """Return a text as CSV has it: without control characters, and with an apostrophe where it needs one."""
    shown = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", " ", text)
    bare = shown.lstrip("'") if shown.startswith("'") else shown
    return f"'{shown}" if bare.startswith(RISKY) or bare.lstrip().startswith(RISKY) else shown


@given(st.lists(ODD_TEXTS, min_size=3, max_size=3))
@example(["'\x00=", "\x00=", "'\ufffe\x1f@"])  # what cannot be shown is a space, also before a formula
def test_every_text_is_written_by_the_rule_the_first_time_and_the_next(texts: list[str]) -> None:
    assert as_csv(texts, texts) == [[by_the_rule(text) for text in texts]] * 2
    for text, cell in zip(texts, as_cells(texts)[0], strict=True):
        shown = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", " ", text)
        bare = shown.lstrip("'") if shown.startswith("'") else ""
        assert (cell.value or "") == (
            f"'{shown}" if bare.startswith(RISKY) or bare.lstrip().startswith(RISKY) else shown
        )
        assert cell.quotePrefix == (shown.startswith(RISKY) or shown.lstrip().startswith(RISKY))


@given(st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False), st.integers(-9, 9))
def test_a_number_is_never_written_with_an_exponent(number: Decimal, exponent: int) -> None:
    amount = number.scaleb(exponent)
    assert as_csv([amount, "", ""])[0][0] == f"{amount:f}"


def test_a_text_longer_than_a_cell_is_cut() -> None:
    assert len(str(as_cells(["x" * 40_000, "", ""])[0][0].value)) == 32_767


def test_the_head_is_bold_and_stays_in_sight() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written(FileKind.XLSX, ["a", "b", "c"]))).worksheets[0]
    assert sheet.title == "List"
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.b for cell in sheet[1])


def test_a_workbook_says_what_it_is_and_when_it_was_made() -> None:
    properties = openpyxl.load_workbook(io.BytesIO(written(FileKind.XLSX))).properties
    assert (properties.creator, properties.title, properties.created) == ("shopdesk", "List", MADE_AT)


def test_an_empty_list_is_a_file_with_a_head() -> None:
    assert written(FileKind.CSV) == b"\xef\xbb\xbfA,B,C\r\n"
    sheet = openpyxl.load_workbook(io.BytesIO(written(FileKind.XLSX))).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["A", "B", "C"]


def test_a_list_longer_than_a_sheet_goes_on_in_the_next() -> None:
    file = io.BytesIO()
    made = writer(FileKind.XLSX, file, ["A"], title="List", made_at=MADE_AT, most_rows=3)
    made.write([[str(count)] for count in range(5)])
    made.close()
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["List", "List 2", "List 3"]
    assert [[row[0] for row in sheet.values] for sheet in book] == [["A", "0", "1"], ["A", "2", "3"], ["A", "4"]]


@POSIX
@pytest.mark.parametrize("kind", [FileKind.CSV, FileKind.XLSX])
def test_a_file_given_up_leaves_no_file_open(kind: FileKind) -> None:
    before = os.listdir("/proc/self/fd")  # noqa: PTH208 - paths that are gone at once
    made = writer(kind, io.BytesIO(), ["A"], title="List", made_at=MADE_AT)
    made.write([["x"]])
    made.abandon()
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208
