"""A document on the roll as a picture of black dots, as wide as the print head of a receipt printer."""

from __future__ import annotations

from typing import Any

from shopdesk.domain.printer import Picture
from shopdesk.render import pdfium
from shopdesk.render.receipt_roll import MARGIN

_FINER = 2
"""PDFium makes each bar of a code a dot wider. Drawn twice as fine and halved, bars are exact."""
_QUARTERS = bytes(gray // _FINER**2 for gray in range(256))
_BLACK_BELOW = _FINER**2 * _QUARTERS[-1] // 2
"""A dot is black if more than half of its four pixels is: if their quarters add up to less than this."""
_LINE, _TICK = 3, 24
"""The width of a ruler and the length of the ticks at its ends in dots."""
_DIGITS = bytes(ord("0") if high & 0x80 else ord("1") for high in range(256))


def picture(pdf: bytes, *, width: int, has_rulers: bool = False) -> Picture:
    """Draw the pages of a roll one below the other, ``width`` dots wide; the margins are cut off.

    The print head is as wide as the text: 72 of 80 mm. ``has_rulers`` adds a line from edge to edge at both ends.
    Raise the error of PDFium if it is no PDF.
    """
    with pdfium.opened(pdf) as document:
        dots = bytearray().join(_dots(document[page], width) for page in range(len(document)))
    length = -(-width // 8)
    if has_rulers:
        for at in range(0, _TICK * length, length):
            line = _ruler(width, is_whole=at < _LINE * length)
            for begin in (at, len(dots) - length - at):
                row = int.from_bytes(dots[begin : begin + length], "big") | line
                dots[begin : begin + length] = row.to_bytes(length, "big")
    return Picture(width, len(dots) // length, bytes(dots))


def _ruler(width: int, *, is_whole: bool) -> int:
    """Return a row of a ruler: black from edge to edge, or at both edges."""
    edge = (1 << _LINE) - 1
    dots = (1 << width) - 1 if is_whole else edge | edge << (width - _LINE)
    return dots << (-width % 8)


def _dots(page: Any, width: int) -> bytes:
    """Return a page as rows of bits, 1 for black, each filled up with white to whole bytes.

    All dots are added up at once, as numbers with a byte for each: no sum needs more, so none carries into the next.
    """
    scale = _FINER * width / (page.get_width() - 2 * MARGIN)
    drawn = page.render(scale=scale, grayscale=True)
    try:
        gray, left = bytes(drawn.buffer).translate(_QUARTERS), round(MARGIN * scale)
        rest = _QUARTERS[-1:] * (_FINER * (-width % 8))
        height = drawn.height // _FINER
        begins = range(left, left + _FINER * height * drawn.stride, drawn.stride)
        lines = [gray[begin : begin + _FINER * width] + rest for begin in begins]
    finally:
        drawn.close()
        page.close()
    count = height * -(-width // 8) * 8
    sums = int.from_bytes(bytes([0x80 - _BLACK_BELOW]) * count, "big")  # so a white dot's highest bit is set
    for line in range(_FINER):
        grays = b"".join(lines[line::_FINER])
        sums += sum(int.from_bytes(grays[side::_FINER], "big") for side in range(_FINER))
    return int(sums.to_bytes(count, "big").translate(_DIGITS), 2).to_bytes(count // 8, "big")
