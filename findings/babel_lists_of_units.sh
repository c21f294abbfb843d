#!/usr/bin/env bash
# Babel's lists without "and" (format_list with style "unit") are not there in every language: Spanish and Hebrew raise
# KeyError('start'); German, Swedish and Dutch do from three items on; French, Polish and Arabic have an "and" all the
# same; and of two items in Arabic the second is written twice.
#
# Seen with Babel 2.18.0. The default style, "standard", works in all of them, with "and".
# What to do: join such a list with the comma of the script, and test each language that is offered.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.18.0
"$folder/venv/bin/python" - <<'PY'
import sys
from babel.lists import format_list


def listed(language: str, count: int, style: str = "unit") -> str:
    try:
        return format_list(["tea", "milk", "rice"][:count], style=style, locale=language)
    except KeyError as error:
        return f"KeyError {error}"


missing = "KeyError 'start'"
expected = {
    "en": ("tea, milk", "tea, milk, rice"),
    "de": ("tea, milk", missing),
    "sv": ("tea, milk", missing),
    "es": (missing, missing),
    "he": (missing, missing),
    "nl": ("tea en milk", missing),
    "fr": ("tea et milk", "tea, milk et rice"),
    "pl": ("tea i milk", "tea, milk i rice"),
    "ar": ("tea\u060c \u0648milk\u060c \u0648milk", "tea\u060c \u0648milk\u060c \u0648rice"),
}
found = {language: (listed(language, 2), listed(language, 3)) for language in expected}
for language, lists in found.items():
    print(language, *lists, sep=" | ")
standard = [listed(language, count, "standard") for language in expected for count in (2, 3)]
sys.exit(0 if found == expected and missing not in standard else 1)
PY
