"""While the database is away what is typed is kept on this machine; the database gets it as soon as it is back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import Form, Row, Shelved
from shopdesk.gateways.shelf import Shelf
from shopdesk.queries import drafts as ask_drafts
from shopdesk.store.database import Database
from shopdesk.ui.desk import Desk
from shopdesk.ui.doors import Doors
from shopdesk.ui.screens.editor import EditorScreen
from support.desks import Show
from support.hands import Hands
from support.shops import Counter

Until = Callable[..., None]


@pytest.fixture
def until(qtbot: QtBot) -> Until:
    return qtbot.waitUntil


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def shelf(desk: Desk, home: Path) -> Shelf:
    """The desk's own, in its data folder."""
    home.mkdir()
    shelf = Shelf(home)
    desk.doors = Doors(shelve=shelf.put, shelved=shelf.look, unshelve=shelf.take_away)
    return shelf


@pytest.fixture
def editor(desk: Desk, shelf: Shelf, show: Show) -> EditorScreen:
    return show(EditorScreen(desk))


def _kept(shop: Counter) -> list[Form | None]:
    return [shop.ask(ask_drafts.form, draft.key) for draft in shop.ask(ask_drafts.open_at, shop.by.till)]


def _go_away(desk: Desk, away: Database, until: Until) -> None:
    desk.background.attach(away.sessions, away.reads)
    desk.background.ask(ask_drafts.open_at, desk.actor.till, owner=desk, then=print)
    until(lambda: desk.background.is_away)


def _come_back(desk: Desk, shop: Counter) -> None:
    desk.background.attach(shop.database.sessions, shop.database.reads)


def test_typing_goes_on_and_every_key_is_kept_here_encrypted(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, shelf: Shelf, until: Until, away: Database
) -> None:
    hands.row("Milk", "2")
    until(lambda: editor.kept.text() == "draft saved ✓")
    _go_away(desk, away, until)
    hands.row("0.89", "", "")
    hands.type("Bread")
    until(lambda: [one.form for one in shelf.look().documents] == [editor.document.form])
    until(lambda: editor.kept.text() == "kept on this till, encrypted")
    assert editor.kept.toolTip()
    assert editor.totals.total.text() == "1.78"
    (kept,) = shelf.look().documents
    assert (kept.till_key, kept.by_key) == (shop.by.till.key, shop.by.staff.key)
    _come_back(desk, shop)
    until(lambda: editor.kept.text() == "draft saved ✓")
    assert _kept(shop) == [editor.document.form]
    until(lambda: shelf.look().documents == ())


def test_without_a_keyring_it_says_that_it_is_not_encrypted(
    editor: EditorScreen, hands: Hands, desk: Desk, until: Until, away: Database, no_keyring: None
) -> None:
    _go_away(desk, away, until)
    hands.type("Milk")
    until(lambda: editor.kept.text() == "kept on this till, not encrypted")
    assert "no keyring" in editor.kept.toolTip()


def test_a_document_left_while_it_is_away_is_kept_and_so_is_the_next(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, shelf: Shelf, until: Until, away: Database
) -> None:
    _go_away(desk, away, until)
    hands.row("Milk")
    editor.new(Kind.QUOTE)
    hands.row("Tea")
    until(lambda: [one.form.rows[0].item for one in shelf.look().documents] == ["Milk", "Tea"])
    _come_back(desk, shop)
    until(lambda: len(_kept(shop)) == 2 and shelf.look().documents == ())
    until(lambda: editor.kept.text() == "draft saved ✓")


def test_a_slow_database_is_not_waited_for(
    editor: EditorScreen,
    hands: Hands,
    shop: Counter,
    shelf: Shelf,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    editor.document.keeper._late.setInterval(50)
    with shop.database.sessions.begin() as session:  # the file is locked: a write waits for it
        session.execute(text("UPDATE series SET last = last"))
        hands.type("Mil")
        until(lambda: editor.kept.text() == "kept on this till, encrypted")
        hands.type("k")
        until(lambda: [one.form.rows[0].item for one in shelf.look().documents] == ["Milk"])
    until(lambda: editor.kept.text() == "draft saved ✓")
    until(lambda: shelf.look().documents == ())
    assert [form.rows[0].item for form in _kept(shop) if form] == ["Milk"]


def test_a_document_taken_back_is_kept_nowhere(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, shelf: Shelf, until: Until, away: Database
) -> None:
    _go_away(desk, away, until)
    hands.row("Milk")
    until(lambda: len(shelf.look().documents) == 1)
    editor.document.keeper.forget()
    until(lambda: shelf.look().documents == ())


def test_a_full_disk_here_is_told_and_what_is_typed_stays_on_the_screen(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, until: Until, away: Database
) -> None:
    def full(_: Shelved) -> bool:
        raise OSError(28, "No space left on device")

    desk.doors = Doors(shelve=full)
    _go_away(desk, away, until)
    hands.type("Milk")
    until(lambda: editor.kept.text().startswith("not saved"))
    _come_back(desk, shop)
    until(lambda: editor.kept.text() == "draft saved ✓")
    assert _kept(shop) == [editor.document.form]


def test_the_last_key_is_kept_when_the_program_ends_just_as_the_database_goes(
    qtbot: QtBot, desk: Desk, shop: Counter, show: Show, hands: Hands, home: Path, away: Database, shelf: Shelf
) -> None:
    from shopdesk.background import Background

    background = Background(away.sessions, away.reads)
    there = Desk(
        background=background,
        actor=desk.actor,
        shop=desk.shop,
        marks=desk.marks,
        settings=desk.settings,
        now=desk.now,
        doors=desk.doors,
    )
    editor = show(EditorScreen(there))
    background._away = None  # nobody has noticed
    hands.type("Milk")
    editor.close()
    background.close()
    assert [one.form.rows for one in shelf.look().documents] == [(Row("Milk"),)]
