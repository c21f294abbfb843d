#!/usr/bin/env bash
# With a stylesheet of the application, Qt styles a widget and all in it again at each QLayout.addWidget or setParent:
# a page that is built from the inside, as most are, is styled once for each level. With the same stylesheet on the
# window, parts without a window are left alone, and the whole page is styled once, when it enters the window.
#
# Seen with PySide6 6.11.3: 8 levels with a label each, 36 style changes of labels (8 * 9 / 2) while the page is built
# with the application's stylesheet, none with the window's. QApplication.setStyleSheet is not described so.
# What to do: setStyleSheet of each window. What has no parent, such as the popup of a QCompleter, needs it, too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'PY'
import sys

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QVBoxLayout, QWidget

LEVELS = 8
SHEET = "QLabel { color: red; }"


class Label(QLabel):
    changes = 0

    def changeEvent(self, event):
        if event.type() is QEvent.Type.StyleChange:
            Label.changes += 1
        super().changeEvent(event)


def page():
    """Build a page from the inside: each level gets its label, then the level before."""
    inner = None
    for _ in range(LEVELS):
        level = QWidget()
        column = QVBoxLayout(level)
        column.addWidget(Label("a"))
        if inner is not None:
            column.addWidget(inner)
        inner = level
    return inner


def changes_while_built(window):
    Label.changes = 0
    built = page()
    while_built = Label.changes
    window.setCentralWidget(built)
    window.show()
    colour = built.findChild(QLabel).palette().windowText().color().name()
    return while_built, Label.changes - while_built, colour


app = QApplication(["", "-style", "fusion"])
window = QMainWindow()
window.setStyleSheet(SHEET)
by_window = changes_while_built(window)
app.setStyleSheet(SHEET)
by_application = changes_while_built(QMainWindow())
print("style changes of labels while the page is built, and when it enters its window; the colour:")
print("stylesheet of the window:", by_window, "of the application:", by_application)
sys.exit(by_window[0] != 0 or by_application[0] != LEVELS * (LEVELS + 1) // 2 or by_window[2] != by_application[2])
PY
