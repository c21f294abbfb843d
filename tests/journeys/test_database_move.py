"""The shop moves from its file to PostgreSQL and back, from the settings page of the real program."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from sqlalchemy import text

from shopdesk import settings
from shopdesk.domain.account import Actor, NotAllowed, Role
from shopdesk.domain.draft import DraftRow
from shopdesk.queries import documents, verify
from shopdesk.store.database import connect
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.ports import MoveRequest
from shopdesk.ui.settings.settings_screen import SettingsScreen
from shopdesk.usecases import accounts
from support.sales import sell
from support.shops import open_shop
from support.windows import PASSWORD, Begin, Window


def settings_page(window: Window) -> None:
    window.workspace.show_page(Page.SETTINGS)
    page = window.workspace.opened(Page.SETTINGS)
    assert isinstance(page, SettingsScreen)
    page.open("Database")
    window.rest()


def type_address(window: Window, address: str) -> None:
    window.find("Database", QLineEdit).setFocus()
    window.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    window.type(address)


def move(window: Window, to: str, *, button: str) -> None:
    settings_page(window)
    type_address(window, to)
    window.press(button)
    window.press("Move")


def test_a_shop_moves_to_postgresql_sells_there_and_moves_back(
    program: Window, begin: Begin, postgresql_url: str, home: Path
) -> None:
    program.open_shop()
    first = sell(program, DraftRow("Milk", "2", "0.89"))
    move(program, postgresql_url, button="Move to PostgreSQL …")
    program.find_text("The shop has moved")
    told = program.find_text("This till now uses postgresql://").text()
    assert f"The file {home / 'shopdesk.db'} is kept as a backup." in told
    assert settings.load(home, {}).database == postgresql_url
    program.press("Sign in")
    program.sign_in()
    second = sell(program, DraftRow("Tea", "1", "3.50"))
    assert [first.number[-6:], second.number[-6:]] == ["000001", "000002"]
    with closing(connect(postgresql_url)) as server, server.reads() as session:
        assert [one.number for one in documents.recent(session, 5)] == [second.number, first.number]
        assert list(verify.violations(session)) == []

    settings.save(home, {"database_read": postgresql_url})
    move(program, "shop2.db", button="Move to a file …")
    program.find_text("The shop has moved")
    program.press("Sign in")
    program.sign_in()
    assert settings.load(home, {}).database_read == ""
    third = sell(program, DraftRow("Bread", "1", "2.00"))
    assert third.number[-6:] == "000003"
    program.rest()
    again = begin()
    again.sign_in()
    with closing(connect(f"sqlite:///{home / 'shop2.db'}")) as file, file.reads() as session:
        assert [one.number for one in documents.recent(session, 5)] == [third.number, second.number, first.number]
        assert list(verify.violations(session)) == []
    again.rest()


def test_a_database_that_has_a_shop_is_refused_beside_its_field(program: Window, postgresql_shop_url: str) -> None:
    with closing(connect(postgresql_shop_url)) as server:
        open_shop(server, shop_name="Another")
    program.open_shop()
    settings_page(program)
    type_address(program, postgresql_shop_url)
    program.press("Move to PostgreSQL …")
    program.find_text("The database answers and contains the shop “Another”. Choose an empty database")
    program.rest()


def test_a_move_that_is_cancelled_leaves_the_shop_where_it_was(
    program: Window, postgresql_url: str, home: Path
) -> None:
    program.open_shop()
    move(program, postgresql_url, button="Move to PostgreSQL …")
    program.press("Cancel")
    program.find_text("Nothing was changed")
    program.press("Back")
    sell(program, DraftRow("Milk", "2", "0.89"))
    assert "shopdesk.db" in settings.load(home, {}).database
    with closing(connect(postgresql_url)) as server, server.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE tablename = 'shop'")).scalar_one() <= 1


def test_where_a_variable_names_the_database_the_page_says_so_and_moves_nothing(
    begin: Begin, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", f"sqlite:///{home / 'elsewhere.db'}")
    program = begin()
    program.open_shop()
    settings_page(program)
    program.find_text("Set by the variable SHOPDESK_DATABASE_URL on this machine.")
    assert not program.see("Move to PostgreSQL …").isEnabled()
    monkeypatch.undo()


def test_only_the_owner_moves_the_shop_by_whatever_way(program: Window, postgresql_url: str, home: Path) -> None:
    program.open_shop()
    context = program.workspace.context
    ben = program.do(
        accounts.register, accounts.NewAccount(user_name="ben", name="Ben", password=PASSWORD), now=context.now()
    )
    ben = program.do(accounts.let_in, ben.key, role=Role.MANAGER, by=context.actor, now=context.now())
    refused: list[Exception] = []
    by, tell = Actor(ben, context.actor.till), context.navigation.notify
    context.background.run_in_pool(
        context.ports.database.move,
        MoveRequest(postgresql_url),
        by=by,
        cancelled=threading.Event(),
        owner=program.main,
        on_progress=tell,
        failed=refused.append,
    )
    program.until(lambda: bool(refused))
    assert isinstance(refused[0], NotAllowed)
    assert "shopdesk.db" in settings.load(home, {}).database
    program.workspace.switch_to(ben)
    settings_page(program)
    program.find_text("Only the owner can change this. You can view it.")
    assert not program.sees("Move to PostgreSQL …")
    program.rest()
