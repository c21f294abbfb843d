"""``context``: the context of a real SQLite shop; ``show``: a screen in a window; ``navigation``: its requests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from shopdesk import settings
from shopdesk.background import Background
from shopdesk.queries import shop as ask_shop
from shopdesk.render.formatting import typing_symbols
from shopdesk.store.database import Database, connect
from shopdesk.store.tables import metadata
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.notice import Notice
from shopdesk.ui.widgets.field import Field
from support.qtbot import QtBot
from support.shops import SampleShop, open_shop

W = TypeVar("W", bound=QWidget)


class Show(Protocol):
    """Puts a screen into a window, gives it the focus and waits for what it reads."""

    def __call__(self, screen: W, /) -> W: ...


class NavigationSpy:
    """Records the requests of screens as (signal, value), their notices, and errors."""

    def __init__(self, context: Context) -> None:
        self.all: list[tuple[str, Any]] = []
        self.notes: list[Notice] = []
        self.errors: list[Exception] = []
        self.disconnections: list[Exception] = []
        for name in (
            "document_wanted", "new_document_wanted", "edit_wanted", "documents_wanted", "page_wanted",
        ):  # fmt: skip
            getattr(context.navigation, name).connect(lambda value, name=name: self.all.append((name, value)))
        context.navigation.noted.connect(self.notes.append)
        context.background.error_reported.connect(self.errors.append)
        context.background.watch.disconnected.connect(self.disconnections.append)

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


def line_edit(field: Field) -> QLineEdit:
    """Return the control of a field of one line."""
    assert isinstance(field.control, QLineEdit)
    return field.control


def retype(edit: QLineEdit, text: str) -> None:
    """Type over all that a line has, and press Enter."""
    edit.selectAll()
    press(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


@pytest.fixture
def shop(sqlite_shop_url: str) -> Iterator[SampleShop]:
    """An opened shop, used by its owner Ada at till A."""
    database = connect(sqlite_shop_url)
    yield open_shop(database)
    database.close()


@pytest.fixture
def context(qtbot: QtBot, themed_app: QApplication, shop: SampleShop, tmp_path: Path) -> Iterator[Context]:
    """Ada's context; its clock is the shop's."""
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
        symbols=typing_symbols(facts.locale),
        settings=settings.load(tmp_path / "installation", {}),
        now=lambda: shop.now,
    )
    background.close()


def second_window(context: Context, background: Background) -> Context:
    """Return a context for the same user in another window, with a background of its own."""
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
    """The requests of screens. A test that expects an error clears ``errors`` itself."""
    navigation = NavigationSpy(context)
    yield navigation
    assert not navigation.errors


@pytest.fixture
def show(qtbot: QtBot, context: Context, navigation: NavigationSpy) -> Iterator[Show]:
    """``show(DashboardScreen(context))``: the screen in a window, with the focus and all its queries answered."""
    kept: list[QWidget] = []  # else a screen of which the test holds only a part would be deleted

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
    """Wait until no background job is left."""
    return lambda: qtbot.waitUntil(lambda: not context.background.is_busy)


@pytest.fixture
def unreachable_database() -> Iterator[Database]:
    """A database that cannot be opened, for ``context.background.attach``."""
    database = connect("sqlite:////nowhere/shop.db")
    yield database
    database.close()
