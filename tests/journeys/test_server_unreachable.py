"""The database's server is killed, cut off or silent while somebody sells: the window goes on, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy.exc import OperationalError

from shopdesk.app import startup
from shopdesk.domain.account import Actor
from shopdesk.domain.document import Document
from shopdesk.domain.draft import DraftRow
from shopdesk.gateways.local_drafts import FOLDER
from shopdesk.queries import documents as ask
from shopdesk.queries import verify
from shopdesk.store.database import connect
from shopdesk.store.postgresql import TimeoutConnection
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.checkout_prompt import CheckoutPrompt
from support.disks import SmallDisk, mounted
from support.postgresql import Server
from support.proxy import Proxy
from support.shops import SampleShop
from support.windows import PASSWORD, Begin, Window

CASHIER = Path(__file__).parents[1] / "processes" / "cashier.py"


@pytest.fixture
def address(killable_server: Server, killable_shop: str, killable_proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database on the server that is to be killed; the program gets there over a wire that can be cut."""
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", killable_proxy.url(killable_shop))
    return killable_server.url(killable_shop)


@pytest.fixture
def till(address: str, begin: Begin) -> Window:
    """A shop, with a new document open."""
    window = begin()
    window.open_shop()
    window.key(Qt.Key.Key_F4)
    window.until_at("Items")
    return window


def _rows(window: Window) -> list[str]:
    return [row.item for row in window.editor.document.items.rows if not row.is_blank]


def _issued(address: str) -> list[Document]:
    """What is in the books, as another program reads it; and all of it holds."""
    with closing(connect(address)) as database, database.reads() as session:
        assert list(verify.violations(session)) == []
        return [ask.get(session, found.key) for found in ask.recent(session, 50)]


def _prompt(window: Window) -> CheckoutPrompt:
    editor = window.editor
    window.key(Qt.Key.Key_F12)
    window.until(lambda: editor.saving.prompt is not None)
    prompt = editor.saving.prompt
    assert prompt is not None
    return prompt


def test_a_server_that_is_killed_is_told_by_itself_and_what_is_typed_then_is_there_after_a_restart(
    till: Window, killable_server: Server, begin: Begin, address: str, home: Path
) -> None:
    till.enter("Milk", "2", "0.89", "", "")
    till.rest()
    killable_server.kill()
    till.until(till.main.banner.isVisible)  # nobody has pressed anything
    assert "You can keep typing" in till.main.banner.text
    assert not till.main.notices.texts
    till.enter("Bread", "1", "3.50", "", "")
    till.type("Te")
    till.until(lambda: till.editor.kept.text() == "saved on this till, encrypted")
    assert till.editor.totals.total.text() == "5.28"
    till.rest()
    place = till.editor.table.row
    till.main.close()
    killable_server.start()
    again = begin()
    again.sign_in()
    again.until(lambda: again.workspace.page == "New document")
    again.until(lambda: _rows(again) == ["Milk", "Bread", "Te"])
    assert again.editor.table.row == place
    assert not again.main.banner.isVisible()
    again.until(lambda: not list((home / FOLDER).iterdir()))
    again.rest()
    assert _issued(address) == []


def test_a_program_that_is_killed_while_the_server_is_away_has_lost_nothing(
    till: Window, killable_server: Server, begin: Begin
) -> None:
    begin.end()
    command: list[str | Path] = [sys.executable, CASHIER, "ada", PASSWORD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as cashier:
        assert cashier.stdin is not None
        assert cashier.stdout is not None
        for row, kept in (("Milk|2|0.89||", "draft saved ✓"), ("Bread|1", "saved on this till, not encrypted")):
            cashier.stdin.write(f"{row}\n")
            cashier.stdin.flush()
            assert cashier.stdout.readline().strip() == kept
            if killable_server.is_running:
                killable_server.kill()
        cashier.kill()
    killable_server.start()
    again = begin()
    again.sign_in()
    again.until(lambda: again.workspace.page == "New document")
    again.until(lambda: _rows(again) == ["Milk", "Bread"])
    assert again.editor.document.items.row(1) == DraftRow("Bread", "1")
    again.find_text("Restored 1 draft that this till saved while the database was unreachable.")
    again.rest()


def test_the_banner_goes_by_itself_and_the_sale_is_saved_once_when_the_server_is_back(
    till: Window, killable_server: Server, address: str
) -> None:
    till.enter("Milk", "2", "0.89", "", "")
    till.rest()
    killable_server.kill()
    prompt = _prompt(till)
    till.type("5")
    till.key(Qt.Key.Key_Return)
    till.until(lambda: "Nothing is lost. Press Save again" in prompt.answer.words.text())
    assert till.main.banner.isVisible()
    killable_server.start()
    till.until(lambda: not till.main.banner.isVisible())
    till.until(lambda: prompt.answer.words.text() == "The database is available again. Press Save.")
    till.key(Qt.Key.Key_Return)
    till.see("Save PDF")
    till.rest()
    (document,) = _issued(address)
    assert document.payments[0].tendered == 500
    assert document.number.endswith("-000001")


@pytest.mark.parametrize("is_pressed", [True, False])
def test_a_sale_whose_commit_was_done_and_its_answer_lost_is_one_sale(
    till: Window, killable_proxy: Proxy, address: str, is_pressed: bool
) -> None:
    till.enter("Milk", "2", "0.89", "", "")
    till.rest()
    prompt = _prompt(till)
    till.rest()
    lost = killable_proxy.cut_after_commit()
    till.key(Qt.Key.Key_Return)
    till.until(lambda: "Press Save again" in prompt.answer.words.text())
    assert lost.is_set()
    assert len(_issued(address)) == 1
    killable_proxy.mend()
    if is_pressed:
        till.press("Save")
    till.see("Save PDF")
    till.rest()
    (document,) = _issued(address)
    assert till.view.document.number == document.number
    assert till.main.notices.texts == [f"Receipt {document.number} saved."]


def test_a_payment_and_a_correction_whose_answers_were_lost_count_once(
    till: Window, killable_proxy: Proxy, address: str
) -> None:
    till.editor.fields.kind_box.setCurrentText("Invoice")
    till.type_into("Customer", "Ben")  # a walk-in is asked about before it is put on account
    till.editor.table.setFocus()
    till.enter("Milk", "2", "0.89", "", "")
    till.rest()
    _prompt(till)
    till.press("Save")
    till.see("Save PDF")
    till.rest()

    def lose(press: str, said: str) -> None:
        lost = killable_proxy.cut_after_commit()
        till.press(press)
        till.find_text(said)
        assert lost.is_set()
        killable_proxy.mend()
        till.until(lambda: not till.main._background.watch.is_disconnected)
        till.press(press)

    till.press("Take payment")
    till.type_into("Amount", "1")
    lose("Take payment", "Press again: the payment is recorded only once.")
    till.until(lambda: len(till.view.document.payments) == 1 and QApplication.activeModalWidget() is None)
    till.rest()
    till.press("Edit")
    till.until(lambda: till.editor.document.document is not None)
    till.editor.table.go_to(0, ItemColumn.QUANTITY)
    till.editor.table.setFocus()
    till.enter("3")
    _prompt(till)
    till.rest()
    lose("Save", "Press Save again")
    till.until(lambda: till.workspace.page == "view" and till.view.document.revision == 2)
    till.rest()
    (document,) = _issued(address)
    assert (document.revision, document.totals.gross) == (2, 267)
    assert [payment.amount for payment in document.payments] == [100]


def test_a_silent_server_freezes_nothing_and_what_is_typed_meanwhile_is_kept(
    till: Window, killable_proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "timeout", 2.0)
    till.enter("Milk", "2", "0.89", "", "")
    till.rest()
    killable_proxy.stall()
    till.enter("Bread", "1")
    till.until(lambda: till.editor.kept.text() == "saved on this till, encrypted")
    till.until(lambda: "does not answer" in till.main.banner.text)
    killable_proxy.mend()
    till.until(lambda: till.editor.kept.text() == "draft saved ✓")
    assert not till.main.banner.isVisible()


def test_a_window_that_is_closed_while_the_server_is_silent_ends_and_loses_nothing(
    till: Window, killable_proxy: Proxy, begin: Begin
) -> None:
    till.enter("Milk", "2", "0.89", "", "")
    till.rest()
    killable_proxy.stall()
    till.type("Bre")
    till.main.close()
    again = begin()  # ends the first
    again.find_text("does not answer")
    killable_proxy.mend()
    again.press("Retry")
    again.sign_in()
    again.until(lambda: again.workspace.page == "New document")
    again.until(lambda: _rows(again) == ["Milk", "Bre"])
    again.rest()


def test_who_signs_in_or_unlocks_while_the_server_is_away_is_told_and_gets_in_when_it_is_back(
    till: Window, killable_proxy: Proxy
) -> None:
    till.main.lock()
    lock = till.main.lock_page
    assert lock is not None
    till.rest()
    killable_proxy.cut_now()
    till.type_into("Password", PASSWORD)
    till.press("Unlock")
    till.until(lambda: "database server" in lock.answer.words.text())
    till.until(till.main.banner.isVisible)
    killable_proxy.mend()
    till.until(lambda: not till.main.banner.isVisible())
    till.press("Unlock")
    till.until(lambda: till.main.pages.currentWidget() is till.workspace)
    till.main.sign_out()
    till.rest()
    killable_proxy.cut_now()
    till.until(till.main.banner.isVisible)
    till.sign_in()
    till.until(lambda: "database server" in till.main.sign_in_flow.sign_in.answer.words.text())
    killable_proxy.mend()
    till.until(lambda: not till.main.banner.isVisible())
    till.press("Sign in")
    assert till.workspace.isVisible()
    till.rest()


def test_a_till_that_starts_before_its_server_begins_by_itself(
    killable_server: Server, killable_proxy: Proxy, address: str, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "AGAIN_MS", 100)
    killable_server.kill()
    window = begin()
    window.find_text("The connection to the database server was lost")
    killable_server.start()
    window.ready()
    window.see("Register")


@pytest.fixture
def cramped(killable_server: Server, _killable_template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    """A database on a disk of its own at the server, which can be filled."""
    with mounted(killable_server.folder / "small", size="24m") as disk:
        killable_server.ask(f"CREATE TABLESPACE small LOCATION '{disk.path}'")
        killable_server.ask(f'CREATE DATABASE small TEMPLATE "{_killable_template}" TABLESPACE small')
        monkeypatch.setenv("SHOPDESK_DATABASE_URL", killable_server.url("small"))
        yield disk
        killable_server.drop("small")
        killable_server.ask("DROP TABLESPACE small")


def _sell_until_it_is_full(address: str, actor: Actor) -> int:
    """Returns how many documents there are when no page has room for one more."""
    with closing(connect(address)) as database:
        sample_shop = SampleShop(database, actor, now=datetime.now(UTC))
        with suppress(OperationalError):
            while True:
                sample_shop.issue(customer="")
    return len(_issued(address))


def test_a_full_disk_of_the_server_is_told_and_the_sale_is_saved_once_when_there_is_room(
    cramped: SmallDisk, begin: Begin, killable_server: Server
) -> None:
    address = killable_server.url("small")
    till = begin()
    till.open_shop()
    till.key(Qt.Key.Key_F4)
    till.until_at("Items")
    till.enter("Milk", "2", "0.89", "", "")
    till.rest()
    cramped.fill()
    before = _sell_until_it_is_full(address, till.workspace.context.actor)
    prompt = _prompt(till)
    till.type("5")
    till.key(Qt.Key.Key_Return)
    till.until(lambda: "The database server's disk is full." in prompt.answer.words.text())
    assert "The database server's disk is full." in till.main.banner.text
    cramped.free()
    till.until(prompt.yes.isEnabled)
    till.key(Qt.Key.Key_Return)
    till.see("Save PDF")
    till.until(lambda: not till.main.banner.isVisible())
    till.rest()
    document, *others = _issued(address)
    assert (len(others), document.payments[0].tendered) == (before, 500)
