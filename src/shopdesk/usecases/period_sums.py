"""Use case of the statistics: finished days are added to the sums of months and years. It needs no right.

What is added follows from what is stored; no figure changes by it, long periods are only read faster.
"""

from __future__ import annotations

from datetime import date

from shopdesk.store import period_sums
from shopdesk.store.session import Session


def add_finished_day(session: Session, *, today: date) -> bool:
    """Add the next day before ``today`` that had sales. Return True if there may be more."""
    return period_sums.advance(session, until=today)
