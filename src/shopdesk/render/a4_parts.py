"""The parts that every paper on A4 has: margins, lines of text, the header of later pages and the footer."""

from __future__ import annotations

from shopdesk.render import formatting, logo, text_layout
from shopdesk.render.page_layout import Align, Block, PageFormat, PlacedImage, Rule, Text

WIDTH, HEIGHT = 595.28, 841.89  # 210 × 297 mm
MARGIN = 48.0
LEADING = 1.4
SOFT = 0.33
"""The gray of secondary text; it survives a photocopy."""
THIN, THIN_GRAY = 0.4, 0.6

BODY = 9.0
SMALL = 7.5
GAP = 14.0
"""The gap between columns, in points."""
_LOGO = (175.0, 62.0)
"""The largest logo: 62 × 22 mm."""


def sheet_of(*, is_rtl: bool) -> PageFormat:
    """Return the page format."""
    return PageFormat(WIDTH, HEIGHT, MARGIN, top=50.0, bottom=58.0, is_rtl=is_rtl)


def page_footer(name: str, count: str, sheet: PageFormat) -> Block:
    """Return the footer of a page: a name, shortened if necessary, and the page number in words."""
    taken = text_layout.width(count, SMALL) + GAP
    return Block(
        40.0,
        texts=[
            Text(MARGIN, 12, shortened(name, sheet.end - MARGIN - taken), SMALL, gray=SOFT),
            Text(sheet.end, 12, count, SMALL, gray=SOFT, align=Align.END),
        ],
        rules=[Rule(MARGIN, sheet.end, 0, THIN, THIN_GRAY)],
    )


def later_page_header(name: str, title: str, sheet: PageFormat) -> Block:
    """Return the header of the second and each later page."""
    block = Block(30, rules=[])
    block.texts.append(Text(MARGIN, 9, shortened(name, (sheet.end - MARGIN) * 0.6), 9, bold=True))
    block.texts.append(Text(sheet.end, 9, title, 9, align=Align.END))
    return block


def lines(
    text: str,
    size: float,
    room: float,
    *,
    bold: bool = False,
    gray: float = 0.0,
    at: float = MARGIN,
    align: Align = Align.START,
) -> list[Block]:
    """Return one block for each line, so that a long text can continue on the next page."""
    return [
        Block(size * LEADING, [Text(at, size * 1.05, line, size, bold, gray, align)])
        for paragraph in text.splitlines() or [""]
        for line in text_layout.wrap(formatting.tidy(paragraph), size, room, bold=bold)
    ]


def logo_above(file: bytes) -> list[Block]:
    """Return a shop's logo, a PNG file, as large as fits above its name; nothing for no file."""
    bitmap = logo.on_sheet(file) if file else None
    if bitmap is None:
        return []
    scale = min(_LOGO[0] / bitmap.width, _LOGO[1] / bitmap.height)
    width, height = bitmap.width * scale, bitmap.height * scale
    return [Block(height + 4, images=[PlacedImage(MARGIN, 0, width, height, bitmap)])]


def small_label(text: str) -> Block:
    """Return a small label above what follows."""
    return Block(13, [Text(MARGIN, 8, text, SMALL, gray=SOFT)], with_next=True)


def space(height: float, *, with_next: bool = False) -> Block:
    """Return empty space."""
    return Block(height, with_next=with_next)


def shortened(text: str, room: float) -> str:
    """Return one line that fits, cut with an ellipsis if necessary; the full text is in the head of the first page."""
    tidied = formatting.tidy(text)
    found = text_layout.wrap(tidied, BODY, room - BODY)
    return found[0] if len(found) == 1 else f"{found[0]}…"
