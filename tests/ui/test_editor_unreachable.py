"""While the database is away what is typed is kept on this machine; the database gets it as soon as it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow, LocalDraft
from shopdesk.domain.product import Product
from shopdesk.gateways.local_drafts import LocalDraftStore
from shopdesk.queries import drafts as ask_drafts
from shopdesk.row_keys import new_key
from shopdesk.store.database import Database
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.ports import LocalDraftsPort, Ports
from shopdesk.ui.editor.autosave import SaveState, SaveStatus
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.usecases import drafts, products
from support.context import Show, second_window
from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.shops import SampleShop

Until = Callable[..., None]
MILK = Product(key=new_key(), code="1001", name="Fluid milk 1 PT", price=8900, barcode="4006381333931")


@pytest.fixture
def local_drafts(context: Context, home: Path) -> LocalDraftStore:
    """The store of this till, in its data folder."""
    home.mkdir()
    local_drafts = LocalDraftStore(home)
    context.ports = Ports(
        local_drafts=LocalDraftsPort(save=local_drafts.save, load=local_drafts.load, remove=local_drafts.remove)
    )
    return local_drafts


@pytest.fixture
def editor(context: Context, local_drafts: LocalDraftStore, show: Show) -> EditorScreen:
    return show(EditorScreen(context))


def _kept(shop: SampleShop) -> list[DraftForm | None]:
    return [shop.ask(ask_drafts.form, draft.key) for draft in shop.ask(ask_drafts.open_at, shop.by.till)]


def _go_away(context: Context, unreachable_database: Database, until: Until) -> None:
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    context.background.ask(ask_drafts.open_at, context.actor.till, owner=context, then=print)
    until(lambda: context.background.watch.is_disconnected)


def _come_back(context: Context, shop: SampleShop) -> None:
    context.background.attach(shop.database.sessions, shop.database.reads)


def test_typing_goes_on_and_every_key_is_kept_here_encrypted(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    typist.row("Milk", "2")
    until(lambda: editor.kept.text() == "draft saved ✓")
    _go_away(context, unreachable_database, until)
    typist.row("0.89", "", "")
    typist.type("Bread")
    until(lambda: [one.form for one in local_drafts.load().documents] == [editor.document.form])
    until(lambda: editor.kept.text() == "saved on this till, encrypted")
    assert editor.kept.toolTip()
    assert editor.totals.total.text() == "1.78"
    (kept,) = local_drafts.load().documents
    assert (kept.till_key, kept.by_key) == (shop.by.till.key, shop.by.staff.key)
    _come_back(context, shop)
    until(lambda: editor.kept.text() == "draft saved ✓")
    assert _kept(shop) == [editor.document.form]
    until(lambda: local_drafts.load().documents == ())


def test_without_a_keyring_it_says_that_it_is_not_encrypted(
    editor: EditorScreen,
    typist: Typist,
    context: Context,
    until: Until,
    unreachable_database: Database,
    no_keyring: None,
) -> None:
    _go_away(context, unreachable_database, until)
    typist.type("Milk")
    until(lambda: editor.kept.text() == "saved on this till, not encrypted")
    assert "no keyring" in editor.kept.toolTip()


def test_a_document_left_while_it_is_away_is_kept_and_so_is_the_next(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    _go_away(context, unreachable_database, until)
    typist.row("Milk")
    editor.new(Kind.QUOTE)
    typist.row("Tea")
    until(lambda: [one.form.rows[0].item for one in local_drafts.load().documents] == ["Milk", "Tea"])
    _come_back(context, shop)
    until(lambda: len(_kept(shop)) == 2 and local_drafts.load().documents == ())
    until(lambda: editor.kept.text() == "draft saved ✓")


def test_it_is_told_as_kept_only_when_the_last_key_is(
    editor: EditorScreen,
    typist: Typist,
    context: Context,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    _go_away(context, unreachable_database, until)
    told: list[bool] = []

    def on_told(keeping: SaveStatus) -> None:
        if keeping.state is SaveState.LOCAL_ENCRYPTED:
            told.append([one.form for one in local_drafts.load().documents] == [editor.document.form])

    editor.document.autosave.status_changed.connect(on_told)
    for number in range(30):
        editor.document.items.write(0, ItemColumn.ITEM, f"Item {number}")
        QApplication.processEvents()
    until(lambda: editor.kept.text() == "saved on this till, encrypted")
    assert told
    assert all(told)


def test_nothing_typed_stands_in_the_way_of_others_while_it_is_away(
    editor: EditorScreen, typist: Typist, context: Context, until: Until, unreachable_database: Database
) -> None:
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    typist.type("Milk")
    until(lambda: editor.kept.text() == "saved on this till, encrypted")
    autosave = editor.document.autosave
    until(lambda: not autosave._again.isActive())
    assert not autosave._under_way
    assert context.background.watch.is_disconnected


def test_a_slow_database_is_not_waited_for(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    local_drafts: LocalDraftStore,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    editor.document.autosave._late.setInterval(50)
    with shop.database.sessions.begin() as session:  # the file is locked: a write waits for it
        session.execute(text("UPDATE series SET last = last"))
        typist.type("Mil")
        until(lambda: editor.kept.text() == "saved on this till, encrypted")
        typist.type("k")
        until(lambda: [one.form.rows[0].item for one in local_drafts.load().documents] == ["Milk"])
    until(lambda: editor.kept.text() == "draft saved ✓")
    until(lambda: local_drafts.load().documents == ())
    assert [form.rows[0].item for form in _kept(shop) if form] == ["Milk"]


def test_a_document_taken_back_is_kept_nowhere(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    _go_away(context, unreachable_database, until)
    typist.row("Milk")
    until(lambda: len(local_drafts.load().documents) == 1)
    editor.document.autosave.close()
    until(lambda: local_drafts.load().documents == ())


def test_a_full_disk_here_is_told_and_what_is_typed_stays_on_the_screen(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    unreachable_database: Database,
) -> None:
    def full(_: LocalDraft) -> bool:
        raise OSError(28, "No space left on device")

    context.ports = Ports(local_drafts=LocalDraftsPort(save=full))
    _go_away(context, unreachable_database, until)
    typist.type("Milk")
    until(lambda: editor.kept.text().startswith("not saved"))
    _come_back(context, shop)
    until(lambda: editor.kept.text() == "draft saved ✓")
    assert _kept(shop) == [editor.document.form]


def test_the_last_key_is_kept_when_the_program_ends_just_as_the_database_goes(
    qtbot: QtBot,
    context: Context,
    shop: SampleShop,
    show: Show,
    typist: Typist,
    home: Path,
    unreachable_database: Database,
    local_drafts: LocalDraftStore,
) -> None:
    from shopdesk.background import Background

    background = Background(unreachable_database.sessions, unreachable_database.reads)
    there = second_window(context, background)
    editor = show(EditorScreen(there))
    background.watch._fault = None  # nobody has noticed
    typist.type("Milk")
    editor.close()
    background.close()
    assert [one.form.rows for one in local_drafts.load().documents] == [(DraftRow("Milk"),)]


def test_the_last_key_is_kept_when_an_earlier_write_fails_only_after_it(
    context: Context,
    shop: SampleShop,
    show: Show,
    typist: Typist,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    from shopdesk.background import Background

    background = Background(shop.database.sessions, shop.database.reads)
    there = second_window(context, background)
    editor = show(EditorScreen(there))
    until(lambda: not background.is_busy)
    hold = threading.Event()
    background.attach(unreachable_database.sessions, unreachable_database.reads)
    background.run_on_database_thread(hold.wait, owner=there)  # the database is slow, and then it is gone
    typist.type("Mil")
    until(lambda: bool(editor.document.autosave._under_way))
    background.watch.probe()
    until(lambda: background.watch.is_disconnected)
    typist.type("k")
    editor.close()
    until(lambda: [one.form.rows for one in local_drafts.load().documents] == [(DraftRow("Milk"),)])
    hold.set()
    background.close()
    assert [one.form.rows for one in local_drafts.load().documents] == [(DraftRow("Milk"),)]


def test_a_document_that_is_left_comes_back_with_its_last_key_when_an_earlier_write_fails_only_then(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    hold = threading.Event()
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    context.background.run_on_database_thread(hold.wait, owner=context)
    typist.type("Mil")
    until(lambda: bool(editor.document.autosave._under_way))
    context.background.watch.probe()
    until(lambda: context.background.watch.is_disconnected)
    typist.type("k")
    editor.new(Kind.QUOTE)
    hold.set()
    until(lambda: not editor.document.autosave._under_way)
    _come_back(context, shop)
    until(lambda: len(_kept(shop)) == 1 and local_drafts.load().documents == ())
    assert [form.rows[0].item for form in _kept(shop) if form] == ["Milk"]


def test_a_document_that_was_left_and_not_written_yet_opens_as_it_was_typed_last(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    typist.type("Mil")
    until(lambda: editor.kept.text() == "draft saved ✓")
    before = editor.document.form
    _go_away(context, unreachable_database, until)
    typist.type("k")
    until(lambda: editor.document.form != before)
    typed = editor.document.form
    editor.new(Kind.QUOTE)
    editor.document.open(before, is_kept=True)  # as the database has it
    assert editor.document.form == typed
    _come_back(context, shop)
    until(lambda: _kept(shop) == [typed] and local_drafts.load().documents == ())


def test_what_was_thrown_away_does_not_come_back_when_its_last_write_fails(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    local_drafts: LocalDraftStore,
    until: Until,
    unreachable_database: Database,
) -> None:
    autosave = editor.document.autosave
    hold = threading.Event()
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    context.background.run_on_database_thread(hold.wait, owner=context)
    typist.type("Milk")
    until(lambda: bool(autosave._under_way))
    _come_back(context, shop)
    autosave.close()
    hold.set()
    until(lambda: not autosave._under_way)
    until(lambda: not autosave._again.isActive() and not context.background.is_busy)
    assert _kept(shop) == []
    assert local_drafts.load().documents == ()


def test_a_scan_finds_what_was_sold_before_and_says_so_where_nobody_can_know(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    unreachable_database: Database,
) -> None:
    shop.do(products.save, MILK)
    typist.scan(MILK.barcode)
    until(lambda: editor.document.items.row(0).item == MILK.name)
    _go_away(context, unreachable_database, until)
    typist.scan(MILK.barcode)
    until(lambda: editor.document.items.row(0).quantity == "2")
    typist.scan("5901234123457")
    until(lambda: "5901234123457 cannot be looked up" in editor.line.words.text())
    assert [row.item for row in editor.document.items.rows if not row.is_blank] == [MILK.name]
    editor.table.go_to(1, ItemColumn.ITEM)
    typist.row("Something else", "1")
    typist.scan("250000")
    until(lambda: "250000 cannot be looked up" in editor.line.words.text())
    assert editor.document.items.row(1).unit_price == ""


def test_a_code_typed_by_hand_finds_what_was_sold_before(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    unreachable_database: Database,
) -> None:
    shop.do(products.save, MILK)
    typist.row("1001")
    until(lambda: editor.document.items.row(0).item == MILK.name)
    _go_away(context, unreachable_database, until)
    typist.row("1001")
    until(lambda: editor.document.items.row(1).item == MILK.name)
    editor.add_row.click()
    typist.row("Bread", "1", "3.50")
    assert editor.document.items.row(2).item == "Bread"


def test_a_customer_typed_while_it_is_away_does_not_keep_save_from_asking(
    editor: EditorScreen, typist: Typist, context: Context, until: Until, unreachable_database: Database
) -> None:
    _go_away(context, unreachable_database, until)
    typist.row("Milk", "1", "1.00", "", "")
    editor.fields.customer.edit.setFocus()
    typist.type("grace@example.org")
    typist.key(Qt.Key.Key_F12)
    until(lambda: editor.saving.prompt is not None)
    prompt = editor.saving.prompt
    assert prompt is not None
    assert "grace@example.org" in prompt.message.text()
    prompt.no.click()
    until(lambda: editor.saving.prompt is None)


def test_a_document_that_was_typed_on_another_machine_too_leaves_nothing_behind_here(
    editor: EditorScreen, typist: Typist, shop: SampleShop, local_drafts: LocalDraftStore, until: Until
) -> None:
    typist.row("Milk")
    until(lambda: editor.kept.text() == "draft saved ✓")
    form = editor.document.form
    shop.do(drafts.save_draft, replace(form, rows=(DraftRow("Oat milk"),)), changed=None)
    typist.row("2")
    until(lambda: len(_kept(shop)) == 2)
    until(lambda: editor.kept.text() == "draft saved ✓")
    until(lambda: local_drafts.load().documents == ())
