"""Reads a file to import: CSV in the encodings and dialects of spreadsheets, and XLSX.

The rows go into a temporary database on the disk, which the system removes with the connection. So memory does not grow
with the file, it can be gone through again and again, and what is imported is what was checked, even if the file
changes meanwhile.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import sqlite3
import threading
import weakref
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from shopdesk.domain.clean_text import strip_invisible
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Cell = str | int | float
"""A cell of a file: a text, or a number of a workbook. An empty cell is an empty text."""

Progress = Callable[[int, int], object]
"""Called again and again with the lines done and all lines (0: not known yet); may raise ``ImportCancelled``."""

MOST_LINES = 200_000
LARGEST_BYTES = 100_000_000
_LARGEST_UNPACKED = 1_000_000_000
FIRST_ROWS = 30
"""Rows in which the headings are looked for."""
AT_ONCE = 500
"""Rows that are in memory at the same time."""


class ImportCancelled(Refused):
    """The user cancelled the import. Nothing was imported."""

    def __init__(self) -> None:
        super().__init__(sentence("The import was cancelled. Nothing was imported."))


def ignore_progress(_done: int, _of: int) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, numbered from 1 as a spreadsheet numbers it."""

    number: int
    cells: tuple[Cell, ...]


class ImportFile:
    """The rows of a file, and what was found out about each; kept on the disk. One thread at a time may use it."""

    def __init__(self) -> None:
        # An empty name is a temporary file that SQLite removes itself. Nothing is ever committed: no journal, no sync.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._close = weakref.finalize(self, self._database.close)
        self._lock = threading.Lock()
        self.count = 0
        self.last = 0
        self.is_unicode = True
        self.separator = ""
        self.other_sheets: tuple[str, ...] = ()
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA cache_size = -4000",
            "CREATE TABLE file (number INTEGER PRIMARY KEY, cells TEXT NOT NULL)",
            "CREATE TABLE line (number INTEGER PRIMARY KEY, verdict TEXT, warned INTEGER, packed TEXT)",
            "CREATE INDEX line_verdict ON line (verdict, number)",
            "CREATE INDEX line_warned ON line (number) WHERE warned",
            "CREATE TABLE seen (what TEXT, value TEXT, number INTEGER, PRIMARY KEY (what, value)) WITHOUT ROWID",
            "BEGIN",
        ):
            self._database.execute(statement)

    def close(self) -> None:
        """Remove the temporary file. It may be called twice."""
        self._close()

    # --- rows ---

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows that are not empty. Raise Refused when there are too many."""
        kept = [(row.number, json.dumps(row.cells, ensure_ascii=False)) for row in rows]
        if not kept:
            return
        with self._using() as database:
            database.executemany("INSERT INTO file VALUES (?, ?)", kept)
        self.count += len(kept)
        self.last = kept[-1][0]
        if self.count > MOST_LINES + FIRST_ROWS:
            raise Refused(
                sentence("The file has more than {most} lines. Split it into several.", most=MOST_LINES),
                field="file",
            )

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Yield the rows after a row number."""
        while rows := self._page(after):
            yield from rows
            after = rows[-1].number

    def _page(self, after: int) -> list[Row]:
        with self._using() as database:
            found = database.execute(
                "SELECT number, cells FROM file WHERE number > ? ORDER BY number LIMIT ?", (after, AT_ONCE)
            ).fetchall()
        return [Row(number, tuple(json.loads(cells))) for number, cells in found]

    # --- verdicts ---

    def start_lines(self) -> None:
        """Forget the verdicts on the lines, and the values seen in them."""
        with self._using() as database:
            database.execute("DELETE FROM line")
            database.execute("DELETE FROM seen")

    def add_lines(self, lines: Sequence[tuple[int, str, bool, str]]) -> None:
        """Add lines with their verdicts: number, verdict, whether there is a warning, and the whole line, as JSON."""
        with self._using() as database:
            database.executemany("INSERT INTO line VALUES (?, ?, ?, ?)", lines)

    def lines(self, verdict: str | None, after: int, limit: int) -> list[str]:
        """Return the next lines after a row number, as JSON: all, those of a verdict, or the “warned” ones."""
        where = {None: "", "warned": "warned AND "}.get(verdict, "verdict = :verdict AND ") + "number > :after"
        with self._using() as database:
            found = database.execute(
                f"SELECT packed FROM line WHERE {where} ORDER BY number LIMIT :limit",  # noqa: S608 - our own condition
                {"verdict": verdict, "after": after, "limit": limit},
            ).fetchall()
        return [packed for (packed,) in found]

    def line_at(self, at: int) -> str:
        """Return one line, counted from 0, as JSON."""
        with self._using() as database:
            found = database.execute("SELECT packed FROM line ORDER BY number LIMIT 1 OFFSET ?", (at,)).fetchone()
        return str(found[0])

    def first_with(self, what: str, value: str, number: int) -> int:
        """Return the number of the first line with this value; this one's if there was none before it."""
        with self._using() as database:
            database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (what, value, number))
            return int(
                database.execute("SELECT number FROM seen WHERE what = ? AND value = ?", (what, value)).fetchone()[0]
            )

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._database
            except sqlite3.OperationalError as error:
                raise Unavailable(
                    sentence("The file cannot be copied to the temporary folder: {error}.", error=str(error)),
                    advice=sentence("Free up some space, then try again."),
                ) from error


# --- reading --------------------------------------------------------------------------------------------------------

_ZIP = b"PK\x03\x04"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The beginning of XLS, and of XLSX that is encrypted (MS-CFB, 2.2)."""


def read(
    source: Path | bytes,
    *,
    recognise: Callable[[Sequence[Cell]], int],
    language: str,
    encoding: str = "",
    progress: Progress = ignore_progress,
) -> ImportFile:
    """Read a CSV or XLSX file. Close what is returned.

    ``recognise`` returns how many of a row's cells are known headings. A text that is not Unicode is read in the
    Windows code page of ``language``, or in ``encoding``. Raise Refused for a file that is no table.
    """
    file = ImportFile()
    try:
        with _opened(source) as raw:
            beginning = raw.read(8)
            if beginning.startswith(_ZIP):
                _read_workbook(file, raw, progress)
            elif beginning.startswith(_COMPOUND_FILE):
                raise Refused(
                    sentence("This is an old Excel file, or one with a password. Save it as XLSX."), field="file"
                )
            else:
                file.is_unicode = not encoding
                _read_text(file, raw, recognise, encoding or _encoding(file, raw, language), progress)
        if not file.count:
            raise Refused(sentence("The file is empty."), field="file")
    except BaseException:
        file.close()
        raise
    return file


@contextmanager
def _opened(source: Path | bytes) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    if not source.is_file():
        raise Refused(sentence("There is no file {source}.", source=source), field="file")
    if source.stat().st_size > LARGEST_BYTES:
        raise Refused(sentence("This file is too large. The limit is 100 MB."), field="file")
    with source.open("rb") as raw:
        yield raw


def _kept(file: ImportFile, rows: Iterator[tuple[int, Sequence[Cell]]], progress: Progress) -> None:
    """Add all rows that are not empty, some at a time."""
    batch: list[Row] = []
    for number, cells in rows:
        if any(strip_invisible(cell).strip(_END_OF_FILE) if isinstance(cell, str) else True for cell in cells):
            batch.append(Row(number, tuple(cells)))
        if len(batch) == AT_ONCE:
            file.add(batch)
            batch = []
            progress(file.count, 0)
    file.add(batch)
    progress(file.count, file.count)


# --- text ---

_END_OF_FILE = "\x1a"
"""The mark that programs of DOS write behind the last line."""
# The first bytes of a file, and the encoding that they mark. (A mark of UTF-32 begins like one of UTF-16: it is first.)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The Windows code page of each language; of all others it is 1252.
_CODE_PAGES = (
    dict.fromkeys("bs cs hr hu pl ro sk sl sq".split(), "cp1250")
    | dict.fromkeys("be bg kk ky mk mn ru sr tg tt uk".split(), "cp1251")
    | dict.fromkeys("az tr uz".split(), "cp1254")
    | dict.fromkeys("et lt lv".split(), "cp1257")
    | {"el": "cp1253", "he": "cp1255", "ar": "cp1256", "fa": "cp1256", "ur": "cp1256", "vi": "cp1258", "th": "cp874"}
    | {"ja": "cp932", "ko": "cp949", "zh": "gb18030"}
)
ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
             "cp932", "cp949", "gb18030", "big5", "cp850", "mac-roman")  # fmt: skip
"""The encodings to choose from where a text is not Unicode."""

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 64_000
_SAMPLE_ROWS = 50


def code_page(language: str) -> str:
    """Return the Windows code page of a language (BCP 47)."""
    base, _, rest = language.replace("_", "-").lower().partition("-")
    if base == "zh" and {"tw", "hk", "mo", "hant"} & set(rest.split("-")):
        return "big5"
    return _CODE_PAGES.get(base, "cp1252")


def _encoding(file: ImportFile, raw: BinaryIO, language: str) -> str:
    raw.seek(0)
    beginning = raw.read(4096)
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding
    # Without a mark: plain text in UTF-16 has a zero byte in every other place.
    if beginning and b"\x00" in beginning:
        odd, even = beginning[1::2].count(0), beginning[::2].count(0)
        return "utf-16-le" if odd >= even else "utf-16-be"
    if _is_utf8(raw):
        return "utf-8"
    file.is_unicode = False
    return code_page(language)


def _is_utf8(raw: BinaryIO) -> bool:
    raw.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := raw.read(_SAMPLE):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_text(
    file: ImportFile,
    raw: BinaryIO,
    recognise: Callable[[Sequence[Cell]], int],
    encoding: str,
    progress: Progress,
) -> None:
    raw.seek(0)
    text = io.TextIOWrapper(raw, encoding=encoding, newline="")
    try:
        sample = text.read(_SAMPLE)
        if "\x00" in sample:
            raise Refused(sentence("This is not a table. Save it as CSV or XLSX."), field="file")
        text.seek(0)
        separator, skip = _separator(sample, recognise)
        file.separator = separator
        _kept(file, _records(text, separator, skip=skip), progress)
    except UnicodeDecodeError:
        raise Refused(
            sentence("The letters of this file cannot be read. Save it as “CSV UTF-8” and try again."), field="file"
        ) from None
    finally:
        text.detach()


def _separator(sample: str, recognise: Callable[[Sequence[Cell]], int]) -> tuple[str, int]:
    """Return what separates the columns, and the number of lines before the table that name it (``sep=;``)."""
    first = sample.partition("\n")[0].rstrip("\r").strip('"')
    if first.casefold().startswith("sep=") and len(first) == 5 and not first[4].isalnum() and first[4] != " ":
        return first[4], 1
    return max(_SEPARATORS, key=lambda separator: _fit(sample, separator, recognise)), 0


def _fit(sample: str, separator: str, recognise: Callable[[Sequence[Cell]], int]) -> tuple[int, float, int]:
    """Return how well a separator fits: known headings, share of rows of the usual width, and that width."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        return 0, 0.0, 0
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0, 0.0, 1
    width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
    return max(recognise(row) for row in rows), count / len(rows), width


def _records(text: TextIO, separator: str, *, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a CSV file (RFC 4180) with their numbers; line breaks in quotes belong to a record."""
    reader = csv.reader(text, delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            if number > skip:
                yield number, row
    except csv.Error as error:
        raise Refused(
            sentence("Line {line} is not valid CSV: {error}.", line=reader.line_num, error=str(error)), field="file"
        ) from None


# --- workbooks ---


def _read_workbook(file: ImportFile, raw: BinaryIO, progress: Progress) -> None:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    _check_size(raw)
    raw.seek(0)
    try:
        with CalamineWorkbook.from_filelike(raw) as book:
            for found in book.sheets_metadata:
                if found.typ is SheetTypeEnum.WorkSheet and found.visible is SheetVisibleEnum.Visible:
                    sheet = book.get_sheet_by_name(found.name)
                    if file.count:
                        file.other_sheets += (sheet.name,) if sheet.height else ()
                    else:
                        _kept(file, _rows_of(sheet), progress)
    except CalamineError as error:
        raise Refused(
            sentence("This workbook cannot be read: {error}. Save it again as XLSX.", error=str(error)), field="file"
        ) from None


def _check_size(raw: BinaryIO) -> None:
    """Refuse what is no workbook, and one that would fill the memory when it is unpacked."""
    raw.seek(0)
    try:
        with zipfile.ZipFile(raw) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        raise Refused(sentence("This workbook is damaged. Save it again as XLSX."), field="file") from None
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Refused(sentence("This is not an Excel workbook. Save the table as XLSX or CSV."), field="file")
    if sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise Refused(sentence("This workbook is too large. Save the table as CSV."), field="file")


def _rows_of(sheet: CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [_cell(value) for value in row]


_MOST_WHOLE = 10**15
"""From here on, spreadsheets do not keep all digits of a number."""


def _cell(value: object) -> Cell:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            # Spreadsheets show 15 digits; the others are the errors of their own arithmetic.
            rounded = float(f"{value:.15g}")
            return int(rounded) if rounded.is_integer() and abs(rounded) < _MOST_WHOLE else rounded
        case int() | str():
            return value
        case datetime():
            return value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def text_of(cell: Cell) -> str:
    """Return a cell as text; a number without a sign of its thousands and with a decimal point.

    A number with more digits than a spreadsheet keeps has an exponent: it stands for no code.
    """
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.15G}" if abs(cell) >= _MOST_WHOLE else f"{Decimal(f'{cell:.15g}'):f}"
