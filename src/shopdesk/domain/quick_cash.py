"""The amounts of cash that customers hand over for a total: exact, and with the next notes and coins."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shopdesk.domain.money import Currency
from shopdesk.domain.totals import cash_rounding

MOST_AMOUNTS = 4
_NOTES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "CHF": (10, 20, 50, 100, 200),
        "EUR": (5, 10, 20, 50, 100, 200),
        "GBP": (5, 10, 20, 50),
        "JPY": (1_000, 5_000, 10_000),
        "PLN": (10, 20, 50, 100, 200),
        "USD": (5, 10, 20, 50, 100),
    }
)
"""The notes of some currencies, in whole units; the others are reckoned in steps of 1, 2 and 5."""


def quick_amounts(due: int, currency: Currency, *, smallest_coin: int = 1) -> tuple[int, ...]:
    """Return up to four amounts in minor units, the exact one first: what coins make of ``due``, then more.

    The others are ``due`` rounded up to each note: 64.20 may be paid with 64.20, 65, 70, 80 or 100. There is none for
    a refund.
    """
    if due <= 0:
        return ()
    exact = due + cash_rounding(due, smallest_coin)
    found = [exact or due]
    for note in _notes(due, currency):
        amount = -(-due // note) * note
        if amount > found[-1]:
            found.append(amount)
    return tuple(found[:MOST_AMOUNTS])


def _notes(due: int, currency: Currency) -> tuple[int, ...]:
    """Return the notes in minor units, smallest first, and one that is more than ``due``."""
    notes = [note * currency.scale for note in _NOTES.get(currency.code, ())]
    largest, step = max(notes, default=0), 1
    while step <= due * 10:
        notes += [factor * step for factor in (1, 2, 5) if factor * step > largest]
        step *= 10
    return tuple(note for note in notes if note * 20 > due)
