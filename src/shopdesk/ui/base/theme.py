"""The theme: applies the tokens to the application, as its palette, stylesheet and fonts.

A widget has a role (``set_role(label, "title")``), and resources/themes/shopdesk.qss defines the look of that role.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from functools import cache
from typing import Literal

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.paths import resources
from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.tokens import DARK, LIGHT, Colours, Tone

STYLE = ["-style", "fusion"]
"""The command line of the QApplication: set there, this is the only style that Qt creates."""


def platform_theme(environ: Mapping[str, str]) -> list[str]:
    """Return the command line that makes Qt follow the desktop's portal on KDE, in colours and for file dialogs.

    WORKAROUND(findings/qt_kde_theme_misses_light.sh): Qt's own theme for KDE does not see the way back to light.
    """
    is_kde = "KDE" in environ.get("XDG_CURRENT_DESKTOP", "").split(":")
    return ["-platformtheme", "xdgdesktopportal"] if is_kde and "QT_QPA_PLATFORMTHEME" not in environ else []


def prepare(app: QApplication) -> None:
    """Set the font. Call it before the first widget is made: earlier ones keep theirs."""
    if app.property(_PREPARED):
        return
    app.setProperty(_PREPARED, True)
    _load_fonts("Inter-Regular", "Inter-Medium", "Inter-SemiBold")
    app.setFont(tokens.font())


def start(app: QApplication, scheme: Literal["light", "dark"] | None = None) -> None:
    """Use the colours chosen on this machine or follow the system's from now on; or use the fixed ``scheme``.

    Work not needed for the first paint is left to ``finish``. A second call in a process does nothing.
    """
    prepare(app)
    if app.property(_STARTED):
        return
    app.setProperty(_STARTED, True)
    if scheme is not None:
        _use(app, DARK if scheme == "dark" else LIGHT)
        return
    hints = app.styleHints()
    _apply_choice(app)
    hints.colorSchemeChanged.connect(lambda _: _apply_choice(app))


class Theme(StrEnum):
    """The colours chosen on this machine."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_CHOICE = "window/theme"


def chosen() -> Theme:
    """Return the colours chosen on this machine; those of the system by default."""
    kept = QSettings().value(_CHOICE)
    return Theme(kept) if kept in set(Theme) else Theme.SYSTEM


def choose(theme: Theme) -> None:
    """Use these colours on this machine from now on."""
    QSettings().setValue(_CHOICE, theme.value)
    app = QApplication.instance()
    if isinstance(app, QApplication):
        _apply_choice(app)


def _apply_choice(app: QApplication) -> None:
    of_system = _of_system(app.styleHints().colorScheme())
    _use(app, {Theme.LIGHT: LIGHT, Theme.DARK: DARK}.get(chosen(), of_system))


def _use(app: QApplication, wanted: Colours) -> None:
    if tokens.colours() is not wanted or not app.property(_STYLESHEET):
        apply(app, wanted)


def finish(app: QApplication) -> None:
    """Load the other fonts, draw the icons, which are blank until then, and name combo boxes.

    Call it after the first paint.
    """
    if icons.is_loaded():
        return
    from shopdesk.ui.base import accessibility  # imported late: the first page has no combo box

    accessibility.install(app)
    _load_fonts("Inter-Bold", *_OTHER_LETTERS)
    icons.load(app)


def load_letters() -> None:
    """Load the fonts of the scripts that Inter lacks, for windows in such a language, before the first paint."""
    _load_fonts(*_OTHER_LETTERS)


_OTHER_LETTERS = ("DejaVuSans", "DejaVuSans-Bold")
_PREPARED = "shopdesk_theme_prepared"
_STARTED = "shopdesk_theme_started"
_STYLESHEET = "shopdesk_stylesheet"
_STYLED = "shopdesk_styled"


def _load_fonts(*faces: str) -> None:
    app = QApplication.instance()
    for face in faces:
        if app is not None and not app.property(f"shopdesk_font_{face}"):
            app.setProperty(f"shopdesk_font_{face}", True)
            QFontDatabase.addApplicationFont(str(resources() / "fonts" / f"{face}.ttf"))


def _of_system(scheme: Qt.ColorScheme) -> Colours:
    return DARK if scheme is Qt.ColorScheme.Dark else LIGHT


def show(scheme: Literal["light", "dark"]) -> None:
    """Switch to a scheme until the system changes its own."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply(app, DARK if scheme == "dark" else LIGHT)


def apply(app: QApplication, colours: Colours) -> None:
    """Apply these colours to every window, open or not yet made."""
    sheet = stylesheet(colours)
    if app.property(_STYLESHEET) != sheet:  # setting it again would style every widget anew
        app.setPalette(_palette(colours))
        app.setProperty(_STYLESHEET, sheet)
        for window in app.topLevelWidgets():
            if window.property(_STYLED):
                window.setStyleSheet(sheet)
        icons.redraw(app)
    keep_font(app)


def style_window(window: QWidget) -> None:
    """Use the stylesheet in a window without a parent, and in all that is added to it; call it when it is built.

    The application has none: Qt would then style a whole page again each time that a part of it gets its parent, and a
    page is built from the inside. So it is styled once, when it enters its window.
    """
    window.setProperty(_STYLED, True)
    if (app := QApplication.instance()) is not None and (sheet := app.property(_STYLESHEET)):
        window.setStyleSheet(sheet)


_CLASSES_WITH_A_FONT = (
    "QAbstractItemView", "QCheckBox", "QComboMenuItem", "QHeaderView", "QLabel", "QMenu", "QMessageBox", "QPushButton",
    "QRadioButton", "QTipLabel", "QToolButton",
)  # fmt: skip
"""The classes for which platform themes (GNOME, Windows) set fonts of their own."""


def keep_font(app: QApplication) -> None:
    """Set our font again where the platform's theme has replaced it, which it does after ours was set."""
    ours = tokens.font()
    fonts = [QApplication.font(name) for name in _CLASSES_WITH_A_FONT]  # type: ignore[call-overload]  # wants a str
    if any(font.families() != ours.families() for font in fonts):
        app.setFont(ours)  # clears the fonts of all classes


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


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, what in {
        role.Window: colours.ground,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.ground,
        role.Text: colours.text,
        role.PlaceholderText: colours.faint,
        role.Button: colours.surface,
        role.ButtonText: colours.text,
        role.BrightText: colours.bad,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.Light: colours.raised,
        role.Midlight: colours.hover,
        role.Mid: colours.line,
        role.Dark: colours.faint,
        role.Shadow: colours.faint,
    }.items():
        palette.setColor(which, QColor(what))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.faint))
    return palette


_PLACE = re.compile(r"\{(\w+(?: [+-] \w+)*)\}")


def stylesheet(colours: Colours) -> str:
    """Return the stylesheet in these colours. A place in braces is a token, or a sum of sizes: ``{ROW - HAIR}``."""
    folder = resources() / "themes"
    values = vars(tokens) | asdict(colours) | {"pictures": (folder / colours.scheme).as_posix()}

    @cache
    def value(place: str) -> str:
        name, *others = place.split()
        total = values[name]
        for sign, other in zip(others[::2], others[1::2], strict=True):
            total += values[other] if sign == "+" else -values[other]
        return str(total)

    return _PLACE.sub(lambda found: value(found[1]), (folder / "shopdesk.qss").read_text("utf-8"))
