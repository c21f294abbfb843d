"""Where things lie: the files that come with the program, and the folder with this installation's data."""

import os
import sys
from pathlib import Path


def resources() -> Path:
    """The folder with fonts, icons, themes, translations and the sample, wherever the program runs from."""
    if bundle := getattr(sys, "_MEIPASS", None):  # unpacked by PyInstaller
        return Path(bundle) / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parents[1] / "resources"


def home() -> Path:
    """The data folder, made on first use and readable by its owner alone; ``$SHOPDESK_HOME`` moves it."""
    if chosen := os.environ.get("SHOPDESK_HOME"):
        folder = Path(chosen).expanduser().absolute()
    else:
        from platformdirs import user_data_path

        folder = user_data_path("shopdesk", appauthor=False)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
