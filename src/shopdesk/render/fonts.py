"""The embedded fonts of the paper, and the values that a laid out line of text is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from shopdesk import paths

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

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
