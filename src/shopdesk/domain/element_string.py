"""GS1 element strings: the article, weight, price, batch and expiry in GS1-128, DataMatrix and QR codes.

Parsed by ``biip`` (GS1 General Specifications, section 3), which is imported with the first such code: it takes longer
than the rest of a look-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shopdesk.domain.money import QUANTITY_UNIT, Currency

_ARTICLE = re.compile(r"01(\d{14})")
_KILOGRAMS, _PRICE = "310", "392"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementString:
    """The content of an element string. ``weight`` is in thousandths of a kilogram, ``count`` in pieces."""

    gtin: str
    weight: int | None = None
    count: int | None = None
    price: Decimal | None = None
    """The price of the item, in units of the local currency."""
    batch: str = ""
    expires_on: date | None = None

    def price_in(self, currency: Currency) -> int | None:
        """Return the price in minor units of a currency; None without one, or if it has more decimals."""
        if self.price is None:
            return None
        minor = self.price.scaleb(currency.digits)
        return int(minor) if minor == minor.to_integral_value() else None


def read_element_string(text: str) -> ElementString | None:
    """Return what an element string says, or None if it names no article.

    A scanner that drops the separators leaves only the article readable.
    """
    import biip
    from biip.gs1_messages import GS1Message

    try:
        found = GS1Message.parse(text).element_strings
    except biip.ParseError:
        article = _ARTICLE.match(text)
        return ElementString(gtin=article.group(1)) if article is not None else None
    by_ai: dict[str, Any] = {one.ai.ai: one for one in found}
    article = by_ai.get("01") or by_ai.get("02")
    if article is None:
        return None
    weight = next((one.decimal for ai, one in by_ai.items() if ai[:3] == _KILOGRAMS), None)
    price = next((one.decimal for ai, one in by_ai.items() if ai[:3] == _PRICE), None)
    until = by_ai.get("17") or by_ai.get("15")
    return ElementString(
        gtin=article.value,
        weight=int(weight * QUANTITY_UNIT) if weight is not None else None,
        count=int(by_ai["30"].value) if "30" in by_ai else None,
        price=price,
        batch=by_ai["10"].value if "10" in by_ai else "",
        expires_on=until.date if until is not None else None,
    )
