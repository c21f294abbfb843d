"""The translations of the program's texts: GNU gettext catalogues in ``resources/translations``.

English is the source and has no catalogue. ``make catalogues`` writes the files (resources/translations/update.py).
"""

from __future__ import annotations

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from typing import NewType

from shopdesk import paths

SOURCE = "en"
_FILE = "LC_MESSAGES/shopdesk.mo"

Marked = NewType("Marked", str)
"""An English text that the catalogues have. Only ``mark`` makes one, so that the type checker finds texts that no
catalogue has."""


def mark(text: str, /) -> Marked:
    """Mark a literal for the catalogues and return it unchanged, for a table that is translated when it is shown."""
    return Marked(text)


@cache
def languages() -> tuple[str, ...]:
    """Return the ISO 639 codes of all languages, English first."""
    return SOURCE, *sorted(file.parents[1].name for file in (paths.resources() / "translations").glob(f"*/{_FILE}"))


@lru_cache(maxsize=256)
def matching(tag: str) -> str:
    """Return the language of the catalogue for a BCP 47 tag: “de” for “de-AT”; English if there is none."""
    code = tag.replace("_", "-").partition("-")[0].strip().lower()
    code = {"iw": "he"}.get(code, code)
    return code if code != SOURCE and code in languages() else SOURCE


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the catalogue of one of ``languages()``, read once, for any thread. A text without translation stays."""
    if language == SOURCE:
        return NullTranslations()
    with (paths.resources() / "translations" / language / _FILE).open("rb") as file:
        return GNUTranslations(file)
