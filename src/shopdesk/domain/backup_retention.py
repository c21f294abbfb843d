"""Retention of backups: one for each of 7 days, 4 weeks and 12 months.

Only days, weeks and months that have a backup count, so a shop that was closed for two months still has its last seven
days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from datetime import date, datetime, timedelta

DAYS, WEEKS, MONTHS = 7, 4, 12
DAILY = timedelta(days=1)
OLD = timedelta(days=2)
"""The age from which a missed daily backup is reported."""
DUMP_OLD = timedelta(days=7)
"""The same for a server, which is backed up by hand or by a schedule of its own."""
CHECK_OLD = timedelta(days=35)
"""The age from which the last check of everything is reported; the daily backup makes one each week."""


def expired(made: Collection[datetime], *, today: date) -> set[datetime]:
    """Return the backups, by local time of creation, that can be deleted.

    The newest of each period represents it. A backup dated after ``today`` by a wrong clock is neither counted nor
    deleted.
    """
    past = sorted((at for at in made if at.date() <= today), reverse=True)
    periods: tuple[tuple[Callable[[datetime], Hashable], int], ...] = (
        (datetime.date, DAYS),
        (lambda at: at.isocalendar()[:2], WEEKS),
        (lambda at: (at.year, at.month), MONTHS),
    )
    kept: set[datetime] = set()
    for period_of, count in periods:
        newest: dict[Hashable, datetime] = {}
        for at in past:
            newest.setdefault(period_of(at), at)
        kept.update(list(newest.values())[:count])
    return set(past) - kept


def is_due(made: Collection[datetime], *, now: datetime) -> bool:
    """Return True if no backup is younger than a day. Backups dated in the future do not count."""
    return not any(timedelta(0) <= now - at < DAILY for at in made)
