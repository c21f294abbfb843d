"""A shift at a till: the float it begins with, cash put in and taken out, and the count that ends it.

A shift belongs to one till and seals nothing. Its documents and payments are those in the till's journal between its
opening and its count; no row of theirs names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shopdesk.domain.clean_text import quoted, strip_invisible
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import LARGEST_MINOR, Currency, Money, NumberSymbols, read_minor
from shopdesk.domain.sentence import sentence
from shopdesk.domain.totals import cash_rounding

MOST_PIECES = 99_999
"""The most coins or notes of one kind that a count takes."""
_TOO_MANY = sentence("That is more than a drawer holds. Count again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A shift of a till, which counts its shifts from 1. ``opening`` is the float in minor units.

    ``opened_seq`` is the number of its opening in the till's journal: what comes after it belongs to the shift.
    """

    till_key: UUID
    till: str
    number: int
    opening: int
    opened_at: datetime
    by_name: str
    opened_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """Cash put into the drawer (or, negative, taken out) without a sale, in minor units."""

    key: UUID
    amount: int
    reason: str
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCount:
    """A count of the drawer, the ``attempt``-th of its shift; the last one ends it.

    Amounts are minor units. ``counted`` is None where a manager closed the day without a count. ``pieces`` are coins
    and notes with their number. The shift ends before ``until_seq``, inclusive, in the till's journal.
    """

    attempt: int
    expected: int
    counted: int | None
    pieces: tuple[tuple[int, int], ...]
    at: datetime
    by_name: str
    until_seq: int

    @property
    def difference(self) -> int | None:
        """The cash counted beyond what was expected; negative where some is missing, None without a count."""
        return None if self.counted is None else self.counted - self.expected


def read_cash(text: str, currency: Currency, symbols: NumberSymbols, *, field: str) -> Money:
    """Parse an amount of cash as typed, with or without its code, 0 or more. Raise Refused, for another currency too.

    The error stands beside the field.
    """
    written = strip_invisible(text)
    code = "".join(mark for mark in written if mark.isalpha()).upper()
    try:
        if len(code) == 3 and code.isascii():
            written = written.upper().replace(code, "").strip()
            return Money(read_minor(written, symbols, currency), Currency.of(code))
        return Money(read_minor(written, symbols, currency), currency)
    except Refused as refused:
        raise Refused(refused.faults[0].text, field=field) from None


def read_pieces(texts: Mapping[int, str]) -> tuple[tuple[int, int], ...]:
    """Parse the number of coins or notes typed for each denomination, empty for none; those of 0 are left out.

    Raise Refused with a fault for each that is no whole number, beside the field named by its denomination.
    """
    pieces: list[tuple[int, int]] = []
    faults: list[FieldError] = []
    for denomination, text in texts.items():
        written = strip_invisible(text)
        if written and not written.isdecimal():
            said = sentence("{text} is not a number of pieces. Type a whole number.", text=quoted(text))
            faults.append(FieldError(said, str(denomination)))
        elif len(written) > len(str(MOST_PIECES)):
            faults.append(FieldError(_TOO_MANY, str(denomination)))
        elif number := int(written or 0):
            pieces.append((denomination, number))
    if faults:
        raise Refused(faults)
    return tuple(pieces)


def check_cash(amount: Money, currency: Currency, smallest_coin: int, *, field: str) -> int:
    """Return cash in minor units. Raise Refused for another currency, a negative amount, and what no coins make."""
    if amount.currency != currency:
        raise Refused(
            sentence("The till counts in {code}, not in {other}.", code=currency.code, other=amount.currency.code),
            field=field,
        )
    if amount.minor < 0:
        raise Refused(sentence("The amount cannot be negative."), field=field)
    if amount.minor > LARGEST_MINOR:
        raise Refused(sentence("This amount is too large."), field=field)
    if cash_rounding(amount.minor, smallest_coin):
        raise Refused(sentence("There are no coins for this amount."), field=field)
    return amount.minor


def check_pieces(pieces: Sequence[tuple[int, int]]) -> int:
    """Return what counted pieces are worth in minor units. Raise Refused for a number that cannot be."""
    if any(denomination <= 0 or not 0 <= number <= MOST_PIECES for denomination, number in pieces):
        raise Refused(_TOO_MANY, field="pieces")
    return sum(denomination * number for denomination, number in pieces)
