#!/usr/bin/env bash
# Two things about the open list of a combo box in Qt. An event filter on the list, even the newest, which is asked
# first, sees the press of Enter too late: the list has chosen and is closed by then, at the ShortcutOverride that Qt
# sends before it. And a list that is closed without a choice keeps the row that typed letters went to: opened again it
# shows that row as the current one, and Enter chooses it, although the box has another entry.
#
# Seen with PySide6 6.11.3 (Qt 6.11) on Linux, platform "offscreen".
# What to do: where Enter must not choose (it ends a scan), take the ShortcutOverride; set the view's current row back.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "for Linux only"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - 2>/dev/null <<'PY'
import sys

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox


class Seen(QObject):
    """Notes the keys that reach the list, the entry that is chosen then, and whether the list is open."""

    def __init__(self) -> None:
        super().__init__()
        self.events = []

    def eventFilter(self, watched, event):
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            self.events.append((event.type().name, choice.currentText(), watched.isVisible()))
        return False


app = QApplication([])
choice = QComboBox()
choice.addItems(["one", "two", "three"])
choice.show()
choice.showPopup()
app.processEvents()
seen, rows = Seen(), choice.view()
rows.installEventFilter(seen)
popup = rows.window()
window = popup.windowHandle()
QTest.keyClick(window, "t")
QTest.keyClick(window, Qt.Key.Key_Escape)
closed = (choice.currentText(), rows.isVisible())
choice.showPopup()
app.processEvents()
again = rows.currentIndex().data()
seen.events.clear()
QTest.keyClick(window, Qt.Key.Key_Return)
print("after Esc:", closed, "opened again:", again, "after Enter:", choice.currentText(), "seen:", seen.events)
sys.exit(
    (closed, again, choice.currentText(), seen.events)
    != (("one", False), "two", "two", [("ShortcutOverride", "one", True), ("KeyPress", "two", False)])
)
PY
