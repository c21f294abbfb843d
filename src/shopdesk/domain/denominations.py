"""The coins and notes of currencies, by which the cash of a till is counted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shopdesk.domain.money import Currency

_CENTS = "1 2 5 10 20 50 100 200"
_PIECES: Mapping[str, str] = MappingProxyType(
    {
        "AUD": "5 10 20 50 100 200 500 1000 2000 5000 10000",
        "BRL": "5 10 25 50 100 200 500 1000 2000 5000 10000 20000",
        "CAD": "5 10 25 100 200 500 1000 2000 5000 10000",
        "CHF": "5 10 20 50 100 200 500 1000 2000 5000 10000 20000 100000",
        "CZK": "100 200 500 1000 2000 5000 10000 20000 50000 100000 200000 500000",
        "DKK": "50 100 200 500 1000 2000 5000 10000 20000 50000 100000",
        "EUR": f"{_CENTS} 500 1000 2000 5000 10000 20000",
        "GBP": f"{_CENTS} 500 1000 2000 5000",
        "ILS": "10 50 100 200 500 1000 2000 5000 10000 20000",
        "INR": "100 200 500 1000 2000 5000 10000 20000 50000",
        "JPY": "1 5 10 50 100 500 1000 2000 5000 10000",
        "KES": "100 500 1000 2000 4000 5000 10000 20000 50000 100000",
        "KWD": "5 10 20 50 100 250 500 1000 5000 10000 20000",
        "MXN": "5 10 20 50 100 200 500 1000 2000 5000 10000 20000 50000 100000",
        "NOK": "100 500 1000 2000 5000 10000 20000 50000 100000",
        "PLN": "1 2 5 10 20 50 100 200 500 1000 2000 5000 10000 20000 50000",
        "SEK": "100 200 500 1000 2000 5000 10000 20000 50000 100000",
        "TZS": "5000 10000 20000 50000 100000 200000 500000 1000000",
        "USD": "1 5 10 25 50 100 200 500 1000 2000 5000 10000",
    }
)
"""The coins and notes in daily use, in minor units."""
_LARGEST_USUAL = 50_000
"""The largest piece of a currency that is not in the table, in minor units."""


def denominations(currency: Currency, *, smallest_coin: int = 1) -> tuple[int, ...]:
    """Return the coins and notes of a currency in minor units, the largest first.

    Coins below the shop's ``smallest_coin`` are left out. A currency that is not in the table is reckoned in steps of
    1, 2 and 5, of which the pieces of most currencies are.
    """
    pieces = [int(piece) for piece in _PIECES.get(currency.code, "").split()] or _usual()
    return tuple(sorted((piece for piece in pieces if piece >= smallest_coin), reverse=True))


def _usual() -> list[int]:
    powers = (10**power for power in range(len(str(_LARGEST_USUAL))))
    return [step * power for power in powers for step in (1, 2, 5) if step * power <= _LARGEST_USUAL]
