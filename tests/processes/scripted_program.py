"""Starts the program, presses buttons by name as standard input asks, and prints the texts of its windows.

A line of input is the accessible name of a button to press, ``!crash``, or ``!end of session`` for what Windows does
then. Whenever the visible texts change, all of them are printed as a line of JSON.
"""

import ctypes
import json
import os
import sys

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit

from shopdesk import cli

CHECK_MS = 50
_Readable = QLabel | QAbstractButton | QPlainTextEdit


def visible_texts() -> list[str]:
    """Return every visible text, from top to bottom of each window."""
    kinds: tuple[type[_Readable], ...] = (QLabel, QAbstractButton, QPlainTextEdit)
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    parts = [part for window in windows for kind in kinds for part in window.findChildren(kind) if part.isVisible()]
    texts = [part.toPlainText() if isinstance(part, QPlainTextEdit) else part.text() for part in parts]
    return [text for text in texts if text]


class WindowReporter:
    """Prints the texts of the windows when they change, and presses the buttons that are asked for."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.timer = QTimer()
        self.timer.timeout.connect(self.report)
        self.timer.start(CHECK_MS)
        self.input = QSocketNotifier(0, QSocketNotifier.Type.Read)
        self.input.activated.connect(self.press)

    def report(self) -> None:
        if (now := visible_texts()) != self.texts:
            self.texts = now
            print(json.dumps(now), flush=True)

    def press(self) -> None:
        name = sys.stdin.readline().strip()
        if name == "!crash":
            ctypes.string_at(0)
        if name == "!end of session":  # Qt hears of it inside exec, which never returns
            application.aboutToQuit.emit()
            os._exit(0)
        buttons = [part for part in QApplication.allWidgets() if isinstance(part, QAbstractButton) and part.isVisible()]
        next(button for button in buttons if button.accessibleName() == name).click()


if __name__ == "__main__":
    from shopdesk import app

    application = app.application()
    reporter = WindowReporter()
    sys.exit(cli.main([]))
