"""The locations of the files that come with the program, and of this installation's data folder."""

import os
import sys
from pathlib import Path

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence


def resources() -> Path:
    """Return the folder with fonts, icons, themes, translations and the sample, for source, package or bundle."""
    if bundle := getattr(sys, "_MEIPASS", None):  # unpacked by PyInstaller
        return Path(bundle) / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parents[1] / "resources"


def command(*arguments: str) -> list[str]:
    """Return the command line that starts this program: from source, or as the bundle.

    On Windows the bundle has two programs; this is the one with a console.
    """
    if not getattr(sys, "frozen", False):
        return [sys.executable, "-m", "shopdesk", *arguments]
    with_console = Path(sys.executable).with_name("shopdesk-cli.exe")
    return [str(with_console if with_console.exists() else sys.executable), *arguments]


def typed(text: str) -> Path:
    """Return a path as a person types it, where ``~`` is their own folder."""
    path = Path(text.strip())
    try:
        return path.expanduser()
    except RuntimeError:  # there is no such user: a name that begins so
        return path


PRACTICE_FOLDER = "practice"
PRACTICE_MARK = "practice.txt"
"""The file that makes a data folder one for practice."""
PRACTICE_PASSWORD = "practice"  # noqa: S105 - shown on the screen
"""The password of all people in practice."""


def is_practice(home: Path) -> bool:
    """Return True if this data folder is for practice: nothing leaves it."""
    return (home / PRACTICE_MARK).exists()


def home() -> Path:
    """Return the data folder, created on first use and readable by its owner alone; ``$SHOPDESK_HOME`` moves it.

    Raise Unavailable when it cannot be created.
    """
    if chosen := os.environ.get("SHOPDESK_HOME"):
        folder = typed(chosen).absolute()
    else:
        from platformdirs import user_data_path

        folder = user_data_path("shopdesk", appauthor=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = sentence("The data folder {folder} cannot be created: {reason}.", folder=folder, reason=error.strerror)
        raise Unavailable(what, advice=sentence("Choose another folder with the variable SHOPDESK_HOME.")) from error
    return folder
