"""The size of a text message: its alphabet, and the segments that are sent and paid for (3GPP TS 23.038, 23.040).

A message in the GSM alphabet has 160 characters, in 16-bit Unicode (UCS-2) 70. A longer one is sent in segments, each
with a head that takes 7 characters of the one and 3 of the other. The alphabet is the library's, gsm0338.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache

from gsm0338 import Codec


class Alphabet(Enum):
    """An alphabet of text messages: the units of a message that is alone, and of one segment of several."""

    GSM = (160, 153)
    """7-bit characters; those of the extension table, such as €, are two."""
    UCS2 = (70, 67)
    """UTF-16, as phones read it; characters beyond the first plane, such as most emoji, are two."""


@dataclass(frozen=True, slots=True)
class SmsSize:
    """The size of a text message: its alphabet, its length in units of that, and the number of its segments."""

    alphabet: Alphabet
    length: int
    segments: int


def sms_size(text: str) -> SmsSize:
    """Return the size of a text message as it is sent; an empty one is one segment."""
    units = _gsm_units(text)
    alphabet = Alphabet.GSM if units is not None else Alphabet.UCS2
    if units is None:
        units = [len(one.encode("utf-16-be", "surrogatepass")) // 2 for one in text]
    return SmsSize(alphabet, sum(units), _segments(units, *alphabet.value))


def plain_sms(text: str) -> str:
    """Return a text with plain blanks, quotes and dashes, so that one of them does not make it UCS-2.

    Letters stay as they are. Marks that only control the direction go where nothing else needs UCS-2.
    """
    plain = text.translate(_PLAIN)
    bare = plain.translate(_DIRECTION)
    return bare if _gsm_units(bare) is not None else plain


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000", " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        "•": "*",
        "\t": " ",
    }
)  # fmt: skip
_DIRECTION = dict.fromkeys(map(ord, "\u061c\u200b\u200e\u200f\u2060\u2066\u2067\u2068\u2069"))


def _gsm_units(text: str) -> list[int] | None:
    """Return the units of each character in the GSM alphabet; None if it has not all of them."""
    try:
        return [_gsm_unit(one) for one in text]
    except UnicodeEncodeError:
        return None


@cache
def _gsm_unit(character: str) -> int:
    return len(_codec().encode(character)[0])


@cache
def _codec() -> Codec:
    return Codec()


def _segments(units: Iterable[int], alone: int, of_several: int) -> int:
    """Return the number of segments; no character of two units is split between two of them."""
    units = list(units)
    if sum(units) <= alone:
        return 1
    count, used = 1, 0
    for one in units:
        if used + one > of_several:
            count, used = count + 1, 0
        used += one
    return count
