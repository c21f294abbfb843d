#!/usr/bin/env bash
# A QComboBox does not tell its accessible name on Linux: the name of its accessible interface is the chosen entry,
# whatever setAccessibleName was given. A screen reader says "Receipt", and not that it is the kind of the document.
#
# Seen with PySide6 6.11.3 on Linux, platform "offscreen". A line edit beside it tells the name that it was given.
# What to do: install an accessibility factory (QAccessible.installFactory) that gives combo boxes an interface of one's
# own, with the accessible name as name and the chosen entry as value.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "for Linux only"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'PY'
import sys

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

app = QApplication([])
combo, line = QComboBox(), QLineEdit()
combo.addItems(["Receipt", "Invoice"])
names = []
for widget in (combo, line):
    widget.setAccessibleName("Kind")
    names.append(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))
print("names:", dict(zip(("combo box", "line edit"), names)))
sys.exit(names != ["Receipt", "Kind"])
PY
