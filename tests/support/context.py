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
from shopdesk.render.formatting import marks
from shopdesk.store.database import Database, connect
from shopdesk.store.tables import metadata
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.i18n import Note
from support.shops import Counter, open_shop

W = TypeVar("W", bound=QWidget)
Show = Callable[[W], W]


class Wishes:
    """What screens asked of the window, as (signal, value), and what they said."""

    def __init__(self, desk: Desk) -> None:
        self.all: list[tuple[str, Any]] = []
        self.notes: list[Note] = []
        self.troubles: list[Exception] = []
        self.away: list[Exception] = []
        for name in (
            "document_wanted", "new_document_wanted", "edit_wanted", "draft_wanted", "documents_wanted", "page_wanted",
        ):  # fmt: skip
            getattr(desk, name).connect(lambda value, name=name: self.all.append((name, value)))
        desk.noted.connect(self.notes.append)
        desk.background.troubled.connect(self.troubles.append)
        desk.background.away.connect(self.away.append)

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
def shop(sqlite_shop_url: str) -> Iterator[Counter]:
    """The owner Ada at till A of an opened shop."""
    database = connect(sqlite_shop_url)
    yield open_shop(database)
    database.close()


@pytest.fixture
def desk(qtbot: QtBot, look: QApplication, shop: Counter, tmp_path: Path) -> Iterator[Desk]:
    """Ada's desk; its clock is the counter's."""
    background = Background(shop.database.sessions, shop.database.reads)
    background.returned.connect(lambda: background.changed.emit(frozenset(metadata.tables)))  # as the window does
    facts = shop.ask(ask_shop.current)
    assert facts is not None
    yield Desk(
        background=background,
        actor=shop.by,
        shop=facts,
        marks=marks(facts.language),
        settings=settings.load(tmp_path / "installation", {}),
        now=lambda: shop.now,
    )
    background.close()


def desk_beside(desk: Desk, background: Background) -> Desk:
    """The same person at another window, with a background of its own."""
    return Desk(
        background=background,
        actor=desk.actor,
        shop=desk.shop,
        marks=desk.marks,
        settings=desk.settings,
        now=desk.now,
        doors=desk.doors,
    )


@pytest.fixture
def wishes(desk: Desk) -> Iterator[Wishes]:
    """What screens ask of the window. A test that expects trouble empties ``troubles`` itself."""
    wishes = Wishes(desk)
    yield wishes
    assert not wishes.troubles


@pytest.fixture
def show(qtbot: QtBot, desk: Desk, wishes: Wishes) -> Iterator[Callable[[W], W]]:
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
        qtbot.waitUntil(lambda: not desk.background.is_busy)
        return screen

    yield shown
    kept.clear()


@pytest.fixture
def settled(qtbot: QtBot, desk: Desk) -> Callable[[], None]:
    """Wait until nothing is waited for."""
    return lambda: qtbot.waitUntil(lambda: not desk.background.is_busy)


@pytest.fixture
def away() -> Iterator[Database]:
    """A database that cannot be opened: ``desk.background.attach(away.sessions, away.reads)``."""
    database = connect("sqlite:////nowhere/shop.db")
    yield database
    database.close()
