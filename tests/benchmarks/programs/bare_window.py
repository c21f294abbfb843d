"""Qt alone: an empty window. Says "ready" once it is painted, and ends with its standard input."""

import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Window(QMainWindow):
    """Says once that it is painted, as the program's own window does."""

    is_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_painted:
            self.is_painted = True
            QTimer.singleShot(0, self, ready)


def ready() -> None:
    print("ready", flush=True)
    sys.stdin.read()
    os._exit(0)


app = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
