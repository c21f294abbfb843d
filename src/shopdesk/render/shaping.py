"""Text that needs more than one letter after the other: Arabic, Hebrew, marks, and letters of other fonts.

Qt lays it out (bidirectional order, joined letters, marks, a font of this machine where ours has no letter). What
comes from the embedded font is written as text of that font; the rest is drawn as outlines, which cannot be searched.

This is the one module under ``render`` that knows Qt. A layout belongs to the thread that makes it and may be made on
any; it needs a QGuiApplication in the process, because Qt asks it for the fonts of this machine. Qt's fonts are
kept for one document only (``let_go``): they cost 5 ms each, may not wander between threads, and must not outlive Qt.
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

from shopdesk.render.ink import INVISIBLE, LAST_SEARCHABLE, RIGHT_TO_LEFT, UNKNOWN, Face, Letters, Outline, Setting

if TYPE_CHECKING:
    from PySide6.QtGui import QPainterPath, QRawFont, QTextLayout

_log = logging.getLogger(__name__)

_PIXELS = 256.0
"""The size at which Qt lays out. It rounds to 1/64 pixel, so this is exact to 1/16000 of the size."""
_TOLERANCE = 0.002
_ENDLESS = 1e6
_LEFT_TO_RIGHT_MARK = "\u200e"
_RIGHT_TO_LEFT_MARK = "\u200f"
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "CS", "ES", "ET", "BN", "NSM"})
_BOX = "60 0 m 60 700 l 540 700 l 540 0 l h 110 50 m 490 50 l 490 650 l 110 650 l h"


class _Held(threading.local):
    """Qt's fonts in use on this thread."""

    def __init__(self) -> None:
        self.fonts: dict[Face, QRawFont] = {}


_held = _Held()


def let_go() -> None:
    """Give back Qt's fonts of this thread: the document is done."""
    _held.fonts.clear()


def is_possible() -> bool:
    """Whether the process has a QGuiApplication: without one, Qt ends the process when asked for a font."""
    if "PySide6.QtGui" not in sys.modules:  # nobody can have made one
        return False
    from PySide6.QtGui import QGuiApplication

    return isinstance(QGuiApplication.instance(), QGuiApplication)


def known(text: str, face: Face) -> str:
    """The text without invisible characters, and with boxes for letters the embedded font has not."""
    visible = INVISIBLE.sub("", text).replace(_RIGHT_TO_LEFT_MARK, "").replace("\u061c", "")
    return "".join(character if face.has(character) else UNKNOWN for character in visible)


def makeshift(text: str, face: Face) -> str:
    """What can be done without Qt: right-to-left words in their order but unjoined, and boxes. The log says so once."""
    _warn()
    shown = known(text, face)
    base = _is_right_to_left(text)
    turned = [(is_right, "".join(run)[:: -1 if is_right else 1]) for is_right, run in _runs(shown, base=base)]
    return "".join(run for _, run in (reversed(turned) if base else turned))


def _runs(text: str, *, base: bool) -> Iterator[tuple[bool, list[str]]]:
    """Pieces of one direction; what has none goes with its neighbours if they agree, else with the whole (UAX 9, N)."""
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
    _log.warning("No QGuiApplication: right-to-left letters are printed unjoined, and letters of other fonts as boxes.")


def broken(text: str, face: Face, most: float) -> list[str]:
    """The text in lines no wider than ``most`` (in units of the size); each line keeps the direction of the whole."""
    layout, _ = _laid_out(text, face, room=most)
    # Qt counts in UTF-16 units.
    units = text.encode("utf-16-le")
    spans = [(line.textStart(), line.textLength()) for line in map(layout.lineAt, range(layout.lineCount()))]
    lines = [units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace").strip() for start, length in spans]
    mark = _RIGHT_TO_LEFT_MARK if _is_right_to_left(text) else _LEFT_TO_RIGHT_MARK
    return [f"{mark}{line}" for line in lines if line] or [""]


@lru_cache(maxsize=4096)
def lay_out(text: str, face: Face) -> Setting:
    """A line of text, laid out by Qt."""
    layout, ours = _laid_out(text, face)
    if layout.lineCount() == 0:
        return Setting(0.0, ())
    line = layout.lineAt(0)
    units = _by_unit(text)
    letters: list[Letters] = []
    outlines: list[Outline] = []
    for run in layout.glyphRuns(0, len(units), layout.GlyphRunRetrievalFlag.RetrieveAll):
        font = run.rawFont()
        is_ours = font == ours
        for glyph, at, unit in zip(run.glyphIndexes(), run.positions(), run.stringIndexes(), strict=True):
            x, y = at.x() / _PIXELS, (line.ascent() - at.y()) / _PIXELS
            source = units[unit] if unit < len(units) else " "
            if is_ours and glyph and (character := _character(glyph, source, face)):
                # Qt puts a space without width where a direction mark or a joiner stood.
                if character != " " or source.isspace():
                    letters.append(Letters(x, y, character))
            elif path := _path(font, glyph) or _box(source):
                outlines.append(Outline(x, y, path))
    outlines.sort(key=lambda outline: (outline.x, outline.y, outline.path))
    return Setting(line.naturalTextWidth() / _PIXELS, tuple(_joined(letters, face)), tuple(outlines))


def _laid_out(text: str, face: Face, room: float = _ENDLESS) -> tuple[QTextLayout, QRawFont]:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QTextLayout, QTextOption

    font = _font(face)
    option = QTextOption()
    option.setUseDesignMetrics(True)
    is_right_to_left = _is_right_to_left(text)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if is_right_to_left else Qt.LayoutDirection.LeftToRight)
    # Aligned left also where it runs from the right, so that positions begin at 0.
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
    """The font file itself, not a family by name: this machine may have another version with other glyph numbers."""
    from PySide6.QtGui import QFont, QRawFont

    if face not in _held.fonts:
        _held.fonts[face] = QRawFont(str(face.file), _PIXELS, QFont.HintingPreference.PreferNoHinting)
    return _held.fonts[face]


def _is_right_to_left(text: str) -> bool:
    """The direction of the first strong character (UAX 9, P2)."""
    return next((kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"}), "L") != "L"


def _by_unit(text: str) -> list[str]:
    """The character at each UTF-16 unit."""
    return [character for character in text for _ in range(1 + (ord(character) > 0xFFFF))]


def _character(glyph: int, source: str, face: Face) -> str | None:
    """The searchable character that draws the glyph in the embedded font: the text's own, if it does."""
    character = source if face.glyphs.get(ord(source)) == glyph else face.character.get(glyph)
    return character if character and ord(character) <= LAST_SEARCHABLE else None


def _joined(letters: list[Letters], face: Face) -> list[Letters]:
    """Letters that stand side by side as one piece, from left to right."""
    pieces: list[Letters] = []
    edge = 0.0
    for letter in sorted(letters, key=lambda letter: (letter.x, letter.y, letter.text)):
        width = sum(face.measure(letter.text))
        if pieces and abs(letter.x - edge) < _TOLERANCE and letter.y == pieces[-1].y:
            last = pieces.pop()
            pieces.append(Letters(last.x, last.y, last.text + letter.text))
            edge += width
        else:
            pieces.append(letter)
            edge = letter.x + width
    return pieces


def _box(source: str) -> str:
    """A box for a letter without an outline, such as a coloured picture; nothing for what is invisible anyway."""
    return "" if source.isspace() or unicodedata.category(source) in {"Cf", "Mn", "Zs", "Cc"} else _BOX


def _path(font: QRawFont, glyph: int) -> str:
    """A glyph's outline as PDF path operators, in thousandths of the size, y upwards."""
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
        else:  # a curve comes as three elements
            points.append(point)
            if len(points) == 3:
                operators.append(f"{' '.join(points)} c")
                points.clear()
    return f"{' '.join(operators)} h" if is_open else ""
