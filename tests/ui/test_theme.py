"""The tokens: contrast that can be read, one place for colours, icons that exist, and a live change of scheme."""

from __future__ import annotations

import gc
import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeVar

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QImage, QKeySequence, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QListWidget, QListWidgetItem, QTabBar, QVBoxLayout, QWidget

import shopdesk.ui
from shopdesk.domain.product import TileColour
from shopdesk.paths import resources
from shopdesk.ui.base import icons, theme, tokens
from shopdesk.ui.base.tokens import DARK, LIGHT, Colours, Tone
from shopdesk.ui.widgets.buttons import Button, LinkButton, PrimaryButton, QuietButton, Segment
from shopdesk.ui.widgets.form import CheckField
from shopdesk.ui.widgets.labels import Label, MoneyLabel
from support.qtbot import QtBot

W = TypeVar("W", bound=QWidget)

UI = Path(shopdesk.ui.__file__).parent


@pytest.fixture
def page(qtbot: QtBot, themed_app: QApplication) -> QWidget:
    """A page to put parts on: a part alone would be a window."""
    page = QWidget()
    qtbot.addWidget(page)
    QVBoxLayout(page)
    page.show()
    return page


def shown(page: QWidget, part: W) -> W:
    """On the page, as it would be."""
    layout = page.layout()
    assert layout is not None
    layout.addWidget(part)
    part.show()
    return part


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


INKS = ("text", "soft", "faint", "accent", "good", "warn", "bad")
GROUNDS = (
    "ground", "surface", "raised", "tint", "hover", "pressed", "good_tint", "warn_tint", "bad_tint",
)  # fmt: skip


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_text_can_be_read_on_every_ground(colours: Colours, ground: str) -> None:
    behind = getattr(colours, ground)
    assert contrast(colours.text, behind) >= 7
    assert {ink: round(found, 2) for ink in INKS if (found := contrast(getattr(colours, ink), behind)) < 4.5} == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_words_on_the_accent_can_be_read(colours: Colours) -> None:
    for ground in (colours.accent, colours.accent_hover, colours.accent_pressed):
        assert contrast(colours.on_accent, ground) >= 4.5


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_the_stripe_of_every_tile_is_seen(
    themed_app: QApplication, scheme: Literal["light", "dark"], colours: Colours
) -> None:
    theme.show(scheme)
    grounds = (colours.surface, colours.hover, colours.pressed)
    assert all(contrast(tokens.tile_colour(name), ground) >= 3 for name in TileColour for ground in grounds)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_the_real_palette_can_be_read(themed_app: QApplication, scheme: Literal["light", "dark"]) -> None:
    theme.show(scheme)
    palette, role = themed_app.palette(), QPalette.ColorRole
    pairs = [
        (ink, ground)
        for ink in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText, role.Link, role.BrightText)
        for ground in (role.Window, role.Base, role.AlternateBase, role.Button)
    ]
    pairs += [(role.HighlightedText, role.Highlight), (role.ToolTipText, role.ToolTipBase)]
    faint = {
        (group, ink, ground)
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled)
        for ink, ground in pairs
        if contrast(palette.color(group, ink).name(), palette.color(group, ground).name()) < 4.5
    }
    assert not faint


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_rule_of_the_stylesheet_has_words_that_can_be_read(colours: Colours) -> None:
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", theme.stylesheet(colours))
    pairs = {}
    for selector, body in rules:
        ink = re.search(r"(?<![-\w])color: (#\w{6})", body)
        behind = re.search(r"background(?:-color)?: (#\w{6})", body)
        if ink and behind:
            pairs[selector.strip()] = contrast(ink[1], behind[1])
    assert len(pairs) > 10
    assert {selector: found for selector, found in pairs.items() if found < 4.5} == {}


@pytest.mark.parametrize(
    ("environ", "arguments"),
    [
        ({"XDG_CURRENT_DESKTOP": "KDE"}, ["-platformtheme", "xdgdesktopportal"]),
        ({"XDG_CURRENT_DESKTOP": "KDE", "QT_QPA_PLATFORMTHEME": "kde"}, []),
        ({"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, []),
        ({}, []),
    ],
)
def test_on_kde_the_portal_tells_of_light_and_dark(environ: dict[str, str], arguments: list[str]) -> None:
    assert theme.platform_theme(environ) == arguments


def test_colours_stand_in_the_tokens_alone() -> None:
    literal = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b|QColor\(\s*\d|rgba?\(|setFixed(?:Width|Height|Size)\(\d")
    guilty = [
        f"{file.relative_to(UI)}: {found[0]}"
        for file in sorted(UI.rglob("*.py"))
        if file.name != "tokens.py"
        for found in literal.finditer(file.read_text("utf-8"))
    ]
    assert not guilty


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_small_drawings_wear_the_tokens(colours: Colours) -> None:
    drawings = sorted((resources() / "themes" / colours.scheme).glob("*.svg"))
    assert {drawing.stem for drawing in drawings} == {"check", "dash", "down", "up"}
    for drawing in drawings:
        (colour,) = re.findall(r"#[0-9A-Fa-f]{6}", drawing.read_text("utf-8"))
        assert colour in {colours.faint, colours.on_accent}


def test_every_icon_is_drawn_by_the_icon_font(themed_app: QApplication) -> None:
    found = find_spec("qtawesome")
    assert found is not None
    assert found.origin is not None
    (charmap,) = (Path(found.origin).parent / "fonts").glob("phosphor-charmap-*.json")
    letters = json.loads(charmap.read_text("utf-8"))
    assert {name for name, letter in icons.ICONS.items() if letter.removeprefix("ph.") not in letters} == set()
    for name in icons.ICONS:
        drawn = icons.icon(name, Tone.ACCENT).pixmap(QSize(tokens.ICON, tokens.ICON)).toImage()
        colours = {drawn.pixelColor(x, y).alpha() for x in range(tokens.ICON) for y in range(tokens.ICON)}
        assert len(colours) > 1, name


def test_icons_that_are_shown_change_with_the_scheme(page: QWidget) -> None:
    button, tabs, list_ = shown(page, Button("Save", icon="save")), shown(page, QTabBar()), shown(page, QListWidget())
    tabs.addTab(icons.icon("documents"), "Documents")
    item = QListWidgetItem(icons.icon("mail"), "Mail", list_)
    action = page.addAction(icons.icon("print"), "Print")
    own = QIcon(QPixmap(16, 16))
    foreign = shown(page, Button("Other"))
    foreign.setIcon(own)

    def inks() -> set[str]:
        icons = (button.icon(), tabs.tabIcon(0), item.icon(), action.icon())
        return {strongest(icon.pixmap(QSize(18, 18)).toImage()) for icon in icons}

    assert inks() == {LIGHT.soft.lower()}
    theme.show("dark")
    assert inks() == {DARK.soft.lower()}
    assert foreign.icon().cacheKey() == own.cacheKey()


def strongest(image: QImage) -> str:
    """The colour of what is drawn most solidly."""
    points = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(points, key=lambda point: point.alpha()).name()


def test_icons_may_be_collected_together_with_what_shows_them(themed_app: QApplication) -> None:
    for _ in range(20):
        ring: list[object] = [QIcon(icons.icon(name)) for name in icons.ICONS]
        ring.append(ring)
        del ring
        gc.collect()


def test_a_change_of_scheme_dresses_open_windows(page: QWidget) -> None:
    label = shown(page, Label("Total", "title"))
    assert label.palette().windowText().color() == QColor(LIGHT.text)
    theme.show("dark")
    assert tokens.colours() is DARK
    assert label.palette().windowText().color() == QColor(DARK.text)
    assert tokens.colour(Tone.BAD) == QColor(DARK.bad)


def test_amounts_have_figures_of_one_width(page: QWidget) -> None:
    for role in ("", "total"):
        amount = shown(page, MoneyLabel("1", role))
        metrics = QFontMetrics(amount.font())
        assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_a_role_can_change_while_it_is_shown(page: QWidget) -> None:
    label = shown(page, Label("word"))
    theme.set_role(label, "total")
    assert label.font().pixelSize() == tokens.TOTAL


def test_an_ampersand_in_a_name_is_text_and_no_mnemonic(page: QWidget) -> None:
    name = "Marks & Spencer & Co"
    for kind in (Button, PrimaryButton, QuietButton, LinkButton, Segment):
        button = shown(page, kind(name))
        assert button.accessibleName() == name
        assert QKeySequence.mnemonic(button.text()).isEmpty(), kind
        assert button.text().replace("&&", "&") == name
    box = shown(page, CheckField(name, name="x"))
    assert QKeySequence.mnemonic(box.box.text()).isEmpty()


def test_a_font_that_the_platform_sets_later_is_replaced_by_ours(themed_app: QApplication, page: QWidget) -> None:
    themed_app.setFont(QFont("DejaVu Sans", 30), "QAbstractItemView")  # type: ignore[arg-type]
    assert shown(page, QListWidget()).font().family() == "DejaVu Sans"
    theme.keep_font(themed_app)
    for part in (QListWidget(), Button("Save"), Label("Total"), QTabBar()):
        assert shown(page, part).font().family() == "Inter", part
    assert QApplication.font("QAbstractItemView").pixelSize() == tokens.BODY  # type: ignore[call-overload]
