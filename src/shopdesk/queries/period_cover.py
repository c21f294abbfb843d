"""A period as the sums have it: whole years, whole months, and the days that are left."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, false, or_

from shopdesk.store import period_sums
from shopdesk.store.session import Session

ONE_DAY = timedelta(days=1)
Span = tuple[date, date]
"""A first and a last day."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A period whose months are summed before ``mark``: those are ``months``, the other days are in ``days``.

    The month of the mark is a whole one if all its days before the mark are in the period. ``days`` are at most three
    ranges (first and last day), in order, none of which has both days before the mark and after it.
    """

    since: date
    until: date
    mark: date
    months: tuple[date, ...]
    days: tuple[Span, ...]

    @property
    def years(self) -> tuple[date, ...]:
        """The years of which the period has all days before the mark."""
        return tuple(year for year in sorted({month.replace(month=1) for month in self.months}) if self._has_all(year))

    @property
    def touched(self) -> dict[date, list[date]]:
        """The months of which the period has any day before the mark, by year."""
        found: dict[date, list[date]] = {}
        for month in _months(self.since, min(self.until, _before(self.mark))):
            found.setdefault(month.replace(month=1), []).append(month)
        return found

    @property
    def each_day(self) -> list[date]:
        """The days in ``days``."""
        spans = ((first, (last - first).days + 1) for first, last in self.days)
        return [first + timedelta(days=number) for first, count in spans for number in range(count)]

    @property
    def rounded(self) -> RoundedCover:
        """The period as the months of which it has more days than it lacks, and the days to add or to subtract."""
        months: list[date] = []
        ends: list[date] = []
        more: list[Span] = []
        less: list[Span] = []
        for month in itertools.chain.from_iterable(self.touched.values()):
            last = min(_following(month), self.mark) - ONE_DAY
            inside = (max(month, self.since), min(last, self.until))
            outside = [span for span in ((month, self.since - ONE_DAY), (self.until + ONE_DAY, last)) if _length(span)]
            if outside:
                ends.append(month)
            if sum(map(_length, outside)) < _length(inside):
                months.append(month)
                less += outside
            else:
                more.append(inside)
        if self.until >= self.mark:
            more.append((max(self.since, self.mark), self.until))
        return RoundedCover(tuple(months), tuple(ends), tuple(more), tuple(less))

    def _has_all(self, year: date) -> bool:
        last = min(year.replace(month=12, day=31), _before(self.mark))
        return self.since <= year and last <= self.until

    def in_days(self, table: Table) -> ColumnElement[bool]:
        """Return the condition for the rows of a table of sums per day that no whole month has."""
        return in_spans(table, self.days)


class RoundedCover(NamedTuple):
    """Whole months one after another, the days of the period that they lack, and their days that it lacks.

    ``ends`` are the months, among them or beside them, that are in the period with only some of their days before the
    mark.
    """

    months: tuple[date, ...]
    ends: tuple[date, ...]
    more: tuple[Span, ...]
    less: tuple[Span, ...]


def of_period(session: Session, since: date, until: date) -> Cover:
    """Return how the sums cover a period now."""
    return cover(since, until, mark=period_sums.before(session))


def cover(since: date, until: date, *, mark: date) -> Cover:
    """Return how sums of the days before ``mark`` cover a period; ``until`` is its last day."""
    last_summed = min(until, _before(mark))
    whole = [
        month
        for month in _months(since, last_summed)
        if month >= since and min(_following(month), mark) - ONE_DAY <= until
    ]
    covered = min(_following(whole[-1]) - ONE_DAY, mark - ONE_DAY) if whole else since - ONE_DAY
    ranges = [(since, min(whole[0] - ONE_DAY, until))] if whole and whole[0] > since else []
    ranges.append((covered + ONE_DAY, until))
    return Cover(since, until, mark, tuple(whole), tuple(_split(ranges, mark)))


def days_of_month(begins: date) -> list[date]:
    """Return all days of the month that begins on a day."""
    return [begins + timedelta(days=past) for past in range((_following(begins) - begins).days)]


def in_spans(table: Table, spans: Iterable[Span]) -> ColumnElement[bool]:
    """Return the condition for the rows of a table of sums per day that are in one of the spans."""
    return or_(false(), *(table.c.day.between(first, last) for first, last in spans))


def _length(span: Span) -> int:
    return max((span[1] - span[0]).days + 1, 0)


def _split(ranges: Iterable[Span], mark: date) -> Iterable[Span]:
    for first, last in ranges:
        if first < mark <= last:
            yield first, mark - ONE_DAY
            yield mark, last
        elif first <= last:
            yield first, last


def _before(day: date) -> date:
    return day - ONE_DAY if day > date.min else day


def _months(since: date, until: date) -> Iterable[date]:
    month = since.replace(day=1)
    while month <= until:
        yield month
        month = _following(month)


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
