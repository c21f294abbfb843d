#!/usr/bin/env bash
# QTableView.selectRow does nothing in a window from right to left: no row is selected, none becomes the current one, and
# no error is raised. It looks for the first column at the left edge, or here at the width of the view, where none is.
#
# Seen with PySide6 6.11.3 on Linux, platform "offscreen", in a narrow and a wide view, columns stretched or not. From
# left to right it selects the row.
# What to do: selectionModel().setCurrentIndex(model.index(row, 0), ClearAndSelect | Rows) selects it in both.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "for Linux only"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'PY'
import sys

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView

app = QApplication([])
selected = {}
for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
    for width in (100, 900):
        model, view = QStandardItemModel(3, 2), QTableView()
        view.setLayoutDirection(direction)
        view.setModel(model)
        view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        view.resize(width, 200)
        view.show()
        app.processEvents()
        chosen = view.selectionModel()
        view.selectRow(1)
        by_view = [index.row() for index in chosen.selectedRows()]
        flags = QItemSelectionModel.SelectionFlag
        chosen.setCurrentIndex(model.index(1, 0), flags.ClearAndSelect | flags.Rows)
        by_model = [index.row() for index in chosen.selectedRows()]
        selected[direction.name, width] = (by_view, by_model)
print("selected by the view, by its selection model:", selected)
sys.exit(
    selected
    != {
        ("LeftToRight", 100): ([1], [1]),
        ("LeftToRight", 900): ([1], [1]),
        ("RightToLeft", 100): ([], [1]),
        ("RightToLeft", 900): ([], [1]),
    }
)
PY
