"""Code 128 (ISO/IEC 15417) of a text of letters, digits and hyphens, as the widths of its bars and gaps.

Made here, as the QR codes are: reportlab's brings all kinds of bar codes with it, which take 0.4 s to import.
"""

from __future__ import annotations

import re
from functools import lru_cache

QUIET_ZONE = 10
"""The modules that stay white on either side."""
_START_B, _START_C, _TO_B, _TO_C = 104, 105, 100, 99
_MODULUS = 103
# The widths of three bars and three gaps for each value (table 1), from 0.
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232
""".split()
_STOP = "2331112"
_PIECES = re.compile(r"(?:\d\d){3,}(?!\d)|(?:\d\d){2,}$|.", re.DOTALL)
"""Digits that are shorter by twos in code set C (six and more, at the end four and more), or any other character."""


@lru_cache(maxsize=16)
def bars(content: str) -> tuple[int, ...]:
    """Return the widths of bars and gaps in turn, in modules, without quiet zones. Raise ValueError.

    The text is of printable ASCII.
    """
    if not content or not (content.isascii() and content.isprintable()):
        raise ValueError("only printable ASCII is written in Code 128")
    values = _values(content)
    check = (values[0] + sum(at * value for at, value in enumerate(values))) % _MODULUS
    return tuple(int(width) for width in "".join(_WIDTHS[value] for value in (*values, check)) + _STOP)


def _values(content: str) -> list[int]:
    values: list[int] = []
    is_of_digits: bool | None = None
    for piece in _PIECES.findall(content):
        of_digits = len(piece) > 1
        if of_digits is not is_of_digits:
            change = (_TO_C, _TO_B) if values else (_START_C, _START_B)
            values.append(change[0] if of_digits else change[1])
            is_of_digits = of_digits
        if of_digits:
            values += [int(piece[at : at + 2]) for at in range(0, len(piece), 2)]
        else:
            values.append(ord(piece) - ord(" "))
    return values
