#!/usr/bin/env bash
# Babel's extractor leaves out each translatable call inside an f-string when it runs on CPython 3.11: exit 0, no
# warning, and the text is missing from the catalogue.
#
# Seen with Babel 2.18.0 on CPython 3.11.7. There the tokenizer, which Babel reads with, gives an f-string as one token;
# from 3.12 on it gives the parts (not run here: the check below looks at 3.11 alone).
# What to do: call the translation first and format its result; let a test compare the catalogue with the syntax tree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.18.0
cat >"$folder/source.py" <<'PY'
a = _("plain")
b = f"{_('inside')}: {amount}"
c = f"{_('upper').upper()}"
PY
"$folder/venv/bin/python" - "$folder/source.py" <<'PY'
import sys
from babel.messages.extract import extract_from_file

print("Python", sys.version.split()[0])
found = [message for _line, message, *_ in extract_from_file("python", sys.argv[1])]
print("extracted:", found)
expected = ["plain"] if sys.version_info < (3, 12) else None
sys.exit(0 if expected is None or found == expected else 1)
PY
