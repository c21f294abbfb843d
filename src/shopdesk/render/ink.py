"""Text in the embedded font: how wide it is, where it breaks, and which letters come onto the paper.

Most text is plain: the font has every letter, and they stand side by side from left to right. The rest (Hebrew and
Arabic, marks above letters, letters the font has not) is laid out by ``shaping``, which is loaded only then.
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

rl_config.useA85 = 0  # no PDF has to travel as ASCII any more: a quarter smaller, and a millisecond

press = threading.Lock()
"""Held while a document is made: reportlab's parsed fonts keep a reading position, so two threads cannot share them."""

LAST_SEARCHABLE = 0xFFFF
"""reportlab writes a wrong ToUnicode entry for characters above; they are drawn as outlines instead."""

UNKNOWN = "\u25a1"
"""Stands where a letter should be that cannot be shown: a box."""

INVISIBLE = re.compile(r"[\u200b-\u200e\u2060-\u2064\ufe00-\ufe0f]")
"""Joiners, spaces of no width and marks that mean nothing where letters just follow each other."""
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
"""Bidirectional classes (UAX 9) of letters and digits of right-to-left scripts."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of the embedded font as they stand on the paper, from left to right; x and y in units of the size."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A letter of another font as PDF path operators in thousandths of the size; x and y in units of the size."""

    x: float
    y: float
    path: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of text laid out: its width in units of its size, and what is drawn."""

    width: float
    letters: tuple[Letters, ...]
    outlines: tuple[Outline, ...] = ()


class Face:
    """One of the two embedded fonts."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self.file = file
        # Without the letters of ASCII that do not occur, the file is smaller.
        self._font = TTFont(name, str(file), asciiReadable=False, shapable=False)
        pdfmetrics.registerFont(self._font)
        face = self._font.face
        # 16 KB of credits that would be copied into each PDF, where nothing reads them (ISO 32000-1, 9.9).
        face.table.pop("name")
        self.widths: dict[int, float] = face.charWidths
        self.glyphs: dict[int, int] = face.charToGlyph
        self._missing: float = face.defaultWidth

    @cached_property
    def character(self) -> dict[int, str]:
        """The character of each glyph that has one; the lowest where there are several."""
        return {glyph: chr(code) for code, glyph in sorted(self.glyphs.items(), reverse=True)}

    def written(self, text: str, canvas: Canvas) -> list[tuple[str, str]]:
        """The text as PDF strings of the subsets in ``canvas``'s file, each with its font's name there."""
        document = canvas._doc  # type: ignore[attr-defined]  # reportlab tells it in no other way
        parts = self._font.splitString(text, document)
        return [(self._font.getSubsetInternalName(subset, document), f"<{codes.hex()}>") for subset, codes in parts]

    def has(self, character: str) -> bool:
        """Whether the font has a glyph of its own for the character."""
        return ord(character) in self.glyphs

    def measure(self, text: str) -> Iterator[float]:
        """The width of each character, in units of the size."""
        width, missing = self.widths.get, self._missing
        return (width(ord(character), missing) / 1000 for character in text)


@lru_cache(maxsize=1)
def _faces() -> tuple[Face, Face]:
    folder = paths.resources() / "fonts"
    return Face("shopdesk", folder / "DejaVuSans.ttf"), Face("shopdesk-bold", folder / "DejaVuSans-Bold.ttf")


def face(*, bold: bool = False) -> Face:
    """The regular or the bold font, read once."""
    return _faces()[bold]


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide the line is at a size, in points."""
    return setting(text, bold=bold).width * size


def setting(text: str, *, bold: bool = False) -> Setting:
    """A line of tidy text, laid out."""
    here = face(bold=bold)
    plain = _plain(text, here)
    if plain is None:
        from shopdesk.render import shaping

        if shaping.is_possible():
            return shaping.lay_out(text, here)
        plain = shaping.makeshift(text, here)
    return _side_by_side(plain, here)


@lru_cache(maxsize=8192)
def _side_by_side(plain: str, here: Face) -> Setting:
    return Setting(sum(here.measure(plain)), (Letters(0, 0, plain),) if plain else ())


def wrap(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than ``room`` points, broken between words, and inside a word that is too long."""
    here = face(bold=bold)
    most = room / size
    plain = _plain(text, here)
    if plain is None:
        from shopdesk.render import shaping

        if shaping.is_possible():
            return shaping.broken(text, here, most)
        plain = shaping.known(text, here)
    if _side_by_side(plain, here).width <= most:
        return [plain]
    return _broken(plain, list(accumulate(here.measure(plain), initial=0.0)), most)


def _broken(text: str, edges: list[float], most: float) -> list[str]:
    """Greedy lines; ``edges[i]`` is where character i begins."""
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
    """The text without invisible characters if the font can write it letter by letter, else None."""
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
