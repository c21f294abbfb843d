"""The shop's own weight and price labels: an EAN-13 with the prefix 20 to 29 that carries an item, and what it costs.

Their layout differs from shop to shop (GS1 General Specifications, section 2.1.11), so the shop writes it down as a
pattern: ``29 IIIII PPPPP C`` with I for the item, P for the price in the smallest unit of money, W for the weight in
thousandths, C for the check digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shopdesk.domain.clean_text import quoted
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence

_LENGTH = 13
_PATTERN = re.compile(r"(?P<prefix>2\d|02)(?P<item>I+)(?:(?P<price>P+)|(?P<weight>W+))C")
_FIELD = "in_store_codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class InStoreCode:
    """The content of a label: the digits of the item, and a price in minor units or a weight in thousandths."""

    item: str
    blank: str
    """The same code with zeros for price or weight and without its check digit."""
    price: int | None = None
    weight: int | None = None


def check_patterns(text: str) -> str:
    """Return patterns, separated by commas, in their usual spelling. Raises Refused for a wrong one."""
    return ", ".join(_spelled(one) for one in _patterns(text))


def read_in_store_code(code: str, patterns: str) -> InStoreCode | None:
    """Return what a code of 13 digits says by the first of the patterns that it matches, or None."""
    if len(code) != _LENGTH or not code.isdecimal():
        return None
    for pattern in _patterns(patterns):
        parts = _parts(pattern)
        if not code.startswith(parts["prefix"]):
            continue
        starts = pattern.index("I"), pattern.index("C") - len(parts["price"] or parts["weight"])
        value = int(code[starts[1] : -1])
        return InStoreCode(
            item=code[starts[0] : starts[1]],
            blank=code[: starts[1]] + "0" * (_LENGTH - 1 - starts[1]),
            price=value if parts["price"] else None,
            weight=value if parts["weight"] else None,
        )
    return None


def _patterns(text: str) -> list[str]:
    """Return the patterns without their blanks. Raises Refused for a wrong one."""
    found = ["".join(one.split()).upper() for one in text.split(",") if one.strip()]
    for pattern in found:
        _parts(pattern)
    return found


def _parts(pattern: str) -> dict[str, str]:
    matched = _PATTERN.fullmatch(pattern)
    if matched is None or len(pattern) != _LENGTH:
        raise Refused(
            sentence(
                "{text} is no pattern of a label. Type the first two digits (20 to 29), then I for each digit"
                " of the item, P for each of the price or W for each of the weight in grams, and C for the "
                "check digit, 13 in all, like 29 IIIII PPPPP C.",
                text=quoted(pattern),
            ),
            field=_FIELD,
        )
    return {name: text or "" for name, text in matched.groupdict().items()}


def _spelled(pattern: str) -> str:
    parts = _parts(pattern)
    return " ".join(filter(None, (parts["prefix"], parts["item"], parts["price"], parts["weight"], "C")))
