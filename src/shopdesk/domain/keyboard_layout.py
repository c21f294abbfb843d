"""Codes from a scanner that is set to another keyboard layout than the computer.

A scanner sends the positions of keys. Set to an American keyboard on a French computer, it types ``&é"'(`` for 12345;
set to a German one on an American computer, ``?`` or ``/`` for a hyphen, and Y for Z.
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
