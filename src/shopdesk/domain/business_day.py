"""The close of a business day: it belongs to the shop, seals the documents of all tills and is never undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClose:
    """A close of the day. ``number`` is that of its Z report, None for a close by a program that made none.

    ``until`` is the last day it closes, ``sealed`` the number of documents that it sealed.
    """

    key: UUID
    number: int | None
    until: date
    at: datetime
    by_key: UUID
    by_name: str
    sealed: int


def closed_day(dates: Iterable[date], today: date) -> date:
    """Return the day that a close is of, from the dates of the documents since the close before.

    It is today; but the last day of sale where that is earlier: the day is closed after midnight, or was forgotten.
    """
    return min(max(dates, default=today), today)
