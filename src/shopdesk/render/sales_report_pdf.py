"""An X or Z report as a PDF file for A4 or an 80 mm roll: the same report gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopdesk.domain.sales_report import SalesReport
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.render.sales_report_text import Cells, ReportText, SalesReportSection

if TYPE_CHECKING:
    from shopdesk.render.page_layout import Block, PageFormat

_NUMBERS = 0.72
"""The most of the width that the numbers of a row take; larger ones are printed smaller."""

_TOGETHER = 16
"""The most rows of a section that are kept on one page."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The sizes of type and the gap between columns on one paper, in points."""

    name: float
    title: float
    heading: float
    body: float
    small: float
    gap: float


_SIZES = {
    PaperSize.A4: _Sizes(name=15.0, title=18.0, heading=10.0, body=9.0, small=7.5, gap=14.0),
    PaperSize.ROLL_80: _Sizes(name=12.0, title=11.0, heading=8.5, body=8.0, small=6.0, gap=6.0),
}


def sales_report_pdf(report: SalesReport, *, paper: PaperSize = PaperSize.A4, is_practice: bool = False) -> bytes:
    """Return the report as a PDF file in its own language; ``is_practice`` writes across it that it is not valid.

    The same arguments give the same bytes on the same machine.
    """
    # Imported late: reportlab takes 0.1 s.
    from shopdesk.render import page_layout, receipt_roll, shaping, text_layout
    from shopdesk.render.a4_parts import later_page_header, page_footer, sheet_of
    from shopdesk.render.page_layout import Block, PdfMetadata

    contents = ReportText(report)
    is_roll = paper is PaperSize.ROLL_80
    sheet = (receipt_roll.roll_of if is_roll else sheet_of)(is_rtl=contents.is_rtl)
    seller, words = report.seller.name, contents.words
    metadata = PdfMetadata(
        title=contents.title,
        author=seller,
        subject=f"{contents.title} · {seller}",
        language=words.language,
        made_at=report.made_at,
        watermark=words.practice if is_practice else "",
    )

    def footer(page: int, of: int) -> Block:
        if is_roll:
            return Block(0)
        return page_footer(f"{seller} · {contents.title}", words.page.format(page=page, pages=of), sheet)

    with text_layout.reportlab_lock:
        try:
            header = None if is_roll else later_page_header(seller, contents.title, sheet)
            pages = page_layout.paginate(_blocks(contents, sheet, _SIZES[paper]), sheet, page_header=header)
            return page_layout.draw(pages, sheet, metadata, footer)
        finally:
            shaping.release_fonts()


def _blocks(contents: ReportText, sheet: PageFormat, sizes: _Sizes) -> Iterator[Block]:
    from shopdesk.render.page_layout import Block

    yield from _line(contents.report.seller.name, sizes.name, sheet, is_bold=True)
    for line in contents.seller():
        yield from _line(line, sizes.small, sheet)
    yield Block(sizes.gap)
    yield from _line(contents.title, sizes.title, sheet, is_bold=True)
    yield from _rows(contents.facts(), sheet, sizes, size=sizes.body)
    for section in contents.sections():
        yield from _section(section, sheet, sizes)


def _section(section: SalesReportSection, sheet: PageFormat, sizes: _Sizes) -> Iterator[Block]:
    from shopdesk.render.page_layout import Block, Rule

    yield Block(sizes.gap, with_next=True)
    for block in _line(section.title, sizes.heading, sheet, is_bold=True):
        block.with_next = True
        yield block
    yield Block(5, rules=[Rule(sheet.margin, sheet.end, 1, 0.5)], with_next=True)
    header = [section.header] if section.header else []
    is_text = all(len(row) == 1 for row in section.rows) and not section.totals
    size = sizes.small if is_text else sizes.body
    rows = [*header, *section.rows, *section.totals]
    blocks = list(_rows(rows, sheet, sizes, size=size, strong=len(section.totals)))
    for block in blocks[:-1]:
        block.with_next = len(blocks) <= _TOGETHER
    yield from blocks


def _line(text: str, size: float, sheet: PageFormat, *, is_bold: bool = False) -> list[Block]:
    from shopdesk.render import a4_parts

    return a4_parts.lines(text, size, sheet.end - sheet.margin, bold=is_bold, at=sheet.margin)


def _rows(rows: Sequence[Cells], sheet: PageFormat, sizes: _Sizes, *, size: float, strong: int = 0) -> Iterator[Block]:
    """Yield a block for each row: the label wrapped at the start, the numbers in columns at the end.

    The last rows, ``strong`` of them, are bold. The columns are as wide as what is in them.
    """
    from shopdesk.render import formatting, text_layout
    from shopdesk.render.page_layout import Align, Block, Text

    if not rows:
        return
    room, columns = sheet.end - sheet.margin, len(rows[0]) - 1
    natural = [max(text_layout.width(row[at], size, bold=True) for row in rows) for at in range(1, columns + 1)]
    used = sum(natural) + sizes.gap * columns
    scale = min(1.0, room * _NUMBERS / used) if used else 1.0
    leading = size * 1.45
    for at, row in enumerate(rows):
        is_bold = at >= len(rows) - strong
        wrapped = text_layout.wrap(formatting.tidy(row[0]), size, room - used * scale, bold=is_bold)
        texts = [
            Text(sheet.margin, size * 1.05 + line * leading, part, size, is_bold) for line, part in enumerate(wrapped)
        ]
        end = sheet.end
        for cell, width in zip(reversed(row[1:]), reversed(natural), strict=True):
            x = end - width * scale if sheet.is_rtl else end
            texts.append(Text(x, size * 1.05, cell, size * scale, is_bold, align=Align.NUMBER))
            end -= (width + sizes.gap) * scale
        yield Block(leading * max(1, len(wrapped)), texts)
