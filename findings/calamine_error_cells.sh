#!/usr/bin/env bash
# python-calamine gives a cell with an error (#DIV/0!, #N/A) as an empty text, the same as a cell that is empty. A program
# that takes an empty cell for "no value" then deletes what a spreadsheet could not compute, without a word.
#
# Seen with python-calamine 0.9.1; openpyxl 3.1.5 gives the error's own text for the same cell.
# What to do: where an empty cell has a meaning, read the cells' types with a library that tells errors.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
"$folder/venv/bin/python" - <<'PY'
import io
import sys

import openpyxl
from python_calamine import CalamineWorkbook

book = openpyxl.Workbook()
for name, value in {"A1": "Barcode", "A2": "#N/A", "A3": "#DIV/0!", "A4": "last"}.items():
    book.active[name] = value
file = io.BytesIO()
book.save(file)
file.seek(0)
kinds = [book.active[name].data_type for name in ("A2", "A3")]
found = [value for (value,) in CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()]
print("types in the file:", kinds, "read:", found)
sys.exit(kinds != ["e", "e"] or found != ["Barcode", "", "", "last"])
PY
