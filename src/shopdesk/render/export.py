"""Export of lists to CSV and XLSX, page by page, so that a million rows need the memory of one page.

A text cell is never a formula. A spreadsheet runs text that begins with ``=``, ``+``, ``-`` or
``@`` as a formula (OWASP, "CSV injection"); such text gets an apostrophe in CSV and the cell type "text" in XLSX.
``unescaped`` takes off exactly the apostrophe that was put there. Numbers stay numbers, negative ones too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO, Protocol
from zipfile import ZIP_DEFLATED, ZipFile

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


_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The first characters of a formula; full-width ones count, too."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


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
        self._csv.writerows([_plain(cell) for cell in row] for row in rows)
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
            text = _printable(cell)
            return f"'{text}" if _is_risky(text) or _is_escaped(text) else text
        case Decimal():
            return f"{cell:f}"
        case datetime():
            return cell.isoformat(" ", "seconds")
        case _:
            return str(cell)


_LONGEST_TEXT = 32_767
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""The beginning of what a workbook reads as a character's number (ECMA-376, 22.4.2.4); openpyxl does not escape it."""


def _in_workbook(text: str) -> str:
    """Return a text for a cell of a workbook, where text that is text needs no apostrophe."""
    written = _printable(f"'{text}" if _is_escaped(text) else text)[:_LONGEST_TEXT]
    return _ESCAPE.sub("_x005F_", written)


_WIDTHS = (9, 44)


class Workbook:
    """An XLSX workbook of one list or several; its sheets are in temporary files until it is saved."""

    def __init__(self, *, title: str, made_at: datetime, most_rows: int = MOST_ROWS) -> None:
        import openpyxl  # imported late: it takes 0.2 s

        self.book: Any = openpyxl.Workbook(write_only=True)
        self.book.properties.creator = "shopdesk"
        self.book.properties.title = title
        self.book.properties.created = self.book.properties.modified = made_at
        self.most_rows = most_rows

    def add(self, title: str, head: Sequence[str], *, at: int | None = None) -> WorkbookList:
        """Return another list, with its sheets after the others, or ``at`` a place."""
        return WorkbookList(self, title, head, at)

    def save(self, file: BinaryIO) -> None:
        """Write the workbook to an open file."""
        from openpyxl.writer.excel import ExcelWriter

        # Not openpyxl's save(): on a full disk it leaves an archive open, which raises an error much later.
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(self.book, archive).write_data()

    def abandon(self) -> None:
        """Remove the temporary files."""
        for sheet in self.book.worksheets:
            # openpyxl keeps each sheet in a temporary file until the program ends.
            writer = getattr(sheet, "_writer", None)
            if writer is not None:
                sheet.close()
                writer.cleanup()


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

    def __init__(self, of: Workbook, title: str, head: Sequence[str], at: int | None) -> None:
        self._book = of
        self._title = title
        self._head = head
        self._at = at
        self._sheet: Any = None
        self._sheets = 0
        self._rows = 0

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write the next rows."""
        for row in rows:
            if self._sheet is None or self._rows == self._book.most_rows:
                self._turn(row)
            self._sheet.append([self._cell(cell) for cell in row])
            self._rows += 1

    def close(self) -> None:
        """Write the header of a list without rows."""
        if self._sheet is None:
            self._turn([])

    def _turn(self, first: Sequence[Cell]) -> None:
        """Start the next sheet; the header and the first row set the column widths."""
        from openpyxl.utils import get_column_letter

        self._sheets += 1
        title = f"{self._title[:25]} {self._sheets}" if self._sheets > 1 else self._title[:31]
        self._sheet = self._book.book.create_sheet(title, self._at)
        self._sheet.freeze_panes = "A2"
        for at, said in enumerate(self._head):
            widest = max(len(said), len(_plain(first[at])) if at < len(first) else 0)
            width = min(max(widest + 3, _WIDTHS[0]), _WIDTHS[1])
            self._sheet.column_dimensions[get_column_letter(at + 1)].width = width
        self._sheet.append([self._in_bold(said) for said in self._head])
        self._rows = 1

    def _in_bold(self, text: str) -> object:
        from openpyxl.styles import Font

        cell = self._text(text)
        cell.font = Font(bold=True)
        return cell

    def _cell(self, cell: Cell) -> object:
        match cell:
            case str() if _is_risky(cell) or cell.startswith("#"):  # openpyxl would store "#N/A" as an error value
                return self._text(cell)
            case str():
                return _in_workbook(cell)
            case Decimal():
                digits = max(0, -int(cell.as_tuple().exponent))
                return self._styled(cell, f"#,##0.{'0' * digits}" if digits else "#,##0")
            case datetime():
                return self._styled(cell, "yyyy-mm-dd hh:mm")
            case date():
                return self._styled(cell, "yyyy-mm-dd")
            case _:
                return cell

    def _styled(self, value: Decimal | date, number_format: str) -> object:
        from openpyxl.cell import WriteOnlyCell

        cell: Any = WriteOnlyCell(self._sheet)
        cell.value = value
        cell.number_format = number_format
        return cell

    def _text(self, text: str) -> Any:
        """Return a cell that stays text when it is edited or saved as CSV."""
        from openpyxl.cell import WriteOnlyCell

        cell: Any = WriteOnlyCell(self._sheet)
        cell.value = _in_workbook(text)
        cell.data_type = "s"
        cell.quotePrefix = _is_risky(text)
        return cell
