"""Backups at the real windows: made every day by itself, in a folder of the owner's choice, encrypted if wanted."""

import os
import shutil
import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from shopdesk import daily_backup
from shopdesk.app.backup_scheduler import BackupScheduler
from shopdesk.domain.account import Role
from shopdesk.store import backup_archive
from shopdesk.store.database import connect
from shopdesk.ui.base.pages import Page
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases.day_close import close_day
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.backup_keys import LOCK, PHRASE
from support.windows import Begin, Window


def scheduler(program: Window) -> BackupScheduler:
    """What starts the daily backup; its timer takes a minute, and nobody waits for it here."""
    found = program.main._background.findChild(BackupScheduler)
    assert found is not None
    return found


def section(program: Window) -> Any:
    """Settings, Backup, as it is shown."""
    program.workspace.show_section("Backup")
    screen: Any = program.workspace.opened(Page.SETTINGS)
    program.rest()
    return screen.open("Backup")


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.zip") if not path.name.startswith("."))


def let_backup_become_due(program: Window) -> None:
    """Let the ten minutes between two checks pass."""
    scheduler(program).check()
    program.rest()


def test_a_backup_is_made_by_itself_once_a_day(program: Window, home: Path) -> None:
    program.ready()
    let_backup_become_due(program)
    assert not (home / "backups").exists()  # there is no shop yet
    program.open_shop()
    let_backup_become_due(program)
    (first,) = kept(home / "backups")
    let_backup_become_due(program)
    assert kept(home / "backups") == [first]
    page = section(program)
    assert page.last.words.text() == f"Last backup: just now, {first}"
    assert page.checked.words.text() == "Everything was last checked: just now"
    program.press("Check everything")
    program.until(lambda: page.check.words == "Everything was checked. There are no errors.")
    program.rest()
    assert page.model.rowCount() == 1
    first.rename(first.with_name("Corner-Shop-2026-01-01-120000.zip"))  # months ago
    let_backup_become_due(program)
    (again,) = [path for path in kept(home / "backups") if "2026-01-01" not in path.name]
    assert datetime.now().astimezone().strftime("-%Y-%m-%d-") in again.name


def test_the_owner_chooses_the_folder_and_a_disk_that_is_pulled_out_is_told_calmly(
    program: Window, home: Path, tmp_path: Path
) -> None:
    program.open_shop()
    page = section(program)
    stick = tmp_path / "stick" / "shop"
    program.type_into("Folder", str(stick))
    program.press("Use this folder")
    program.rest()
    assert page.folder.fields["backup.folder"].fault.endswith("Check that the disk is plugged in.")
    stick.parent.mkdir()
    program.press("Use this folder")
    program.rest()
    program.press("Back up now")
    program.until(lambda: page.now.words == "Backup created and checked.")
    assert len(kept(stick)) == 1
    assert not kept(home / "backups")
    program.rest()
    dashboard: Any = program.workspace.opened(Page.DASHBOARD)
    shutil.move(tmp_path / "stick", tmp_path / "pocket")
    program.workspace.show_page(Page.DASHBOARD)
    program.until(lambda: dashboard.reminder.text.text() == "The backup disk is not connected.")
    let_backup_become_due(program)
    assert not stick.exists()
    program.press("Backup")
    program.rest()
    assert "cannot be found. Plug in the disk" in page.last.words.text()
    shutil.move(tmp_path / "pocket", tmp_path / "stick")
    let_backup_become_due(program)
    program.workspace.show_page(Page.DASHBOARD)
    program.until(lambda: not dashboard.reminder.isVisible())
    program.rest()


def test_a_pass_phrase_is_asked_twice_and_kept_nowhere(program: Window, home: Path, tmp_path: Path) -> None:
    phrase = "neuf bateaux jaunes dérivent"
    program.open_shop()
    page = section(program)
    assert "Without it no one, including us, can restore" in page.state.text()
    for name, text in (("Pass phrase", phrase), ("Repeat pass phrase", "neuf bateaux jeunes dérivent")):
        program.find(name, QLineEdit).setText(text)
    program.press("Encrypt backups")
    assert page.phrase.fields["again"].fault == "The pass phrases do not match."
    program.find("Repeat pass phrase", QLineEdit).setText(phrase)
    program.press("Encrypt backups")
    program.rest()
    assert page.phrase.save.accessibleName() == "Change the pass phrase"
    program.press("Back up now")
    program.until(lambda: page.now.words == "Backup created and checked.")
    (made,) = kept(home / "backups")
    assert backup_archive.is_encrypted(made)
    program.rest()
    for path in home.rglob("*"):
        assert path.is_dir() or phrase.encode() not in path.read_bytes(), path
    backup_archive.unpack(made, tmp_path / "shop.db", phrase=unicodedata.normalize("NFD", phrase))  # another keyboard
    assert (tmp_path / "shop.db").read_bytes().startswith(b"SQLite format 3")
    program.press("Stop encrypting")
    program.press("Stop encrypting")  # yes
    program.rest()
    assert not (home / daily_backup.KEY_FILE).exists()
    assert page.phrase.save.accessibleName() == "Encrypt backups"


def test_what_went_wrong_is_said_in_the_command_s_own_words(program: Window, home: Path) -> None:
    program.open_shop()
    page = section(program)
    (home / daily_backup.KEY_FILE).write_text("scribbled over")
    program.press("Back up now")
    program.until(lambda: "cannot be read. Set the pass phrase again" in page.now.words)
    program.rest()
    program.workspace.show_page(Page.DASHBOARD)
    dashboard: Any = program.workspace.opened(Page.DASHBOARD)
    program.until(lambda: dashboard.reminder.text.text() == "The last backup failed.")
    program.rest()


def test_a_program_that_ends_while_it_backs_up_leaves_no_process(begin: Begin, home: Path) -> None:
    program = begin()
    program.open_shop()
    section(program)
    program.press("Back up now")
    program.until(lambda: bool(scheduler(program)._children))
    (child,) = scheduler(program)._children
    begin().ready()
    assert child.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


# --- restoring ---


def backed_up(home: Path, *, phrase: bool = False) -> Path:
    """What the daily backup made of the shop."""
    if phrase:
        LOCK.write(home / daily_backup.KEY_FILE)
    database = connect(f"sqlite:///{home / 'shopdesk.db'}")
    made = daily_backup.make_backup(
        database, home=home, place=home / daily_backup.FOLDER, till="A", now=datetime.now(UTC)
    )
    database.close()
    return made.path


def look_into(program: Window, file: Path | str) -> None:
    program.type_into("Backup file", str(file))
    program.press("Check the backup")
    program.rest()


@pytest.fixture
def elsewhere(home: Path, tmp_path: Path, begin: Begin) -> Callable[..., Path]:
    """A backup of a shop of another machine; here there is nothing."""

    def made(*, phrase: bool = False) -> Path:
        program = begin()
        program.open_shop("Shop of old")
        backup = shutil.copy(backed_up(home, phrase=phrase), tmp_path / "carried.zip")
        begin().ready()  # the first has closed its file
        for path in home.iterdir():
            if path.name.startswith((".backup", "backup", "shopdesk.db")):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return Path(backup)

    return made


def test_a_new_machine_restores_a_backup_from_its_first_page_and_goes_on_to_sign_in(
    begin: Begin, elsewhere: Callable[..., Path], home: Path
) -> None:
    carried = elsewhere(phrase=True)
    program = begin()
    program.ready()
    program.press("Restore a backup")
    page = program.main.covering.restore
    assert page is not None
    look_into(program, "/nowhere/at/all.zip")
    assert page.file.fault == "There is no file /nowhere/at/all.zip."
    look_into(program, carried)
    assert page.phrase.fault == "This backup is encrypted. Enter its pass phrase."
    program.type_into("Pass phrase of the backup", "nine yellow goats drift")
    program.key(Qt.Key.Key_Return)
    program.until(lambda: page.phrase.fault == "This pass phrase does not open the backup. Try again.")
    program.type_into("Pass phrase of the backup", PHRASE)
    program.press("Check the backup")
    program.see("Cancel")
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    assert (question.fact("Shop"), question.fact("Documents")) == ("Shop of old", "0")
    program.press("Cancel")
    program.rest()
    assert not list(home.glob(".shopdesk.db.restored"))
    program.press("Check the backup")
    program.press("Restore")
    program.sign_in()
    assert program.workspace.context.shop.seller.name == "Shop of old"
    assert program.main.notices.texts == [
        "Backup restored. Sign in with the user name and password you had when it was made."
    ]
    assert not list(home.glob("*before-restore*"))  # nobody had been there
    program.rest()


def test_everything_about_backups_is_reached_and_named_without_a_mouse(program: Window) -> None:
    program.open_shop()
    section(program)
    let_backup_become_due(program)
    screen = program.workspace.opened(Page.SETTINGS)
    assert not unnamed_controls(screen)
    assert not unreachable_by_tab(screen)
    program.press("Restore a backup …")
    page = program.main.covering.restore
    assert page is not None
    page.phrase.show()
    assert not unnamed_controls(page)
    assert not unreachable_by_tab(page)
    program.key(Qt.Key.Key_Escape)
    assert program.workspace.isVisible()
    program.rest()


def test_the_first_page_of_a_machine_with_people_offers_no_restore(program: Window) -> None:
    program.open_shop()
    program.main.sign_out()
    program.ready()
    program.rest()
    assert not program.sees("Restore a backup")


def test_a_damaged_file_is_replaced_by_a_backup_from_the_page_that_tells_of_it(begin: Begin, home: Path) -> None:
    begin().open_shop("Corner Shop")
    made = backed_up(home)
    begin().ready()
    program = begin()
    program.ready()
    program.main.close()
    (home / "shopdesk.db").write_bytes(b"this was a shop once" * 300)
    program = begin()
    program.see("shopdesk cannot start")
    program.press("Restore a backup")
    look_into(program, made)
    program.press("Restore")
    program.sign_in()
    assert program.workspace.context.shop.seller.name == "Corner Shop"
    (kept,) = home.glob("shopdesk.db.before-restore-*")
    assert kept.read_bytes().startswith(b"this was a shop once")
    program.rest()


def test_the_owner_restores_from_the_settings_without_a_restart_and_the_present_file_is_kept(
    begin: Begin, home: Path
) -> None:
    begin().open_shop("Corner Shop")
    made = backed_up(home)
    program = begin()
    program.sign_in()
    program.workspace.context.do(close_day, owner=program.main)
    program.rest()
    section(program)
    program.press("Restore a backup …")
    program.press("Back")
    assert program.workspace.isVisible()
    program.press("Restore a backup …")
    look_into(program, made)
    program.press("Restore")
    program.until(lambda: program.main.workspace is None)
    program.sign_in()
    (kept,) = home.glob("shopdesk.db.before-restore-*")
    assert any(str(kept) in text for text in program.main.notices.texts)
    with closing(sqlite3.connect(kept)) as before, closing(sqlite3.connect(home / "shopdesk.db")) as now:
        count = "SELECT count(*) FROM day_closes"
        assert [shop.execute(count).fetchone()[0] for shop in (before, now)] == [1, 0]
    program.rest()


def test_only_the_owner_restores_where_there_is_a_shop(program: Window) -> None:
    program.open_shop()
    page = section(program)
    assert page.restore.isEnabled()
    program.workspace.context.switch_to(replace(program.workspace.context.actor.staff, role=Role.MANAGER))
    page = section(program)
    assert not page.restore.isEnabled()
    assert not page.now.button.isEnabled()
    program.workspace.context.navigation.restore_wanted.emit()
    assert program.main.covering.restore is None
    program.rest()


def test_an_owner_who_walks_away_while_choosing_a_backup_leaves_a_locked_till(
    program: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.open_shop()
    section(program)
    program.press("Restore a backup …")
    program.see("Backup file")
    monkeypatch.setattr("shopdesk.ui.window.main_window.MINUTE_MS", 20)
    program.main._watch_idle()
    program.see("Unlock")
    assert program.main.covering.restore is None
    assert not program.workspace.isVisible()
    program.rest()


def test_a_file_that_another_program_holds_is_not_replaced_and_the_shop_goes_on(begin: Begin, home: Path) -> None:
    begin().open_shop("Corner Shop")
    made = backed_up(home)
    program = begin()
    program.sign_in()
    section(program)
    with closing(sqlite3.connect(home / "shopdesk.db")) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM shop").fetchone()
        program.press("Restore a backup …")
        look_into(program, made)
        program.press("Restore")
        program.until(lambda: any("is in use" in text for text in program.main.notices.texts))
        program.sign_in()
        assert program.workspace.isVisible()
    assert not list(home.glob("*before-restore*"))
    program.rest()
