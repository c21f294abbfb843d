"""``desk``: a desk on a real SQLite shop; ``show`` puts a screen into a window; ``wishes`` keeps what it asks for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from shopdesk import settings
from shopdesk.background import Background
from shopdesk.queries import shop as ask_shop
from shopdesk.render.formatting import number_symbols
from shopdesk.store.database import Database, connect
from shopdesk.store.tables import metadata
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import Notice
from support.shops import SampleShop, open_shop

W = TypeVar("W", bound=QWidget)
Show = Callable[[W], W]


class NavigationSpy:
    """What screens asked of the window, as (signal, value), and what they said."""

    def __init__(self, context: Context) -> None:
        self.all: list[tuple[str, Any]] = []
        self.notes: list[Notice] = []
        self.troubles: list[Exception] = []
        self.away: list[Exception] = []
        for name in (
            "document_wanted", "new_document_wanted", "edit_wanted", "draft_wanted", "documents_wanted", "page_wanted",
        ):  # fmt: skip
            getattr(context.navigation, name).connect(lambda value, name=name: self.all.append((name, value)))
        context.navigation.noted.connect(self.notes.append)
        context.background.error_reported.connect(self.troubles.append)
        context.background.watch.disconnected.connect(self.away.append)

    @property
    def last(self) -> tuple[str, Any]:
        return self.all[-1]

    @property
    def words(self) -> list[str]:
        return [note.text for note in self.notes]


def press(widget: QWidget, text: str) -> None:
    """Type a text, whatever its alphabet (``keyClicks`` dies of anything but ASCII)."""
    for letter in text:
        for kind in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))


@pytest.fixture
def shop(sqlite_shop_url: str) -> Iterator[SampleShop]:
    """The owner Ada at till A of an opened shop."""
    database = connect(sqlite_shop_url)
    yield open_shop(database)
    database.close()


@pytest.fixture
def context(qtbot: QtBot, themed_app: QApplication, shop: SampleShop, tmp_path: Path) -> Iterator[Context]:
    """Ada's desk; its clock is the counter's."""
    background = Background(shop.database.sessions, shop.database.reads)
    background.watch.reconnected.connect(
        lambda: background.changed.emit(frozenset(metadata.tables))
    )  # as the window does
    facts = shop.ask(ask_shop.current)
    assert facts is not None
    yield Context(
        background=background,
        actor=shop.by,
        shop=facts,
        symbols=number_symbols(facts.language),
        settings=settings.load(tmp_path / "installation", {}),
        now=lambda: shop.now,
    )
    background.close()


def second_window(context: Context, background: Background) -> Context:
    """The same person at another window, with a background of its own."""
    return Context(
        background=background,
        actor=context.actor,
        shop=context.shop,
        symbols=context.symbols,
        settings=context.settings,
        now=context.now,
        ports=context.ports,
    )


@pytest.fixture
def navigation(context: Context) -> Iterator[NavigationSpy]:
    """What screens ask of the window. A test that expects trouble empties ``troubles`` itself."""
    navigation = NavigationSpy(context)
    yield navigation
    assert not navigation.troubles


@pytest.fixture
def show(qtbot: QtBot, context: Context, navigation: NavigationSpy) -> Iterator[Callable[[W], W]]:
    """``show(DashboardScreen(desk))``: in a window, with the focus, everything asked for read."""
    kept: list[QWidget] = []  # a test that only works on a part of the screen must not lose the whole

    def shown(screen: W) -> W:
        kept.append(screen)
        qtbot.addWidget(screen)
        screen.resize(1024, 600)
        screen.show()
        qtbot.waitExposed(screen)
        screen.activateWindow()
        qtbot.waitUntil(screen.isActiveWindow)
        screen.setFocus()
        qtbot.waitUntil(lambda: not context.background.is_busy)
        return screen

    yield shown
    kept.clear()


@pytest.fixture
def settled(qtbot: QtBot, context: Context) -> Callable[[], None]:
    """Wait until nothing is waited for."""
    return lambda: qtbot.waitUntil(lambda: not context.background.is_busy)


@pytest.fixture
def unreachable_database() -> Iterator[Database]:
    """A database that cannot be opened: ``desk.background.attach(away.sessions, away.reads)``."""
    database = connect("sqlite:////nowhere/shop.db")
    yield database
    database.close()
