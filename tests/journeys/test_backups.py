"""Backups at the real windows: made every day by itself, in a folder of the owner's choice, encrypted if wanted."""

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit

from shopdesk import daily
from shopdesk.app.safekeeping import Safekeeping
from shopdesk.store import packing
from shopdesk.ui.desk import Page
from support.windows import Begin, Window


def keeper(program: Window) -> Safekeeping:
    """What starts the daily backup; its timer takes a minute, and nobody waits for it here."""
    found = program.main._background.findChild(Safekeeping)
    assert found is not None
    return found


def section(program: Window) -> Any:
    """Settings, Backup, as it is shown."""
    program.counter.show_section("Backup")
    screen: Any = program.counter.opened(Page.SETTINGS)
    program.rest()
    return screen.open("Backup")


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.zip") if not path.name.startswith("."))


def look(program: Window) -> None:
    """Ten minutes have passed."""
    keeper(program).look()
    program.rest()


def test_a_backup_is_made_by_itself_once_a_day(program: Window, home: Path) -> None:
    program.ready()
    look(program)
    assert not (home / "backups").exists()  # there is no shop yet
    program.open_shop()
    look(program)
    (first,) = kept(home / "backups")
    look(program)
    assert kept(home / "backups") == [first]
    page = section(program)
    assert page.last.words.text() == f"Last backup: just now, {first}"
    assert page.model.rowCount() == 1
    first.rename(first.with_name("Corner-Shop-2026-01-01-120000.zip"))  # months ago
    look(program)
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
    assert page.folder.fields["backup.folder"].fault.endswith("Is the disk plugged in?")
    stick.parent.mkdir()
    program.press("Use this folder")
    program.rest()
    program.press("Back up now")
    program.until(lambda: page.now.words == "Made, checked, and in the folder.")
    assert len(kept(stick)) == 1
    assert not kept(home / "backups")
    program.rest()
    dashboard: Any = program.counter.opened(Page.DASHBOARD)
    shutil.move(tmp_path / "stick", tmp_path / "pocket")
    program.counter.show_page(Page.DASHBOARD)
    program.until(lambda: dashboard.reminder.text.text() == "The backup disk is not there.")
    look(program)
    assert not stick.exists()
    program.press("Backup")
    program.rest()
    assert "is not there. Plug the disk in" in page.last.words.text()
    shutil.move(tmp_path / "pocket", tmp_path / "stick")
    look(program)
    program.counter.show_page(Page.DASHBOARD)
    program.until(lambda: not dashboard.reminder.isVisible())
    program.rest()


def test_a_pass_phrase_is_asked_twice_and_kept_nowhere(program: Window, home: Path) -> None:
    phrase = "nine yellow boats drift"
    program.open_shop()
    page = section(program)
    assert "without it nobody can restore" in page.state.text()
    for name, text in (("Pass phrase", phrase), ("Repeat pass phrase", "nine yellow goats drift")):
        program.find(name, QLineEdit).setText(text)
    program.press("Encrypt backups")
    assert page.phrase.fields["again"].fault == "The two pass phrases are not the same."
    program.find("Repeat pass phrase", QLineEdit).setText(phrase)
    program.press("Encrypt backups")
    program.rest()
    assert page.phrase.save.accessibleName() == "Change the pass phrase"
    program.press("Back up now")
    program.until(lambda: page.now.words == "Made, checked, and in the folder.")
    (made,) = kept(home / "backups")
    assert packing.is_locked(made)
    program.rest()
    for path in home.rglob("*"):
        assert path.is_dir() or phrase.encode() not in path.read_bytes(), path
    program.press("Stop encrypting")
    program.press("Stop encrypting")  # yes
    program.rest()
    assert not (home / daily.KEY_FILE).exists()
    assert page.phrase.save.accessibleName() == "Encrypt backups"


def test_what_went_wrong_is_said_in_the_command_s_own_words(program: Window, home: Path) -> None:
    program.open_shop()
    page = section(program)
    (home / daily.KEY_FILE).write_text("scribbled over")
    program.press("Back up now")
    program.until(lambda: "cannot be read. Set the pass phrase again" in page.now.words)
    program.rest()
    program.counter.show_page(Page.DASHBOARD)
    dashboard: Any = program.counter.opened(Page.DASHBOARD)
    program.until(lambda: dashboard.reminder.text.text() == "The last backup did not work.")
    program.rest()


def test_a_program_that_ends_while_it_backs_up_leaves_no_process(begin: Begin, home: Path) -> None:
    program = begin()
    program.open_shop()
    section(program)
    program.press("Back up now")
    program.until(lambda: keeper(program)._child is not None)
    child = keeper(program)._child
    assert child is not None
    begin().ready()
    assert child.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
