"""Dates as users type them: ``22.11.2026``, ``11/22/26``, ``22 Nov``, ``22``, ``+14``, ``2026-11-22``.

Day and month are read in the order of the language. ``domain.draft`` checks whether a document may have the date.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from shopdesk.domain.clean_text import ascii_digits, strip_invisible

_NUMBER = re.compile(r"\d+")
_LONGEST_RUN = len("2026")
_LAST_DAY = 31
_LETTERS = re.compile(r"[^\W\d_年月日]+")


def read(text: str, *, today: date, language: str) -> date | None:
    """Read a typed date; return None if it cannot be read.

    A day and a month are the nearest such day to ``today``; a day alone is that of the month of ``today``.
    """
    written = ascii_digits(strip_invisible(text)).replace("−", "-")
    if re.fullmatch(r"[+-]\d{1,4}", written):
        return shifted(today, int(written))
    try:
        return date.fromisoformat(written)
    except ValueError:
        pass
    runs = _NUMBER.findall(written)
    if any(len(run) > _LONGEST_RUN for run in runs):  # a telephone number or a code
        return None
    numbers = [int(run) for run in runs]
    if re.sub(r"[\d\s.,/\-‐-―·׳年月日]|[^\W\d_]", "", written):
        return None
    words = [word for word in _words_of(written) if word not in _particles(language)]
    if words and (month := _month(words, language)):
        is_year_first = bool(numbers) and numbers[0] > _LAST_DAY
        return _built(numbers, ["year", "day"] if is_year_first else ["day", "year"], today, month=month)
    if words or not numbers:
        return None
    order = _order(language)
    if len(numbers) == 3 and numbers[0] > _LAST_DAY:
        order = ("year", "month", "day")
    elif len(numbers) == 3 and numbers[2] > _LAST_DAY and order[0] == "year":
        order = ("day", "month", "year")
    if len(numbers) < 3:
        order = tuple(part for part in order if part != "year")
    if len(numbers) == 1:
        order = ("day",)
    found = _built(numbers, list(order), today)
    if found is None and len(numbers) > 1:  # day and month were typed in the other order
        other = {"day": "month", "month": "day"}
        found = _built(numbers, [other.get(part, part) for part in order], today)
    return found


def shifted(day: date, days: int) -> date:
    """Return the day moved by ``days``, or unchanged if that is beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


def _built(numbers: list[int], order: list[str], today: date, *, month: int = 0) -> date | None:
    if len(numbers) > len(order):
        return None
    parts = {"month": month} | dict(zip(order, numbers, strict=False))
    if "year" in parts:
        year = parts["year"]
        return _day(year + 2000 if year < 100 else year, parts["month"], parts["day"])
    if not parts["month"]:
        return _day(today.year, today.month, parts["day"])
    near = [_day(today.year + years, parts["month"], parts["day"]) for years in (-1, 0, 1)]
    return min((day for day in near if day is not None), key=lambda day: abs(day - today), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    tag = language.replace("_", "-")
    while tag:
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            tag = tag.rpartition("-")[0]
    return Locale.parse("en")


@lru_cache(maxsize=16)
def _order(language: str) -> tuple[str, ...]:
    """Return the order of day, month and year in numeric dates. English without a country: day first."""
    locale = _locale("en-GB" if language == "en" else language)
    pattern = str(locale.date_formats["short"].pattern)
    places = {"day": pattern.find("d"), "month": pattern.casefold().find("m"), "year": pattern.find("y")}
    return tuple(sorted(places, key=lambda part: places[part]))


def _month(words: list[str], language: str) -> int:
    """Return the number of the month that a word names or abbreviates, in the language or English; 0 if none does."""
    for word in words:
        for number, written in enumerate(_written_months(language), 1):
            if word in written:
                return number
        for number, name in _months(language):
            if word == name or (len(word) >= 3 and name.startswith(word)):
                return number
    return 0


def _words_of(text: str) -> list[str]:
    return _LETTERS.findall(text.casefold())


@lru_cache(maxsize=16)
def _particles(language: str) -> frozenset[str]:
    """Return the words that the language has in each date: “de” in “22 de noviembre de 2026”, “г” in “22.11.2026 г.”"""
    return frozenset.intersection(*_written_months(language))


@lru_cache(maxsize=16)
def _written_months(language: str) -> tuple[frozenset[str], ...]:
    """Return for each month the words of its dates as the language writes them: “22 בנובמבר 2026” has one with “in”."""
    from babel.dates import format_date  # imported late, like all that the first paint does not need

    locale = _locale(language)
    days = (date(2026, month, 22) for month in range(1, 13))
    return tuple(
        frozenset(_words_of(" ".join(format_date(day, width, locale=locale) for width in ("medium", "long"))))
        for day in days
    )


@lru_cache(maxsize=16)
def _months(language: str) -> tuple[tuple[int, str], ...]:
    names = []
    for locale in (_locale(language), _locale("en")):
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                named = locale.months[context][width]
                names += [(number, named[number].casefold().rstrip(".")) for number in range(1, 13)]
    return tuple(names)
