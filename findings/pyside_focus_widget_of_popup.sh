#!/usr/bin/env bash
# In PySide6 the result of window.focusWidget() is a usable object only as long as Python's object of that window lives:
# the method makes the window the parent of what it returns, although it gives away nothing. Where the window was made
# by Qt (the list of a combo box, say) Python's object of it is a passing one. So in
# "QApplication.activePopupWidget().focusWidget()" the control is invalid the moment it is returned, and using it raises
# RuntimeError: "Internal C++ object already deleted". The control itself lives on, unharmed.
#
# Seen with PySide6 6.11.3 on Linux, platform "offscreen".
# What to do: take QApplication.focusWidget(), which has no such parent, or keep the window in a variable of its own for
# as long as the control is used. An error of this kind must not leave an event filter.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "for Linux only"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - 2>/dev/null <<'PY'
import sys

from PySide6.QtWidgets import QApplication, QComboBox
from shiboken6 import isValid

app = QApplication([])
choice = QComboBox()
choice.addItems(["one", "two"])
choice.show()
choice.showPopup()
app.processEvents()

of_passing_window = QApplication.activePopupWidget().focusWidget()
try:
    said = of_passing_window.isVisible()
except RuntimeError as error:
    said = str(error).partition("(")[0].strip()
popup = QApplication.activePopupWidget()
of_kept_window = popup.focusWidget()
of_application = QApplication.focusWidget()
found = {
    "of a passing window": (isValid(of_passing_window), said),
    "of a kept window": (isValid(of_kept_window), of_kept_window.isVisible()),
    "of the application": (isValid(of_application), of_application.isVisible()),
}
print("valid, visible:", found)
choice.hidePopup()
sys.exit(
    found
    != {
        "of a passing window": (False, "libshiboken: Internal C++ object"),
        "of a kept window": (True, True),
        "of the application": (True, True),
    }
)
PY
