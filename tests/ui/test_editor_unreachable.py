"""While the database is away what is typed is kept on this machine; the database gets it as soon as it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import Form, Row, Shelved
from shopdesk.domain.product import Product
from shopdesk.gateways.local_drafts import Shelf
from shopdesk.queries import drafts as ask_drafts
from shopdesk.store.database import Database
from shopdesk.store.keys import new_key
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.ports import Doors
from shopdesk.ui.editor.autosave import Keeping, Kept
from shopdesk.ui.editor.cell_format import Column
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.usecases import drafts, products
from support.context import Show, desk_beside
from support.keyboard_input import Hands
from support.shops import Counter

Until = Callable[..., None]
MILK = Product(key=new_key(), code="1001", name="Fluid milk 1 PT", price=8900, barcode="4006381333931")


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
    until(lambda: editor.kept.text() == "saved on this till, encrypted")
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
    until(lambda: editor.kept.text() == "saved on this till, not encrypted")
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


def test_it_is_told_as_kept_only_when_the_last_key_is(
    editor: EditorScreen, hands: Hands, desk: Desk, shelf: Shelf, until: Until, away: Database
) -> None:
    _go_away(desk, away, until)
    told: list[bool] = []

    def on_told(keeping: Keeping) -> None:
        if keeping.state is Kept.SEALED_HERE:
            told.append([one.form for one in shelf.look().documents] == [editor.document.form])

    editor.document.keeper.told.connect(on_told)
    for number in range(30):
        editor.document.items.write(0, Column.ITEM, f"Item {number}")
        QApplication.processEvents()
    until(lambda: editor.kept.text() == "saved on this till, encrypted")
    assert told
    assert all(told)


def test_nothing_typed_stands_in_the_way_of_others_while_it_is_away(
    editor: EditorScreen, hands: Hands, desk: Desk, until: Until, away: Database
) -> None:
    desk.background.attach(away.sessions, away.reads)
    hands.type("Milk")
    until(lambda: editor.kept.text() == "saved on this till, encrypted")
    keeper = editor.document.keeper
    until(lambda: not keeper._again.isActive())
    assert not keeper._under_way
    assert desk.background.is_away


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
        until(lambda: editor.kept.text() == "saved on this till, encrypted")
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
    there = desk_beside(desk, background)
    editor = show(EditorScreen(there))
    background._away = None  # nobody has noticed
    hands.type("Milk")
    editor.close()
    background.close()
    assert [one.form.rows for one in shelf.look().documents] == [(Row("Milk"),)]


def test_the_last_key_is_kept_when_an_earlier_write_fails_only_after_it(
    desk: Desk, shop: Counter, show: Show, hands: Hands, shelf: Shelf, until: Until, away: Database
) -> None:
    from shopdesk.background import Background

    background = Background(shop.database.sessions, shop.database.reads)
    there = desk_beside(desk, background)
    editor = show(EditorScreen(there))
    until(lambda: not background.is_busy)
    hold = threading.Event()
    background.attach(away.sessions, away.reads)
    background.prepare(hold.wait, owner=there)  # the database is slow, and then it is gone
    hands.type("Mil")
    until(lambda: bool(editor.document.keeper._under_way))
    background.look()
    until(lambda: background.is_away)
    hands.type("k")
    editor.close()
    until(lambda: [one.form.rows for one in shelf.look().documents] == [(Row("Milk"),)])
    hold.set()
    background.close()
    assert [one.form.rows for one in shelf.look().documents] == [(Row("Milk"),)]


def test_a_document_that_is_left_comes_back_with_its_last_key_when_an_earlier_write_fails_only_then(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, shelf: Shelf, until: Until, away: Database
) -> None:
    hold = threading.Event()
    desk.background.attach(away.sessions, away.reads)
    desk.background.prepare(hold.wait, owner=desk)
    hands.type("Mil")
    until(lambda: bool(editor.document.keeper._under_way))
    desk.background.look()
    until(lambda: desk.background.is_away)
    hands.type("k")
    editor.new(Kind.QUOTE)
    hold.set()
    until(lambda: not editor.document.keeper._under_way)
    _come_back(desk, shop)
    until(lambda: len(_kept(shop)) == 1 and shelf.look().documents == ())
    assert [form.rows[0].item for form in _kept(shop) if form] == ["Milk"]


def test_a_document_that_was_left_and_not_written_yet_opens_as_it_was_typed_last(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, shelf: Shelf, until: Until, away: Database
) -> None:
    hands.type("Mil")
    until(lambda: editor.kept.text() == "draft saved ✓")
    before = editor.document.form
    _go_away(desk, away, until)
    hands.type("k")
    until(lambda: editor.document.form != before)
    typed = editor.document.form
    editor.new(Kind.QUOTE)
    editor.document.open(before, is_kept=True)  # as the database has it
    assert editor.document.form == typed
    _come_back(desk, shop)
    until(lambda: _kept(shop) == [typed] and shelf.look().documents == ())


def test_what_was_thrown_away_does_not_come_back_when_its_last_write_fails(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, shelf: Shelf, until: Until, away: Database
) -> None:
    keeper = editor.document.keeper
    hold = threading.Event()
    desk.background.attach(away.sessions, away.reads)
    desk.background.prepare(hold.wait, owner=desk)
    hands.type("Milk")
    until(lambda: bool(keeper._under_way))
    _come_back(desk, shop)
    keeper.forget()
    hold.set()
    until(lambda: not keeper._under_way)
    until(lambda: not keeper._again.isActive() and not desk.background.is_busy)
    assert _kept(shop) == []
    assert shelf.look().documents == ()


def test_a_scan_finds_what_was_sold_before_and_says_so_where_nobody_can_know(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, until: Until, away: Database
) -> None:
    shop.do(products.save, MILK)
    hands.scan(MILK.barcode)
    until(lambda: editor.document.items.row(0).item == MILK.name)
    _go_away(desk, away, until)
    hands.scan(MILK.barcode)
    until(lambda: editor.document.items.row(0).quantity == "2")
    hands.scan("5901234123457")
    until(lambda: "5901234123457 cannot be looked up" in editor.line.words.text())
    assert [row.item for row in editor.document.items.rows if not row.is_blank] == [MILK.name]
    editor.table.go(1, Column.ITEM)
    hands.row("Something else", "1")
    hands.scan("250000")  # fast fingers: a price, and no barcode
    until(lambda: editor.document.items.row(1).unit_price == "250000")


def test_a_code_typed_by_hand_finds_what_was_sold_before(
    editor: EditorScreen, hands: Hands, shop: Counter, desk: Desk, until: Until, away: Database
) -> None:
    shop.do(products.save, MILK)
    hands.row("1001")
    until(lambda: editor.document.items.row(0).item == MILK.name)
    _go_away(desk, away, until)
    editor.add_row.click()
    hands.row("1001")
    until(lambda: editor.document.items.row(1).item == MILK.name)
    editor.add_row.click()
    hands.row("Bread", "1", "3.50")
    assert editor.document.items.row(2).item == "Bread"


def test_a_customer_typed_while_it_is_away_does_not_keep_save_from_asking(
    editor: EditorScreen, hands: Hands, desk: Desk, until: Until, away: Database
) -> None:
    _go_away(desk, away, until)
    hands.row("Milk", "1", "1.00", "", "")
    editor.fields.customer.edit.setFocus()
    hands.type("grace@example.org")
    hands.key(Qt.Key.Key_F12)
    until(lambda: editor.saving.prompt is not None)
    prompt = editor.saving.prompt
    assert prompt is not None
    assert "grace@example.org" in prompt.message.text()
    prompt.no.click()
    until(lambda: editor.saving.prompt is None)


def test_a_document_that_was_typed_on_another_machine_too_leaves_nothing_behind_here(
    editor: EditorScreen, hands: Hands, shop: Counter, shelf: Shelf, until: Until
) -> None:
    hands.row("Milk")
    until(lambda: editor.kept.text() == "draft saved ✓")
    form = editor.document.form
    shop.do(drafts.keep, replace(form, rows=(Row("Oat milk"),)), changed=None)
    hands.row("2")
    until(lambda: len(_kept(shop)) == 2)
    until(lambda: editor.kept.text() == "draft saved ✓")
    until(lambda: shelf.look().documents == ())
