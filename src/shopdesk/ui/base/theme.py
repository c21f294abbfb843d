"""The theme: all colours (light and dark), sizes, fonts and icons of the windows.

The one thing to know: no other module defines a colour or a size. A widget has a role (``set_role(label, "title")``),
and the stylesheet made here from the tokens defines the look of that role. Code that paints by hand calls ``tokens()``
while painting, and so follows a change of the system's scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.paths import resources

if TYPE_CHECKING:  # not needed for the first paint, and the first use of each Qt class costs time
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
    from PySide6.QtWidgets import QAbstractButton, QListWidgetItem

# --- sizes in device-independent px; a grid of 4 -------------------------------------------------------------------

XS, S, M, L, XL, XXL = 4, 8, 12, 16, 24, 32

CONTROL = 36
PRIMARY = 44
ROW = 36
TAB = 44
STATUS = 32
FIGURE_CARD = 104
CORNER = 6
ITEM_MARGIN = 3
"""The margin that Qt itself adds beside the text of a list item."""
RING = 2
HAIR = 1

SMALL, BODY, STRONG, TITLE, FIGURE, TOTAL = 12, 13, 15, 20, 26, 34

ICON = 18
ICON_SMALL = 16
ICON_BRAND = 28
ICON_LARGE = 40

NARROW = 400
"""The width of a card centred on a page: sign-in, register, lock."""
WIDE = 560
"""The width of a centred card with two fields in a row."""
READING = 640
"""The greatest width of a column of text or fields."""
DETAILS = 160
NOTICE = 560
QUESTION = 460
KEY_SHEET = QSize(960, 640)
SMALLEST_WINDOW = QSize(800, 500)
USUAL_WINDOW = QSize(1200, 800)

MOTION_MS = 120
"""The duration of the longest animation."""
BUSY_AFTER_MS = 300
"""A busy line is shown for work that takes longer."""
LOOK_AGAIN_MS = 10_000
BUSY_BEAT_MS = 16
BUSY_STEPS = 60
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
class Tokens:
    """The colours of one scheme. Contrast on ``surface`` (WCAG): text at least 7:1, soft 4.5:1, faint 3:1."""

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
    on_bad: str

    @property
    def is_dark(self) -> bool:
        """True for light text on a dark background."""
        return self.scheme == "dark"

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


LIGHT = Tokens(
    scheme="light",
    ground="#F6F7F9",
    surface="#FFFFFF",
    raised="#FFFFFF",
    line="#DDE1E6",
    text="#16191D",
    soft="#4A525B",
    faint="#7A838D",
    accent="#0B6E63",
    accent_hover="#095E55",
    accent_pressed="#074E47",
    on_accent="#FFFFFF",
    tint="#E2F1EE",
    hover="#EEF1F4",
    pressed="#E3E7EB",
    good="#1B7F3B",
    good_tint="#EAF6EE",
    warn="#9A6200",
    warn_tint="#FBF0DC",
    bad="#B3261E",
    bad_tint="#FBE9E7",
    on_bad="#FFFFFF",
)
DARK = Tokens(
    scheme="dark",
    ground="#14171B",
    surface="#1B1F24",
    raised="#22272D",
    line="#323940",
    text="#ECEFF2",
    soft="#B6BEC7",
    faint="#828C96",
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
    on_bad="#2B0A08",
)


def tokens() -> Tokens:
    """Return the current colours. They follow from the application's palette, which only ``apply`` sets."""
    return DARK if QGuiApplication.palette().window().color().lightness() < 128 else LIGHT


def colour(tone: Tone) -> QColor:
    """Return the current colour of a tone, for painting by hand and for ``ForegroundRole``."""
    return QColor(tokens().of(tone))


# --- applying the theme --------------------------------------------------------------------------------------------


STYLE = ["-style", "fusion"]
"""The command line of the QApplication: set there, this is the only style that Qt creates."""


def prepare(app: QApplication) -> None:
    """Set the font. Call it before the first widget is made: earlier ones keep the system's font."""
    if app.property(_PREPARED):
        return
    app.setProperty(_PREPARED, True)
    _load_fonts("Inter-Regular", "Inter-Medium", "Inter-SemiBold")
    app.setFont(font())


def start(app: QApplication, scheme: Literal["light", "dark"] | None = None) -> None:
    """Follow the system's scheme from now on, or use the fixed ``scheme``.

    Work not needed for the first paint is left to ``finish``. A second call in a process does nothing. Best called when
    the first window is built but not shown: Qt recomputes a stylesheet for each widget that gets a parent.
    """
    prepare(app)
    if app.property(_STARTED):
        return
    app.setProperty(_STARTED, True)
    if scheme is not None:
        apply(app, DARK if scheme == "dark" else LIGHT)
        return
    hints = app.styleHints()
    apply(app, _of_system(hints.colorScheme()))
    hints.colorSchemeChanged.connect(lambda changed: apply(app, _of_system(changed)))


def finish(app: QApplication) -> None:
    """Load the other fonts and draw the icons, which are blank until then. Call it after the first paint."""
    if app.property(_FINISHED):
        return
    _load_fonts("Inter-Bold", "DejaVuSans", "DejaVuSans-Bold")
    _icon_font()
    app.setProperty(_FINISHED, True)
    _redraw(app)


_PREPARED = "shopdesk_theme_prepared"
_STARTED = "shopdesk_theme_started"
_FINISHED = "shopdesk_theme_finished"


def _load_fonts(*faces: str) -> None:
    for face in faces:
        QFontDatabase.addApplicationFont(str(resources() / "fonts" / f"{face}.ttf"))


def _of_system(scheme: Qt.ColorScheme) -> Tokens:
    return DARK if scheme is Qt.ColorScheme.Dark else LIGHT


def show(scheme: Literal["light", "dark"]) -> None:
    """Switch to a scheme until the system changes its own."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply(app, DARK if scheme == "dark" else LIGHT)


def apply(app: QApplication, worn: Tokens) -> None:
    """Apply these tokens to every window, open or not yet made."""
    app.setPalette(_palette(worn))
    app.setStyleSheet(_stylesheet(worn))
    if is_finished():
        _redraw(app)


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


SMALL_ROLES = {Tone.BAD: "fault", Tone.GOOD: "small-good", Tone.WARN: "small-warn"}
"""The role of a small label in a tone."""


def set_role(widget: QWidget, role: str) -> None:
    """Set the role of a widget, from which the stylesheet sets its look. May change while it is shown."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    _redress(widget)


def set_state(widget: QWidget, state: str) -> None:
    """Set the state of a widget, such as "fault"; empty for none."""
    if (widget.property("state") or "") == state:
        return
    widget.setProperty("state", state)
    _redress(widget)


def _redress(widget: QWidget) -> None:
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # Qt applies the style when the widget is first shown
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def _palette(worn: Tokens) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, what in {
        role.Window: worn.ground,
        role.WindowText: worn.text,
        role.Base: worn.surface,
        role.AlternateBase: worn.ground,
        role.Text: worn.text,
        role.PlaceholderText: worn.faint,
        role.Button: worn.surface,
        role.ButtonText: worn.text,
        role.BrightText: worn.bad,
        role.Highlight: worn.accent,
        role.HighlightedText: worn.on_accent,
        role.Accent: worn.accent,
        role.Link: worn.accent,
        role.LinkVisited: worn.accent,
        role.ToolTipBase: worn.raised,
        role.ToolTipText: worn.text,
        role.Light: worn.raised,
        role.Midlight: worn.hover,
        role.Mid: worn.line,
        role.Dark: worn.faint,
        role.Shadow: worn.faint,
    }.items():
        palette.setColor(which, QColor(what))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(worn.faint))
    return palette


def _picture(worn: Tokens, name: str) -> str:
    """Return the path of a small drawing; Qt's stylesheets only load images from files."""
    return (resources() / "themes" / worn.scheme / f"{name}.svg").as_posix()


def _stylesheet(worn: Tokens) -> str:
    """Return the stylesheet, in the order: labels, cards, buttons, fields, tables, tabs, menus, the rest."""
    t = worn
    down, up, check, dash = (_picture(t, name) for name in ("down", "up", "check", "dash"))
    inner = CONTROL - 2 * HAIR
    return f"""
QToolTip {{ background: {t.raised}; color: {t.text}; border: {HAIR}px solid {t.line}; padding: {XS}px {S}px; }}

QLabel[role="title"] {{ font-size: {TITLE}px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {STRONG}px; font-weight: 600; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="label"] {{ color: {t.soft}; font-size: {SMALL}px; font-weight: 500; }}
QLabel[role="soft"] {{ color: {t.soft}; }}
QLabel[role="small"] {{ color: {t.soft}; font-size: {SMALL}px; }}
QLabel[role="faint"] {{ color: {t.faint}; }}
QLabel[role="fault"] {{ color: {t.bad}; font-size: {SMALL}px; }}
QLabel[role="small-good"] {{ color: {t.good}; font-size: {SMALL}px; }}
QLabel[role="small-warn"] {{ color: {t.warn}; font-size: {SMALL}px; }}
QLabel[role="good"] {{ color: {t.good}; }}
QLabel[role="warn"] {{ color: {t.warn}; }}
QLabel[role="bad"] {{ color: {t.bad}; }}
QLabel[role="figure"] {{ font-size: {FIGURE}px; font-weight: 600; }}
QLabel[role="total"] {{ font-size: {TOTAL}px; font-weight: 600; }}
QLabel[role="key"] {{
    background: {t.surface}; color: {t.text}; border: {HAIR}px solid {t.line}; border-bottom-width: {RING}px;
    border-radius: {XS}px; padding: {HAIR}px {S}px; font-size: {SMALL}px; font-weight: 500;
}}

*[role="page"] {{ background: {t.ground}; }}
*[role="surface"] {{ background: {t.surface}; }}
*[role="card"] {{ background: {t.surface}; border: {HAIR}px solid {t.line}; border-radius: {CORNER + 2}px; }}
*[role="rule"] {{ background: {t.line}; border: none; }}
*[role="header"] {{ background: {t.surface}; border-bottom: {HAIR}px solid {t.line}; }}
*[role="status"] {{ background: {t.surface}; border-top: {HAIR}px solid {t.line}; }}
*[role="status"] QLabel {{ font-size: {SMALL}px; color: {t.soft}; }}
*[role="banner-warn"] {{ background: {t.warn_tint}; border-bottom: {HAIR}px solid {t.line}; }}
*[role="banner-bad"] {{ background: {t.bad_tint}; border-bottom: {HAIR}px solid {t.line}; }}
*[role="banner-plain"] {{ background: {t.tint}; border-bottom: {HAIR}px solid {t.line}; }}
*[role="notice"] {{ background: {t.raised}; border: {HAIR}px solid {t.line}; border-radius: {CORNER + 2}px; }}
*[role="badge-plain"], *[role="badge-soft"] {{ background: {t.hover}; border-radius: {XS}px; }}
*[role="badge-accent"] {{ background: {t.tint}; border-radius: {XS}px; }}
*[role="badge-good"] {{ background: {t.good_tint}; border-radius: {XS}px; }}
*[role="badge-warn"] {{ background: {t.warn_tint}; border-radius: {XS}px; }}
*[role="badge-bad"] {{ background: {t.bad_tint}; border-radius: {XS}px; }}

QAbstractButton[role="figure-card"] {{
    background: {t.surface}; border: {HAIR}px solid {t.line}; border-radius: {CORNER + 2}px; text-align: left;
    min-height: {FIGURE_CARD}px; padding: 0;
}}
QAbstractButton[role="figure-card"]:hover {{ border-color: {t.faint}; }}
QAbstractButton[role="figure-card"]:focus {{
    border: {RING}px solid {t.accent}; min-height: {FIGURE_CARD - 2 * HAIR}px; padding: 0;
}}
QAbstractButton[role="figure-card"]:pressed {{ background: {t.hover}; }}

QPushButton {{
    outline: none; background: {t.surface}; color: {t.text}; border: {HAIR}px solid {t.line}; border-radius: {CORNER}px;
    padding: 0 {L}px; min-height: {inner}px; font-weight: 500;
}}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.pressed}; }}
QPushButton:focus {{ border: {RING}px solid {t.accent}; padding: 0 {L - HAIR}px; min-height: {inner - 2 * HAIR}px; }}
QPushButton:disabled {{ color: {t.faint}; background: {t.ground}; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[role="primary"] {{
    background: {t.accent}; color: {t.on_accent}; border: {RING}px solid {t.accent}; font-weight: 600;
    font-size: {STRONG}px; min-height: {PRIMARY - 2 * RING}px; padding: 0 {XL}px;
}}
QPushButton[role="primary"]:hover {{ background: {t.accent_hover}; border-color: {t.accent_hover}; }}
QPushButton[role="primary"]:pressed {{ background: {t.accent_pressed}; border-color: {t.accent_pressed}; }}
QPushButton[role="primary"]:focus {{ border: {RING}px solid {t.text}; }}
QPushButton[role="primary"]:disabled {{ background: {t.pressed}; border-color: {t.pressed}; color: {t.faint}; }}
QPushButton[role="danger"] {{ color: {t.bad}; }}
QPushButton[role="danger"]:hover {{ background: {t.bad_tint}; border-color: {t.bad}; }}
QPushButton[role="danger"]:disabled {{ color: {t.faint}; }}
QPushButton[role="quiet"] {{ background: transparent; border: {RING}px solid transparent; padding: 0 {M}px;
    min-height: {CONTROL - 2 * RING}px; }}
QPushButton[role="quiet"]:hover {{ background: {t.hover}; }}
QPushButton[role="quiet"]:pressed {{ background: {t.pressed}; }}
QPushButton[role="quiet"]:focus {{ border: {RING}px solid {t.accent}; }}
QPushButton[role="link"] {{ background: transparent; border: {RING}px solid transparent; padding: 0 {XS}px;
    color: {t.accent}; min-height: {CONTROL - 2 * RING}px; }}
QPushButton[role="link"]:hover {{ color: {t.accent_hover}; text-decoration: underline; }}
QPushButton[role="link"]:focus {{ border: {RING}px solid {t.accent}; }}
QPushButton[role="icon"] {{ background: transparent; border: {RING}px solid transparent; padding: 0;
    min-height: {CONTROL - 2 * RING}px; min-width: {CONTROL - 2 * RING}px; }}
QPushButton[role="icon"]:hover {{ background: {t.hover}; }}
QPushButton[role="icon"]:pressed {{ background: {t.pressed}; }}
QPushButton[role="icon"]:focus {{ border: {RING}px solid {t.accent}; }}
QPushButton[role="segment"] {{ border-radius: {CORNER}px; }}
QPushButton[role="segment"]:checked {{ background: {t.tint}; color: {t.accent}; border-color: {t.accent}; }}

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit {{
    background: {t.surface}; color: {t.text}; border: {HAIR}px solid {t.line}; border-radius: {CORNER}px;
    padding: 0 {S + 2}px; min-height: {inner}px;
    selection-background-color: {t.accent}; selection-color: {t.on_accent};
}}
QPlainTextEdit, QTextEdit {{ padding: {S - 2}px; }}
QLineEdit:hover, QComboBox:hover, QAbstractSpinBox:hover, QPlainTextEdit:hover {{ border-color: {t.faint}; }}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{
    border: {RING}px solid {t.accent}; padding: 0 {S + 1}px; min-height: {inner - 2 * HAIR}px;
}}
QPlainTextEdit:focus, QTextEdit:focus {{ border: {RING}px solid {t.accent}; padding: {S - 3}px; }}
QLineEdit[state="fault"], QComboBox[state="fault"], QAbstractSpinBox[state="fault"], QPlainTextEdit[state="fault"] {{
    border: {RING}px solid {t.bad}; padding: 0 {S + 1}px; min-height: {inner - 2 * HAIR}px;
}}
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled, QPlainTextEdit:disabled {{
    background: {t.ground}; color: {t.faint};
}}
QLineEdit:read-only {{ background: {t.ground}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit, QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit:focus {{
    border: none; background: transparent; padding: 0; min-height: 0;
}}
QAbstractSpinBox {{ max-height: {inner}px; }}
QAbstractSpinBox:focus {{ max-height: {inner - 2 * HAIR}px; }}
QComboBox {{ padding-left: {M}px; }}
QComboBox:focus {{ padding-left: {M - HAIR}px; }}
QLineEdit QToolButton {{ border: none; background: transparent; }}
QComboBox::drop-down, QDateEdit::drop-down {{ border: none; width: {XL}px; }}
QComboBox::down-arrow, QDateEdit::down-arrow {{ image: url({down}); width: {M}px; height: {M}px; }}
QComboBox QAbstractItemView, QListView[role="suggestions"] {{
    background: {t.raised}; border: {HAIR}px solid {t.line}; outline: none; padding: {XS}px;
    selection-background-color: {t.tint}; selection-color: {t.text};
}}
QComboBox QAbstractItemView::item, QListView[role="suggestions"]::item {{
    min-height: {ROW - XS}px; padding: 0 {S}px; border-radius: {XS}px;
}}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    border: none; width: {L + XS}px; background: transparent;
}}
QAbstractSpinBox::up-arrow {{ image: url({up}); width: {M - 2}px; height: {M - 2}px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({down}); width: {M - 2}px; height: {M - 2}px; }}

QCheckBox, QRadioButton {{ spacing: {S}px; min-height: {XL}px; border-radius: {XS}px; padding: {XS}px; }}
QCheckBox::indicator, QRadioButton::indicator {{
    width: {L}px; height: {L}px; border: {HAIR}px solid {t.faint}; background: {t.surface}; border-radius: {XS}px;
}}
QRadioButton::indicator {{ border-radius: {S + 1}px; }}
QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent}; image: url({check}); }}
QCheckBox::indicator:indeterminate {{ background: {t.accent}; border-color: {t.accent}; image: url({dash}); }}
QRadioButton::indicator:checked {{ border: {XS + 1}px solid {t.accent}; width: {S}px; height: {S}px; }}
QCheckBox:focus, QRadioButton:focus {{ border: {RING}px solid {t.accent}; padding: {XS - RING}px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {t.faint}; }}

QTableView, QListView, QTreeView {{
    background: {t.surface}; border: {HAIR}px solid {t.line}; border-radius: {CORNER + 2}px; outline: none;
    gridline-color: {t.line}; selection-background-color: {t.tint}; selection-color: {t.text};
}}
QTableView:focus, QListView:focus, QTreeView:focus {{ border: {HAIR}px solid {t.accent}; }}
QTableView[role="bare"], QListView[role="bare"] {{ border: none; border-radius: 0; background: transparent; }}
QTableView::item {{ padding: 0 {M - ITEM_MARGIN}px; border: none; border-bottom: {HAIR}px solid {t.line}; }}
QTableView::item:hover {{ background: {t.hover}; }}
QTableView::item:selected {{ background: {t.tint}; color: {t.text}; }}
QTableView QLineEdit, QTableView QComboBox {{
    border: {RING}px solid {t.accent}; border-radius: 0; padding: 0 {M - RING}px; min-height: 0;
}}
QTableView QLineEdit:focus, QTableView QComboBox:focus {{
    border: {RING}px solid {t.accent}; border-radius: 0; padding: 0 {M - RING}px; min-height: 0;
}}
QHeaderView {{ background: {t.surface}; border: none; border-top-left-radius: {CORNER + 2}px;
    border-top-right-radius: {CORNER + 2}px; }}
QHeaderView::section {{
    background: transparent; color: {t.soft}; border: none; border-bottom: {HAIR}px solid {t.line};
    padding: 0 {M}px; min-height: {CONTROL - HAIR}px; font-size: {SMALL}px; font-weight: 500;
}}
QTableView[role="bare"]::item {{ padding: 0 {L - ITEM_MARGIN}px; }}
QTableView[role="bare"] QHeaderView::section {{ padding: 0 {L}px; }}
QTableCornerButton::section {{ background: {t.surface}; border: none; }}

QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{
    background: transparent; color: {t.soft}; border: none; border-bottom: {RING}px solid transparent;
    padding: 0 {M}px; min-height: {TAB - RING}px; font-weight: 500;
}}
QTabBar::tab:hover {{ color: {t.text}; background: {t.hover}; }}
QTabBar::tab:selected {{ color: {t.accent}; border-bottom-color: {t.accent}; font-weight: 600; }}
QTabBar::tab:focus {{ color: {t.text}; background: {t.tint}; }}
QTabBar QToolButton {{ background: {t.surface}; border: {HAIR}px solid {t.line}; }}
QTabWidget::pane {{ border: none; border-top: {HAIR}px solid {t.line}; }}

QMenu {{ background: {t.raised}; border: {HAIR}px solid {t.line}; padding: {XS}px; }}
QMenu::item {{ padding: {S}px {XL}px {S}px {M}px; border-radius: {XS}px; }}
QMenu::item:selected {{ background: {t.tint}; color: {t.text}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::separator {{ height: {HAIR}px; background: {t.line}; margin: {XS}px {S}px; }}
QMenu::icon {{ padding-left: {S}px; }}

QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget#qt_scrollarea_viewport, QWidget[role="column"] {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: {M}px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {M}px; margin: 0; }}
QScrollBar::handle {{ background: {t.line}; border-radius: {XS}px; margin: {RING}px; }}
QScrollBar::handle:vertical {{ min-height: {XXL}px; }}
QScrollBar::handle:horizontal {{ min-width: {XXL}px; }}
QScrollBar::handle:hover {{ background: {t.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: none; border: none; width: 0; height: 0;
}}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}

QProgressBar {{ background: {t.hover}; border: none; border-radius: {RING}px; max-height: {XS}px; min-height: {XS}px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: {RING}px; }}
QSplitter::handle {{ background: {t.line}; }}
QGroupBox {{ border: none; margin-top: {XL}px; font-weight: 600; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 0; }}
QCalendarWidget QWidget {{ background: {t.raised}; }}
QCalendarWidget QToolButton {{ color: {t.text}; border: none; padding: {XS}px {S}px; border-radius: {XS}px; }}
QCalendarWidget QToolButton:hover {{ background: {t.hover}; }}
QCalendarWidget QAbstractItemView {{ border: none; selection-background-color: {t.accent};
    selection-color: {t.on_accent}; }}
QDialog {{ background: {t.surface}; }}
"""


# --- icons ---------------------------------------------------------------------------------------------------------

# Icon names of this program, and their glyphs in the Phosphor font. To add an icon: add a row here.
ICONS = {
    "dashboard": "ph.squares-four",
    "new": "ph.plus",
    "editor": "ph.note-pencil",
    "documents": "ph.files",
    "document": "ph.file-text",
    "statistics": "ph.chart-bar",
    "customers": "ph.users",
    "customer": "ph.user",
    "products": "ph.package",
    "messages": "ph.paper-plane-tilt",
    "settings": "ph.gear-six",
    "edit": "ph.pencil-simple",
    "delete": "ph.trash",
    "print": "ph.printer",
    "save": "ph.floppy-disk",
    "pdf": "ph.file-pdf",
    "done": "ph.check",
    "back": "ph.arrow-left",
    "forward": "ph.caret-right",
    "search": "ph.magnifying-glass",
    "filter": "ph.funnel",
    "export": "ph.download-simple",
    "import": "ph.upload-simple",
    "retry": "ph.arrow-clockwise",
    "send": "ph.paper-plane-right",
    "close": "ph.x",
    "show": "ph.eye",
    "hide": "ph.eye-slash",
    "lock": "ph.lock-simple",
    "sign-out": "ph.sign-out",
    "person": "ph.user-circle",
    "people": "ph.users-three",
    "till": "ph.calculator",
    "money": "ph.money",
    "card": "ph.credit-card",
    "payment": "ph.wallet",
    "database": "ph.database",
    "mail": "ph.envelope-simple",
    "phone": "ph.phone",
    "keys": "ph.keyboard",
    "help": "ph.question",
    "info": "ph.info",
    "good": "ph.check-circle",
    "warn": "ph.warning",
    "bad": "ph.warning-circle",
    "waiting": "ph.clock",
    "unknown": "ph.question",
    "voided": "ph.prohibit",
    "corrected": "ph.arrows-counter-clockwise",
    "history": "ph.clock-counter-clockwise",
    "calendar": "ph.calendar-blank",
    "tax": "ph.percent",
    "shop": "ph.storefront",
    "backup": "ph.hard-drives",
    "restore": "ph.clock-counter-clockwise",
    "provider": "ph.identification-card",
    "series": "ph.hash",
    "link": "ph.arrow-square-out",
    "up": "ph.trend-up",
    "down": "ph.trend-down",
    "level": "ph.minus",
    "empty": "ph.tray",
    "github": "ph.github-logo",
    "facebook": "ph.facebook-logo",
    "oidc": "ph.key",
    "receipt": "ph.receipt",
    "quote": "ph.quotes",
    "undo": "ph.arrow-u-up-left",
    "explain": "ph.list-numbers",
    "health": "ph.heartbeat",
    "copy": "ph.copy",
}


def icon(name: str, tone: Tone = Tone.SOFT) -> QIcon:
    """Return an icon by its name in ``ICONS``, in a tone, for a button, a menu or a table.

    It has the current colours; when the scheme changes, ``apply`` replaces it in the widgets that show it.
    """
    return _icon(name, tone, tokens().scheme, is_finished())


def pixmap(name: str, tone: Tone = Tone.SOFT, size: int = ICON, *, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a picture, for painting by hand."""
    return _drawn(name, tokens().of(tone), size, ratio)


def put_icon(button: QAbstractButton, name: str, tone: Tone = Tone.SOFT) -> None:
    """Set the icon of a button; before the first paint of the window, note it for later."""
    button.setProperty(_PROMISED, [name, tone.value])
    if is_finished():
        button.setIcon(icon(name, tone))


_PROMISED = "shopdesk_icon"


def draw(painter: QPainter, rect: QRect, name: str, ink: str) -> None:
    """Paint an icon into a square, in the colour ``ink``. Does nothing before the first paint of the window."""
    if not is_finished():
        return
    from PySide6.QtCore import QRectF

    family, letters = _icon_font()
    face = QFont(family)
    face.setPixelSize(max(1, min(rect.width(), rect.height())))
    painter.save()
    painter.setFont(face)
    painter.setPen(QColor(ink))
    painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, letters[ICONS[name]])
    painter.restore()


_ICON_SIZES = (ICON_SMALL, ICON)
_known: dict[int, tuple[str, Tone]] = {}
"""Name and tone of each icon by Qt's cache key, to find the icons to replace when the scheme changes."""


# Pixmaps in a QIcon, not a QIconEngine of our own: both PySide and Qt delete such an engine, and when Python collects
# it together with its icon, the process crashes in ~QIcon.
@cache
def _icon(name: str, tone: Tone, scheme: str, is_finished: bool) -> QIcon:
    from PySide6.QtGui import QIcon

    made = QIcon()
    worn = DARK if scheme == DARK.scheme else LIGHT
    for mode, ink in ((QIcon.Mode.Normal, worn.of(tone)), (QIcon.Mode.Disabled, worn.faint)):
        for size in _ICON_SIZES if is_finished else _ICON_SIZES[:1]:
            for ratio in (1.0, 2.0):
                made.addPixmap(_drawn(name, ink, size, ratio), mode)
    _known[made.cacheKey()] = (name, tone)
    return made


def _drawn(name: str, ink: str, size: int, ratio: float) -> QPixmap:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QPainter, QPixmap

    picture = QPixmap(QSize(size, size) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw(painter, QRect(0, 0, size, size), name, ink)
    painter.end()
    return picture


def is_finished() -> bool:
    """Return True once the window was painted and icons can be drawn."""
    app = QApplication.instance()
    return app is not None and bool(app.property(_FINISHED))


def _redraw(app: QApplication) -> None:
    """Replace every icon of this module that is shown by the one in the current colours."""
    from PySide6.QtWidgets import QAbstractButton, QListWidget, QTabBar

    for window in app.topLevelWidgets():
        for part in (window, *window.findChildren(QWidget)):
            part.update()
            holders: list[QAbstractButton | QAction | QListWidgetItem] = [*part.actions()]
            if isinstance(part, QAbstractButton):
                holders.append(part)
                if (promised := part.property(_PROMISED)) and part.icon().isNull():
                    part.setIcon(icon(promised[0], Tone(promised[1])))
            if isinstance(part, QListWidget):
                holders += [part.item(at) for at in range(part.count())]
            for holder in holders:
                if known := _known.get(holder.icon().cacheKey()):
                    holder.setIcon(icon(*known))
            if isinstance(part, QTabBar):
                for at in range(part.count()):
                    if known := _known.get(part.tabIcon(at).cacheKey()):
                        part.setTabIcon(at, icon(*known))


def clear_cache() -> None:
    """Discard all pictures. Call it before the application ends."""
    _icon.cache_clear()
    _known.clear()


@lru_cache(maxsize=1)
def _icon_font() -> tuple[str, dict[str, str]]:
    """Return family and glyphs of the Phosphor font in qtawesome; load it for the first icon.

    Its files are read directly: importing qtawesome loads nine fonts and a second Qt wrapper, which takes 180 ms.
    """
    import json
    from importlib.util import find_spec

    found = find_spec("qtawesome")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("qtawesome, which brings the icons, is not installed")
    fonts = Path(found.origin).parent / "fonts"
    (file,) = fonts.glob("phosphor-*.ttf")
    (charmap,) = fonts.glob("phosphor-charmap-*.json")
    (family,) = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(file)))
    codes: dict[str, str] = json.loads(charmap.read_text("utf-8"))
    return family, {name: chr(int(codes[name.removeprefix("ph.")], 16)) for name in ICONS.values()}
