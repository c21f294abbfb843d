"""Letters as people search and sort them: ł like l, æ like ae, though Unicode does not decompose them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Unicode has no decomposition for these. (Letters “with stroke” and the like are recognised by their names.)
_ALIKE = {
    "æ": "ae", "œ": "oe", "ð": "d", "đ": "d", "þ": "th", "ŋ": "n", "ı": "i", "ĸ": "k", "ə": "e", "ɛ": "e", "ɔ": "o",
    # Arabic and Persian spellings of one letter, and Hebrew's final letters.
    "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا",
    "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ",
}  # fmt: skip
_LATIN_WITH = re.compile(r"LATIN SMALL LETTER ([A-Z]|AE) WITH .*")
_APOSTROPHES = frozenset("ʹʺʻʼʽʾʿˈ\u0640")
"""Letters by category that are marks by use: apostrophes within names, and the Arabic letter that only stretches."""


@lru_cache(maxsize=4096)
def base_letters(letter: str) -> str:
    """Return the letters of the alphabet that a decomposed, casefolded letter is looked for under: “ł” is “l”.

    A digit of any script is 0 to 9; an apostrophe within a name is nothing.
    """
    if letter.isascii():
        return letter
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    if letter in _APOSTROPHES:
        return ""
    if letter in _ALIKE:
        return _ALIKE[letter]
    named = _LATIN_WITH.fullmatch(unicodedata.name(letter, ""))
    return named[1].lower() if named else letter


def without_accents(text: str) -> str:
    """Return a text casefolded, without accents, and with the letters that people type for others: “Łódź” is “lodz”."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.casefold()).casefold()  # “№” and “™” come apart into capitals
    return "".join(base_letters(mark) for mark in folded if not unicodedata.combining(mark))
