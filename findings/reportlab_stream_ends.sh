#!/usr/bin/env bash
# reportlab writes "endstream" directly behind the last byte of a stream. PDF asks for a line end before it (ISO 32000-1,
# 7.3.8.1: "should"), PDF/A demands one (ISO 19005-3, 6.1.7.1), so no file of reportlab can be PDF/A as it comes. There is
# no hook: the Length is that of the content, and a line end added to the content is counted in it.
#
# Seen with reportlab 5.1.0, with and without compression.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check reportlab==5.1.0
"$folder/venv/bin/python" - <<'PY'
import io
import re
import sys

from reportlab.pdfgen.canvas import Canvas

found = []
for compression in (0, 1):
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=compression, invariant=1)
    canvas.drawString(100, 700, "Hello")
    canvas.save()
    for length, content in re.findall(rb"/Length (\d+)\n>>\nstream\n(.*?)endobj", file.getvalue(), re.DOTALL):
        found.append(content[int(length):])
print(found)
sys.exit(found != [b"endstream\n"] * 2)
PY
