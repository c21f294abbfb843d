"""Export of lists to CSV and XLSX, page by page, so that a million rows need the memory of one page.

A text cell is never a formula. A spreadsheet runs text that begins with ``=``, ``+``, ``-`` or
``@`` as a formula (OWASP, "CSV injection"); such text gets an apostrophe in CSV and the cell type "text" in XLSX.
``unescaped`` takes off exactly the apostrophe that was put there. Numbers stay numbers, negative ones too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, Protocol
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from shopdesk.render import workbook_parts

Cell = str | int | Decimal | date | datetime | None
"""The value of a cell. A datetime is naive and in local time, because spreadsheets have no time zones."""


class FileKind(StrEnum):
    """The file format; the value is the file name extension."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    ZIP = "zip"


class Writer(Protocol):
    """Writes one list to an open file. The caller closes the file."""

    def write(self, rows: Iterable[Any]) -> None:
        """Write the next rows: sequences of cells, or the records that a writer of several tables takes."""

    def close(self) -> None:
        """Write the rest, which completes the file."""

    def abandon(self) -> None:
        """Stop before the end, and remove temporary files. The incomplete file is the caller's."""


MOST_ROWS = 1_048_576
"""The most rows of a sheet, header included; a longer list continues on another sheet."""


def writer(
    kind: FileKind,
    file: BinaryIO,
    head: Sequence[str],
    *,
    title: str,
    made_at: datetime,
    most_rows: int = MOST_ROWS,
) -> Writer:
    """Return a writer for a list with the header ``head``. ``title`` and ``made_at`` (naive) are for workbooks."""
    if kind is FileKind.CSV:
        return _Csv(file, head)
    return _Xlsx(file, head, title=title, made_at=made_at, most_rows=most_rows)


_KEPT = 512
"""The number of texts whose written form is kept, because most of a column are the same few."""
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The first characters of a formula; full-width ones count, too."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_is_harmless = re.compile(r"(?![\t\r\n]|\s*['=+\-@＝＋－＠])[^\x00-\x08\x0b-\x1f\ufffe\uffff]*").fullmatch
"""Finds a text that is neither risky nor escaped, and printable: nearly every text, by one look instead of six."""


def _is_risky(text: str) -> bool:
    return text.startswith(_RISKY) or text.lstrip().startswith(_RISKY)


def _is_escaped(text: str) -> bool:
    """Return True for a text that looks as if it had got its apostrophe already: it needs one more."""
    return text.startswith("'") and _is_risky(text.lstrip("'"))


def unescaped(text: str) -> str:
    """Return a text as it was before the export: without the apostrophe before what a spreadsheet would run.

    Any other apostrophe stays. (Other programs, Odoo and WooCommerce among them, put the same apostrophe.)
    """
    return text[1:] if _is_escaped(text) else text


def _printable(text: str) -> str:
    """Replace control characters with spaces; XLSX does not allow them."""
    return _UNPRINTABLE.sub(" ", text)


class _Csv:
    """CSV (RFC 4180) in UTF-8 with a byte order mark, without which spreadsheets assume an old code page."""

    def __init__(self, file: BinaryIO, head: Sequence[str]) -> None:
        self._file = file
        self._page = io.StringIO(newline="")
        self._csv = csv.writer(self._page)
        file.write(b"\xef\xbb\xbf")
        self.write([head])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        plain = _PLAIN.get
        self._csv.writerows([plain(type(cell), _plain)(cell) for cell in row] for row in rows)
        self._file.write(self._page.getvalue().encode())
        self._page.seek(0)
        self._page.truncate()

    def close(self) -> None:
        self._file.flush()

    def abandon(self) -> None:
        self._page.close()


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return _plain_text(cell)
        case Decimal():
            return _plain_number(cell)
        case datetime():
            return _plain_instant(cell)
        case _:
            return str(cell)


@lru_cache(maxsize=_KEPT)
def _plain_text(text: str) -> str:
    if _is_harmless(text):
        return text
    text = _printable(text)
    return f"'{text}" if _is_risky(text) or _is_escaped(text) else text


def _plain_number(number: Decimal) -> str:
    written = str(number)  # four times as fast as f"{number:f}", but with an exponent where that is shorter
    return f"{number:f}" if "E" in written else written


def _plain_instant(at: datetime) -> str:
    return at.isoformat(" ", "seconds")


_PLAIN: Mapping[type, Callable[[Any], str]] = {
    str: _plain_text,
    Decimal: _plain_number,
    datetime: _plain_instant,
    date: str,
    int: str,
}
"""The functions that write a cell, by its very type: a long list has millions of cells."""


_LONGEST_TEXT = 32_767
_is_simple = re.compile(r"(?![\t\n]|\s*['=+\-@＝＋－＠])[^&<>_\x00-\x08\x0b-\x1f\ufffe\uffff]{0,1000}").fullmatch
"""Finds a short text that needs nothing in a workbook, as most do."""
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""The beginning of what a workbook reads as a character's number (ECMA-376, 22.4.2.4)."""


def _in_workbook(text: str) -> str:
    """Return a printable text for a cell of a workbook, where text that is text needs no apostrophe."""
    written = f"'{text}" if _is_escaped(text) else text
    return _ESCAPE.sub("_x005F_", written[:_LONGEST_TEXT])


_WIDTHS = (9, 44)


class Workbook:
    """An XLSX workbook of one list or several (ECMA-376); its sheets are in temporary files until it is saved.

    Written here, and not by openpyxl, which took 5 ms for a document with five lines.
    """

    def __init__(self, *, title: str, made_at: datetime, most_rows: int = MOST_ROWS) -> None:
        self.title = title
        self.made_at = made_at
        self.most_rows = most_rows
        self.formats: dict[str, int] = {}
        self._lists: list[WorkbookList] = []

    def add(self, title: str, head: Sequence[str]) -> WorkbookList:
        """Return another list, with its sheets after those of the others."""
        self._lists.append(WorkbookList(self, title, head))
        return self._lists[-1]

    def style(self, number_format: str) -> int:
        """Return the number of the style of cells with a number format."""
        return self.formats.setdefault(number_format, _FIRST_FORMAT + len(self.formats))

    def save(self, file: BinaryIO) -> None:
        """Write the workbook to an open file, and remove the temporary ones."""
        sheets = self._sheets()
        names = [sheet.title for sheet in sheets]
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for name, content in workbook_parts.parts(
                names, tuple(self.formats), title=_printable(self.title), made_at=self.made_at
            ):
                archive.writestr(name, content)
            for at, sheet in enumerate(sheets, start=1):
                with archive.open(f"xl/worksheets/sheet{at}.xml", "w", force_zip64=True) as entry:
                    sheet.copy_to(entry)
        self.abandon()

    def abandon(self) -> None:
        """Remove the temporary files."""
        for sheet in self._sheets():
            sheet.close()

    def _sheets(self) -> list[_Sheet]:
        return [sheet for one in self._lists for sheet in one.sheets]


class _Sheet:
    """A sheet that is being written to a temporary file."""

    def __init__(self, title: str, head: Sequence[str], widths: Sequence[int], style: Callable[[str], int]) -> None:
        self.title = title
        self.rows = 0
        self._style = style
        self._cells: Mapping[type, Callable[[Any], str]] = {
            str: _text_cell,
            Decimal: self._decimal_cell,
            datetime: self._instant_cell,
            date: self._day_cell,
            int: _whole_cell,
        }
        self._beginnings: dict[int, str] = {}
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed with the workbook
        self._file.write(workbook_parts.sheet_head(widths))
        self._write_row([f'<c t="inlineStr" s="{_BOLD}">{_inline(_printable(said))}</c>' for said in head])

    def write(self, row: Sequence[Cell]) -> None:
        """Write the next row."""
        cell_of = self._cells.get
        self._write_row([cell_of(type(cell), self._cell)(cell) for cell in row])

    def copy_to(self, entry: IO[bytes]) -> None:
        """Write the whole sheet to an open file."""
        self._file.seek(0)
        copyfileobj(self._file, entry)
        entry.write(workbook_parts.SHEET_END)

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def _write_row(self, cells: Sequence[str]) -> None:
        self.rows += 1
        self._file.write(f'<row r="{self.rows}">{"".join(cells)}</row>'.encode())

    def _cell(self, cell: Cell) -> str:
        match cell:
            case None:
                return "<c/>"
            case str():
                return _text_cell(cell)
            case Decimal():
                return self._decimal_cell(cell)
            case datetime():
                return self._instant_cell(cell)
            case date():
                return self._day_cell(cell)
            case _:
                return _whole_cell(cell)

    def _decimal_cell(self, number: Decimal) -> str:
        written = _plain_number(number)
        mark = written.find(".")
        decimals = len(written) - mark - 1 if mark >= 0 else 0
        if (begin := self._beginnings.get(decimals)) is None:
            number_format = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
            begin = self._beginnings[decimals] = f'<c s="{self._style(number_format)}"><v>'
        return f"{begin}{written}</v></c>"

    def _instant_cell(self, at: datetime) -> str:
        return self._number("yyyy-mm-dd hh:mm", repr((at - _DAY_0) / timedelta(days=1)))

    def _day_cell(self, day: date) -> str:
        return self._number("yyyy-mm-dd", str((day - _DAY_0.date()).days))

    def _number(self, number_format: str, value: str) -> str:
        return f'<c s="{self._style(number_format)}"><v>{value}</v></c>'


_BOLD, _QUOTED, _FIRST_FORMAT = 1, 2, 3
"""The styles of ``workbook_parts.parts``: of a header, of text that looks like a formula, of the first format."""
_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count days of local time from here
"""The day 0 of a spreadsheet (ECMA-376, 18.17.4.1)."""


@lru_cache(maxsize=_KEPT)
def _text_cell(text: str) -> str:
    if not text:
        return "<c/>"
    if _is_simple(text):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    shown = _printable(text)
    style = f' s="{_QUOTED}"' if _is_risky(shown) else ""
    return f'<c t="inlineStr"{style}>{_inline(shown)}</c>'


def _whole_cell(number: int) -> str:
    return f"<c><v>{number}</v></c>"


def _inline(text: str) -> str:
    return f'<is><t xml:space="preserve">{escape(_in_workbook(text))}</t></is>'


class _Xlsx:
    """A workbook with one list."""

    def __init__(self, file: BinaryIO, head: Sequence[str], *, title: str, made_at: datetime, most_rows: int) -> None:
        self._file = file
        self._book = Workbook(title=title, made_at=made_at, most_rows=most_rows)
        self._list = self._book.add(title, head)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._list.write(rows)

    def close(self) -> None:
        self._list.close()
        self._book.save(self._file)

    def abandon(self) -> None:
        self._book.abandon()


class WorkbookList:
    """A list in a workbook; each of its sheets starts with the header, in bold and frozen."""

    def __init__(self, of: Workbook, title: str, head: Sequence[str]) -> None:
        self._book = of
        self._title = title
        self._head = head
        self.sheets: list[_Sheet] = []

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write the next rows."""
        for row in rows:
            if not self.sheets or self.sheets[-1].rows == self._book.most_rows:
                self._turn(row)
            self.sheets[-1].write(row)

    def close(self) -> None:
        """Write the header of a list without rows."""
        if not self.sheets:
            self._turn([])

    def _turn(self, first: Sequence[Cell]) -> None:
        """Start the next sheet; the header and the first row set the column widths."""
        count = len(self.sheets) + 1
        title = f"{self._title[:25]} {count}" if count > 1 else self._title[:31]
        widest = [
            max(len(said), len(_plain(first[at])) if at < len(first) else 0) for at, said in enumerate(self._head)
        ]
        widths = [min(max(width + 3, _WIDTHS[0]), _WIDTHS[1]) for width in widest]
        self.sheets.append(_Sheet(title, self._head, widths, self._book.style))
