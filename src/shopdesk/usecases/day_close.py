"""The close of the business day, which seals the documents of all tills and makes the Z report."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.business_day import DayClose, closed_day
from shopdesk.domain.document import Action
from shopdesk.domain.errors import ConfirmationRequired
from shopdesk.domain.sales_report import SalesReport
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shift import Shift
from shopdesk.render import formatting
from shopdesk.row_keys import new_key
from shopdesk.store import acts_books, acts_shifts, day_closes, documents, journal, sales_reports, shifts, shop
from shopdesk.store.acts_books import BookEntry
from shopdesk.store.session import Session
from shopdesk.usecases.documents import CLOCK_IS_RIGHT, CLOCK_MAY_BE_BEHIND
from shopdesk.usecases.rights import authorize
from shopdesk.usecases.shifts import end_uncounted

UNCOUNTED = "uncounted"
"""The confirmation for a close while a shift is open: it ends without a count, and the Z report says so."""


def close_day(
    session: Session,
    *,
    by: Actor,
    now: datetime,
    key: UUID | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> DayClose:
    """Close the business day of the shop: seal every document that is issued, and make the next Z report.

    What is sold later belongs to the next business day. ``key`` is made by the window: the same key closes once. Raise
    ConfirmationRequired while a shift is open, and when the clock is behind the close before.
    """
    actor = authorize(session, by, Right.CLOSE_DAY)
    if key is not None and (earlier := day_closes.find(session, key)):
        return earlier
    acts_shifts.hold_books(session, by=actor)
    the_shop = shop.current(session)
    before = day_closes.last(session)
    if before is not None and now < before.at - CLOCK_MAY_BE_BEHIND and CLOCK_IS_RIGHT not in confirmed:
        raise _clock_behind(before, now)
    still_open = shifts.all_open(session)
    if still_open and UNCOUNTED not in confirmed:
        raise _still_open(still_open)
    for shift in still_open:
        end_uncounted(session, shift, the_shop, until_seq=_end(session, shift), by=actor, now=now)
    unsealed = documents.many(session, documents.unsealed(session))
    entries = [BookEntry(Action.SEAL, replace(one, sealed_at=now), one) for one in unsealed]
    if entries:
        acts_books.record(session, entries, by=actor, at=now, today=now.astimezone().date())
    report = _report(session, before, by=actor, now=now)
    close = DayClose(
        key=key or new_key(),
        number=report.number,
        until=report.day,
        at=now,
        by_key=actor.staff.key,
        by_name=actor.staff.name,
        sealed=len(entries),
    )
    return acts_shifts.close_day(session, close, report, by=actor)


def _report(session: Session, last: DayClose | None, *, by: Actor, now: datetime) -> SalesReport:
    before = day_closes.last_report(session)
    spans = day_closes.spans_since(session, before)
    return sales_reports.report(
        session,
        spans,
        number=before.number + 1 if before else 1,
        day=closed_day(sales_reports.dates(session, spans), now.astimezone().date()),
        since=last.at if last else None,
        before=before,
        by=by,
        at=now,
    )


def _end(session: Session, shift: Shift) -> int:
    return journal.head(session, shift.till_key).seq


def _clock_behind(before: DayClose, now: datetime) -> ConfirmationRequired:
    return ConfirmationRequired(
        sentence(
            "This computer's clock shows {now}, but the day was closed at {last}. Is the clock right?",
            now=formatting.localized(formatting.instant, now),
            last=formatting.localized(formatting.instant, before.at),
        ),
        answer=CLOCK_IS_RIGHT,
    )


def _still_open(still_open: tuple[Shift, ...]) -> ConfirmationRequired:
    names = tuple(shift.till for shift in still_open)
    return ConfirmationRequired(
        sentence(
            "A shift is still open at till {tills}. Count it first, or close the day without a count: the Z report "
            "will say so.",
            tills=names,
        ),
        answer=UNCOUNTED,
    )
