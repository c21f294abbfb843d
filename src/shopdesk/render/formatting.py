"""Locale formatting of numbers, money, dates and times (CLDR, by Babel), for paper, messages and windows.

The data of a language is read once and cached; after that a number takes about a microsecond, so that tables can format
each cell when it is drawn. Digits are 0 to 9 in every language, so that numbers can be compared and typed again. An
unknown language tag is formatted as English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from shopdesk.domain.clean_text import strip_invisible
from shopdesk.domain.language_tag import region_of
from shopdesk.domain.money import PRICE_PER_MINOR, Currency, Money, NumberSymbols
from shopdesk.domain.sentence import Localized

if TYPE_CHECKING:
    from babel import Locale

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff\u00ad]")
# Embeddings and overrides could reverse a name; marks (200E, 200F) and joiners are harmless.
_OVERRIDES = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_GAP = "\u00a0"
_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class _Style:
    """The number format of a language. Money affixes are (positive, negative), with ¤ for the currency."""

    decimal: str
    group: str
    sizes: tuple[int, int]
    minus: str
    money_before: tuple[str, str]
    money_after: tuple[str, str]
    percent_before: str
    percent_after: str


def amount(minor: int, currency: Currency, language: str) -> str:
    """Format minor units as a plain number with the currency's decimals: ``1,284.50``."""
    return _number(minor, currency.digits, currency.digits, _style(language))


def money(value: Money, language: str, *, with_code: bool = False) -> str:
    """Format an amount with the currency's symbol, ``$1,284.50``, or with its ISO code."""
    style = _style(language)
    digits = value.currency.digits
    body = _number(abs(value.minor), digits, digits, style)
    negative = value.minor < 0
    code = value.currency.code
    before, after = _around(language, code if with_code else _symbol(code, language))
    return f"{before[negative]}{body}{after[negative]}"


def swiss_amount(value: Money) -> str:
    """Format an amount as a Swiss QR-bill prints it in every language: ``1 284.50`` (guidelines, 3.5.3)."""
    return f"{value.decimal:,f}".replace(",", " ")


def price(hundredths: int, currency: Currency, language: str) -> str:
    """Format a unit price, given in hundredths of a minor unit: ``0.89``, or ``0.0125`` if it needs the decimals."""
    places = len(str(PRICE_PER_MINOR)) - 1
    return _number(hundredths, currency.digits + places, currency.digits, _style(language))


def quantity(thousandths: int, language: str) -> str:
    """Format a quantity, given in thousandths: ``2``, ``1.255``."""
    return _number(thousandths, 3, 0, _style(language))


def decimal(number: Decimal, language: str) -> str:
    """Format a number with the decimals that it has, without group marks: ``0.0075``."""
    return f"{number:f}".replace(".", number_symbols(language).decimal)


def count(number: int, language: str) -> str:
    """Format a whole number: ``1,902``."""
    return _number(number, 0, 0, _style(language))


def tenths(number: int, language: str) -> str:
    """Format a number given in tenths, always with its decimal: ``12.0``."""
    return _number(number, 1, 1, _style(language))


def percent(milli: int, language: str) -> str:
    """Format a percentage, given in thousandths of a per cent: ``16%``, ``8.875%``."""
    style = _style(language)
    return f"{style.percent_before}{_number(milli, 3, 0, style)}{style.percent_after}"


def number_symbols(language: str) -> NumberSymbols:
    """Return the decimal and group symbols of a language, for parsing typed numbers."""
    style = _style(language)
    return NumberSymbols(decimal=style.decimal, group=style.group, sizes=style.sizes)


def typing_symbols(language: str) -> NumberSymbols:
    """Return the symbols of a language for a field: either decimal mark is taken where it can mean only one thing."""
    return replace(number_symbols(language), either_mark=True)


def first_weekday(language: str) -> int:
    """Return the day on which weeks begin in a language's region, from 0, Monday (CLDR).

    The language itself does not count, so that English in Egypt has Egypt's week. One without a region is taken as in
    its likely one (UTS 35): ``en`` as in the United States.
    """
    from babel.core import get_global

    if region := region_of(language):
        return _locale(f"und-{region}").first_week_day
    spoken = _locale(language).language
    return _locale(get_global("likely_subtags").get(spoken, spoken)).first_week_day


@lru_cache(maxsize=4096)
def day(on: date, language: str) -> str:
    """Format a date: ``22 Nov 2026``, ``22.11.2026``."""
    from babel.dates import format_date

    return str(format_date(on, "medium", locale=_calendar(language)))


@lru_cache(maxsize=4096)
def day_of_month(on: date, language: str) -> str:
    """Format a date without its year: ``22 Nov``."""
    return _by_skeleton(on, "MMMd", language)


@lru_cache(maxsize=512)
def month(on: date, language: str) -> str:
    """Format the month of a date: ``November 2026``."""
    return _by_skeleton(on, "yMMMM", language)


@lru_cache(maxsize=512)
def short_month(on: date, language: str) -> str:
    """Format the month of a date: ``Nov 2026``."""
    return _by_skeleton(on, "yMMM", language)


def instant(at: datetime, language: str, *, zone: tzinfo | None = None) -> str:
    """Format an instant (aware): ``22 Nov 2026, 10:41``. ``zone`` defaults to local time."""
    local = at.astimezone(zone)
    return _instant(local.replace(second=0, microsecond=0, tzinfo=None), language)


def clock(at: datetime, language: str, *, zone: tzinfo | None = None) -> str:
    """Format the time of day of an instant (aware): ``10:41``. ``zone`` defaults to local time."""
    from babel.dates import format_time

    local = at.astimezone(zone).replace(tzinfo=None)
    return str(format_time(local.time(), "short", locale=_calendar(language)))


def currency_signs(currency: Currency, language: str) -> tuple[str, ...]:
    """Return how a currency is written beside amounts, in this language and others, the longest first.

    They have no direction marks, and those that end in a full stop are there without it, too: ``ج.م.`` and ``ج.م``.
    """
    symbols = (_symbol(currency.code, language), _symbol(currency.code, _FALLBACK))
    names = {currency.code, *map(strip_invisible, symbols)}
    names |= {name[-1] for name in names if unicodedata.category(name[-1]) == "Sc"}
    names |= _OTHER_SIGNS.get(currency.code, frozenset())
    names |= {name.removesuffix(".") for name in names}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


_OTHER_SIGNS = {
    "CHF": frozenset({"Fr.", "SFr."}),
    "INR": frozenset({"Rs.", "Rs"}),
    "PKR": frozenset({"Rs.", "Rs"}),
    "DKK": frozenset({"kr", "kr."}),
    "NOK": frozenset({"kr", "kr."}),
    "SEK": frozenset({"kr", "kr."}),
    "PLN": frozenset({"zł"}),
    "CZK": frozenset({"Kč"}),
    "HUF": frozenset({"Ft"}),
    "KES": frozenset({"KSh", "Ksh"}),
    "TZS": frozenset({"TSh", "Tsh"}),
    "UGX": frozenset({"USh", "Ush"}),
    "EGP": frozenset({"E£", "LE"}),
    "BRL": frozenset({"R$"}),
}


def is_rtl(language: str) -> bool:
    """Return True if the language is written from right to left."""
    return str(_locale(language).text_direction) == "rtl"


def tidy(text: str) -> str:
    """Return printable text: composed (NFC), without control characters, overrides and lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _OVERRIDES.sub("", _CONTROLS.sub(" ", text)))


def listed(texts: Sequence[str], language: str) -> str:
    """Join texts to a list without “and”, with the commas of the language.

    Not by CLDR, whose lists without “and” are missing in German and have one in Arabic.
    """
    return ("، " if language.partition("-")[0] in {"ar", "fa", "ur"} else ", ").join(texts)


def localized(write: Callable[..., str], *values: object) -> Localized:
    """Return values for a sentence, in the language that it is shown in: ``localized(day, on)``."""
    return Localized(write(*values, _FALLBACK), partial(write, *values))


def _by_skeleton(on: date, skeleton: str, language: str) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton(skeleton, on, locale=_calendar(language)))


@lru_cache(maxsize=4096)
def _instant(local: datetime, language: str) -> str:
    from babel.dates import format_time, get_datetime_format

    locale = _calendar(language)
    time = str(format_time(local.time(), "short", locale=locale))
    # A pattern like "{1}, {0}": 1 is the date, 0 the time (UTS 35, dateTimeFormat).
    return str(get_datetime_format("medium", locale=locale)).format(time, day(local.date(), language))


def _number(value: int, decimals: int, least: int, style: _Style) -> str:
    """Format ``value`` / 10^``decimals`` exactly, without trailing zeros beyond ``least`` decimals."""
    whole, fraction = divmod(abs(value), 10**decimals)
    text = f"{whole:,}"
    if whole >= 1000 and (style.group != "," or style.sizes != (3, 3)):
        text = _grouped(str(whole), style)
    if decimals:
        tail = f"{fraction:0{decimals}d}"
        if decimals > least:
            tail = tail[:least] + tail[least:].rstrip("0")
        if tail:
            text = f"{text}{style.decimal}{tail}"
    return f"{style.minus}{text}" if value < 0 else text


def _grouped(digits: str, style: _Style) -> str:
    last, others = style.sizes
    parts = [digits[-last:]]
    rest = digits[:-last]
    while rest:
        parts.append(rest[-others:])
        rest = rest[:-others]
    return style.group.join(reversed(parts))


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    tag = language.replace("_", "-").strip()
    while tag:
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            tag = tag.rpartition("-")[0]  # de-XX falls back to de
    return Locale.parse(_FALLBACK)


def _calendar(language: str) -> Locale:
    """Return the locale for dates. English without a country uses 22 Nov 2026, which is clear everywhere."""
    locale = _locale(language)
    return _locale("en-GB") if str(locale) == "en" else locale


@lru_cache(maxsize=256)
def _style(language: str) -> _Style:
    from babel.numbers import get_decimal_symbol, get_group_symbol, get_minus_sign_symbol, get_plus_sign_symbol

    locale = _locale(language)
    minus, plus = get_minus_sign_symbol(locale), get_plus_sign_symbol(locale)
    pattern = locale.currency_formats["standard"]
    percentage = locale.percent_formats[None]

    def signed(affix: str) -> str:
        return affix.replace("-", minus).replace("+", plus)

    return _Style(
        decimal=get_decimal_symbol(locale),
        group=get_group_symbol(locale),
        sizes=(pattern.grouping[0], pattern.grouping[1]),
        minus=minus,
        money_before=(signed(pattern.prefix[0]), signed(pattern.prefix[1])),
        money_after=(signed(pattern.suffix[0]), signed(pattern.suffix[1])),
        percent_before=percentage.prefix[0],
        percent_after=percentage.suffix[0],
    )


@lru_cache(maxsize=256)
def _symbol(code: str, language: str) -> str:
    from babel.numbers import get_currency_symbol

    return str(get_currency_symbol(code, locale=_locale(language)))


@lru_cache(maxsize=512)
def _around(language: str, sign: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the text before and after the digits, each for positive and negative amounts."""
    style = _style(language)
    plus, minus = (_filled(affix, sign, before=True) for affix in style.money_before)
    plus_after, minus_after = (_filled(affix, sign, before=False) for affix in style.money_after)
    return (plus, minus), (plus_after, minus_after)


def _filled(affix: str, sign: str, *, before: bool) -> str:
    # UTS 35, currencySpacing: a currency in letters is separated from the digits by a space.
    if before and affix.endswith("¤") and sign[-1:].isalpha():
        affix += _GAP
    if not before and affix.startswith("¤") and sign[:1].isalpha():
        affix = _GAP + affix
    return affix.replace("¤", sign)
