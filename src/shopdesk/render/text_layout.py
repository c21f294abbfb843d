"""Text layout in the embedded font: width, line breaks and glyphs.

Most text is simple: the font has every letter, and the letters follow each other from left to right. Other text
(Hebrew, Arabic, combining marks, letters that the font lacks) is laid out by ``shaping``.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from itertools import accumulate

from reportlab import rl_config

from shopdesk.render import shaping
from shopdesk.render.fonts import INVISIBLE, LAST_SEARCHABLE, RIGHT_TO_LEFT, Face, GlyphRun, TextLine, face

rl_config.useA85 = 0  # binary streams instead of ASCII 85: a quarter smaller, and 1 ms faster

reportlab_lock = threading.Lock()
"""The lock held while a PDF is made: reportlab's parsed fonts have a read position, so threads cannot share them."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line at a font size, in points."""
    return layout_line(text, bold=bold).width * size


def layout_line(text: str, *, bold: bool = False) -> TextLine:
    """Lay out a line of text that ``formatting.tidy`` has cleaned."""
    here = face(bold=bold)
    plain = _plain(text, here)
    if plain is None:
        if shaping.is_possible():
            return shaping.lay_out(text, here)
        plain = shaping.fallback_layout(text, here)
    return _side_by_side(plain, here)


@lru_cache(maxsize=8192)
def _side_by_side(plain: str, here: Face) -> TextLine:
    return TextLine(sum(here.measure(plain)), (GlyphRun(0, 0, plain),) if plain else ())


def wrap(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """Break the text into lines of at most ``room`` points, between words, or inside a word that is too long."""
    here = face(bold=bold)
    most = room / size
    plain = _plain(text, here)
    if plain is None:
        if shaping.is_possible():
            return shaping.wrap(text, here, most)
        plain = shaping.printable(text, here)
    if _side_by_side(plain, here).width <= most:
        return [plain]
    return _broken(plain, list(accumulate(here.measure(plain), initial=0.0)), most)


def _broken(text: str, edges: list[float], most: float) -> list[str]:
    """Fill lines greedily; ``edges[i]`` is the left edge of character i, ``most`` the width of a line."""
    lines: list[str] = []
    start = 0
    while start < len(text):
        end, space = start + 1, -1
        while end < len(text) and edges[end + 1] - edges[start] <= most:
            if text[end] == " ":
                space = end
            end += 1
        if end < len(text) and text[end] == " ":
            space = end
        if end < len(text) and space > start:
            end = space
        lines.append(text[start:end].rstrip(" "))
        start = end
        while start < len(text) and text[start] == " ":
            start += 1
    return [line for line in lines if line] or [""]


def _plain(text: str, here: Face) -> str | None:
    """Return the text without invisible characters if it is simple for the font, else None."""
    if text.isascii():
        return text
    visible = INVISIBLE.sub("", text)
    return visible if all(_is_simple(character, here) for character in set(visible)) else None


@lru_cache(maxsize=4096)
def _is_simple(character: str, here: Face) -> bool:
    return (
        here.has(character)
        and ord(character) <= LAST_SEARCHABLE
        and unicodedata.bidirectional(character) not in RIGHT_TO_LEFT
        and unicodedata.category(character)[0] not in "MC"
    )
