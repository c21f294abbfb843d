"""A server that wants a password: asked for where it is not kept, told beside its field where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit

from shopdesk import settings
from shopdesk.store import upgrade
from shopdesk.store.database import connect
from shopdesk.ui.base.pages import Page
from shopdesk.ui.settings.settings_screen import SettingsScreen
from support.keyrings import MemoryKeyring
from support.postgresql import new_server
from support.windows import Begin, Window

PASSWORD = "geese in the grass"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The URL of a database of a role with a password."""
    with new_server() as server:
        server.make()
        hba = server.folder / "data" / "pg_hba.conf"
        hba.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        server.start()
        server.ask(f"CREATE ROLE keeper LOGIN PASSWORD '{PASSWORD}'")
        server.ask("CREATE DATABASE shop OWNER keeper")
        yield f"postgresql://keeper@/shop?host={server.folder}"


@pytest.fixture
def fresh(address: str) -> Iterator[str]:
    """The same, empty again afterwards."""
    yield address
    with closing(connect(settings.database_url(address, Path()), password=PASSWORD)) as database:
        upgrade.migrate(database, "base")


def move(window: Window, address: str, password: str) -> None:
    window.workspace.show_page(Page.SETTINGS)
    page = window.workspace.opened(Page.SETTINGS)
    assert isinstance(page, SettingsScreen)
    page.open("Database")
    window.rest()
    window.find("Database", QLineEdit).setText(address)
    window.find("Server password", QLineEdit).setText(password)
    window.press("Move to PostgreSQL …")


def test_a_wrong_password_is_told_beside_its_field_and_the_right_one_is_kept_in_the_keyring(
    memory_keyring: MemoryKeyring, fresh: str, begin: Begin
) -> None:
    program = begin()
    program.open_shop()
    move(program, fresh, "geese in the gras")
    program.find_text("The database server refused the user name or password. Check both, then try again.")
    program.rest()
    move(program, fresh, PASSWORD)
    program.press("Move")
    program.find_text("The shop has moved")
    program.press("Sign in")
    program.sign_in()
    assert program.workspace.isVisible()
    program.rest()
    assert memory_keyring.secrets["shopdesk", "database"] == PASSWORD
    again = begin()
    again.sign_in()
    assert again.workspace.isVisible()
    again.rest()


def test_without_a_keyring_the_password_is_asked_for_at_each_start(no_keyring: None, fresh: str, begin: Begin) -> None:
    program = begin()
    program.open_shop()
    move(program, fresh, PASSWORD)
    program.press("Move")
    program.find_text("This machine has no keyring to store passwords in. You will be asked for passwords each time.")
    program.press("Sign in")
    program.sign_in()
    assert program.workspace.isVisible()
    program.rest()
    again = begin()
    again.find_text("The database server refused the user name or password.")
    again.type_into("Server password", "wrong")
    again.press("Retry")
    again.until(lambda: again.find("Server password", QLineEdit).text() == "")
    again.type_into("Server password", PASSWORD)
    again.press("Retry")
    again.sign_in()
    assert again.workspace.isVisible()
    again.rest()
