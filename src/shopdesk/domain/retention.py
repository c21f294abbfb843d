"""Which backups are kept: one for each of 7 days, 4 weeks and 12 months.

The one thing to know: only days, weeks and months that have a backup count. A shop that was closed for two months
still has its last seven days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from datetime import date, datetime, timedelta

DAYS, WEEKS, MONTHS = 7, 4, 12
DAILY = timedelta(days=1)
OLD = timedelta(days=2)
"""From this age on somebody is told: the daily backup has been missed."""
DUMP_OLD = timedelta(days=7)
"""The same for a server, which is backed up by hand or by its own clock."""


def superfluous(made: Collection[datetime], *, today: date) -> set[datetime]:
    """Those of the backups, by the local time they were made, that nobody needs any more.

    The newest of each period stands for it. What a wrong clock dated after ``today`` is neither counted nor dropped.
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
    """Whether a backup has to be made: none is younger than a day. A wrong clock's tomorrow does not count."""
    return not any(timedelta(0) <= now - at < DAILY for at in made)
