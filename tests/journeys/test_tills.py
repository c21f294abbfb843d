"""Several tills on one PostgreSQL server: each a window of its own, on a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QTableView
from sqlalchemy import make_url, select, text

from shopdesk import app
from shopdesk.domain.account import Role
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import products as ask_products
from shopdesk.row_keys import new_key
from shopdesk.store import roles, upgrade
from shopdesk.store.database import connect
from shopdesk.store.tables import customers as customers_table
from shopdesk.ui.base.pages import Page
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.usecases import accounts, customers, documents, pins, products, shop
from support.qtbot import QtBot
from support.sales import draft_of, sell
from support.windows import PASSWORD, Begin, Window

Open = Callable[..., Window]


ROLE = "till_of_a_journey"


@pytest.fixture
def as_till(postgresql_url: str) -> Iterator[str]:
    """The address by which tills come to a database that its owner made ready."""
    with closing(connect(postgresql_url)) as owner:
        upgrade.open_ready(owner)
        with owner.engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
            for statement in roles.statements(ROLE):
                connection.execute(text(statement))
    yield make_url(postgresql_url).set(username=ROLE).render_as_string(hide_password=False)
    with closing(connect(postgresql_url)) as owner, owner.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
        connection.execute(text(f"DROP ROLE {ROLE}"))


@pytest.fixture
def till(qtbot: QtBot, themed_app: QApplication, tmp_path: Path, as_till: str) -> Iterator[Open]:
    """``till("B")``: the program just started as till B, with a till's rights, beside those that run already."""
    with ExitStack() as programs:

        def start(name: str, *, knows: tuple[str, ...] = ("database", "till")) -> Window:
            home = tmp_path / f"till {name}"
            home.mkdir()
            said = {"database": ("SHOPDESK_DATABASE_URL", as_till), "till": ("SHOPDESK_TILL_NAME", name)}
            environ = dict(said[what] for what in knows)
            main = app.start(programs, app.application(), home=home, environ=environ)
            main.show()
            return Window(qtbot, main)

        yield start


def test_the_owners_first_sign_in_at_a_new_till_registers_it_and_anybody_else_is_told_so(till: Open) -> None:
    first = till("A")
    first.open_shop()
    second = till("B")
    second.register("Grace Hopper", "grace")
    second.find_text("The owner can let you in")
    context = first.workspace.context
    grace = first.do(
        accounts.register, accounts.NewAccount(user_name="ben", name="Ben", password=PASSWORD), now=context.now()
    )
    first.do(accounts.let_in, grace.key, role=Role.CASHIER, by=context.actor, now=context.now())
    second.main.sign_in_flow.restart()
    second.sign_in("ben")
    second.find_text("Only the owner")
    second.sign_in()
    assert second.workspace.context.actor.till.name == "B"
    second.rest()
    first.rest()


def test_the_lock_ends_the_sign_in_at_the_server_and_unlocking_begins_another(till: Open) -> None:
    window = till("A")
    window.open_shop()
    context = window.workspace.context
    refused: list[Exception] = []
    for leave in (window.main.lock, window.main.sign_out):
        before = context.actor
        refused.clear()
        leave()
        window.main._background.do(
            pins.remove_pin, by=before, now=context.now(), owner=window.main, failed=refused.append
        )
        window.until(lambda: bool(refused))
        assert str(refused[0]) == "Your sign-in has ended. Sign out, then sign in again."
        if leave == window.main.lock:
            window.type_into("Password", PASSWORD)
            window.press("Unlock")
        else:
            window.sign_in()
        window.until(lambda: window.main.pages.currentWidget() is window.main.workspace)
        context = window.workspace.context
        window.do(pins.remove_pin, by=context.actor, now=context.now())
    window.rest()


def test_a_new_machine_joins_the_shop_on_one_page(till: Open, as_till: str) -> None:
    first = till("A")
    first.open_shop()
    new = till("B", knows=())
    new.ready()
    new.press("Join a shop on a server")
    new.press("Join")
    new.find_text("A till's name has 1 to 8 letters")
    new.type_into("Name of this till", "front2")
    new.type_into("Server address", "postgresql://nobody@127.0.0.1:1/shop")
    new.press("Join")
    new.find_text("server cannot be reached")
    new.type_into("Server address", as_till)
    new.press("Join")
    new.until(lambda: not new.main.sign_in_flow.sign_in.join.isVisible() and new.main.sign_in_flow.sign_in.isVisible())
    new.sign_in()
    assert new.workspace.context.actor.till.name == "FRONT2"
    new.rest()
    first.rest()


def test_a_new_machine_takes_the_name_of_another_till_only_when_it_is_said_twice(till: Open, as_till: str) -> None:
    first = till("A")
    first.open_shop()
    new = till("B", knows=())
    new.ready()
    new.press("Join a shop on a server")
    new.type_into("Server address", as_till)
    new.type_into("Name of this till", "a")
    new.press("Join")
    new.find_text("The shop already has a till A.")
    new.press("Join")
    new.until(lambda: not new.main.sign_in_flow.sign_in.join.isVisible() and new.main.sign_in_flow.sign_in.isVisible())
    new.sign_in()
    assert new.workspace.context.actor.till.name == "A"
    new.rest()
    first.rest()


def test_a_machine_that_was_only_told_where_the_shop_is_asks_which_till_it_is(till: Open) -> None:
    first = till("A")
    first.open_shop()
    new = till("B", knows=("database",))
    new.sign_in()
    new.find_text("The shop already has these tills: A.")
    new.type_into("Name of this till", "B")
    new.press("Continue")
    assert new.workspace.context.actor.till.name == "B"
    assert (new.workspace.context.settings.till.name, new.workspace.context.settings.is_till_named) == ("B", True)
    new.rest()
    first.rest()


@pytest.fixture
def both(till: Open) -> tuple[Window, Window]:
    """Two tills of one shop, the owner at both."""
    first = till("A")
    first.open_shop()
    second = till("B")
    second.sign_in()
    assert second.workspace.context.actor.till.name == "B"
    second.rest()
    return first, second


def test_what_one_till_does_the_other_shows_on_every_page(both: tuple[Window, Window]) -> None:
    here, there = both
    context = here.workspace.context

    def act(usecase: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return here.do(usecase, *args, by=context.actor, now=context.now(), **kwargs)

    def shows(name: str, words: str) -> None:
        table = there.find(name, QTableView)
        cells = [(row, column) for row in range(9) for column in range(9)]
        there.until(lambda: any(words in str(table.model().index(*cell).data() or "") for cell in cells))

    sold = sell(here, DraftRow("Milk", "2", "0.89"), kind=Kind.INVOICE, customer="Ada <ada@example.org>")
    shows("Latest documents", sold.number)
    there.workspace.show_page(Page.DOCUMENTS)
    shows("Documents", sold.number)
    again = sell(here, DraftRow("Tea", "1", "3.50"))
    shows("Documents", again.number)

    there.workspace.open_document(sold.key)
    there.find_text(sold.number)
    card = Tender(method=Method.CARD, tendered=100)
    act(documents.pay, sold.key, card, payment_key=new_key())
    there.find_text("part paid")
    act(documents.delete, sold.key, seen=there.view.document)
    there.find_text("voided")

    there.workspace.show_page(Page.MESSAGES)
    shows("Messages", "ada@example.org")

    there.workspace.show_page(Page.CUSTOMERS)
    ada = act(customers.save, Customer(key=new_key(), name="Ada Byron"))
    shows("Customers", "Ada Byron")
    there.find("Customers", QTableView).selectRow(1)
    there.until(lambda: there.find("Name", QLineEdit).text() == "Ada Byron")
    act(customers.save, replace(ada, name="Ada King", phone="+12125550100"), base=ada)
    there.until(lambda: there.find("Name", QLineEdit).text() == "Ada King")

    there.workspace.show_page(Page.PRODUCTS)
    act(products.import_all, b"code,name,price\n100,Oat milk,1.99\n")
    shows("Products", "Oat milk")
    there.find("Products", QTableView).selectRow(0)
    there.until(lambda: there.find("Price", QLineEdit).text() == "1.99")
    found = here.ask(ask_products.by_code, "100")
    act(products.save, replace(found, price=24900), base=found)
    there.until(lambda: there.find("Price", QLineEdit).text() == "2.49")

    there.workspace.show_page(Page.SETTINGS)
    there.until(lambda: there.find("Shop name", QLineEdit).text() == "Corner Shop")
    seller = replace(context.shop.seller, name="Corner & Co")
    act(shop.change, replace(context.shop, seller=seller), base=context.shop)
    there.until(lambda: there.find("Shop name", QLineEdit).text() == "Corner & Co")
    here.rest()
    there.rest()


def test_whoever_saves_second_at_another_till_is_asked_whose_it_shall_be(both: tuple[Window, Window]) -> None:
    here, there = both
    sold = sell(here, DraftRow("Milk", "2", "0.89"))
    there.workspace.edit_document(sold.key)
    there.until(lambda: there.editor.document.document is not None)
    there.editor.table.go_to(0, ItemColumn.QUANTITY)
    there.type("7")
    there.key(Qt.Key.Key_Return)
    theirs = replace(draft_of(here, DraftRow("Milk", "3", "0.89")))
    context = here.workspace.context
    here.do(documents.correct, sold.key, theirs, revision=1, was_sealed=False, by=context.actor, now=context.now())
    there.key(Qt.Key.Key_F12)
    there.press("Save")
    there.find_text(f"Ada Lovelace has changed {sold.number}")
    there.find_text("Ada Lovelace, till A, just now")
    there.press("Save my version")
    there.find_text(f"{sold.number} corrected.")
    kept = here.ask(ask_documents.get, sold.key)
    assert (kept.revision, kept.lines[0].quantity) == (3, 7000)
    here.rest()
    there.rest()


def test_a_till_that_runs_while_another_upgrades_says_so_and_writes_nothing_more(
    till: Open, postgresql_url: str
) -> None:
    window = till("A")
    window.open_shop()
    with (
        closing(connect(postgresql_url)) as database,
        database.engine.begin() as connection,
    ):  # as a migration of a newer program ends
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        said = {"channel": upgrade.CHANNEL, "said": f"upgrade {upgrade.VERSION_TABLE}"}
        connection.execute(text("SELECT pg_notify(:channel, :said)"), said)
    window.find_text("Another till upgraded the shop's database. Restart shopdesk on this till.")
    window.workspace.show_page(Page.CUSTOMERS)
    window.press("New customer")
    window.type_into("Name", "Eve")
    window.press("Save")
    window.rest()
    with closing(connect(postgresql_url)) as database, database.reads() as session:
        assert list(session.execute(select(customers_table.c.name))) == []
    with window.qtbot.waitSignal(window.main.restart_wanted):
        window.press("Restart")


def test_what_is_typed_after_the_upgrade_is_there_after_the_restart(begin: Begin) -> None:
    program = begin()
    program.open_shop()
    program.workspace.new_document()
    program.rest()
    program.editor.table.go_to(0, ItemColumn.ITEM)
    program.type("Milk")
    program.key(Qt.Key.Key_Tab)
    program.rest()
    program.main._background.block_writes()
    program.find_text("Another till upgraded")
    program.editor.table.go_to(0, ItemColumn.ITEM)
    program.type("Oat milk")
    program.key(Qt.Key.Key_Tab)
    program.until(lambda: "saved on this till" in program.editor.kept.text())
    again = begin()
    again.sign_in()
    assert again.workspace.isVisible()
    again.until(lambda: again.workspace.page == Page.EDITOR)
    again.until(lambda: again.editor.document.items.row(0).item == "Oat milk")
    again.rest()
