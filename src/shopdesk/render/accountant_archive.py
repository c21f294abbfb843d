"""The accountant's export as one ZIP file: a CSV file for each table, and a workbook with all of them and a README.

Rows are written as they come, to temporary files beside each other: 100,000 documents need the memory of one page.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from shopdesk.render.export import Cell, FileKind, Workbook, WorkbookList, Writer, writer

WORKBOOK = "accountant.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTable:
    """A table: the name of its file, the title of its sheet, its headings; which of its cells are written.

    ``places`` are the positions of the columns that are not left out, ``summed`` those whose sums the README tells.
    """

    name: str
    title: str
    head: Sequence[str]
    places: Sequence[int]
    summed: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readme:
    """The README sheet: what it says, as rows of two cells, and the headings of the sums below."""

    title: str
    head: tuple[str, str]
    rows: Sequence[tuple[str, Cell]]
    count: Callable[[str], str]
    """Returns the label of the number of rows of a table."""
    sum: Callable[[str, str], str]
    """Returns the label of the sum of a column of a table."""


class Record(Protocol):
    """A record with rows of several tables, each with the name of its table."""

    @property
    def rows(self) -> Sequence[tuple[str, tuple[Cell, ...]]]:
        """The rows."""


@dataclass(slots=True)
class _Part:
    """A table that is being written: its CSV file, its sheet, its number of rows and its sums."""

    table: ArchiveTable
    file: BinaryIO
    csv: Writer
    sheet: WorkbookList
    count: int
    sums: dict[int, Decimal]

    def write(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        places = self.table.places
        is_whole = len(places) == len(self.table.head)
        written = rows if is_whole else [[cells[at] for at in places] for cells in rows]
        self.csv.write(written)
        self.sheet.write(written)
        self.count += len(rows)
        for at in self.table.summed:
            self.sums[at] += sum(amount for cells in rows if isinstance(amount := cells[at], Decimal))


class AccountantArchive:
    """A ZIP file that is being written; a ``Writer`` of records. ``made_at`` is naive, in local time."""

    def __init__(self, file: BinaryIO, tables: Sequence[ArchiveTable], readme: Readme, *, made_at: datetime) -> None:
        self._file = file
        self._readme = readme
        self._book = Workbook(title=readme.title, made_at=made_at)
        self._front = self._book.add("README", readme.head)
        self._front.write(readme.rows)
        self._parts: Mapping[str, _Part] = {table.name: self._begin(table, made_at) for table in tables}

    def _begin(self, table: ArchiveTable, made_at: datetime) -> _Part:
        file: BinaryIO = TemporaryFile()  # noqa: SIM115 - closed with the archive
        head = [table.head[at] for at in table.places]
        csv = writer(FileKind.CSV, file, head, title=table.title, made_at=made_at)
        sheet = self._book.add(table.title, head)
        return _Part(table, file, csv, sheet, 0, dict.fromkeys(sorted(table.summed), Decimal()))

    def write(self, rows: Iterable[Record]) -> None:
        """Write the rows of the next records."""
        by_table: dict[str, list[tuple[Cell, ...]]] = {name: [] for name in self._parts}
        for record in rows:
            for table, cells in record.rows:
                by_table[table].append(cells)
        for name, part in self._parts.items():
            part.write(by_table[name])

    def close(self) -> None:
        """Write the README and put all into the ZIP file."""
        for part in self._parts.values():
            part.csv.close()
            part.sheet.close()
        self._front.write(self._sums())
        with TemporaryFile() as workbook, ZipFile(self._file, "w", ZIP_DEFLATED) as archive:
            self._book.save(workbook)
            _put(archive, WORKBOOK, workbook, ZIP_STORED)  # a workbook is compressed already
            for part in self._parts.values():
                _put(archive, f"{part.table.name}.csv", part.file, ZIP_DEFLATED)
        self._close_parts()

    def abandon(self) -> None:
        """Stop before the end, and remove the temporary files."""
        self._book.abandon()
        self._close_parts()

    def _sums(self) -> Iterable[tuple[str, Cell]]:
        for part in self._parts.values():
            title = part.table.title
            yield self._readme.count(title), part.count
            for at, amount in part.sums.items():
                yield self._readme.sum(title, part.table.head[at]), amount

    def _close_parts(self) -> None:
        for part in self._parts.values():
            part.file.close()


def _put(archive: ZipFile, name: str, file: BinaryIO, how: int) -> None:
    info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = how
    file.seek(0)
    with archive.open(info, "w", force_zip64=True) as entry:
        shutil.copyfileobj(file, entry)
