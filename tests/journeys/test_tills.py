"""Several tills on one PostgreSQL server: each a window of its own, on a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import select, text

from shopdesk import app
from shopdesk.domain.account import Role
from shopdesk.store import upgrade
from shopdesk.store.database import connect
from shopdesk.store.tables import customers
from shopdesk.ui.desk import Page
from shopdesk.usecases import accounts
from support.windows import PASSWORD, Window

Open = Callable[[str], Window]


@pytest.fixture
def till(qtbot: QtBot, look: QApplication, tmp_path: Path, postgresql_url: str) -> Iterator[Open]:
    """``till("B")``: the program just started as till B, beside those that run already."""
    with ExitStack() as programs:

        def start(name: str) -> Window:
            home = tmp_path / f"till {name}"
            home.mkdir()
            environ = {"SHOPDESK_DATABASE_URL": postgresql_url, "SHOPDESK_TILL_NAME": name}
            main = app.begin(programs, app.application(), home=home, environ=environ)
            main.show()
            return Window(qtbot, main)

        yield start


def test_the_owners_first_sign_in_at_a_new_till_registers_it_and_anybody_else_is_told_so(till: Open) -> None:
    first = till("A")
    first.open_shop()
    second = till("B")
    second.register("Grace Hopper", "grace")
    second.find_text("The owner lets you in")
    desk = first.counter.desk
    grace = first.do(accounts.register, user_name="ben", name="Ben", email="", password=PASSWORD, now=desk.now())
    first.do(accounts.let_in, grace.key, role=Role.CASHIER, by=desk.actor, now=desk.now())
    second.main.entrance.restart()
    second.sign_in("ben")
    second.find_text("Only the owner")
    second.sign_in()
    assert second.counter.desk.actor.till.name == "B"
    second.rest()
    first.rest()


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
    window.find_text("Another till upgraded the shop's database. Restart shopdesk here.")
    window.counter.show_page(Page.CUSTOMERS)
    window.press("New customer")
    window.type_into("Name", "Eve")
    window.press("Save")
    window.rest()
    with closing(connect(postgresql_url)) as database, database.reads() as session:
        assert list(session.execute(select(customers.c.name))) == []
    with window.qtbot.waitSignal(window.main.restart_wanted):
        window.press("Restart")
