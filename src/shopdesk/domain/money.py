"""Exact amounts: whole minor units of a currency, whole thousandths of a quantity, and strict parsing of numbers.

A unit price is a whole number of hundredths of a minor unit, so that 0.0125 EUR is 125. The numbered rules are in
docs/data-and-journal.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, total_ordering

from shopdesk.domain.clean_text import ascii_digits, quoted, strip_invisible
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import Sentence, counted_sentence, sentence

# ISO 4217, list one: currencies whose minor unit is not a hundredth.
_DIGITS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0) | (
    dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
)

PRICE_PER_MINOR = 100
_PRICE_DECIMALS = 2
QUANTITY_UNIT = 1000
LARGEST_MINOR = 10**15 - 1
"""The largest amount of one document: fits a BIGINT with room for a year's sums."""


def rounded(numerator: int, denominator: int) -> int:
    """Round ``numerator / denominator`` to a whole number, half away from zero (rule 2)."""
    if denominator <= 0:
        raise ValueError("the denominator is positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 code and the number of decimals of its minor unit."""

    code: str
    digits: int

    @classmethod
    def of(cls, code: str) -> Currency:
        """Return the currency of an ISO 4217 code; raise Refused unless it is three capital letters."""
        return _currency(code)

    @property
    def scale(self) -> int:
        """The number of minor units in one unit: 100 for EUR, 1 for JPY."""
        return int(10**self.digits)


@lru_cache(maxsize=64)
def _currency(code: str) -> Currency:
    """Return the currency of a code, which each row of a list names."""
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Refused(
            sentence("“{code}” is not a currency code. Use three letters, such as EUR.", code=code),
            field="currency",
        )
    return Currency(code, _DIGITS.get(code, 2))


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
        return Decimal(f"{self.minor}E-{self.currency.digits}")

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
class NumberSymbols:
    """The number symbols of a locale: decimal mark, group mark, and the sizes of the last and the other groups.

    With ``either_mark`` a number that is typed may have the other one of point and comma as its decimal mark, where it
    can mean nothing else: 12.50 is 12,50 in German, but 1.250 and 0.350 are refused.
    """

    decimal: str = "."
    group: str = ","
    sizes: tuple[int, int] = (3, 3)
    either_mark: bool = False


MAX_NUMBER_LENGTH = 40


@dataclass(frozen=True, slots=True)
class _Messages:
    """The errors of one sort of number, and an example of it."""

    wrong: Sentence
    too_long: Sentence
    too_large: Sentence
    example: str = "1234.56"


_AMOUNT = _Messages(
    sentence("{text} is not an amount. Type it like {example}."),
    sentence("This amount is too long."),
    sentence("This amount is too large."),
)
_PRICE = _Messages(
    sentence("{text} is not a price. Type it like {example}."),
    sentence("This price is too long."),
    sentence("This price is too large."),
)
_QUANTITY = _Messages(
    sentence("{text} is not a quantity. Type it like {example}."),
    sentence("This quantity is too long."),
    sentence("This quantity is too large."),
    example="1.5",
)
_PERCENTAGE = _Messages(
    sentence("{text} is not a percentage. Type it like {example}."),
    sentence("This percentage is too long."),
    sentence("This percentage is too large."),
    example="12.5",
)

_LOCALES = [NumberSymbols(decimal, group) for decimal in ".,' " for group in ".,' " if group != decimal]

# Characters that different keyboards produce for the same mark.
_ALIKE = (" \u00a0\u2009\u202f", "'’")
_USUAL = str.maketrans("\u00a0\u2009\u202f’", "   '")
_PLAIN = str.maketrans("−－．，", "--.,")
_PERCENT_SIGNS = "%٪％"
_OTHER_MARK = re.compile(r"(-?(?:0|[1-9]\d*)?)[.,](\d{1,2}|\d{4,})")
"""A number whose only mark separates decimals in every locale: a group has three digits."""


def _read_whole(text: str, symbols: NumberSymbols, decimals: int, what: _Messages, *, may_group: bool = True) -> int:
    """Parse a number as people type it, strictly, in units of its last decimal: 12.5 with three decimals is 12500.

    The last ``.`` or ``,`` is the decimal mark only if it is the locale's; group marks separate groups of three (or of
    the locale's sizes) of a number that does not begin with 0; digits of any script are accepted. Raise Refused, with
    an example of the right format, on anything else and on more than ``decimals`` decimals.
    """
    written = strip_invisible(text)
    if len(written) > MAX_NUMBER_LENGTH:
        raise Refused(what.too_long)
    if not written.isascii():
        written = _in_ascii_digits(written, symbols)
    if symbols.either_mark and (other := _OTHER_MARK.fullmatch(written)):
        written = f"{other[1]}{symbols.decimal}{other[2]}"
    found = _number(symbols, may_group=may_group).fullmatch(written)
    if not found:
        example = _as_meant(written, symbols, decimals) or _example(what, symbols, decimals)
        raise Refused(what.wrong.filled(text=quoted(text), example=example))
    sign, whole, fraction = (part or "" for part in found.groups())
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        if not decimals:
            raise Refused(sentence("{text} has too many decimals. None is allowed here.", text=quoted(text)))
        raise Refused(
            counted_sentence(
                decimals,
                "{text} has too many decimals. At most {count} is allowed here.",
                "{text} has too many decimals. At most {count} are allowed here.",
                text=quoted(text),
            )
        )
    digits = "".join(mark for mark in whole if mark.isdecimal())
    return int(f"{sign}0{digits}{fraction:0<{decimals}}")


@lru_cache(maxsize=64)
def _number(symbols: NumberSymbols, *, may_group: bool) -> re.Pattern[str]:
    """Return the pattern of a number in a locale: sign, whole part, decimals; one digit at least.

    A grouped number never begins with 0: no one groups a number below 1000, so 0.350 can only mean a decimal mark.
    """
    group = f"[{next((alike for alike in _ALIKE if symbols.group in alike), symbols.group)}]"
    last, others = symbols.sizes
    locale = rf"\d{{1,{others}}}(?:{group}\d{{{others}}})*{group}\d{{{last}}}"
    whole = rf"\d+|(?!0)(?:{locale}|\d{{1,3}}(?:{group}\d{{3}})+)" if may_group else r"\d+"
    return re.compile(rf"(-?)(?=.*\d)({whole})?(?:{re.escape(symbols.decimal)}(\d*))?")


def _example(what: _Messages, symbols: NumberSymbols, decimals: int) -> str:
    return what.example.replace(".", symbols.decimal) if decimals else "1234"


def _as_meant(written: str, symbols: NumberSymbols, decimals: int) -> str:
    """Return how to type a number that is written as in another locale; empty if it is none.

    A single mark is taken for a decimal mark: ``0.350`` and ``1.255`` become ``0,350`` and ``1,255`` in German.
    """
    written = written.translate(_USUAL)
    for other in sorted(_LOCALES, key=lambda locale: locale.decimal == symbols.decimal):
        if found := _number(other, may_group=True).fullmatch(written):
            sign, whole, fraction = (part or "" for part in found.groups())
            if len(fraction.rstrip("0")) <= decimals:
                digits = "".join(mark for mark in whole if mark.isdecimal()).lstrip("0") or "0"
                return f"{sign}{digits}{symbols.decimal}{fraction}" if fraction else f"{sign}{digits}"
    return ""


def _in_ascii_digits(text: str, symbols: NumberSymbols) -> str:
    """Replace digits of any script by 0 to 9, and Arabic and full-width marks by the locale's."""
    return ascii_digits(text).replace("\u066b", symbols.decimal).replace("\u066c", symbols.group).translate(_PLAIN)


def read_minor(text: str, symbols: NumberSymbols, currency: Currency) -> int:
    """Parse an amount of money into whole minor units."""
    return _limited(_read_whole(text, symbols, currency.digits, _AMOUNT), _AMOUNT)


def read_price(text: str, symbols: NumberSymbols, currency: Currency) -> int:
    """Parse a unit price into hundredths of a minor unit; raise Refused for a negative one."""
    price = _read_whole(text, symbols, currency.digits + _PRICE_DECIMALS, _PRICE)
    if price < 0:
        raise Refused(sentence("A price cannot be negative. To take something back, use a credit note."))
    return _limited(price, _PRICE)


def read_quantity(text: str, symbols: NumberSymbols) -> int:
    """Parse a quantity into thousandths: more than 0, less than a million, without group marks.

    ``1.255`` from a scale must not become 1255 pieces where the comma is the decimal mark.
    """
    quantity = _read_whole(text, symbols, 3, _QUANTITY, may_group=False)
    if quantity <= 0:
        raise Refused(sentence("The quantity must be more than 0. To take something back, use a credit note."))
    if quantity >= 1_000_000 * QUANTITY_UNIT:
        raise Refused(sentence("The quantity must be less than {most}.", most="1 000 000"))
    return quantity


def read_count(text: str, most: int) -> int | None:
    """Parse a whole number from 0 to ``most``, in the digits of any script; return None for anything else."""
    written = strip_invisible(text)
    if not written.isdecimal() or len(written) > MAX_NUMBER_LENGTH:
        return None
    number = int(written)
    return number if number <= most else None


def read_percent(text: str, symbols: NumberSymbols) -> int:
    """Parse a percentage from 0 to 100, with or without a per cent sign, into thousandths of a per cent."""
    number = strip_invisible(text)
    if number[:1] in _PERCENT_SIGNS:
        number = number[1:]
    elif number[-1:] in _PERCENT_SIGNS:
        number = number[:-1]
    milli = _read_whole(number, symbols, 3, _PERCENTAGE, may_group=False)
    if not 0 <= milli <= 100_000:
        raise Refused(sentence("A percentage must be between 0 and 100."))
    return milli


def is_percentage(text: str) -> bool:
    """Return True if the text contains a per cent sign."""
    return any(sign in text for sign in _PERCENT_SIGNS)


def _limited(value: int, what: _Messages) -> int:
    if abs(value) > LARGEST_MINOR:
        raise Refused(what.too_large)
    return value
