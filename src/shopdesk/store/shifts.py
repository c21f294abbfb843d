"""The shifts of the tills: opened, cash moved, counted. Rows are added only, each with its row in the journal.

What is sold and paid in a shift is read from the journal of its till: the rows after its opening, up to its count.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, func, insert, select

from shopdesk.domain.account import Actor
from shopdesk.domain.activity import Activity
from shopdesk.domain.shift import CashMovement, Shift, ShiftCount
from shopdesk.store import journal
from shopdesk.store.session import Session
from shopdesk.store.tables import cash_movements, shift_counts, shifts, tills
from shopdesk.store.tables import journal as chain

FACTS = "shift"
"""The name of what a journal row tells of a shift."""


def add(session: Session, shift: Shift, *, by: Actor) -> None:
    """Insert an opened shift."""
    row = {
        "till_key": shift.till_key,
        "number": shift.number,
        "opening_minor": shift.opening,
        "opened_at": shift.opened_at,
        **_who(by),
        "opened_seq": shift.opened_seq,
    }
    session.execute(insert(shifts), row)


def opening_facts(till_key: UUID, number: int, opening: int) -> dict[str, Any]:
    """Return what the journal tells of an opened shift."""
    return {FACTS: {"till_key": str(till_key), "number": number, "opening_minor": opening}}


def add_movement(session: Session, shift: Shift, movement: CashMovement, *, by: Actor) -> None:
    """Insert cash that was moved during a shift."""
    row = _movement_row(shift, movement)
    session.execute(insert(cash_movements), row | {"moved_at": movement.at, **_who(by)})


def movement_facts(shift: Shift, movement: CashMovement) -> dict[str, Any]:
    """Return what the journal tells of moved cash."""
    return {FACTS: _plain(_movement_row(shift, movement))}


def add_count(session: Session, shift: Shift, count: ShiftCount, *, by: Actor) -> None:
    """Insert a count of a shift."""
    row = _count_row(shift, count)
    session.execute(insert(shift_counts), row | {"counted_at": count.at, **_who(by)})


def count_facts(shift: Shift, count: ShiftCount) -> dict[str, Any]:
    """Return what the journal tells of a count."""
    return {FACTS: _plain(_count_row(shift, count))}


def last(session: Session, till_key: UUID) -> Shift | None:
    """Return the last shift of a till, open or not."""
    rows = _SHIFTS.where(shifts.c.till_key == till_key).order_by(shifts.c.number.desc()).limit(1)
    return next((_to_shift(row) for row in session.execute(rows)), None)


def opened_in(session: Session, till_key: UUID, *, after_seq: int, until_seq: int) -> tuple[Shift, ...]:
    """Return the shifts of a till that were opened in a part of its journal, in order."""
    part = and_(shifts.c.till_key == till_key, shifts.c.opened_seq.between(after_seq + 1, until_seq))
    return tuple(_to_shift(row) for row in session.execute(_SHIFTS.where(part).order_by(shifts.c.number)))


def all_open(session: Session) -> tuple[Shift, ...]:
    """Return the shifts that have no count yet, by the names of their tills; only the last of a till can be open."""
    earlier = shifts.alias("earlier")
    newest = select(func.max(earlier.c.number)).where(earlier.c.till_key == tills.c.key).scalar_subquery()
    is_counted = select(shift_counts.c.till_key).where(_of(shift_counts, shifts.c.till_key, shifts.c.number)).exists()
    rows = _SHIFTS.where(shifts.c.number == newest, ~is_counted).order_by(tills.c.name)
    return tuple(_to_shift(row) for row in session.execute(rows))


def last_count(session: Session, shift: Shift) -> ShiftCount | None:
    """Return the count that ends a shift, None while it is open."""
    rows = select(shift_counts).where(_of(shift_counts, shift.till_key, shift.number))
    found = session.execute(rows.order_by(shift_counts.c.attempt.desc()).limit(1)).first()
    if found is None:
        return None
    return ShiftCount(
        attempt=found.attempt,
        expected=found.expected_minor,
        counted=found.counted_minor,
        pieces=tuple((piece, number) for piece, number in json.loads(found.pieces)),
        at=found.counted_at,
        by_name=found.by_name,
        until_seq=found.until_seq,
    )


def left_before(session: Session, shift: Shift) -> int | None:
    """Return what the shift before left in the drawer by its count, in minor units; None if it is not known."""
    rows = select(shift_counts.c.counted_minor).where(_of(shift_counts, shift.till_key, shift.number - 1))
    return session.execute(rows.order_by(shift_counts.c.attempt.desc()).limit(1)).scalar()


def movements(session: Session, shift: Shift) -> tuple[CashMovement, ...]:
    """Return the cash moved during a shift, oldest first."""
    rows = select(cash_movements).where(_of(cash_movements, shift.till_key, shift.number))
    return tuple(
        CashMovement(key=row.key, amount=row.amount_minor, reason=row.reason, at=row.moved_at, by_name=row.by_name)
        for row in session.execute(rows.order_by(cash_movements.c.moved_at, cash_movements.c.key))
    )


def find_movement(session: Session, key: UUID) -> CashMovement | None:
    """Return moved cash by its key: the button was pressed twice."""
    row = session.execute(select(cash_movements).where(cash_movements.c.key == key)).first()
    if row is None:
        return None
    return CashMovement(key=key, amount=row.amount_minor, reason=row.reason, at=row.moved_at, by_name=row.by_name)


def violations(session: Session) -> Iterator[str]:
    """Compare shifts, moved cash and counts with the journal, and yield a sentence for each difference."""
    told = _told(session)
    names = dict(session.execute(select(tills.c.key, tills.c.name)).all())
    for table, act in _ACTS.items():
        for row in session.execute(select(table)):
            where = f"Shift {row.number if table is shifts else row.shift} of till {names.get(row.till_key)}"
            facts = _plain({name: value for name, value in row._mapping.items() if name not in _OF_ROW})
            place = (row.till_key, row.opened_seq) if table is shifts else None
            found = _Told(act, _encode(facts), row.by_key, row.by_name, getattr(row, _AT[table]), place)
            if told[found]:
                told[found] -= 1
            else:
                yield f"{where}: its {_NAMED[table]} differs from the journal."
    for one in told.elements():
        facts = json.loads(one.facts)
        till = names.get(UUID(facts["till_key"]))
        yield f"Shift {facts.get('number', facts.get('shift'))} of till {till}: “{one.act}” in the journal has no row."
    yield from _order_violations(session, names)


_ACTS = {
    shifts: Activity.SHIFT_OPENED.value,
    cash_movements: Activity.CASH_MOVED.value,
    shift_counts: Activity.SHIFT_COUNTED.value,
}
_NAMED = {shifts: "opening", cash_movements: "moved cash", shift_counts: "count"}
_AT = {shifts: "opened_at", cash_movements: "moved_at", shift_counts: "counted_at"}
_OF_ROW = {"by_key", "by_name", "opened_at", "moved_at", "counted_at", "opened_seq"}
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class _Told:
    """A row of these tables, as the journal tells it; ``place`` is its journal row, for an opening."""

    act: str
    facts: str
    by_key: UUID
    by_name: str
    at: datetime
    place: tuple[UUID, int] | None


def _told(session: Session) -> Counter[_Told]:
    told: Counter[_Told] = Counter()
    acts = (chain.c.document_key.is_(None), chain.c.act.in_(_ACTS.values()))
    for row in session.execute(select(chain).where(*acts)):
        with suppress(zlib.error, ValueError, KeyError):  # the journal's own check reports it
            place = (row.till_key, row.seq) if row.act == Activity.SHIFT_OPENED.value else None
            facts = _encode(journal.facts_of(row.snapshot)[FACTS])
            told[_Told(row.act, facts, row.by_key, row.by_name, row.at, place)] += 1
    return told


def _order_violations(session: Session, names: dict[UUID, str]) -> Iterator[str]:
    """Yield what is wrong with the order of shifts: their numbers have no gap, and each ends before the next."""
    counts = select(func.max(shift_counts.c.until_seq)).where(_of(shift_counts, shifts.c.till_key, shifts.c.number))
    rows = select(shifts.c.till_key, shifts.c.number, shifts.c.opened_seq, counts.scalar_subquery().label("until_seq"))
    before: dict[UUID, Any] = {}
    for row in session.execute(rows.order_by(shifts.c.till_key, shifts.c.number)):
        earlier = before.get(row.till_key)
        if row.number != (earlier.number + 1 if earlier else 1):
            yield f"Till {names.get(row.till_key)}: a shift before shift {row.number} is missing."
        elif earlier and (earlier.until_seq is None or earlier.until_seq > row.opened_seq):
            yield f"Till {names.get(row.till_key)}: shift {row.number} began before shift {earlier.number} ended."
        before[row.till_key] = row


def _movement_row(shift: Shift, movement: CashMovement) -> dict[str, Any]:
    return {
        "key": movement.key,
        "till_key": shift.till_key,
        "shift": shift.number,
        "amount_minor": movement.amount,
        "reason": movement.reason,
    }


def _count_row(shift: Shift, count: ShiftCount) -> dict[str, Any]:
    return {
        "till_key": shift.till_key,
        "shift": shift.number,
        "attempt": count.attempt,
        "expected_minor": count.expected,
        "counted_minor": count.counted,
        "pieces": json.dumps(count.pieces, separators=(",", ":")),
        "until_seq": count.until_seq,
    }


def _who(by: Actor) -> dict[str, Any]:
    return {"by_key": by.staff.key, "by_name": by.staff.name}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}


def _of(table: Table, till_key: Any, number: Any) -> ColumnElement[bool]:
    return and_(table.c.till_key == till_key, table.c.shift == number)


_SHIFTS = select(shifts, tills.c.name.label("till")).join_from(shifts, tills, shifts.c.till_key == tills.c.key)


def _to_shift(row: Any) -> Shift:
    return Shift(
        till_key=row.till_key,
        till=row.till,
        number=row.number,
        opening=row.opening_minor,
        opened_at=row.opened_at,
        by_name=row.by_name,
        opened_seq=row.opened_seq,
    )
