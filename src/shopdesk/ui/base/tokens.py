"""The design tokens: all sizes, colours and fonts of the windows.

No other module defines a colour or a size. The stylesheet (resources/themes/shopdesk.qss) names
them in braces. Code that paints by hand calls ``colours()`` while painting, and so follows a change of the system's
scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QGuiApplication

# --- sizes in device-independent px; a grid of 4 -------------------------------------------------------------------

XS, S, M, L, XL, XXL = 4, 8, 12, 16, 24, 32

CONTROL = 36
FIELD_PADDING = 10
TEXT_PADDING = 6
PRIMARY = 44
ROW = 36
TAB = 44
STATUS = 32
FIGURE_CARD = 104
CORNER = 6
CARD_CORNER = 8
ITEM_MARGIN = 3
"""The margin that Qt itself adds beside the text of a list item."""
RING = 2
HAIR = 1

SMALL, BODY, STRONG, TITLE, FIGURE, TOTAL = 12, 13, 15, 20, 26, 34

ICON = 18
ICON_SMALL = 16
ICON_BRAND = 28
ICON_LARGE = 40
ARROW = 10
"""The arrows of a spin box."""

NARROW = 400
"""The width of a card centred on a page: sign-in, register, lock."""
WIDE = 560
"""The width of a centred card with two fields in a row."""
READING = 640
"""The greatest width of a column of text or fields."""
DETAILS = 160
QUESTION = 460
TILE = 72
"""The height of a tile for goods: large enough for a finger."""
TILE_WIDTH = 100
TILES = 224
"""The least width of the panel of tiles: two of them, and a scroll bar."""
DISPLAY_MARGIN, DISPLAY_LOUD, DISPLAY_LINE, DISPLAY_SMALL = 20, 6, 12, 18
"""Of the customer display, as parts of its height: the margin, the loudest sum, a line, a small line."""
KEY_SHEET = QSize(960, 640)
SMALLEST_WINDOW = QSize(800, 500)
USUAL_WINDOW = QSize(1200, 800)
FRAME = QSize(16, 48)
"""Room for the title bar and the borders around a window."""

MOTION_MS = 120
"""The duration of the longest animation."""
BUSY_AFTER_MS = 300
"""A busy line is shown for work that takes longer."""
LOOK_AGAIN_MS = 10_000
BUSY_BEAT_MS = 16
BUSY_STEPS = 60
DISPLAY_MS = 50
"""The time until the customer display follows the till."""
THANKS_MS = 30_000
"""The time that the customer display shows a sale that was saved, unless the next one begins."""
NOTICE_MS = 6000
"""The time until a notice closes by itself."""


# --- colours -------------------------------------------------------------------------------------------------------


class Tone(StrEnum):
    """The meaning of a colour; always shown with an icon and a word, too."""

    PLAIN = "plain"
    SOFT = "soft"
    ACCENT = "accent"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    ON_ACCENT = "on accent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The colours of one scheme.

    Contrast on every ground and tint (WCAG 2.2, 1.4.3): text at least 7:1, every other colour of texts 4.5:1.
    """

    scheme: Literal["light", "dark"]
    ground: str
    surface: str
    raised: str
    line: str
    text: str
    soft: str
    faint: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    tint: str
    hover: str
    pressed: str
    good: str
    good_tint: str
    warn: str
    warn_tint: str
    bad: str
    bad_tint: str

    def of(self, tone: Tone) -> str:
        """Return the colour of text and icons in this tone."""
        return {
            Tone.PLAIN: self.text,
            Tone.SOFT: self.soft,
            Tone.ACCENT: self.accent,
            Tone.GOOD: self.good,
            Tone.WARN: self.warn,
            Tone.BAD: self.bad,
            Tone.ON_ACCENT: self.on_accent,
        }[tone]


LIGHT = Colours(
    scheme="light",
    ground="#F6F7F9",
    surface="#FFFFFF",
    raised="#FFFFFF",
    line="#DDE1E6",
    text="#16191D",
    soft="#4A525B",
    faint="#5F6872",
    accent="#0B6E63",
    accent_hover="#095E55",
    accent_pressed="#074E47",
    on_accent="#FFFFFF",
    tint="#E2F1EE",
    hover="#EEF1F4",
    pressed="#E3E7EB",
    good="#187537",
    good_tint="#EAF6EE",
    warn="#905B00",
    warn_tint="#FBF0DC",
    bad="#B3261E",
    bad_tint="#FBE9E7",
)
DARK = Colours(
    scheme="dark",
    ground="#14171B",
    surface="#1B1F24",
    raised="#22272D",
    line="#323940",
    text="#ECEFF2",
    soft="#B6BEC7",
    faint="#98A1AB",
    accent="#3CC4B1",
    accent_hover="#5AD0C0",
    accent_pressed="#2FB09E",
    on_accent="#06231F",
    tint="#173833",
    hover="#262B32",
    pressed="#2E343C",
    good="#5BD084",
    good_tint="#17301F",
    warn="#F0B64A",
    warn_tint="#352B17",
    bad="#FF8A80",
    bad_tint="#3B2021",
)


def colours() -> Colours:
    """Return the current colours. They follow from the application's palette, which only ``theme.apply`` sets."""
    return DARK if QGuiApplication.palette().window().color().lightness() < 128 else LIGHT


def colour(tone: Tone) -> QColor:
    """Return the current colour of a tone, for painting by hand and for ``ForegroundRole``."""
    return QColor(colours().of(tone))


_TILES = {
    "grey": ("#6B7580", "#98A1AB"),
    "red": ("#C0392B", "#F0786C"),
    "orange": ("#B45F06", "#F0A04B"),
    "green": ("#2E7D32", "#6CC272"),
    "teal": ("#0B7A75", "#3CC4B1"),
    "blue": ("#1F5FAE", "#6EA8F0"),
    "violet": ("#6B3FA0", "#B08CE8"),
    "pink": ("#AD2E6E", "#F08CBB"),
}
"""The stripes of tiles by the values of ``TileColour``, light and dark: 3:1 on every surface (WCAG 2.2, 1.4.11)."""


def tile_colour(colour: str) -> str:
    """Return the colour of a tile, a value of ``TileColour``, in the current scheme."""
    light, dark = _TILES[colour]
    return dark if colours() is DARK else light


# --- fonts ----------------------------------------------------------------------------------------------------------


def font(size: int = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the Inter font, ``size`` in px, with DejaVu Sans for missing scripts (Arabic, Hebrew)."""
    face = QFont(["Inter", "DejaVu Sans"])
    face.setPixelSize(size)
    face.setWeight(weight)
    return face


def tabular(face: QFont) -> QFont:
    """Return the font with figures of one width, so that amounts align in a column.

    For numbers only: it makes the hyphen of “e-mail” as wide as a figure.
    """
    figures = QFont(face)
    figures.setFeature(QFont.Tag("tnum"), 1)
    return figures
