"""The program as it is started, told by its standard input what to press, and saying what it shows.

A line of input is the accessible name of a button to press, or ``!crash``. Each time what the windows say
changes, a line of output has all of it.
"""

import ctypes
import json
import sys

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit

from shopdesk import cli

LOOK_MS = 50
_Readable = QLabel | QAbstractButton | QPlainTextEdit


def shown() -> list[str]:
    """Every text that can be seen, from top to bottom of each window."""
    kinds: tuple[type[_Readable], ...] = (QLabel, QAbstractButton, QPlainTextEdit)
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    parts = [part for window in windows for kind in kinds for part in window.findChildren(kind) if part.isVisible()]
    texts = [part.toPlainText() if isinstance(part, QPlainTextEdit) else part.text() for part in parts]
    return [text for text in texts if text]


class Watch:
    """Looks at the windows again and again."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(LOOK_MS)
        self.heard = QSocketNotifier(0, QSocketNotifier.Type.Read)
        self.heard.activated.connect(self.obey)

    def look(self) -> None:
        if (now := shown()) != self.said:
            self.said = now
            print(json.dumps(now), flush=True)

    def obey(self) -> None:
        told = sys.stdin.readline().strip()
        if told == "!crash":
            ctypes.string_at(0)
        buttons = [part for part in QApplication.allWidgets() if isinstance(part, QAbstractButton) and part.isVisible()]
        next(button for button in buttons if button.accessibleName() == told).click()


if __name__ == "__main__":
    from shopdesk import app

    application = app.application()
    watch = Watch()
    sys.exit(cli.main([]))
