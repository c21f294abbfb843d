"""The acts on shifts and the close of the day: on a server functions of ``acts_shifts_sql``, on a file statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from shopdesk.domain.account import Actor
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.business_day import DayClose
from shopdesk.domain.sales_report import SalesReport
from shopdesk.domain.shift import CashMovement, Shift, ShiftCount
from shopdesk.store import day_closes, document_snapshots, journal, report_snapshots, shifts, shop
from shopdesk.store.acts_books import is_on_server
from shopdesk.store.acts_call import call, who_or_lent
from shopdesk.store.session import Session

_JOURNAL = ("journal", "tills")
T = TypeVar("T")


def hold_till(session: Session, *, by: Actor) -> None:
    """Keep other programs from adding to the journal of the actor's till until the transaction ends."""
    if is_on_server(session):
        call(session, "hold_till", (), **who_or_lent(by))


def hold_books(session: Session, *, by: Actor) -> None:
    """Keep all tills from issuing, correcting and paying until the transaction ends."""
    if is_on_server(session):
        call(session, "hold_books", (), **who_or_lent(by))
    else:
        shop.current(session, for_update=True)


def open_shift(session: Session, shift: Shift, change: Change, *, by: Actor) -> Shift:
    """Store a new shift of the actor's till, and return it as it is stored."""
    facts = shifts.opening_facts(shift.till_key, shift.number, shift.opening)
    if is_on_server(session):
        _tell(session, "open_shift", "shifts", change, facts, by=by, at=shift.opened_at)
    else:
        journal.record_facts(session, Activity.SHIFT_OPENED, change, facts, by=by, at=shift.opened_at)
        shifts.add(session, shift, by=by)
    return _required(shifts.last(session, shift.till_key))


def move_cash(session: Session, shift: Shift, movement: CashMovement, change: Change, *, by: Actor) -> CashMovement:
    """Store cash that was moved during a shift, and return it as it is stored."""
    facts = shifts.movement_facts(shift, movement)
    if is_on_server(session):
        _tell(session, "move_cash", "cash_movements", change, facts, by=by, at=movement.at)
    else:
        journal.record_facts(session, Activity.CASH_MOVED, change, facts, by=by, at=movement.at)
        shifts.add_movement(session, shift, movement, by=by)
    return _required(shifts.find_movement(session, movement.key))


def count_shift(session: Session, shift: Shift, count: ShiftCount, change: Change, *, by: Actor) -> ShiftCount:
    """Store a count of a shift, and return it as it is stored."""
    facts = shifts.count_facts(shift, count)
    if is_on_server(session):
        _tell(session, "count_shift", "shift_counts", change, facts, by=by, at=count.at)
    else:
        journal.record_facts(session, Activity.SHIFT_COUNTED, change, facts, by=by, at=count.at)
        shifts.add_count(session, shift, count, by=by)
    return _required(shifts.last_count(session, shift))


def note_drawer_opened(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    """Tell the journal that the drawer was opened without a sale."""
    if is_on_server(session):
        given = {"_at": at, "_subject": change.subject, "_reason": change.after}
        call(session, "note_drawer_opened", _JOURNAL, **who_or_lent(by), **given)
    else:
        journal.record_facts(session, Activity.DRAWER_OPENED, change, {}, by=by, at=at)


def close_day(session: Session, close: DayClose, report: SalesReport, *, by: Actor) -> DayClose:
    """Store the close of the day with its Z report, after all documents are sealed; return it as it is stored."""
    if is_on_server(session):
        given = {"_at": close.at, "_key": close.key, "_sealed": close.sealed}
        given["_report"] = report_snapshots.to_text(report)
        call(session, "close_day", ("day_closes", *_JOURNAL), **who_or_lent(by), **given)
    else:
        day_closes.add(session, close, report)
        change = Change(close.until.isoformat(), "", str(close.sealed))
        told = {day_closes.FACTS: report_snapshots.to_facts(report), "close": str(close.key)}
        journal.record_facts(session, Activity.CLOSED, change, told, by=by, at=close.at)
    return _required(day_closes.find(session, close.key))


def _tell(
    session: Session, name: str, table: str, change: Change, facts: Mapping[str, Any], *, by: Actor, at: datetime
) -> None:
    words = {"_subject": change.subject, "_before": change.before, "_after": change.after}
    told = document_snapshots.text_of(facts[shifts.FACTS])
    call(session, name, (table, *_JOURNAL), **who_or_lent(by), _at=at, **words, _told=told)


def _required(found: T | None) -> T:
    if found is None:
        raise LookupError("what was just stored is not there")
    return found
