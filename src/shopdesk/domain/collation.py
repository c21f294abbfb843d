"""The order of names in lists: letters first, then accents, then case (Unicode Collation Algorithm, UTS 10).

Both databases store the sort key that is made here, so that both sort alike, whatever their own locale is. Not by a
library: pyuca knows no language and takes a second to load, and PyICU has no wheels.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from shopdesk.domain.letters import base_letters

LONGEST = 1000
"""The most bytes of a key: PostgreSQL's indexes hold no more than 2700 for a row."""

# Letters that an alphabet has between others: first the letter before, then those after it. "ä=æ" are two forms of one
# letter. A cluster such as "ch" counts as a letter. (Source: CLDR's collation charts.)
_EVERYWHERE = "ب پ|ج چ|ز ژ|ك گ|г ґ ѓ|д ђ|е є|з ѕ|и і ї й ј|л љ|н њ|т ћ ќ|у ў|ч џ"
_CROATIAN = "c č ć|d dž đ|l lj|n nj|s š|z ž"
_DANISH = "z æ=ä ø=ö å=aa"
_SWEDISH = "z å ä=æ ö=ø"
_ALPHABETS = {
    "az": "c ç|e ə|g ğ|h x ı|k q|o ö|s ş|u ü",
    "bs": _CROATIAN,
    "cs": "c č|h ch|r ř|s š|z ž",
    "cy": "c ch|d dd|f ff|g ng|l ll|p ph|r rh|t th",
    "da": _DANISH,
    "es": "n ñ",
    "et": "s š z ž|w õ ä ö ü",
    "eu": "n ñ",
    "fi": _SWEDISH,
    "fil": "n ñ ng",
    "gl": "n ñ",
    "hr": _CROATIAN,
    "hu": "c cs|d dz dzs|g gy|l ly|n ny|o ö=ő|s sz|t ty|u ü=ű|z zs",
    "is": "a á|d ð|e é|i í|o ó|u ú|y ý|z þ æ ö=ø å",
    "lt": "c č|s š|z ž",
    "lv": "c č|g ģ|k ķ|l ļ|n ņ|r ŗ|s š|z ž",
    "nb": _DANISH,
    "nn": _DANISH,
    "no": _DANISH,
    "pl": "a ą|c ć|e ę|l ł|n ń|o ó|s ś|z ź ż",
    "ro": "a ă â|i î|s ș=ş|t ț=ţ",
    "sk": "a ä|c č|h ch|o ô|s š|z ž",
    "sl": "c č ć|d đ|s š|z ž",
    "sq": "c ç|d dh|e ë|g gj|l ll|n nj|r rr|s sh|t th|x xh|z zh",
    "sr": _CROATIAN,
    "sv": _SWEDISH,
    "tr": "c ç|g ğ|h ı|o ö|s ş|u ü",
    "vi": "a ă â|d đ|e ê|o ô ơ|u ư",
}
_DOTLESS = frozenset({"az", "tr"})
"""The languages in which the capital of “i” is “İ”, and “I” that of “ı”."""

_AFTER = 0x10FFF0
"""Added to the letter before, this makes a letter that follows all words that begin with that one."""
_MARKS = " _-,;:!?.'\"()[]{}@*/\\&#%\0`^+<=>|~$\0"
"""The order of marks in ASCII (CLDR's root); where a NUL stands, other punctuation, or other symbols, come."""
_MARK_WEIGHTS = {mark: chr(place) for place, mark in enumerate(_MARKS, 2) if mark != "\0"}
_PUNCTUATION, _SYMBOL = (chr(2 + at) for at, mark in enumerate(_MARKS) if mark == "\0")
_ACCENTS = {
    accent: chr(place) for place, accent in enumerate("\u0301\u0300\u0306\u0302\u030c\u030a\u0308\u030b\u0303", 3)
}
"""The order of the commonest accents, by the algorithm's own table; others come after them."""
_VARIANT = "\U0010fffe"
_PLAIN, _CAPITAL = "\x02", "\x03"
_ASCII = {
    number: _MARK_WEIGHTS.get(chr(number), None if number < 32 or number == 127 else chr(number))
    for number in range(128)
}
_ASCII_CASES = {
    number: _CAPITAL if chr(number).isupper() else _PLAIN for number in range(128) if 32 <= number < 127
} | dict.fromkeys([*range(32), 127])


def sort_key(name: str, language: str) -> bytes:
    """Return the bytes by whose order names are sorted in a language (a BCP 47 tag): “Äpfel” before “apple”."""
    root = language.replace("_", "-").split("-", 1)[0].lower()
    if name.isascii() and _sorts_ascii(root):  # most names of a catalogue: ten times as fast
        letters, accents, cases = name.lower().translate(_ASCII), "", name.translate(_ASCII_CASES)
    else:
        units = _units(root).findall(unicodedata.normalize("NFC", name))
        letters, accents, cases = map(
            "".join, zip(("", "", ""), *(_weights(unit, root) for unit in units), strict=True)
        )
    key = "\0".join((letters, accents.rstrip("\x01"), cases.rstrip(_PLAIN)))
    return key.encode("utf-8", "replace")[:LONGEST]


def same_letters(name: str, language: str) -> tuple[bytes, bytes]:
    """Return the limits of the keys of all names with the same letters; accents and case may differ.

    The keys are at or after the first limit, and before the second.
    """
    letters = sort_key(name, language).partition(b"\0")[0]
    return letters + b"\0", letters + b"\x01"


@cache
def _sorts_ascii(language: str) -> bool:
    """Return True if the letters of ASCII have their usual places in a language, and no clusters."""
    return language not in _DOTLESS and not any(letter.isascii() for letter in _alphabet(language))


@cache
def _units(language: str) -> re.Pattern[str]:
    clusters = sorted((letter for letter in _alphabet(language) if len(letter) > 1), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, clusters), "."]), re.IGNORECASE | re.DOTALL)


@cache
def _alphabet(language: str) -> dict[str, tuple[str, str]]:
    """Return the letters that have a place of their own in a language, with their weights of letter and accent."""
    found: dict[str, tuple[str, str]] = {}
    for rule in f"{_EVERYWHERE}|{_ALPHABETS.get(language, '')}".rstrip("|").split("|"):
        before, *letters = rule.split(" ")
        for place, forms in enumerate(letters):
            for form, letter in enumerate(forms.split("=")):
                found[letter] = (before + chr(_AFTER + place), _VARIANT * form + "\x01")
    return found


@lru_cache(maxsize=4096)
def _weights(unit: str, language: str) -> tuple[str, str, str]:
    """Return the weights of a letter: of the letter itself, of its accents and of its case."""
    typed = unit
    if language in _DOTLESS:
        unit = unit.replace("I", "ı").replace("İ", "i")
    case = _CAPITAL if typed != typed.lower() else _PLAIN
    small = unit.casefold()
    own = _alphabet(language).get(unit.lower()) or _alphabet(language).get(small)
    if own is not None:
        return *own, case
    letters, accents = "", ""
    for mark in unicodedata.normalize("NFKD", small):
        if unicodedata.combining(mark):
            accents += _ACCENTS.get(mark, mark)
        elif mark.isalnum():
            base = base_letters(mark)
            letters += base
            accents += _VARIANT if base != mark or small != unit.lower() else ""
        else:
            letters += _mark_weight(mark)
    return letters, accents + "\x01" if letters else accents, case if letters else ""


def _mark_weight(mark: str) -> str:
    if mark in _MARK_WEIGHTS:
        return _MARK_WEIGHTS[mark]
    match unicodedata.category(mark)[0]:
        case "Z":
            return _MARK_WEIGHTS[" "]
        case "P":
            return _PUNCTUATION + mark
        case "S":
            return _SYMBOL + mark
        case "C":
            return ""
    return mark
