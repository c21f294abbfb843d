"""A document on the roll as a picture of black dots, as wide as the print head of a receipt printer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shopdesk.domain.printer import Picture
from shopdesk.render import pdfium
from shopdesk.render.receipt_roll import MARGIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FINER = 2
"""PDFium makes each bar of a code a dot wider. Drawn twice as fine and halved, bars are exact."""
_WHITE = 255
_LINE, _TICK = 3, 24
"""The width of a ruler and the length of the ticks at its ends in dots."""


def picture(pdf: bytes, *, width: int, has_rulers: bool = False) -> Picture:
    """Draw the pages of a roll one below the other, ``width`` dots wide; the margins are cut off.

    The print head is as wide as the text: 72 of 80 mm. ``has_rulers`` adds a line from edge to edge at both ends.
    Raise the error of PDFium if it is no PDF.
    """
    import numpy as np  # 0.1 s: only when it is printed

    with pdfium.opened(pdf) as document:
        dots = np.vstack([_dots(document[page], width) for page in range(len(document))])
    if has_rulers:
        dots[:_LINE] = dots[-_LINE:] = True
        for end in (dots[:_TICK], dots[-_TICK:]):
            end[:, :_LINE] = end[:, -_LINE:] = True
    return Picture(width, len(dots), np.packbits(dots, axis=1).tobytes())


def _dots(page: Any, width: int) -> NDArray[Any]:
    """Return a page as rows of booleans, True where it is black."""
    scale = _FINER * width / (page.get_width() - 2 * MARGIN)
    drawn = page.render(scale=scale, grayscale=True)
    try:
        left, height = round(MARGIN * scale), drawn.height // _FINER * _FINER
        gray = drawn.to_numpy().reshape(drawn.height, drawn.width)[:height, left : left + _FINER * width]
        # A dot is black if more than half of its four pixels is; their sum needs more than a byte.
        sums = gray[::2, ::2].astype("uint16") + gray[::2, 1::2] + gray[1::2, ::2] + gray[1::2, 1::2]
        return sums < _FINER * _FINER * _WHITE / 2  # type: ignore[no-any-return]
    finally:
        drawn.close()
        page.close()
