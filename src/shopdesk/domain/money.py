"""Exact amounts: whole minor units of a currency, whole thousandths of a quantity, and strict reading of numbers.

A unit price is a whole number of hundredths of a minor unit, so that 0.0125 EUR is 125 (money.md, rule 1).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering

from shopdesk.domain.errors import Refused

# ISO 4217, list one: currencies whose minor unit is not a hundredth.
_DIGITS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0) | (
    dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
)

PRICE_PER_MINOR = 100
QUANTITY_UNIT = 1000
LARGEST_MINOR = 10**15 - 1
"""The largest amount of one document: fits a BIGINT with room for a year's sums."""


def rounded(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to a whole number, half away from zero (money.md, rule 2)."""
    if denominator <= 0:
        raise ValueError("the denominator is positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 code and how many decimals its minor unit has."""

    code: str
    digits: int

    @classmethod
    def of(cls, code: str) -> Currency:
        """The currency of an ISO 4217 code; refuses what is not three capital letters."""
        if not re.fullmatch(r"[A-Z]{3}", code):
            raise Refused(f"“{code}” is not a currency code. Use three letters, such as EUR.", field="currency")
        return cls(code, _DIGITS.get(code, 2))

    @property
    def scale(self) -> int:
        """How many minor units make one: 100 for EUR, 1 for JPY."""
        return int(10**self.digits)


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """Whole minor units of one currency. Two currencies never mix."""

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"money is whole minor units, not {self.minor!r}")

    @property
    def decimal(self) -> Decimal:
        """The exact amount, with the currency's decimals: ``Decimal('12.30')``."""
        return Decimal(self.minor).scaleb(-self.currency.digits)

    def __str__(self) -> str:
        return f"{self.decimal:f}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency.code} and {other.currency.code} do not mix")
        return other.minor


@dataclass(frozen=True, slots=True)
class Marks:
    """How a locale writes numbers: its decimal mark and its group mark."""

    decimal: str = "."
    group: str = ","


_SPACES = "\u00a0\u202f\u2009 "
_APOSTROPHES = "'’"


def read_decimal(text: str, marks: Marks, *, decimals: int, what: str = "number") -> Decimal:
    """A number as people type it, read strictly (money.md, "Reading and writing numbers").

    The last ``.`` or ``,`` is the decimal mark only if it is the locale's; group marks stand in threes; digits of
    any script are read. Raises Refused, saying how to type it, on anything else and on more than ``decimals`` decimals.
    """
    written = text.strip().strip("\u200e\u200f\u061c")
    if len(written) > 40:
        raise Refused(f"This {what} is too long.")
    plain = "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in written)
    plain = plain.replace("\u066b", marks.decimal).replace("\u066c", marks.group).replace("−", "-")
    example = f"1234{marks.decimal}56" if decimals else "1234"
    sign, body = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, mark, fraction = body.partition(marks.decimal)
    group = marks.group
    for spaces in (_SPACES, _APOSTROPHES):
        if group in spaces:
            whole = whole.translate({ord(space): group for space in spaces})
    grouped = re.escape(group)
    if not re.fullmatch(rf"\d+|\d{{1,3}}(?:{grouped}\d{{3}})+|", whole) or not re.fullmatch(r"\d*", fraction):
        raise Refused(f"“{_short(written)}” is not a {what}. Type it like {example}.")
    if not whole and not fraction:
        raise Refused(f"“{_short(written)}” is not a {what}. Type it like {example}.")
    if mark and not fraction and not whole:
        raise Refused(f"“{_short(written)}” is not a {what}. Type it like {example}.")
    if len(fraction.rstrip("0")) > decimals:
        allowed = "no decimals" if decimals == 0 else f"at most {decimals} decimals"
        raise Refused(f"“{_short(written)}” has too many decimals: {allowed} here.")
    return Decimal(f"{sign}{whole.replace(group, '') or '0'}.{fraction or '0'}")


def read_minor(text: str, marks: Marks, currency: Currency) -> int:
    """An amount of money as typed, in whole minor units."""
    value = read_decimal(text, marks, decimals=currency.digits, what="amount")
    return _limited(int(value.scaleb(currency.digits)), "amount")


def read_price(text: str, marks: Marks, currency: Currency) -> int:
    """A unit price as typed, in hundredths of a minor unit; refuses a negative one."""
    value = read_decimal(text, marks, decimals=currency.digits + 2, what="price")
    if value < 0:
        raise Refused("A price cannot be negative. To take something back, use a credit note.")
    return _limited(int(value.scaleb(currency.digits + 2)), "price")


def read_quantity(text: str, marks: Marks) -> int:
    """A quantity as typed, in thousandths: more than nothing, less than a million."""
    value = read_decimal(text, marks, decimals=3, what="quantity")
    if value <= 0:
        raise Refused("The quantity must be more than 0. To take something back, use a credit note.")
    if value >= 1_000_000:
        raise Refused("The quantity must be less than 1 000 000.")
    return int(value.scaleb(3))


def read_percent(text: str, marks: Marks) -> int:
    """A percentage from 0 to 100 as typed, with or without the sign, in thousandths of a per cent."""
    value = read_decimal(text.strip().removesuffix("%").strip(), marks, decimals=3, what="percentage")
    if not 0 <= value <= 100:
        raise Refused("A percentage lies between 0 and 100.")
    return int(value.scaleb(3))


def _limited(value: int, what: str) -> int:
    if abs(value) > LARGEST_MINOR:
        raise Refused(f"This {what} is larger than the program can keep.")
    return value


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"
