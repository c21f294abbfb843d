"""A document on the roll as a picture of black dots, as wide as the print head of a receipt printer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shopdesk.domain.printer import Picture
from shopdesk.render import pdfium
from shopdesk.render.receipt_roll import MARGIN

if TYPE_CHECKING:
    from PIL.Image import Image

_FINER = 2
"""PDFium makes each bar of a code a dot wider. Drawn twice as fine and halved, bars are exact."""
_BLACK = [255 * (gray < 128) for gray in range(256)]
_LINE, _TICK = 3, 24
"""The width of a ruler and the length of the ticks at its ends in dots."""


def picture(pdf: bytes, *, width: int, has_rulers: bool = False) -> Picture:
    """Draw the pages of a roll one below the other, ``width`` dots wide; the margins are cut off.

    The print head is as wide as the text: 72 of 80 mm. ``has_rulers`` adds a line from edge to edge at both ends.
    Raise the error of PDFium if it is no PDF.
    """
    from PIL import Image

    with pdfium.opened(pdf) as document:
        pages = [_dots(document[page], width) for page in range(len(document))]
    roll = Image.new("1", (width, sum(page.height for page in pages)))
    top = 0
    for page in pages:
        roll.paste(page, (0, top))
        top += page.height
    if has_rulers:
        for box in ((0, 0, width, _LINE), (0, 0, _LINE, _TICK), (width - _LINE, 0, width, _TICK)):
            roll.paste(1, box)
            roll.paste(1, (box[0], roll.height - box[3], box[2], roll.height))
    return Picture(width, roll.height, roll.tobytes())


def _dots(page: Any, width: int) -> Image:
    """Return a page with a bit for each dot, 1 for black: where more than half of its pixels is."""
    from PIL import Image

    scale = _FINER * width / (page.get_width() - 2 * MARGIN)
    drawn = page.render(scale=scale, grayscale=True)
    try:
        size, left = (drawn.width, drawn.height), round(MARGIN * scale)
        gray = Image.frombuffer("L", size, bytes(drawn.buffer), "raw", "L", drawn.stride, 1)
        inner = gray.crop((left, 0, left + _FINER * width, drawn.height // _FINER * _FINER))
        return inner.reduce(_FINER).point(_BLACK, "1")
    finally:
        drawn.close()
        page.close()
