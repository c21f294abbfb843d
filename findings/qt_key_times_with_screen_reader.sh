#!/usr/bin/env bash
# While a screen reader listens on Linux, the keys that reach a widget have no time: QInputEvent.timestamp() is 0.
# Qt's bridge to AT-SPI takes each key from its window, asks the screen reader, and sends a copy without the time.
#
# Seen with PySide6 6.11.3, at-spi2-core 2.46. Needs Xvfb, xdotool, dbus-daemon, at-spi2-core and
# python3-pyatspi.
# What to do: an event filter of the application that was installed after the bridge's own sees the key with its time on
# the way to the QWindow. Installing a filter again moves it to the front.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "for Linux only"; exit 0; }
if [ -z "${IN_SESSION:-}" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
    IN_SESSION=$folder/venv dbus-run-session -- xvfb-run --auto-servernum "$0"
    exit
fi
/usr/bin/python3 -c '
import pyatspi
pyatspi.Registry.registerEventListener(lambda event: None, "object:announcement")
pyatspi.Registry.start()
' &
reader=$!
trap 'kill $reader' EXIT
QT_QPA_PLATFORM=xcb QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 "$IN_SESSION/bin/python" - <<'PY'
import subprocess
import sys

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

times = {"window": [], "widget": []}


class Filter(QObject):
    def eventFilter(self, watched, event):
        if isinstance(event, QKeyEvent) and event.type() is QKeyEvent.Type.KeyPress:
            times["window" if isinstance(watched, QWindow) else "widget"].append(event.timestamp())
        return False


app = QApplication([])
found = Filter()
page = QWidget()
page.show()
page.activateWindow()
QTimer.singleShot(3000, lambda: (app.installEventFilter(found), subprocess.Popen(["xdotool", "key", "a"])))
QTimer.singleShot(6000, app.quit)
app.exec()
print(times)
sys.exit(times["widget"] != [0] or not any(times["window"]))
PY
