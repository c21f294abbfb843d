"""The weekday and the hour of a document, computed by the database."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, Time, case, cast, extract, func, literal, type_coerce

from shopdesk.store.session import Session
from shopdesk.store.tables import documents

_LONG_AGO = timedelta(days=400)
"""The longest time before its date that a document is issued; its hour is else by another offset of the clock."""
_DAY_MINUTES = 24 * 60


def weekday_of_date(session: Session) -> ColumnElement[int]:
    """Return the weekday of the date on a document; 0 is Monday (ISO 8601)."""
    if session.dialect == "sqlite":
        return (cast(func.strftime("%w", documents.c.date_on), Integer) + 6) % 7
    return cast(extract("isodow", documents.c.date_on), Integer) - 1


def hour_of_issue(
    session: Session, since: date, until: date, at: ColumnElement[datetime] = documents.c.issued_at
) -> ColumnElement[int]:
    """Return the hour of the day at which a document of a period was issued, by this machine's clock, 0 to 23."""
    *changes, (_, latest) = _changes(since, until)
    offsets = [(at < instant, literal(_minutes(offset), Integer)) for instant, offset in changes]
    last = literal(_minutes(latest), Integer)
    if session.dialect == "sqlite":
        text_at = type_coerce(at, String)
        hour, minute = (cast(func.substr(text_at, begin, 2), Integer) for begin in (12, 15))
    else:
        hour, minute = (cast(extract(part, func.timezone("UTC", at)), Integer) for part in ("hour", "minute"))
    local = hour * 60 + minute + (case(*offsets, else_=last) if offsets else last) + _DAY_MINUTES
    return local // 60 % 24


def months_of_clock_changes(since: date, until: date) -> dict[datetime, list[tuple[datetime, datetime]]]:
    """Return the months (UTC) within which this machine's clock changed, for documents of a period.

    Each, by its beginning, has the edges of the spans without a change.
    """
    edges: dict[datetime, list[datetime]] = {}
    for instant, _ in _changes(since, until)[:-1]:
        edges.setdefault(instant.replace(day=1, hour=0, minute=0), []).append(instant)
    return {
        begin: list(pairwise([begin, *changes, (begin + timedelta(days=31)).replace(day=1)]))
        for begin, changes in edges.items()
        if changes != [begin]
    }


def time_of_day(session: Session, at: ColumnElement[datetime]) -> ColumnElement[Any]:
    """Return the time of the day (UTC) of an instant, to group by."""
    if session.dialect == "sqlite":
        return func.substr(type_coerce(at, String), 12)
    return cast(func.timezone("UTC", at), Time)


def _changes(since: date, until: date) -> list[tuple[datetime, timedelta]]:
    return _clock_changes(since - _LONG_AGO, max(until, datetime.now(UTC).date()), _zone())


def _minutes(offset: timedelta) -> int:
    return offset // timedelta(minutes=1)


def _zone() -> tuple[object, ...]:
    """Return what is known of this machine's time zone, which may be set while the program runs."""
    return time.tzname, time.timezone, time.altzone


@lru_cache(maxsize=8)
def _clock_changes(first: date, last: date, _zone: tuple[object, ...]) -> list[tuple[datetime, timedelta]]:
    """Return each change of this machine's clock (summer time) and the offset from UTC before it.

    The last entry is the offset since then, with the end of the time looked at.
    """
    found: list[tuple[datetime, timedelta]] = []
    at, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last + timedelta(days=2)))
    while at < end:
        following = at + timedelta(days=1)
        offset = _offset(at)
        if _offset(following) != offset:
            early, late = at, following
            while late - early > timedelta(minutes=1):
                middle = early + (late - early) / 2
                early, late = (middle, late) if _offset(middle) == offset else (early, middle)
            found.append((late.replace(second=0, microsecond=0), offset))
        at = following
    return [*found, (end, _offset(end))]


def _offset(at: datetime) -> timedelta:
    return at.astimezone().utcoffset() or timedelta()
