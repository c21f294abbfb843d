"""Queries about the shift of a till, the X report, and the Z reports of the closed days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.business_day import DayClose
from shopdesk.domain.errors import Refused
from shopdesk.domain.sales_report import SalesReport, TillSpan
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shift import Shift
from shopdesk.queries.accounts import permitted
from shopdesk.store import day_closes, journal, sales_reports
from shopdesk.store import shifts as kept
from shopdesk.store.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class TillState:
    """The open shift of a till, if any, the tills where one is open, and the last close of the shop's day."""

    shift: Shift | None
    open_at: tuple[str, ...]
    can_recount: bool
    """True if the last shift was counted, and neither the next one is open nor the day closed since."""
    last_close: DayClose | None
    left: int | None
    """The cash that the last count left in the drawer, in minor units; None if it is not known."""


def till_state(session: Session, till_key: UUID) -> TillState:
    """Return the state of a till's shift and of the shop's day."""
    still_open = kept.all_open(session)
    last, close = kept.last(session, till_key), day_closes.last(session)
    count = kept.last_count(session, last) if last else None
    return TillState(
        shift=next((shift for shift in still_open if shift.till_key == till_key), None),
        open_at=tuple(shift.till for shift in still_open),
        can_recount=count is not None and (close is None or close.at < count.at),
        last_close=close,
        left=count.counted if count else None,
    )


def x_report(session: Session, *, by: Actor, now: datetime) -> SalesReport:
    """Return the figures of the open shift of the actor's till; without one, of all tills since the last close."""
    permitted(session, by, Right.STATISTICS)
    last, before = day_closes.last(session), day_closes.last_report(session)
    shift = kept.last(session, by.till.key)
    since, spans = last.at if last else None, day_closes.spans_since(session, before)
    if shift is not None and kept.last_count(session, shift) is None:
        since, spans = shift.opened_at, _of_shift(session, shift)
    today = now.astimezone().date()
    return sales_reports.report(session, spans, number=0, day=today, since=since, before=before, by=by, at=now)


def _of_shift(session: Session, shift: Shift) -> tuple[TillSpan, ...]:
    return tuple(
        sales_reports.shift_span(shift, until_seq=head.seq, head=head.hash)
        for head in journal.heads(session)
        if head.till_key == shift.till_key
    )


def z_reports(session: Session, *, by: Actor, after: DayClose | None = None, limit: int = 100) -> tuple[DayClose, ...]:
    """Return the closes with a Z report after the last one shown, newest first."""
    permitted(session, by, Right.STATISTICS)
    return day_closes.page(session, before=after.number if after else None, limit=limit)


def z_report_rows(
    session: Session, *, by: Actor, after: SalesReport | None = None, limit: int = 100
) -> tuple[SalesReport, ...]:
    """Return whole Z reports after the last one, newest first, to be exported."""
    permitted(session, by, Right.EXPORT)
    permitted(session, by, Right.STATISTICS)
    closes = day_closes.page(session, before=after.number if after else None, limit=limit)
    return tuple(z_report(session, close.number, by=by) for close in closes if close.number is not None)


def z_report(session: Session, number: int, *, by: Actor) -> SalesReport:
    """Return a Z report as it was made. Raise Refused if there is none with this number."""
    permitted(session, by, Right.STATISTICS)
    report = day_closes.report(session, number)
    if report is None:
        raise Refused(sentence("There is no Z report {number}.", number=str(number)))
    return report
