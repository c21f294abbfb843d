"""A data folder that shopdesk 0.2.0 left opens here: nothing in it is lost, and work goes on where it ended.

``fixtures/data-folder-0.2.0.tar.xz`` was made by that program itself, in January 2026. In it are:

* ``shopdesk.db``: the Corner Shop, in pounds, with smallest coins of 5 pence; till A; the owner Ada (user name
  ``ada``, PIN 2580, a GitHub account linked), the cashier Grace (``grace``, PIN 1470, one wrong password), both with
  the password ``support.windows.PASSWORD``, and Linus, whom nobody has let in yet; three products and four customers;
* 15 documents, of all five kinds: amended, voided, sealed, credited and replaced, paid in part and with change,
  with a right that was lent; 33 rows of the journal; messages sent, failed, withdrawn and waiting; a day's close;
* an open invoice in the database, and the window's own file that says it was being typed when the program ended;
* ``open documents``: two documents that the till kept by itself, one sealed with ``DRAFTS_KEY``, one in clear;
* ``shopdesk.toml`` as it writes it, with an empty ``[sms]`` table and two providers; ``backups`` with one backup;
* what stays of locks (``shopdesk.lock``, ``shopdesk.db.lock``, ``.backup.lock``): of somebody else on another machine.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from shopdesk import cli, settings
from shopdesk.domain.draft import DraftRow
from shopdesk.queries import documents, drafts
from shopdesk.ui.editor.cell_format import ItemColumn
from support import old_folder
from support.keyrings import MemoryKeyring
from support.windows import Begin, Window

PIN = "2580"
PEPPER = "YSBwZXBwZXIgZm9yIHRlc3RzLCAzMiBieXRlcyAuLi4="
DRAFTS_KEY = "YSBrZXkgZm9yIHRlc3RzJyBkcmFmdHMgMzIgYnl0ZXM="
TYPED = ("Milk 1 l", "Bread", "half a wo")


@pytest.fixture
def left(home: Path, memory_keyring: MemoryKeyring) -> Path:
    """The folder, on the machine whose keyring has its keys."""
    home.mkdir(mode=0o700)
    old_folder.unpack(home)
    memory_keyring.secrets["shopdesk", "pin pepper"] = PEPPER
    memory_keyring.secrets["shopdesk", "open documents"] = DRAFTS_KEY
    return home


def verified(capsys: pytest.CaptureFixture[str]) -> str:
    """What ``shopdesk verify`` says; all of it holds."""
    capsys.readouterr()
    assert cli.main(["verify"]) == 0
    return capsys.readouterr().out


def typed(window: Window) -> tuple[str, ...]:
    return tuple(row.item for row in window.editor.document.items.rows if not row.is_blank)


def until_typing(window: Window, *items: str) -> None:
    window.until(lambda: window.workspace.page == "New document" and typed(window) == items)
    window.rest()


def test_what_was_open_is_offered_and_sold_after_a_lock_and_a_pin(
    left: Path, begin: Begin, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "15 documents" in verified(capsys)
    window = begin()
    window.sign_in()
    until_typing(window, *TYPED)  # it was being typed when the program ended
    editor = window.editor
    assert editor.document.items.row(1) == DraftRow("Bread", "1", "3.50", "0.50", "20")
    assert editor.table.row == 2
    assert (editor.document.form.note, editor.document.form.discount) == ("Ring twice", "5 %")

    window.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    window.see("Unlock")
    window.rest()
    assert window.focus.accessibleName() == "PIN"
    window.enter(PIN)
    until_typing(window, *TYPED)

    editor.table.go_to(2, ItemColumn.QUANTITY)
    editor.table.setFocus()
    window.enter("1", "2")
    window.rest()
    window.key(Qt.Key.Key_F12)
    window.press("Save")
    window.press("Keep this date")  # it was dated in January
    window.see("Save PDF")
    window.rest()
    assert window.view.document.number == "I-A-2026-000005"
    assert window.view.document.buyer.email == "bea@example.org"
    begin.end()
    assert "16 documents" in verified(capsys)


def test_what_the_till_kept_by_itself_comes_back_with_its_rows(left: Path, begin: Begin) -> None:
    window = begin()
    window.sign_in("grace")
    until_typing(window, *TYPED)
    window.find_text("Restored 2 drafts that this till saved while the database was unreachable")
    window.until(lambda: not list((left / "open documents").iterdir()))
    actor = window.workspace.context.actor
    latest, *others = window.ask(drafts.open_at, actor.till)
    assert (latest.first_item, latest.by_name) == ("Milk 1 l", "Ada Lovelace")
    kept = {draft.by_name: window.ask(drafts.form, draft.key) for draft in others}
    assert kept["Grace Hopper"].rows == (DraftRow("Candles", "4", "1.25"), DraftRow("Matches", "1", "0.60"))
    assert kept["Grace Hopper"].customer == "Emil"
    assert kept["Ada Lovelace"].rows == (DraftRow("Garden table", "1", "89"),)
    assert kept["Ada Lovelace"].note == "By phone"
    window.workspace.open_draft(kept["Grace Hopper"].key)
    until_typing(window, "Candles", "Matches")


def test_its_documents_look_as_they_did(left: Path, begin: Begin) -> None:
    window = begin()
    window.sign_in()
    until_typing(window, *TYPED)
    (found,) = (one for one in window.ask(documents.recent, 50) if one.number == "I-A-2026-000001")
    window.workspace.open_document(found.key)
    window.see("Save PDF")
    window.rest()
    assert window.view.document.note == "As agreed."
    assert (window.view.document.gross.minor, window.view.document.paid.minor) == (454, 100)
    assert [entry.act.value for entry in window.ask(documents.history, found.key)] == ["issued", "paid", "sealed"]


def test_its_settings_are_read_without_complaint_and_written_back_whole(left: Path) -> None:
    """It always wrote an ``[sms]`` table, and so an owner may have filled it in."""
    file = left / settings.FILE
    assert "\n[sms]\n" in file.read_text("utf-8")
    read = settings.load(left, {})
    assert (read.till.name, read.till.printer, read.mail.sender) == ("A", "Counter printer", "shop@example.org")
    assert read.providers["company"].issuer == "https://login.example.org"
    filled = file.read_text("utf-8").replace("\n[sms]\n", '\n[sms]\ngateway = "africastalking"\nusername = "sandbox"\n')
    file.write_text(filled, "utf-8")
    assert settings.load(left, {}).till == read.till
    settings.save(left, {"till.printer": "Another"})
    assert settings.load(left, {}).till.printer == "Another"
    assert file.read_text("utf-8") == filled.replace("Counter printer", "Another")
