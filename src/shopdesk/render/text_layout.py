"""Text layout in the embedded font: width, line breaks and glyphs.

Most text is simple: the font has every letter, and the letters follow each other from left to right. Other text
(Hebrew, Arabic, combining marks, letters that the font lacks) is laid out by ``shaping``, which is imported only then.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from shopdesk import paths

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

rl_config.useA85 = 0  # binary streams instead of ASCII 85: a quarter smaller, and 1 ms faster

reportlab_lock = threading.Lock()
"""The lock held while a PDF is made: reportlab's parsed fonts have a read position, so threads cannot share them."""

LAST_SEARCHABLE = 0xFFFF
"""The highest code point with a correct ToUnicode entry from reportlab; others are drawn as outlines."""

UNKNOWN = "\u25a1"
"""The box that replaces a letter without a glyph."""

INVISIBLE = re.compile(r"[\u200b-\u200e\u2060-\u2064\ufe00-\ufe0f]")
"""Joiners, zero-width spaces and marks, which have no effect in simple text."""
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
"""Bidirectional classes (UAX 9) of letters and digits of right-to-left scripts."""


@dataclass(frozen=True, slots=True)
class GlyphRun:
    """A run of glyphs of the embedded font, in visual order; x and y in units of the font size."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class GlyphOutline:
    """A glyph of another font: x and y in units of the font size, PDF path operators in thousandths of it."""

    x: float
    y: float
    path: str


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, laid out: its width in units of the font size, and its glyphs."""

    width: float
    letters: tuple[GlyphRun, ...]
    outlines: tuple[GlyphOutline, ...] = ()


class Face:
    """An embedded font (regular or bold), registered with reportlab."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self.file = file
        # A smaller file: no ASCII letters that do not occur.
        self._font = TTFont(name, str(file), asciiReadable=False, shapable=False)
        pdfmetrics.registerFont(self._font)
        face = self._font.face
        # The 'name' table: 16 KB of credits in each PDF, which no reader needs (ISO 32000-1, 9.9).
        face.table.pop("name")
        self.widths: dict[int, float] = face.charWidths
        self.glyphs: dict[int, int] = face.charToGlyph
        self._missing: float = face.defaultWidth

    @cached_property
    def character(self) -> dict[int, str]:
        """The character of each glyph that has one; the lowest if there are several."""
        return {glyph: chr(code) for code, glyph in sorted(self.glyphs.items(), reverse=True)}

    def written(self, text: str, canvas: Canvas) -> list[tuple[str, str]]:
        """Return pairs of font name and PDF string, one for each subset font used in the file of ``canvas``."""
        document = canvas._doc  # type: ignore[attr-defined]  # reportlab has no public way
        parts = self._font.splitString(text, document)
        return [(self._font.getSubsetInternalName(subset, document), f"<{codes.hex()}>") for subset, codes in parts]

    def has(self, character: str) -> bool:
        """Return True if the font has a glyph for the character."""
        return ord(character) in self.glyphs

    def measure(self, text: str) -> Iterator[float]:
        """Yield the width of each character, in units of the font size."""
        width, missing = self.widths.get, self._missing
        return (width(ord(character), missing) / 1000 for character in text)


@lru_cache(maxsize=1)
def _faces() -> tuple[Face, Face]:
    folder = paths.resources() / "fonts"
    return Face("shopdesk", folder / "DejaVuSans.ttf"), Face("shopdesk-bold", folder / "DejaVuSans-Bold.ttf")


def face(*, bold: bool = False) -> Face:
    """Return the regular or the bold font, which is read once."""
    return _faces()[bold]


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line at a font size, in points."""
    return layout_line(text, bold=bold).width * size


def layout_line(text: str, *, bold: bool = False) -> TextLine:
    """Lay out a line of text that went through ``words.tidy``."""
    here = face(bold=bold)
    plain = _plain(text, here)
    if plain is None:
        from shopdesk.render import shaping

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
        from shopdesk.render import shaping

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
