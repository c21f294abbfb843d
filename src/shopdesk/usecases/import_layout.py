"""Which column of a file is which: found by its headings, or chosen by the owner and remembered.

What a column of numbers means is decided by all of it: see ``decimal_mark``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shopdesk.domain.clean_text import ascii_digits
from shopdesk.domain.sentence import NOTHING, Sentence, sentence
from shopdesk.message_catalogues import Marked
from shopdesk.render.export import unescaped
from shopdesk.usecases.import_file import FIRST_ROWS, Cell, ImportFile, Progress, Row, ignore_progress, text_of
from shopdesk.usecases.import_headings import TAX_COLUMN, WITH_TAX, Program, field_of, plain, program_of

Record = Mapping[str, Cell]
"""The cells of one row, by the fields that they fill. A field without a column is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportField:
    """A field of a product or a customer that a column may fill. ``label`` is its name for the owner."""

    name: str
    label: Marked
    is_needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Products or customers: the fields to import, and the headings by which they are known."""

    name: str
    fields: tuple[ImportField, ...]
    columns: Mapping[str, str]
    programs: tuple[Program, ...]
    missing: Callable[[frozenset[str]], tuple[str, ...]]
    """Return the needed fields that no column fills, given the fields that have one."""

    def recognise(self, row: Sequence[Cell]) -> int:
        """Return how many of a row's cells are known headings."""
        program = program_of(row, self.programs)
        return sum(bool(field_of(cell, program.columns if program else self.columns)) for cell in row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The way a file is read. ``columns`` has the fields with the positions of their columns, from 0.

    ``head`` is the number of the row with the headings, 0 if there is none. ``decimal`` is the decimal mark of the
    prices, empty where the column has to agree on one. ``with_tax`` is None where prices are meant as in the shop.
    ``taxes`` maps what the file calls a tax to the key of one of the shop's (hex), or to an empty text: its default.
    """

    head: int
    columns: tuple[tuple[str, int], ...]
    decimal: str = ""
    with_tax: bool | None = None
    taxes: tuple[tuple[str, str], ...] = ()
    flags: tuple[tuple[int, str], ...] = ()
    """Columns that say for one tax whether an item has it: position, and the tax."""
    program: str = ""
    """The program that wrote the file; empty if it is not known."""
    code_from: tuple[str, ...] = ("barcode",)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that a column fills."""
        named = {name for name, _ in self.columns}
        return frozenset(named | {"tax"} if self.flags else named)

    def at(self, name: str) -> int | None:
        """Return the position of a field's column, or None."""
        return dict(self.columns).get(name)

    def with_columns(self, columns: Mapping[str, int]) -> Layout:
        """Return the layout with other columns for the fields that the owner sees."""
        return replace(self, columns=tuple(sorted(columns.items())))


def headings(file: ImportFile, layout: Layout) -> tuple[str, ...]:
    """Return the headings of all columns; “Column 3” for one without."""
    width = max((len(row.cells) for row in first_rows(file)), default=0)
    head: Sequence[Cell] = next((row.cells for row in first_rows(file) if row.number == layout.head), ())
    named = [text_of(cell).strip() for cell in head] + [""] * (width - len(head))
    return tuple(name or f"Column {at + 1}" for at, name in enumerate(named))


def samples(file: ImportFile, layout: Layout, *, most: int = 3) -> tuple[tuple[str, ...], ...]:
    """Return the first values of each column."""
    width = len(headings(file, layout))
    found: list[list[str]] = [[] for _ in range(width)]
    for row in first_rows(file):
        if row.number > layout.head:
            for at, cell in enumerate(row.cells[:width]):
                text = " ".join(text_of(cell).split())
                if text and len(found[at]) < most:
                    found[at].append(text[:40])
    return tuple(tuple(values) for values in found)


def first_rows(file: ImportFile) -> tuple[Row, ...]:
    """Return the rows in which the headings are looked for."""
    rows: list[Row] = []
    for row in file.rows():
        rows.append(row)
        if len(rows) == FIRST_ROWS:
            break
    return tuple(rows)


# --- finding the columns --------------------------------------------------------------------------------------------


def fingerprint(cells: Sequence[Cell]) -> str:
    """Return a short text for a set of headings, by which their layout is remembered (SHA-256, in hex)."""
    names = json.dumps([plain(cell) for cell in cells], ensure_ascii=False)
    return hashlib.sha256(names.encode()).hexdigest()


def guess(file: ImportFile, subject: Subject) -> Layout:
    """Return the layout that a file's headings suggest. Fields with several possible columns have none."""
    rows = first_rows(file)
    best = max(rows, key=lambda row: (subject.recognise(row.cells), row.number), default=None)
    if best is None:
        return Layout(head=0, columns=())
    if not subject.recognise(best.cells):
        best = _first_wide(rows)
    return _laid_out(best, subject)


def guess_at(file: ImportFile, subject: Subject, head: int) -> Layout:
    """Return the layout that the headings in one row suggest; with 0 the file has none."""
    rows = first_rows(file)
    return next((_laid_out(row, subject) for row in rows if row.number == head), Layout(head=0, columns=()))


def _first_wide(rows: Sequence[Row]) -> Row:
    """Return the first row that is as wide as most: titles before the headings are shorter."""
    widths = sorted(_width(row) for row in rows)
    usual = widths[len(widths) // 2]
    return next(row for row in rows if _width(row) >= usual)


def _width(row: Row) -> int:
    return sum(bool(text_of(cell).strip()) for cell in row.cells)


def _laid_out(head: Row, subject: Subject) -> Layout:
    program = program_of(head.cells, subject.programs)
    columns = program.columns if program else subject.columns
    found: dict[str, list[int]] = {}
    flags: list[tuple[int, str]] = []
    for at, cell in enumerate(head.cells):
        if name := field_of(cell, columns):
            found.setdefault(name, []).append(at)
        elif tax := TAX_COLUMN.match(text_of(cell).strip()):
            flags.append((at, f"{tax['name']} {tax['rate']}%"))
    settled = {name: at for name, places in found.items() if (at := _chosen(head, name, places, columns, program)) >= 0}
    prices = [WITH_TAX[name] for at in found.get("price", ()) if (name := plain(head.cells[at])) in WITH_TAX]
    return Layout(
        head=head.number,
        columns=tuple(sorted(settled.items())),
        with_tax=prices[0] if prices else program.with_tax if program else None,
        flags=tuple(flags),
        program=program.name if program else "",
        code_from=program.code_from if program else ("barcode",),
    )


def _chosen(head: Row, name: str, places: Sequence[int], columns: Mapping[str, str], program: Program | None) -> int:
    """Return the position of the column that fills a field: the one named first in ``columns``; -1 if it is not clear.

    It is not clear which of several prices is meant (one for each shop), nor in a file that no known program wrote
    which of several codes.
    """
    if len(places) > 1 and (name == "price" or (name == "code" and program is None)):
        return -1
    order = list(columns)
    return min(places, key=lambda at: (order.index(known) if (known := plain(head.cells[at])) in order else 0, at))


# --- reading rows ---------------------------------------------------------------------------------------------------


def records(file: ImportFile, layout: Layout) -> Iterator[tuple[int, dict[str, Cell], Sentence]]:
    """Yield the lines after the headings: number, record, and what is wrong with the line as such."""
    wide = _columns_named(file, layout)
    plain_cell = _plain_cell_of_text if file.separator else _plain_cell
    for row in file.rows(after=layout.head):
        record: dict[str, Cell] = {
            name: plain_cell(row.cells[at]) if at < len(row.cells) else "" for name, at in layout.columns
        }
        if layout.flags:
            record["tax"] = _flagged(row, layout)
        yield row.number, record, _too_long(row, wide)


def _columns_named(file: ImportFile, layout: Layout) -> int:
    """Return the number of columns up to the last one with a heading; 0 for a file without headings."""
    head: Sequence[Cell] = next((row.cells for row in first_rows(file) if row.number == layout.head), ())
    return max((at for at, cell in enumerate(head, 1) if text_of(cell).strip()), default=0)


def _plain_cell(cell: Cell) -> Cell:
    return unescaped(cell) if isinstance(cell, str) else cell


_KEPT_AS_TEXT = re.compile(r'\s*="((?:[^"]|"")*)"\s*')
"""A text in a CSV file of which some programs keep a spreadsheet from making a number: ``="0012"``."""


def _plain_cell_of_text(cell: Cell) -> Cell:
    kept = _KEPT_AS_TEXT.fullmatch(cell) if isinstance(cell, str) else None
    return kept[1].replace('""', '"') if kept else _plain_cell(cell)


def _too_long(row: Row, wide: int) -> Sentence:
    """Return what is wrong where a row has cells beyond the headings; missing and empty ones at its end are none."""
    cells = len(row.cells)
    while cells > wide and not text_of(row.cells[cells - 1]).strip():
        cells -= 1
    if not wide or cells <= wide:
        return NOTHING
    return sentence("The line has {columns} columns, but the header has {wide}.", columns=cells, wide=wide)


def _flagged(row: Row, layout: Layout) -> str:
    names = [name for at, name in layout.flags if at < len(row.cells) and is_yes(row.cells[at])]
    return " + ".join(names) or "No tax"


_YES = frozenset("yes y true t 1 on x active published".split())
_NO = frozenset("no n false f 0 -1 2 off draft archived inactive unlisted".split())


def is_yes(cell: Cell) -> bool | None:
    """Return True for yes, False for no or nothing, None for anything else."""
    word = text_of(cell).strip().casefold()
    return True if word in _YES else False if not word or word in _NO else None


# --- numbers --------------------------------------------------------------------------------------------------------


def decimal_mark(values: Iterator[str]) -> tuple[frozenset[str], str]:
    """Return the decimal marks that a column's values prove, and a value that fits both readings, if any.

    ``1.234`` is a thousand or one and a bit; ``12.50``, ``0.350``, ``1234.567`` and ``1,234.5`` are not open to doubt.
    """
    proved: set[str] = set()
    doubtful = ""
    for value in values:
        mark = _proved(value)
        if mark == "?":
            doubtful = doubtful or value
        elif mark:
            proved.add(mark)
    return frozenset(proved), doubtful


_GAPS = re.compile(r"[\s'’]")


def _proved(value: str) -> str:
    """Return the decimal mark that one value proves, “?” if it fits both readings, or an empty text."""
    if "\u066b" in value:  # the Arabic decimal mark is read as one in any case
        return ""
    text = "".join(_WIDE.get(mark, mark) for mark in ascii_digits(value))
    is_grouped = bool(_GAPS.search(text.strip()))
    text = _GAPS.sub("", text)
    marks = [mark for mark in text if mark in ".,"]
    if not marks or not any(mark.isdecimal() for mark in text):
        return ""
    last = marks[-1]
    if len(set(marks)) == 2:
        return last if marks.count(last) == 1 else ""
    if len(marks) > 1:  # 1.234.567 has groups, so the other mark is the decimal one
        return "," if last == "." else "."
    whole, _, fraction = text.partition(last)
    before = sum(mark.isdecimal() for mark in whole)
    three = sum(mark.isdecimal() for mark in fraction) == 3
    begins_with_0 = whole.lstrip("-+").startswith("0")
    return "?" if three and 1 <= before <= 3 and not begins_with_0 and not is_grouped else last


_WIDE = {"．": ".", "，": ",", "\u066c": "'"}
"""Full-width marks, and the Arabic group mark."""


def values(
    file: ImportFile, layout: Layout, name: str, *, clean: Callable[[str], str], progress: Progress = ignore_progress
) -> Iterator[str]:
    """Yield the texts of a field's column, each cleaned; numbers of a workbook are no texts."""
    at = layout.at(name)
    if at is None:
        return
    for count, row in enumerate(file.rows(after=layout.head)):
        if at < len(row.cells) and isinstance(cell := row.cells[at], str) and cell.strip():
            yield clean(cell)
        if count % 1000 == 0:
            progress(count, file.count)
