#!/usr/bin/env bash
# python-calamine counts the rows of one sheet in two ways: to_python() begins at the first cell that is used, iter_rows()
# at A1. A message about "row 2" names another row of the spreadsheet, depending on which of the two was used.
#
# Seen with python-calamine 0.9.1 and a sheet whose table begins at B3. The parameter skip_empty_area=False makes
# to_python() begin at A1 as well; iter_rows() has no such parameter.
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
book.active["B3"], book.active["C3"] = "Code", "Price"
book.active["B4"], book.active["C4"] = "007", 12.5
file = io.BytesIO()
book.save(file)
file.seek(0)
sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
table, rows = sheet.to_python(), [list(row) for row in sheet.iter_rows()]
print("to_python():", table)
print("iter_rows():", rows)
expected = [["Code", "Price"], ["007", 12.5]]
sys.exit(table != expected or len(rows) != 4 or any(rows[0]) or rows[3][-2:] != ["007", 12.5])
PY
