"""Codes from a scanner that is set to another keyboard layout than the computer.

A scanner sends the positions of keys. Set to an American keyboard on a French computer, it types ``&é"'(`` for 12345;
set to a German one on an American computer, ``?`` or ``/`` for a hyphen, and Y for Z; and an Arabic computer types
Arabic letters for the Latin ones.
"""

from __future__ import annotations

from collections.abc import Iterator

_ROWS = (
    "à&é\"'(-è_ç",  # France
    "à&é\"'(§è!ç",  # Belgium
    "é+ěščřžýáí",  # Czech Republic
    "é+ľščťžýáí",  # Slovakia
    ")!@#$%^&*(",  # United States, with Shift
    ')!"£$%^&*(',  # United Kingdom, with Shift
    '=!"§$%&/()',  # Germany, with Shift
    '=!"#¤%&/()',  # Nordic countries, with Shift
    '=!"·$%&/()',  # Spain, with Shift
    '=!"£$%&/()',  # Italy, with Shift
)
"""The marks on the keys 0 to 9, where a layout types no digits with them."""
_HYPHENS = "?/'ß"
_SWAPS = (("YyZz", "ZzYy"), ("AaQqZzWw", "QqAaWwZz"))
"""The letters that change places: on a German keyboard, and on a French one."""


_KEYS = "q w e r t y u i o p a s d f g h j k l z x c v b n m".split()
_HEBREW = "/ ' ק ר א ט ו ן ם פ ש ד ג כ ע י ח ל ך ז ס ב ה נ מ צ"  # its capitals are Latin
_RUSSIAN = "й ц у к е н г ш щ з ф ы в а п р о л д я ч с м и т ь"
_ARABIC = "ض ص ث ق ف غ ع ه خ ح ش س ي ب ل ا ت ن م ئ ء ؤ ر لا ى ة"
_ARABIC_CAPITALS = (
    "\u064e \u064b \u064f \u064c \u0644\u0625 \u0625 \u2018 \u00f7 \u00d7 \u061b \u0650 \u064d ] [ \u0644\u0623 \u0623 "
    "\u0640 \u060c / ~ \u0652 } { \u0644\u0622 \u0622 \u2019"
)
_LIGATURES = {"\ufefb": "\u0644\u0627", "\ufef7": "\u0644\u0623", "\ufef9": "\u0644\u0625", "\ufef5": "\u0644\u0622"}
"""Lam with an alef, which some systems type as one letter."""
_ALPHABETS = tuple(
    dict(zip(f"{small} {capitals}".split(), _KEYS + [key.upper() for key in _KEYS], strict=False))
    for small, capitals in ((_ARABIC, _ARABIC_CAPITALS), (_HEBREW, ""), (_RUSSIAN, _RUSSIAN.upper()))
)
"""The Latin letter on the key of each letter."""


def digits_meant(text: str) -> Iterator[str]:
    """Yield the digits that a text without any may stand for."""
    for row in _ROWS:
        if text and all(mark in row for mark in text):
            yield "".join(str(row.index(mark)) for mark in text)


def codes_meant(text: str) -> Iterator[str]:
    """Yield the codes with letters that a text may stand for."""
    for hyphen in _HYPHENS:
        if hyphen in text:
            yield text.replace(hyphen, "-")
    for letters, others in _SWAPS:
        swapped = text.translate(str.maketrans(letters, others))
        for mark in ("-", *_HYPHENS):
            if swapped != text and mark in swapped:
                yield swapped.replace(mark, "-")
        if swapped != text:
            yield swapped
    if (swapped := text.swapcase()) != text:  # Caps Lock is on
        yield swapped
    if not text.isascii():
        for latin in _latin(text):
            yield from (latin, latin.upper())


def _latin(text: str) -> Iterator[str]:
    """Yield a text by the Latin letters on its keys, for each alphabet that it may be of."""
    for ligature, letters in _LIGATURES.items():
        text = text.replace(ligature, letters)
    for keys in _ALPHABETS:
        latin = text
        for typed in sorted(keys, key=len, reverse=True):  # two letters of one key first
            latin = latin.replace(typed, keys[typed])
        if latin.isascii():
            yield latin
