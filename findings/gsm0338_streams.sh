#!/usr/bin/env bash
# gsm0338 registers the codec "gsm03.38" when it is imported, but only whole texts can be encoded with it: its
# incremental encoder and decoder have no tables, so a text file, codecs.iterencode and the like raise AttributeError.
# What it exports to look the codec up, find_gsm0338, is None.
#
# Seen with gsm0338 1.1.0. str.encode, bytes.decode and Codec().encode are right, with all error handlers.
# What to do: encode whole texts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gsm0338==1.1.0
"$folder/venv/bin/python" - <<'PY'
import codecs
import io
import sys
from collections.abc import Callable

import gsm0338


def tried(act: Callable[[], object]) -> str:
    try:
        return repr(act())
    except AttributeError as error:
        return f"AttributeError: {error}"


def written() -> bytes:
    file = io.BytesIO()
    text = io.TextIOWrapper(file, encoding="gsm03.38")
    text.write("5 €")
    text.flush()
    return file.getvalue()


ways = {
    "str.encode": tried(lambda: "5 €".encode("gsm03.38")),
    "a text file": tried(written),
    "codecs.iterencode": tried(lambda: b"".join(codecs.iterencode(["5 €"], "gsm03.38"))),
    "codecs.iterdecode": tried(lambda: "".join(codecs.iterdecode([b"5 \x1be"], "gsm03.38"))),
    "find_gsm0338": repr(gsm0338.find_gsm0338),
}
for way, result in ways.items():
    print(way, result, sep=": ")
fails = [way for way, result in ways.items() if result.startswith("AttributeError")]
is_so = fails == ["a text file", "codecs.iterencode", "codecs.iterdecode"] and ways["find_gsm0338"] == "None"
sys.exit(0 if is_so and ways["str.encode"] == repr(b"5 \x1be") else 1)
PY
