"""A pseudo-language: each text of the catalogues between ⟦ and ⟧, and a third longer, or in Hebrew letters.

The windows in it show which texts come out of no catalogue, and which have no room for another language.
"""

from __future__ import annotations

import runpy
import shutil
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from shopdesk import message_catalogues, paths

OPEN, CLOSE = "⟦", "⟧"
LONGER = 0.35
_HEBREW = {ord(letter): chr(0x05D0 + at % 27) for at, letter in enumerate(string.ascii_lowercase)}
_HEBREW |= {ord(letter.upper()): hebrew for letter, hebrew in ((chr(code), of) for code, of in _HEBREW.items())}


def longer(text: str) -> str:
    """Return an English text in the pseudo-language from left to right."""
    padding = " ".join("e" * len(word) for word in _words(round(len(text) * LONGER)))
    return _written(text, str, (" " if len(text) > 12 else "") + padding)


def in_hebrew_letters(text: str) -> str:
    """Return an English text in the pseudo-language from right to left, as long as it is: Hebrew is rather shorter."""
    return _written(text, lambda part: part.translate(_HEBREW), "")


def _written(text: str, write: Callable[[str], str], padding: str) -> str:
    made = []
    for part, name, spec, _ in string.Formatter().parse(text):
        made.append(write(part).replace("{", "{{").replace("}", "}}") if name is not None else write(part))
        if name is not None:
            made.append("{" + name + (f":{spec}" if spec else "") + "}")
    return f"{OPEN}{''.join(made)}{padding}{CLOSE}"


def _words(length: int) -> Iterator[str]:
    while length > 0:
        yield "e" * min(length, 7)
        length -= 8


def unmarked(text: str) -> str:
    """Return what of a text stands outside all marks."""
    depth, outside = 0, []
    for letter in text:
        if letter == OPEN:
            depth += 1
        elif letter == CLOSE:
            depth -= 1
        elif depth == 0:
            outside.append(letter)
    return "".join(outside)


def install(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Put the pseudo-language in the place of German (from left to right) and Hebrew (from right to left)."""
    tool: dict[str, Any] = runpy.run_path(str(paths.resources() / "translations" / "update.py"))
    with tool["TEMPLATE"].open("rb") as file:
        texts = read_po(file)
    bundle = folder / "bundle" / "resources"
    shutil.copytree(paths.resources(), bundle, ignore=shutil.ignore_patterns("translations"))
    for language, write in (("de", longer), ("he", in_hebrew_letters)):
        catalogue = Catalog(language)
        for text in texts:
            if text.id and isinstance(text.id, str):
                catalogue.add(text.id, write(text.id), context=text.context)
            elif text.id:
                forms = [write(form) for form in text.id]
                catalogue.add(text.id, (forms[0], *forms[1:] * (catalogue.num_plurals - 1)), context=text.context)
        made = bundle / "translations" / language / "LC_MESSAGES" / "shopdesk.mo"
        made.parent.mkdir(parents=True)
        made.write_bytes(tool["compiled"](catalogue))
    patch.setattr("sys._MEIPASS", str(bundle.parent), raising=False)
    forget()


def forget() -> None:
    """Read the catalogues anew; call it when the patch is undone, too."""
    for cached in (message_catalogues.languages, message_catalogues.matching, message_catalogues.catalogue):
        cached.cache_clear()
