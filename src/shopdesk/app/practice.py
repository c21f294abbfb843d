"""Practice: a window of its own on a data folder of its own, where nothing is real and nothing leaves it.

The folder is made anew at each start from the shop as it is now (``store/practice_copy.py``); closing the window ends
it. What a practice folder must not do is decided by its settings (``settings.is_practice``), whatever they were.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from shopdesk import atomic_file, paths, process_lock, settings
from shopdesk.app import single_instance
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.settings import Settings
from shopdesk.store import database, practice_copy, upgrade
from shopdesk.store.database import Database
from shopdesk.usecases import password_hashing


def prepare(home: Path, opened: Database, chosen: Settings) -> Path:
    """Make the practice folder below ``home`` anew from the open shop, and return it.

    If practice is running already, leave its folder as it is: a second start brings its window to the front. Raise
    Refused without a shop, Unavailable if the folder cannot be written.
    """
    folder = home / paths.PRACTICE_FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with process_lock.acquire(folder / single_instance.LOCK):
            _empty(folder)
            atomic_file.write(folder / paths.PRACTICE_MARK, _NOTE)
            till = chosen.till
            kept = {"till.name": till.name, "till.scan_sound": till.scan_sound}
            settings.save(folder, kept | {"till.customer_display": till.customer_display})
            _copy(opened, folder)
    except process_lock.LockHeld:
        return folder
    except OSError as error:
        raise Unavailable(
            sentence("The practice folder {folder} cannot be made: {reason}.", folder=folder, reason=error.strerror)
        ) from error
    return folder


def open_window(folder: Path) -> None:
    """Start this program on the practice folder, in a process and a window of its own."""
    program = [] if getattr(sys, "frozen", False) else ["-m", "shopdesk"]
    subprocess.Popen([sys.executable, *program], env=environ(folder, os.environ), start_new_session=True)


def environ(folder: Path, given: os._Environ[str]) -> dict[str, str]:
    """Return the environment variables of practice: without any setting of the shop's."""
    own = {name: value for name, value in given.items() if not name.startswith("SHOPDESK_")}
    # Without the second one, a bundled program started by another takes itself for a part of it.
    return own | {"SHOPDESK_HOME": str(folder), "PYINSTALLER_RESET_ENVIRONMENT": "1"}


def _copy(opened: Database, folder: Path) -> None:
    url = database.parse(settings.load(folder, {}).database)
    with closing(database.connect(url)) as target:
        upgrade.open_ready(target)
        # A server reads many rows only in a transaction; in a file one would keep the sales waiting.
        reading = opened.reads if opened.path is not None else opened.sessions.begin
        with reading() as origin:
            hashed = password_hashing.hash_password(paths.PRACTICE_PASSWORD)
            practice_copy.copy(origin, target, password_hash=hashed, at=datetime.now(UTC))


def _empty(folder: Path) -> None:
    """Delete what an earlier practice left. Raise Unavailable for a folder that shopdesk did not make."""
    if not paths.is_practice(folder) and {each.name for each in folder.iterdir()} - {single_instance.LOCK}:
        raise Unavailable(sentence("The folder {folder} holds other files. Move them, then try again.", folder=folder))
    for each in folder.iterdir():
        if each.name == single_instance.LOCK:
            continue
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


_NOTE = b"""\
This folder is for practice: shopdesk makes it anew each time practice is opened.
Nothing in it is real. It can be deleted while practice is closed.
"""
