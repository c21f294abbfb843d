"""Every text of every window comes out of the catalogues and has room: a walk through all pages in a pseudo-language."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk import app
from shopdesk.domain.account import AccountStatus, Role
from shopdesk.domain.document import Kind
from shopdesk.store.database import connect
from shopdesk.ui.base.pages import Page
from shopdesk.ui.settings.sections import SECTIONS
from support import pseudo
from support.shops import SampleShop, open_shop
from support.visible_text import cut, texts
from support.windows import Begin, Window


class Walk:
    """Opens every page and collects what is wrong there."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.english: dict[str, str] = {}
        self.cut: dict[str, str] = {}

    def look(self, page: str, at: QWidget | None = None) -> None:
        """Collect the texts of a page that are in no catalogue, and those that have no room."""
        self.window.rest()
        root = at or self.window.main
        for _ in range(3):  # wrapped labels get their height after their width
            QApplication.processEvents()
        for where, text in texts(root):
            if left := re.findall(r"[^\W\d_]{2,}", _without_data(text)):
                self.english.setdefault(text, f"{page}, {where}: {left}")
        for where, text in cut(root):
            self.cut.setdefault(f"{page}: {text}", where)
        if folder := os.environ.get("PSEUDO_PICTURES"):
            QApplication.processEvents()
            root.grab().save(f"{folder}/{page.replace('/', '-')}.png")

    def close_dialog(self, name: str) -> None:
        """Look at the dialog that is open, and close it."""
        for _ in range(10):
            QApplication.processEvents()
        dialog = QApplication.activeModalWidget()
        print("DIALOG", name, dialog)
        if dialog is not None:
            self.look(name, dialog)
            dialog.reject()
            QApplication.processEvents()


DATA: set[str] = {
    "shopdesk",
    "Corner Shop",
    "Ada",
    "ada",
    "Ben",
    "ben",
    "example.org",
    "shop@",
    "Milk",
    "Bread",
    "Tomatoes",
    "EUR",
    "Ctrl",
    "Del",
    "GitHub",
    "Facebook",
    "SQLite",
    "http://127.0.0.1/callback",
    "Standard",
    "No tax",
}


def _without_data(text: str) -> str:
    rest = pseudo.unmarked(text)
    for word in sorted(DATA, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest


def walk(window: Window, shop: SampleShop, document: Any) -> Walk:
    """Open every page of the program."""
    walk = Walk(window)
    flow = window.main.sign_in_flow
    window.until(lambda: flow.sign_in._is_ready)
    walk.look("sign-in")
    for name in ("_register", "_approval", "_first_run", "_join"):
        getattr(flow, name).show()
        walk.look(name.strip("_"))
    flow.restart()
    flow.continue_as(shop.by.staff)
    workspace = window.workspace
    for page in Page:
        workspace.show_page(page)
        walk.look(page.name.lower())
    settings = workspace.opened(Page.SETTINGS)
    for section in SECTIONS:
        workspace.show_section(section.title)
        walk.look(f"settings/{section.title}")
    for page in ("search", "My account", "About"):
        workspace._turn_to(page)
        walk.look(page)
    workspace.open_document(document.key)
    walk.look("document")
    _open_dialogs(walk, document)
    window.main.lock()
    walk.look("lock")
    return walk


def _open_dialogs(walk: Walk, document: Any) -> None:
    window, workspace = walk.window, walk.window.workspace
    view = workspace.opened("view")
    for name, button in (
        ("delete", view.delete),
        ("print", view.print),
        ("payment", view.payment_button if hasattr(view, "payment_button") else None),
        ("edit", None),
    ):
        if button is None:
            continue
        button.click()
        walk.close_dialog(name)
    workspace._on_keys()
    walk.close_dialog("shortcuts")
    for page in (Page.CUSTOMERS, Page.PRODUCTS):
        workspace.show_page(page)
        window.rest()
        screen = workspace.opened(page)
        screen._on_import() if hasattr(screen, "_on_import") else None
        walk.close_dialog(f"{page.name.lower()}-import")


@pytest.fixture
def _shop(home: Path, _sqlite_template: Path) -> SampleShop:
    import shutil

    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_sqlite_template, home / "shopdesk.db")
    database = connect(f"sqlite:///{home / 'shopdesk.db'}")
    shop = open_shop(database, language="de", country="DE", currency="EUR")
    shop.staff(Role.CASHIER, status=AccountStatus.WAITING)
    shop.now = datetime.now(UTC)
    return shop


@pytest.mark.parametrize("language", ["de", "he"])
def test_walk(
    begin: Begin, _shop: SampleShop, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, capsys
) -> None:
    document = _shop.issue(customer="Ada <ada@example.org>")
    _shop.issue(kind=Kind.INVOICE)
    _shop.change_shop(language=language)
    _shop.database.close()
    pseudo.install(monkeypatch, tmp_path)
    app.application()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
    QSettings().setValue("language/last", language)
    window = begin()
    window.main.resize(1024, 700)
    done = walk(window, _shop, document)
    with capsys.disabled():
        for text, where in done.english.items():
            print("ENGLISH", where, "|", repr(text)[:160])
        for text, where in done.cut.items():
            print("CUT", where, "|", text[:160])
