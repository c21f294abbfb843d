"""Where things lie: the files that come with the program, and the folder with this installation's data."""

import os
import sys
from pathlib import Path

from shopdesk.domain.errors import Unavailable


def resources() -> Path:
    """The folder with fonts, icons, themes, translations and the sample, wherever the program runs from."""
    if bundle := getattr(sys, "_MEIPASS", None):  # unpacked by PyInstaller
        return Path(bundle) / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parents[1] / "resources"


def command(*arguments: str) -> list[str]:
    """How this program is started with a command: from its source, or as the bundle, on Windows by the one of its two
    that has a console.
    """
    if not getattr(sys, "frozen", False):
        return [sys.executable, "-m", "shopdesk", *arguments]
    with_console = Path(sys.executable).with_name("shopdesk-cli.exe")
    return [str(with_console if with_console.exists() else sys.executable), *arguments]


def home() -> Path:
    """The data folder, made on first use and readable by its owner alone; ``$SHOPDESK_HOME`` moves it.

    Raises Unavailable when it cannot be made.
    """
    if chosen := os.environ.get("SHOPDESK_HOME"):
        folder = Path(chosen).expanduser().absolute()
    else:
        from platformdirs import user_data_path

        folder = user_data_path("shopdesk", appauthor=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = f"The data folder {folder} cannot be made: {error.strerror}."
        raise Unavailable(what, advice="Choose another one with SHOPDESK_HOME.") from error
    return folder
