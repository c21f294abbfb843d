"""The disk of the till is full while somebody sells: it is said, nothing is lost, and with room again all goes on."""

from __future__ import annotations

import shutil
from contextlib import closing

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select

from shopdesk import paths
from shopdesk.domain.draft import DraftRow
from shopdesk.queries import documents, verify
from shopdesk.store.database import connect
from shopdesk.store.tables import draft_rows
from support.disks import SmallDisk
from support.windows import Begin, Window


@pytest.fixture
def till(small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, begin: Begin) -> Window:
    """A shop whose data folder lies on the small disk, with a new document open."""
    monkeypatch.setenv("SHOPDESK_HOME", str(small_disk.path / "home"))
    window = begin()
    window.open_shop()
    window.key(Qt.Key.Key_F4)
    window.until_at("Items")
    return window


def books() -> tuple[list[str], list[DraftRow]]:
    """What is issued and what is kept of open documents, as another program reads it; and all of it holds."""
    with closing(connect(f"sqlite:///{paths.home() / 'shopdesk.db'}")) as database, database.reads() as session:
        assert list(verify.violations(session)) == []
        issued = [found.number for found in documents.recent(session, 50)]
        rows = session.execute(select(draft_rows.c.item, draft_rows.c.quantity, draft_rows.c.unit_price)).all()
    return issued, [DraftRow(*row) for row in rows if any(row)]


def test_a_sale_on_a_full_disk_stays_in_the_window_and_is_saved_once_when_there_is_room(
    till: Window, small_disk: SmallDisk
) -> None:
    till.enter("Tea", "2", "1.50", "", "")
    till.rest()
    editor = till.editor
    small_disk.fill()
    till.enter("Milk", "1", "0.89", "", "")
    till.until(lambda: "full" in editor.kept.text())
    till.key(Qt.Key.Key_F12)
    till.press("Save")

    def is_refused() -> bool:
        prompt = editor.saving.prompt
        return prompt is not None and "the disk is full." in prompt.answer.words.text()

    till.until(is_refused)
    till.rest()
    assert [row.item for row in editor.document.form.rows if not row.is_blank] == ["Tea", "Milk"]
    assert books() == ([], [DraftRow("Tea", "2", "1.50")])
    small_disk.free()
    till.press("Save")
    till.see("Save PDF")
    till.rest()
    (number,), rows = books()
    assert number.endswith("-000001")
    assert rows == []
    assert editor.kept.text() == ""


def test_a_program_that_starts_on_a_full_disk_says_so_on_a_page_and_begins_when_there_is_room(
    small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, begin: Begin, sqlite_shop_url: str
) -> None:
    home = small_disk.path / "home"
    home.mkdir()
    shutil.copy(sqlite_shop_url.removeprefix("sqlite:///"), home / "shopdesk.db")
    monkeypatch.setenv("SHOPDESK_HOME", str(home))
    small_disk.fill()
    window = begin()
    window.find_text("the disk is full")
    small_disk.free()
    window.press("Retry")
    window.ready()
    assert window.sees("Register")
