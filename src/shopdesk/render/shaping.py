"""Complex text layout by Qt: Arabic, Hebrew, combining marks and fallback fonts.

Qt orders, joins and positions the glyphs, and takes letters that the embedded font lacks from the system fonts. Glyphs
of the embedded font are written as text; other glyphs are drawn as outlines, which cannot be searched.

This is the only module of ``render`` that imports Qt. It works on any thread, but needs a QGuiApplication in the
process, through which Qt finds the system fonts. Qt's font objects are cached for one document (``release_fonts``):
each takes 5 ms to create, must stay on its thread, and must not outlive the application.
"""

from __future__ import annotations

import logging
import sys
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from shopdesk.render.fonts import (
    INVISIBLE,
    LAST_SEARCHABLE,
    RIGHT_TO_LEFT,
    UNKNOWN,
    Face,
    GlyphOutline,
    GlyphRun,
    TextLine,
)

if TYPE_CHECKING:
    from PySide6.QtGui import QPainterPath, QRawFont, QTextLayout

_log = logging.getLogger(__name__)

_PIXELS = 256.0
"""The font size for Qt, in pixels. Qt rounds to 1/64 pixel, so positions are exact to 1/16000 of the size."""
_TOLERANCE = 0.002
_ENDLESS = 1e6
_LEFT_TO_RIGHT_MARK = "\u200e"
_RIGHT_TO_LEFT_MARK = "\u200f"
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "CS", "ES", "ET", "BN", "NSM"})
_BOX = "60 0 m 60 700 l 540 700 l 540 0 l h 110 50 m 490 50 l 490 650 l 110 650 l h"


class _Held(threading.local):
    """The Qt fonts of each thread."""

    def __init__(self) -> None:
        self.fonts: dict[Face, QRawFont] = {}


_held = _Held()


def release_fonts() -> None:
    """Release the Qt fonts of this thread at the end of a document."""
    _held.fonts.clear()


def is_possible() -> bool:
    """Return True if there is a QGuiApplication; without one, Qt aborts the process on the first font."""
    if "PySide6.QtGui" not in sys.modules:  # then there is no application either
        return False
    from PySide6.QtGui import QGuiApplication

    return isinstance(QGuiApplication.instance(), QGuiApplication)


def printable(text: str, face: Face) -> str:
    """Return the text without invisible characters, and with boxes for letters that the embedded font lacks."""
    visible = INVISIBLE.sub("", text).replace(_RIGHT_TO_LEFT_MARK, "").replace("\u061c", "")
    return "".join(character if face.has(character) else UNKNOWN for character in visible)


def fallback_layout(text: str, face: Face) -> str:
    """Return the line in visual order, made without Qt: unjoined letters and boxes. Log one warning per process."""
    _warn()
    shown = printable(text, face)
    base = _is_right_to_left(text)
    turned = [(is_right, "".join(run)[:: -1 if is_right else 1]) for is_right, run in _runs(shown, base=base)]
    return "".join(run for _, run in (reversed(turned) if base else turned))


def _runs(text: str, *, base: bool) -> Iterator[tuple[bool, list[str]]]:
    """Yield runs of one direction; neutrals follow equal neighbours, else the base direction (UAX 9, N1, N2)."""
    strong = [None if kind in _NEUTRAL else kind in RIGHT_TO_LEFT for kind in map(unicodedata.bidirectional, text)]
    directions: list[bool] = []
    before = base
    for at, here in enumerate(strong):
        if here is None:
            following = next((later for later in strong[at + 1 :] if later is not None), base)
            directions.append(before if before == following else base)
        else:
            before = here
            directions.append(here)
    for is_right, pairs in groupby(zip(directions, text, strict=True), key=itemgetter(0)):
        yield is_right, [character for _, character in pairs]


@lru_cache(maxsize=1)
def _warn() -> None:
    _log.warning("No QGuiApplication: Arabic letters are printed unjoined, letters missing from the font as boxes.")


def wrap(text: str, face: Face, most: float) -> list[str]:
    """Break the text into lines no wider than ``most`` font sizes; each line keeps the direction of the whole text."""
    layout, _ = _laid_out(text, face, room=most)
    # Qt counts in UTF-16 units.
    units = text.encode("utf-16-le")
    spans = [(line.textStart(), line.textLength()) for line in map(layout.lineAt, range(layout.lineCount()))]
    lines = [units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace").strip() for start, length in spans]
    mark = _RIGHT_TO_LEFT_MARK if _is_right_to_left(text) else _LEFT_TO_RIGHT_MARK
    return [f"{mark}{line}" for line in lines if line] or [""]


@lru_cache(maxsize=4096)
def lay_out(text: str, face: Face) -> TextLine:
    """Lay out a line of text with Qt."""
    layout, ours = _laid_out(text, face)
    if layout.lineCount() == 0:
        return TextLine(0.0, ())
    line = layout.lineAt(0)
    units = _by_unit(text)
    letters: list[GlyphRun] = []
    outlines: list[GlyphOutline] = []
    for run in layout.glyphRuns(0, len(units), layout.GlyphRunRetrievalFlag.RetrieveAll):
        font = run.rawFont()
        is_ours = font == ours
        for glyph, at, unit in zip(run.glyphIndexes(), run.positions(), run.stringIndexes(), strict=True):
            x, y = at.x() / _PIXELS, (line.ascent() - at.y()) / _PIXELS
            source = units[unit] if unit < len(units) else " "
            if is_ours and glyph and (character := _character(glyph, source, face)):
                # Qt returns a zero-width space for a direction mark or a joiner.
                if character != " " or source.isspace():
                    letters.append(GlyphRun(x, y, character))
            elif path := _path(font, glyph) or _box(source):
                outlines.append(GlyphOutline(x, y, path))
    outlines.sort(key=lambda outline: (outline.x, outline.y, outline.path))
    return TextLine(line.naturalTextWidth() / _PIXELS, tuple(_joined(letters, face)), tuple(outlines))


def _laid_out(text: str, face: Face, room: float = _ENDLESS) -> tuple[QTextLayout, QRawFont]:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QTextLayout, QTextOption

    font = _font(face)
    option = QTextOption()
    option.setUseDesignMetrics(True)
    is_right_to_left = _is_right_to_left(text)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if is_right_to_left else Qt.LayoutDirection.LeftToRight)
    # Left also for right-to-left text, so that positions start at 0.
    option.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    wrap = QTextOption.WrapMode
    option.setWrapMode(wrap.NoWrap if room == _ENDLESS else wrap.WrapAtWordBoundaryOrAnywhere)
    layout = QTextLayout(text)
    layout.setRawFont(font)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    while line.isValid():
        line.setLineWidth(room * _PIXELS if room != _ENDLESS else _ENDLESS)
        line = layout.createLine()
    layout.endLayout()
    return layout, font


def _font(face: Face) -> QRawFont:
    """Return our font file as a Qt font; a system font of the same name may have other glyph numbers."""
    from PySide6.QtGui import QFont, QRawFont

    if face not in _held.fonts:
        _held.fonts[face] = QRawFont(str(face.file), _PIXELS, QFont.HintingPreference.PreferNoHinting)
    return _held.fonts[face]


def _is_right_to_left(text: str) -> bool:
    """Return True if the first strong character is a right-to-left one (UAX 9, P2)."""
    return next((kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"}), "L") != "L"


def _by_unit(text: str) -> list[str]:
    """Return the character at each UTF-16 code unit, because Qt counts in these."""
    return [character for character in text for _ in range(1 + (ord(character) > 0xFFFF))]


def _character(glyph: int, source: str, face: Face) -> str | None:
    """Return a searchable character for the glyph, preferably the one in the text, or None."""
    character = source if face.glyphs.get(ord(source)) == glyph else face.character.get(glyph)
    return character if character and ord(character) <= LAST_SEARCHABLE else None


def _joined(letters: list[GlyphRun], face: Face) -> list[GlyphRun]:
    """Merge adjacent letters into runs, from left to right."""
    pieces: list[GlyphRun] = []
    edge = 0.0
    for letter in sorted(letters, key=lambda letter: (letter.x, letter.y, letter.text)):
        width = sum(face.measure(letter.text))
        if pieces and abs(letter.x - edge) < _TOLERANCE and letter.y == pieces[-1].y:
            last = pieces.pop()
            pieces.append(GlyphRun(last.x, last.y, last.text + letter.text))
            edge += width
        else:
            pieces.append(letter)
            edge = letter.x + width
    return pieces


def _box(source: str) -> str:
    """Return a box for a glyph without an outline, such as a colour emoji; empty for invisible characters."""
    return "" if source.isspace() or unicodedata.category(source) in {"Cf", "Mn", "Zs", "Cc"} else _BOX


def _path(font: QRawFont, glyph: int) -> str:
    """Return a glyph's outline as PDF path operators, in thousandths of the font size, y upwards."""
    path: QPainterPath = font.pathForGlyph(glyph)
    scale = 1000 / _PIXELS
    operators: list[str] = []
    points: list[str] = []
    is_open = False
    kind = path.ElementType
    for element in map(path.elementAt, range(path.elementCount())):
        point = f"{round(element.x * scale)} {round(-element.y * scale)}"
        if element.type == kind.MoveToElement:
            operators.append(f"h {point} m" if is_open else f"{point} m")
            is_open = True
        elif element.type == kind.LineToElement:
            operators.append(f"{point} l")
        else:  # a curve has three elements
            points.append(point)
            if len(points) == 3:
                operators.append(f"{' '.join(points)} c")
                points.clear()
    return f"{' '.join(operators)} h" if is_open else ""
