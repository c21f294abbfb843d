"""One program per data folder: a second start brings the first one's window to the front.

The second start leaves a note in the folder ``knock``; the first takes it away, and so answers. Files, and no socket:
they need no port, no further library of Qt, and whoever may not write in the folder cannot knock.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from shopdesk.domain.errors import Unavailable
from shopdesk.process_lock import Held

LOCK = "shopdesk.lock"
_KNOCK = "knock"
_LONGEST_TOKEN = 1000
_ANSWER_SECONDS = 4.0
_BEGIN_SECONDS = 20.0
"""As long as a window may take to stand, on a slow machine: who started twice waits for the first one's."""
_LOOK_SECONDS = 0.02


def silent(held: Held) -> Unavailable:
    """What to say when whoever is inside does not answer."""
    which = f" (process {held.process})" if held.process else ""
    return Unavailable(
        "shopdesk is open already, but does not answer.",
        advice=f"Wait a moment and try again. If it stays silent, end it{which} or restart this computer: "
        "what was saved is safe.",
    )


def knock(held: Held) -> bool:
    """Ask whoever is inside to come to the front. False when they do not answer within seconds."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(held.process)
    note = held.folder / _KNOCK / str(os.getpid())
    try:
        began = time.time() - (held.folder / LOCK).stat().st_mtime
        end = time.monotonic() + min(max(_ANSWER_SECONDS, _BEGIN_SECONDS - began), _BEGIN_SECONDS)
        note.parent.mkdir(mode=0o700, exist_ok=True)
        note.write_text(os.environ.get("XDG_ACTIVATION_TOKEN", ""), "utf-8")
        while note.exists():
            if time.monotonic() > end:
                note.unlink(missing_ok=True)
                return False
            time.sleep(_LOOK_SECONDS)
    except OSError:
        return False
    return True


class Listener(QObject):
    """Hears who knocks."""

    knocked = Signal()

    def __init__(self, home: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = home / _KNOCK

    def listen(self) -> None:
        """From now on, and to whoever knocked already."""
        from PySide6.QtCore import QFileSystemWatcher

        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
        QFileSystemWatcher([str(self._folder)], self).directoryChanged.connect(self._on_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        with suppress(OSError):
            for note in [path for path in self._folder.iterdir() if path.is_file()]:
                with suppress(OSError):
                    self._hear(note)

    def _hear(self, note: Path) -> None:
        with note.open("rb") as opened:
            token = opened.read(_LONGEST_TOKEN).decode("ascii", "replace")
        if 0 < len(token) < _LONGEST_TOKEN and token.isascii() and token.isprintable():
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # Wayland lets nobody to the front without it
        self.knocked.emit()
        note.unlink(missing_ok=True)
