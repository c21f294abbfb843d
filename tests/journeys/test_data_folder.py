"""The data folder that cannot be written, is taken away, or is not there: it is said where somebody sees it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from shopdesk import paths, process_lock
from support.windows import Begin, Window

LOOKING = Path(__file__).parents[1] / "processes" / "startup_error_reader.py"


@pytest.fixture
def data(home: Path, sqlite_shop_url: str) -> Path:
    """A data folder with a shop in it."""
    home.mkdir()
    shutil.move(sqlite_shop_url.removeprefix("sqlite:///"), home / "shopdesk.db")
    return home


def as_anybody(*command: object) -> str:
    """What a program says that is held by the modes of files: the tests may be root's, who is not."""
    held = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    said = subprocess.run([*held, sys.executable, *map(str, command)], capture_output=True, text=True, timeout=120)
    return said.stdout + said.stderr


def lock_folder(data: Path) -> None:
    data.chmod(0o500)


def lock_used_folder(data: Path) -> None:
    for name in ("shopdesk.lock", "shopdesk.db.lock"):
        (data / name).touch()
    (data / "logs").mkdir()
    data.chmod(0o500)


def lock_log(data: Path) -> None:
    (data / "logs").mkdir(0o500)


def lock_file(data: Path) -> None:
    (data / "shopdesk.db").chmod(0o400)


def lock_settings(data: Path) -> None:
    (data / "shopdesk.toml").write_text("")
    (data / "shopdesk.toml").chmod(0)


def a_file_instead(data: Path) -> None:
    shutil.rmtree(data)
    data.touch()


@pytest.mark.skipif(not shutil.which("setpriv") and not os.getuid(), reason="root, and no setpriv to hold it")
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("lock", "window", "console"),
    [
        (lock_folder, "folder .* cannot be used: Permission denied.*Allow your user to write", "is read-only"),
        (lock_used_folder, "is read-only.*write to its folder", "is read-only.*write to its folder"),
        (
            lock_log,
            "The log in .* cannot be written: Permission denied.*Allow your user to write there",
            "Verified, no errors",
        ),
        (lock_file, "is read-only.*write to it", "is read-only.*write to it"),
        (lock_settings, "toml cannot be read: Permission denied", "toml cannot be read: Permission denied"),
        (a_file_instead, "cannot be created: File exists.*SHOPDESK_HOME", "cannot be created: File exists"),
    ],
)
def test_a_start_that_cannot_write_says_so_in_a_window_and_on_the_console(
    data: Path, lock: Callable[[Path], None], window: str, console: str
) -> None:
    lock(data)
    try:
        assert re.search(window, as_anybody(LOOKING), re.DOTALL)
        assert re.search(console, as_anybody("-m", "shopdesk", "verify"), re.DOTALL)
    finally:
        data.chmod(0o700)


def test_a_folder_that_is_taken_away_is_told_and_nothing_is_sold_until_it_is_back(program: Window) -> None:
    program.open_shop()
    home, elsewhere = paths.home(), paths.home().with_name("elsewhere")
    program.key(Qt.Key.Key_F4)
    program.until_at("Items")
    for cell in ("Tea", "2", "1.50", "", ""):
        program.type(cell)
        program.key(Qt.Key.Key_Return)
    program.rest()
    home.rename(elsewhere)
    program.key(Qt.Key.Key_F12)
    program.press("Save")
    program.until(lambda: "is missing. Put it back" in program.main.banner.text)
    elsewhere.rename(home)
    program.until(lambda: program.main.banner.text == "")
    program.press("Save")
    program.see("Save PDF")
    program.rest()


def test_a_program_that_is_closed_while_its_database_opens_lets_go_of_the_file(begin: Begin, home: Path) -> None:
    program = begin()
    program.until((home / "logs" / "shopdesk.log").exists)
    # The thread finishes what it began, and nobody is there any more to hear of it.
    program.main._background._pool("database").submit(lambda: None).result()
    assert (home / "shopdesk.db.lock").exists()
    begin.end()
    with process_lock.acquire(home / "shopdesk.db.lock"):
        pass
    if sys.platform == "linux":
        opened = [entry.readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
        assert not [path for path in opened if path.is_relative_to(home)]
