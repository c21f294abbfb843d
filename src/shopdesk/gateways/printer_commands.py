"""ESC/POS, the commands of receipt printers: a picture, feed and cut, the drawer, questions for the status.

Text is never sent as text: a slip is a picture, so that each script prints and no name can carry a command. That leaves
four commands, which are written here; tests compare them with those of python-escpos for each profile. The library
itself stays out of the program: it brings eight more packages, takes 0.4 s to import, and sets a log
handler and a folder for itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from shopdesk.domain.printer import Picture

_ESC, _GS, _DLE, _EOT = b"\x1b", b"\x1d", b"\x10", b"\x04"

RESET = _ESC + b"@"
FEED = _ESC + b"d\x06"
"""Six lines: from the print head to the cutter."""
CUT = _GS + b"V\x01"
"""Cut, but for a bridge that keeps the slip from falling."""

ASK_PRINTER = _DLE + _EOT + b"\x01"
ASK_CAUSE = _DLE + _EOT + b"\x02"
ASK_PAPER = _DLE + _EOT + b"\x04"

IS_OFFLINE = 0x08  # of the answer to ASK_PRINTER
IS_COVER_OPEN = 0x04  # of the answer to ASK_CAUSE
IS_PAPER_LOW, IS_PAPER_OUT = 0x0C, 0x60  # of the answer to ASK_PAPER
_ANSWER_BITS, _ANSWER = 0x93, 0x12

_DRAWERS = {2: b"\x00", 5: b"\x01"}
_PULSE = b"\x32\x32"
"""100 ms on, 100 ms off."""
_HIGHEST = 960
"""The most rows in one command, as python-escpos sends them."""


def is_answer(byte: int) -> bool:
    """Return True if a byte can be the answer to a question; automatic status bytes and zeros are none."""
    return byte & _ANSWER_BITS == _ANSWER


def drawer(pin: int) -> bytes:
    """Return the command that opens the cash drawer at a pin (2 or 5)."""
    return _ESC + b"p" + _DRAWERS[pin] + _PULSE


def raster(picture: Picture) -> Iterator[bytes]:
    """Yield the commands that print a picture, in pieces that fit into a printer's memory."""
    row = (picture.width + 7) // 8
    for top in range(0, picture.height, _HIGHEST):
        height = min(_HIGHEST, picture.height - top)
        head = _GS + b"v0\x00" + row.to_bytes(2, "little") + height.to_bytes(2, "little")
        yield head + picture.rows[top * row : (top + height) * row]


def slip(picture: Picture, *, has_cutter: bool, kicks: int = 0) -> bytes:
    """Return the bytes of a whole slip; ``kicks`` is the pin of a drawer to open first, or 0."""
    opening = drawer(kicks) if kicks else b""
    return b"".join((RESET, opening, *raster(picture), FEED, CUT if has_cutter else b""))
