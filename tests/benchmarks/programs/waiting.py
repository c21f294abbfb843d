"""What the measured programs have in common: to say when they are painted, and to wait until they are not needed."""

import os
import sys
from typing import NoReturn

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


def ready() -> NoReturn:
    """Say so and what is loaded, stay as it is while somebody looks, and end with the standard input."""
    print("ready", *sys.modules, flush=True)
    sys.stdin.read()
    os._exit(0)


class FirstPaint(QObject):
    """Calls ``ready`` when the window and all in it were painted for the first time, before anything else happens."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._is_painted = False
        window.installEventFilter(self)

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, ready)
        return False
