"""A report as a PDF file for A4: tables whose rows come page by page, so that a long one needs little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

from shopdesk.render import formatting
from shopdesk.render.translations import wording

if TYPE_CHECKING:
    from shopdesk.domain.money import Currency
    from shopdesk.render.export import Cell
    from shopdesk.render.page_layout import Block, PageWriter

_TITLE, _NAME, _HEADING, _FACT, _BODY = 18.0, 15.0, 11.0, 8.5, 8.5
_ROW, _PADDING = 14.0, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """The head of a report. ``language`` is that of numbers and dates; ``note`` says what is counted how."""

    title: str
    period: str
    seller: Sequence[str]
    language: str
    currency: Currency
    note: str = ""
    is_practice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumn:
    """A column of a table: its heading, its part of the width, and whether it ends at the right in every language."""

    title: str
    share: float
    is_number: bool = False


class ReportPdf:
    """A report that is being written to an open file. The caller closes the file."""

    def __init__(
        self, file: BinaryIO, head: ReportHead, columns: Sequence[ReportColumn] = (), *, made_at: datetime
    ) -> None:
        # Imported late: reportlab takes 0.1 s.
        from shopdesk.render.a4_parts import later_page_header, page_footer, sheet_of
        from shopdesk.render.page_layout import PageWriter, PdfMetadata

        self._head = head
        self._words = wording(head.language)
        self._sheet = sheet_of(is_rtl=formatting.is_rtl(self._words.language))
        self._columns: Sequence[ReportColumn] = ()
        name = head.seller[0] if head.seller else ""
        title = f"{head.title}, {head.period}"
        metadata = PdfMetadata(
            title=title,
            author=name,
            subject=" · ".join(filter(None, (head.title, name))),
            language=self._words.language,
            made_at=made_at,
            watermark=self._words.practice if head.is_practice else "",
        )

        def footer(page: int) -> Block:
            return page_footer(f"{name} · {head.title}", formatting.count(page, head.language), self._sheet)

        with _drawing():
            self._pages: PageWriter = PageWriter(
                file, self._sheet, metadata, footer, page_header=later_page_header(name, title, self._sheet)
            )
            self._waiting: list[Block] = self._top()
        if columns:
            self.begin_table(columns)

    def begin_table(self, columns: Sequence[ReportColumn], title: str = "") -> None:
        """Begin the next table, below a title. Its heading stays with its first row."""
        from shopdesk.render.a4_parts import MARGIN, lines, space

        self._columns = columns
        with _drawing():
            heading = lines(title, _HEADING, self._sheet.end - MARGIN, bold=True) if title else []
            self._waiting += [space(16), *heading, space(3), self._heading()]
            self._pages.repeat(self._heading())

    def write(self, rows: Iterable[Sequence[Cell]], *, bold: bool = False) -> None:
        """Write the next rows of the table."""
        with _drawing():
            for row in rows:
                for block in self._waiting:
                    block.with_next = True
                self._pages.add([*self._waiting, self._row(row, bold=bold)])
                self._waiting = []

    def close(self) -> None:
        """Write the rest, which completes the file."""
        with _drawing():
            self._pages.add(self._waiting)
            self._pages.close()

    def abandon(self) -> None:
        """Stop before the end. The incomplete file is the caller's."""

    # --- blocks ---

    def _top(self) -> list[Block]:
        from shopdesk.render.a4_parts import GAP, HEIGHT, MARGIN, SOFT, lines
        from shopdesk.render.page_layout import Align, beside

        head, end, half = self._head, self._sheet.end, (self._sheet.end - MARGIN) / 2 - GAP
        name, *below = head.seller or ("",)
        seller = lines(name, _NAME, half, bold=True)
        for line in below:
            seller += lines(line, _FACT, half, gray=SOFT)
        title = [
            *lines(head.title, _TITLE, half, bold=True, at=end, align=Align.END),
            *lines(head.period, 10, half, at=end, align=Align.END),
        ]
        top = beside(seller, title, most=HEIGHT / 2)
        for line in filter(None, (head.note,)):
            top += lines(line, _FACT, end - MARGIN, gray=SOFT)
        return top

    def _places(self) -> list[tuple[float, float]]:
        """Return where each column begins and ends, from the start edge of the page."""
        from shopdesk.render.a4_parts import MARGIN

        room, whole = self._sheet.end - MARGIN, sum(column.share for column in self._columns)
        places, at = [], MARGIN
        for column in self._columns:
            width = room * column.share / whole
            places.append((at, at + width))
            at += width
        return places

    def _heading(self) -> Block:
        from shopdesk.render.a4_parts import MARGIN, SMALL, SOFT
        from shopdesk.render.page_layout import Block, Rule

        block = Block(0.0)
        for column, place in zip(self._columns, self._places(), strict=True):
            block.overlay(self._cell(column.title, column, place, SMALL, gray=SOFT))
        block.height += 4
        block.rules.append(Rule(MARGIN, self._sheet.end, block.height, 0.9))
        return block

    def _row(self, row: Sequence[Cell], *, bold: bool = False) -> Block:
        from shopdesk.render.a4_parts import MARGIN, THIN, THIN_GRAY
        from shopdesk.render.page_layout import Block, Rule

        block = Block(0.0, is_row=True)
        for cell, column, place in zip(row, self._columns, self._places(), strict=True):
            text = cell_text(cell, self._head.currency, self._head.language)
            block.overlay(self._cell(text, column, place, _BODY, bold=bold))
        block.height = max(block.height, _ROW) + 3
        block.rules.append(Rule(MARGIN, self._sheet.end, block.height, THIN, THIN_GRAY))
        return block

    def _cell(
        self,
        text: str,
        column: ReportColumn,
        place: tuple[float, float],
        size: float,
        *,
        bold: bool = False,
        gray: float = 0.0,
    ) -> Block:
        from shopdesk.render import text_layout
        from shopdesk.render.a4_parts import LEADING
        from shopdesk.render.page_layout import Align, Block, Text

        start, end = place
        # Numbers end at the right of their column, which is its start in a language from right to left.
        edge, align = (start if self._sheet.is_rtl else end, Align.NUMBER) if column.is_number else (start, Align.START)
        wrapped = text_layout.wrap(formatting.tidy(text), size, end - start - _PADDING, bold=bold) if text else []
        texts = [
            Text(edge, 4 + size * (1 + at * LEADING), line, size, bold, gray, align) for at, line in enumerate(wrapped)
        ]
        return Block(4 + size * LEADING * len(wrapped), texts)


def cell_text(cell: Cell, currency: Currency, language: str) -> str:
    """Return a cell as text in a language; a decimal is an amount in the currency."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case Decimal():
            return formatting.amount(int(cell.scaleb(currency.digits)), currency, language)
        case datetime():
            return formatting.instant(cell.astimezone(), language)
        case date():
            return formatting.day(cell, language)
        case _:
            return formatting.count(cell, language)


@contextmanager
def _drawing() -> Iterator[None]:
    """Hold the lock of reportlab's fonts, and release what this thread has loaded for other scripts."""
    from shopdesk.render import shaping, text_layout

    with text_layout.reportlab_lock:
        try:
            yield
        finally:
            shaping.release_fonts()
