"""The icons: names of this program for glyphs of the Phosphor font, drawn in the colours of the theme."""

from __future__ import annotations

from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import is_right_to_left
from shopdesk.ui.base.tokens import Tone

if TYPE_CHECKING:  # not needed for the first paint, and the first use of each Qt class costs time
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap, QScreen
    from PySide6.QtWidgets import QAbstractButton, QListWidgetItem

_DIRECTED = frozenset({"back", "forward", "messages", "send", "sign-out", "undo"})
"""The icons that point to a side, and so are mirrored in windows from right to left."""

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
    "price": "ph.tag",
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
    "export": "ph.download-simple",
    "import": "ph.upload-simple",
    "retry": "ph.arrow-clockwise",
    "send": "ph.paper-plane-right",
    "close": "ph.x",
    "scan": "ph.barcode",
    "show": "ph.eye",
    "hide": "ph.eye-slash",
    "lock": "ph.lock-simple",
    "sign-out": "ph.sign-out",
    "person": "ph.user-circle",
    "people": "ph.users-three",
    "merge": "ph.git-merge",
    "till": "ph.calculator",
    "money": "ph.money",
    "card": "ph.credit-card",
    "payment": "ph.wallet",
    "database": "ph.database",
    "screen": "ph.monitor",
    "mail": "ph.envelope-simple",
    "phone": "ph.phone",
    "keys": "ph.keyboard",
    "info": "ph.info",
    "good": "ph.check-circle",
    "warn": "ph.warning",
    "bad": "ph.warning-circle",
    "waiting": "ph.clock",
    "unknown": "ph.question",
    "voided": "ph.prohibit",
    "corrected": "ph.arrows-counter-clockwise",
    "calendar": "ph.calendar-blank",
    "tax": "ph.percent",
    "shop": "ph.storefront",
    "backup": "ph.hard-drives",
    "history": "ph.clock-counter-clockwise",
    "restore": "ph.clock-counter-clockwise",
    "provider": "ph.identification-card",
    "series": "ph.hash",
    "link": "ph.arrow-square-out",
    "up": "ph.trend-up",
    "down": "ph.trend-down",
    "level": "ph.minus",
    "github": "ph.github-logo",
    "facebook": "ph.facebook-logo",
    "oidc": "ph.key",
    "receipt": "ph.receipt",
    "quote": "ph.quotes",
    "undo": "ph.arrow-u-up-left",
    "health": "ph.heartbeat",
    "copy": "ph.copy",
    "more": "ph.dots-three",
    "practice": "ph.student",
}


def load(app: QApplication) -> None:
    """Load the font of the icons and draw those that are shown, which are blank until then."""
    _icon_font()
    app.setProperty(_LOADED, True)
    for screen in app.screens():
        _follow(app, screen)
    app.screenAdded.connect(partial(_follow, app))


def _follow(app: QApplication, screen: QScreen) -> None:
    """Redraw the icons now and when the scale of a screen changes: they are drawn for the scales there are."""
    screen.geometryChanged.connect(lambda: redraw(app))  # Qt tells so of another scale, too
    redraw(app)


def is_loaded() -> bool:
    """Return True once the window was painted and icons can be drawn."""
    app = QApplication.instance()
    return app is not None and bool(app.property(_LOADED))


_LOADED = "shopdesk_icons_loaded"


def icon(name: str, tone: Tone = Tone.SOFT) -> QIcon:
    """Return an icon by its name in ``ICONS``, in a tone, for a button, a menu or a table.

    It has the current colours; ``redraw`` replaces it in the widgets that show it when the scheme changes.
    """
    return _icon(name, tone, tokens.colours().scheme, is_loaded(), _ratios())


def pixmap(name: str, tone: Tone = Tone.SOFT, size: int = tokens.ICON, *, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a picture, for painting by hand."""
    return _drawn(name, tokens.colours().of(tone), size, ratio)


def put_icon(button: QAbstractButton, name: str, tone: Tone = Tone.SOFT) -> None:
    """Set the icon of a button; before the first paint of the window, note it for later."""
    button.setProperty(_PROMISED, [name, tone.value])
    if is_loaded():
        button.setIcon(icon(name, tone))


_PROMISED = "shopdesk_icon"


def draw(painter: QPainter, rect: QRect, name: str, ink: str) -> None:
    """Paint an icon into a square, in the colour ``ink``. Does nothing before the first paint of the window."""
    if not is_loaded():
        return
    from PySide6.QtCore import QRectF

    family, letters = _icon_font()
    face = QFont(family)
    face.setPixelSize(max(1, min(rect.width(), rect.height())))
    painter.save()
    painter.setFont(face)
    painter.setPen(QColor(ink))
    place = QRectF(rect)
    if name in _DIRECTED and is_right_to_left():
        painter.translate(2 * place.center().x(), 0)
        painter.scale(-1, 1)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, letters[ICONS[name]])
    painter.restore()


_ICON_SIZES = (tokens.ICON_SMALL, tokens.ICON)
_known: dict[int, tuple[str, Tone]] = {}
"""Name and tone of each icon by Qt's cache key, to find the icons to replace when the scheme changes."""


# Pixmaps in a QIcon, not a QIconEngine of our own: both PySide and Qt delete such an engine, and when Python collects
# it together with its icon, the process crashes in ~QIcon.
@cache
def _icon(name: str, tone: Tone, scheme: str, is_loaded: bool, ratios: tuple[float, ...]) -> QIcon:
    from PySide6.QtGui import QIcon

    made = QIcon()
    colours = tokens.DARK if scheme == tokens.DARK.scheme else tokens.LIGHT
    for mode, ink in ((QIcon.Mode.Normal, colours.of(tone)), (QIcon.Mode.Disabled, colours.faint)):
        for size in _ICON_SIZES if is_loaded else _ICON_SIZES[:1]:
            for ratio in ratios:
                made.addPixmap(_drawn(name, ink, size, ratio), mode)
    _known[made.cacheKey()] = (name, tone)
    return made


def _ratios() -> tuple[float, ...]:
    return tuple(sorted({screen.devicePixelRatio() for screen in QApplication.screens()}))


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


def redraw(app: QApplication) -> None:
    """Replace every icon of this module that is shown by the one in the current colours."""
    if not is_loaded():
        return
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
