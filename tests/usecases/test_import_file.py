"""Files as spreadsheets and other programs write them: every encoding, every dialect, and workbooks."""

import codecs
import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.usecases import import_file
from shopdesk.usecases.import_file import Cell, ImportCancelled, ImportFile, code_page, text_of

KNOWN = {"code", "name", "price"}


def recognise(row: Sequence[Cell]) -> int:
    return sum(str(cell) in KNOWN for cell in row)


def read(source: bytes | Path, *, language: str = "en", encoding: str = "") -> list[tuple[int, tuple[Cell, ...]]]:
    file = import_file.read(source, recognise=recognise, language=language, encoding=encoding)
    rows = [(row.number, row.cells) for row in file.rows()]
    file.close()
    return rows


def cells(source: bytes, **how: str) -> list[tuple[Cell, ...]]:
    return [row for _, row in read(source, **how)]


# --- encodings ---


TABLE = "code;name;price\r\n1;Müsli – Ärger;1,50 €\r\n"
ROWS: list[tuple[Cell, ...]] = [("code", "name", "price"), ("1", "Müsli – Ärger", "1,50 €")]


@pytest.mark.parametrize(
    "raw",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.encode("utf-32"),
        TABLE.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 mark", "utf-16 mark", "utf-16 be mark", "utf-16 le", "utf-16 be", "utf-32", "cp1252"],
)
def test_letters_are_read_in_every_encoding(raw: bytes) -> None:
    assert cells(raw) == ROWS


@pytest.mark.parametrize(
    ("language", "encoding", "text"),
    [
        ("pl", "cp1250", "żółw"),
        ("ru", "cp1251", "чай"),
        ("el", "cp1253", "τσάι"),
        ("tr", "cp1254", "ığdır"),
        ("he", "cp1255", "תה"),
        ("ar-EG", "cp1256", "شاي"),
        ("lt", "cp1257", "ąžuolas"),
        ("ja", "cp932", "お茶"),
        ("zh-TW", "big5", "茶葉"),
    ],
)
def test_what_is_not_unicode_is_read_in_the_code_page_of_the_language(language: str, encoding: str, text: str) -> None:
    assert code_page(language) == encoding
    assert cells(f"code,name\n1,{text}\n".encode(encoding), language=language)[1] == ("1", text)


def test_another_code_page_can_be_chosen_and_a_wrong_one_is_told() -> None:
    raw = "code,name\n1,żółw\n".encode("cp1250")
    assert cells(raw, encoding="cp1250")[1] == ("1", "żółw")
    with pytest.raises(Refused, match="letters of this file cannot be read"):
        cells(raw + b"\x81\x8d", encoding="cp1252")


def test_only_a_file_that_is_not_unicode_has_letters_to_choose() -> None:
    for raw, encoding, is_unicode in (
        (TABLE.encode(), "", True),
        (TABLE.encode("cp1252"), "", False),
        (TABLE.encode("cp1252"), "cp850", False),
    ):
        file = import_file.read(raw, recognise=recognise, language="en", encoding=encoding)
        assert file.is_unicode is is_unicode
        file.close()


# --- dialects ---


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("code,name\n1,Tea\n", [("code", "name"), ("1", "Tea")]),
        ("code;name\n1;Tea, green\n", [("code", "name"), ("1", "Tea, green")]),
        ("code\tname\n1\tTea;x\n", [("code", "name"), ("1", "Tea;x")]),
        ("code|name\n1|Tea\n", [("code", "name"), ("1", "Tea")]),
        ("sep=;\ncode;price\n1;1,50\n", [("code", "price"), ("1", "1,50")]),
        ('"sep=|"\r\ncode|price\r\n1|1,50\r\n', [("code", "price"), ("1", "1,50")]),
        ("sep=\t\ncode\tprice\n1\t1,50\n", [("code", "price"), ("1", "1,50")]),
        ('"code","name","Note; a; b; c"\n1,Tea,x\n', [("code", "name", "Note; a; b; c"), ("1", "Tea", "x")]),
        ("code;price\n1;1,50\n2;2,50\n3;3,50\n", [("code", "price"), ("1", "1,50"), ("2", "2,50"), ("3", "3,50")]),
        ('name,price\n"two\nlines ""x""",1\n', [("name", "price"), ('two\nlines "x"', "1")]),
        ("name\nTea\n", [("name",), ("Tea",)]),
    ],
)
def test_the_columns_are_parted_as_the_file_parts_them(text: str, rows: list[tuple[str, ...]]) -> None:
    assert cells(text.encode()) == rows


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    text = 'Prices;;\n;;\ncode;name;price\n1;"two\nlines";1\n\n2;Tea;2\n'
    assert [number for number, _ in read(text.encode())] == [1, 3, 4, 6]


def test_a_quotation_mark_that_is_not_closed_is_told_with_its_line() -> None:
    with pytest.raises(Refused, match="Line 3 is not valid CSV"):
        cells(b'code,name\n1,Tea\n2,"Milk\n')


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), min_size=2, max_size=2),
        min_size=1,
        max_size=6,
    ),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16")),
)
def test_any_table_comes_back_as_it_was_written(rows: list[list[str]], separator: str, encoding: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator).writerows([["code", "name"], *rows])
    wanted = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    assert cells(written.getvalue().encode(encoding))[1:] == wanted


# --- workbooks ---


def workbook(*sheets: list[list[object]], hidden: int = -1) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for at, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {at + 1}")
        for row in rows:
            sheet.append(row)
        if at == hidden:
            sheet.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_numbers_of_a_workbook_stay_numbers_and_texts_stay_texts() -> None:
    raw = workbook(
        [["code", "name", "price"], ["007", "Tea", 1.234], [4006381333931, True, 12], ["", date(2026, 1, 2), 0.1 + 0.2]]
    )
    assert cells(raw)[1:] == [("007", "Tea", 1.234), (4006381333931, "yes", 12), ("", "2026-01-02", 0.3)]
    assert [text_of(cell) for cell in (1.234, 12, 1e-5, 4006381333931.0)] == ["1.234", "12", "0.00001", "4006381333931"]


def test_the_first_sheet_with_something_in_it_is_read_and_the_others_are_named() -> None:
    raw = workbook([], [["code", "name"], ["1", "Hidden"]], [["code", "name"], ["1", "Tea"]], [["other"]], hidden=1)
    file = import_file.read(raw, recognise=recognise, language="en")
    assert [row.cells for row in file.rows()] == [("code", "name"), ("1", "Tea")]
    assert file.other_sheets == ("Sheet 4",)
    file.close()


def test_empty_rows_of_a_workbook_are_counted() -> None:
    raw = workbook([[], ["Prices"], [], ["code", "name"], ["1", "Tea"]])
    assert [number for number, _ in read(raw)] == [2, 4, 5]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PK\x03\x04 and nothing more", "This workbook is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "an old Excel file, or one with a password"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "This is not a table"),
        (b"", "The file is empty"),
        (b" \r\n\r\n", "The file is empty"),
        (workbook([]), "The file is empty"),
    ],
)
def test_a_file_that_is_no_table_is_told(raw: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(raw)


def test_an_archive_that_is_no_workbook_is_told() -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(Refused, match="not an Excel workbook"):
        read(file.getvalue())


def test_a_workbook_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_file, "_LARGEST_UNPACKED", 1000)
    with pytest.raises(Refused, match="too large"):
        read(workbook([["code"], ["1"]]))


# --- limits ---


def test_a_file_that_is_not_there_or_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="There is no file"):
        read(tmp_path / "nowhere.csv")
    (tmp_path / "x.csv").write_bytes(TABLE.encode())
    assert read(tmp_path / "x.csv")[0][1] == ROWS[0]
    monkeypatch.setattr(import_file, "LARGEST_BYTES", 10)
    with pytest.raises(Refused, match="too large"):
        read(tmp_path / "x.csv")


def test_more_lines_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_file, "MOST_LINES", 500)
    assert len(read(b"code\n" + b"1\n" * 500)) == 501
    with pytest.raises(Refused, match="more than 500 lines"):
        read(b"code\n" + b"1\n" * 1000)


def test_reading_is_cancelled_at_the_next_step() -> None:
    def cancel(done: int, of: int) -> None:
        raise ImportCancelled

    with pytest.raises(ImportCancelled):
        import_file.read(b"code\n" + b"1\n" * 2000, recognise=recognise, language="en", progress=cancel)


def test_a_full_disk_is_told_and_not_taken_for_a_bug() -> None:
    file = ImportFile()
    file._database.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Unavailable, match="temporary folder"):
        file.add([import_file.Row(number, ("x" * 5000,)) for number in range(1, 100)])
    file.close()
