"""Single instance per data folder and per shop file: a second start brings the first one's window to the front.

The second start writes a request into the folder ``knock``; the first answers by deleting it. Files are used instead
of a socket: they need no port and no further Qt library, and only users who may write to the folder can send a request.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.process_lock import LockHeld

LOCK = "shopdesk.lock"
_ACTIVATE = "knock"
_LONGEST_TOKEN = 1000
_ANSWER_SECONDS = 4.0
_BEGIN_SECONDS = 20.0
"""Time limit for the first window to open on a slow machine: a second start waits that long for its answer."""
_LOOK_SECONDS = 0.02


def not_responding(held: LockHeld) -> Unavailable:
    """Return the error to show when the running program does not respond."""
    advice = sentence(
        "Wait a moment and try again. If it still does not respond, end it or restart this computer. "
        "Saved data is safe."
    )
    if held.process:
        advice = sentence(
            "Wait a moment and try again. If it still does not respond, end it (process {process}) or restart this "
            "computer. Saved data is safe.",
            process=str(held.process),
        )
    return Unavailable(
        sentence("shopdesk is already running but does not respond."),
        advice=advice,
    )


def activate_running(held: LockHeld) -> bool:
    """Ask the running program to bring its window to the front; return False if it does not answer in time."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(held.process)
    note = held.folder / _ACTIVATE / str(os.getpid())
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


class ActivationListener(QObject):
    """Receiver of the requests of second starts."""

    activated = Signal()  # emitted when a second start asks for the window

    def __init__(self, home: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = home / _ACTIVATE

    def listen(self) -> None:
        """Start to watch for requests, and answer those that are already there."""
        from PySide6.QtCore import QFileSystemWatcher

        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
        QFileSystemWatcher([str(self._folder)], self).directoryChanged.connect(self._on_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        with suppress(OSError):
            for note in [path for path in self._folder.iterdir() if path.is_file()]:
                with suppress(OSError):
                    self._read_notes(note)

    def _read_notes(self, note: Path) -> None:
        with note.open("rb") as opened:
            token = opened.read(_LONGEST_TOKEN).decode("ascii", "replace")
        if 0 < len(token) < _LONGEST_TOKEN and token.isascii() and token.isprintable():
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # Wayland raises no window without it
        self.activated.emit()
        note.unlink(missing_ok=True)
