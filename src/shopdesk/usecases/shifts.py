"""Use cases of a till's shift: open it, move cash, count it, open the drawer without a sale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.activity import Change
from shopdesk.domain.cash_difference import Proposal, explain
from shopdesk.domain.clean_text import clean
from shopdesk.domain.denominations import denominations
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Money
from shopdesk.domain.sales_report import ShiftResult
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shift import CashMovement, Shift, ShiftCount, check_cash, check_pieces
from shopdesk.domain.shop import Shop
from shopdesk.render import formatting
from shopdesk.store import acts_shifts, day_closes, journal, sales_reports, shop
from shopdesk.store import shifts as kept
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize

_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class CountOutcome:
    """A counted shift, and where its difference may come from."""

    result: ShiftResult
    proposals: tuple[Proposal, ...]


def open_shift(session: Session, opening: Money, *, by: Actor, now: datetime) -> Shift:
    """Open a shift of the actor's till with a float. Raise Refused while one is open there."""
    actor = authorize(session, by, Right.SHIFT)
    minor = _cash(opening, shop.current(session), field="opening")
    acts_shifts.hold_till(session, by=actor)
    before = kept.last(session, actor.till.key)
    if before is not None and kept.last_count(session, before) is None:
        raise Refused(sentence("A shift is already open at till {till}.", till=actor.till.name))
    number = before.number + 1 if before else 1
    shift = Shift(
        till_key=actor.till.key,
        till=actor.till.name,
        number=number,
        opening=minor,
        opened_at=now,
        by_name=actor.staff.name,
        opened_seq=journal.head(session, actor.till.key).seq + 1,
    )
    change = Change(_named(actor.till.name, number), "", str(opening))
    return acts_shifts.open_shift(session, shift, change, by=actor)


def move_cash(
    session: Session, amount: Money, reason: str, *, is_out: bool, movement_key: UUID, by: Actor, now: datetime
) -> CashMovement:
    """Put cash into the drawer of the actor's till without a sale, or take it out.

    ``movement_key`` is made by the window: the same key moves once. Raise Refused without a reason or an open shift.
    """
    actor = authorize(session, by, Right.MOVE_CASH)
    if earlier := kept.find_movement(session, movement_key):
        return earlier
    minor = _cash(amount, shop.current(session), field="amount")
    if not minor:
        raise Refused(sentence("The amount must be more than 0."), field="amount")
    why = clean(reason, max_length=_LONGEST_REASON, field="reason")
    if not why:
        raise Refused(sentence("Say in a few words what it is for."), field="reason")
    acts_shifts.hold_till(session, by=actor)
    shift = _open_shift(session, actor)
    movement = CashMovement(
        key=movement_key, amount=-minor if is_out else minor, reason=why, at=now, by_name=actor.staff.name
    )
    change = Change(why, "", str(Money(movement.amount, amount.currency)))
    return acts_shifts.move_cash(session, shift, movement, change, by=actor)


def count_shift(session: Session, pieces: Sequence[tuple[int, int]], *, by: Actor, now: datetime) -> CountOutcome:
    """End the shift of the actor's till by a count of coins and notes, or count it again; seal nothing.

    ``pieces`` are denominations in minor units with their number. It can be counted again, by who may move cash, until
    the next shift or the close of the day; the last count holds. Raise Refused when nothing is to be counted.
    """
    actor = authorize(session, by, Right.SHIFT)
    the_shop = shop.current(session)
    given = tuple(sorted(pieces, reverse=True))
    counted = _worth(given, the_shop)
    acts_shifts.hold_till(session, by=actor)
    head = journal.head(session, actor.till.key)
    shift = kept.last(session, actor.till.key)
    if shift is None:
        raise _none_open(actor)
    before = kept.last_count(session, shift)
    if before is not None:
        if before.pieces == given and before.by_name == actor.staff.name:
            return _outcome(session, shift, before)  # the button was pressed twice, or the reply was lost
        _check_still_open(session, shift, before, actor)
        actor = authorize(session, by, Right.MOVE_CASH)
    result = sales_reports.result_of(session, shift, until_seq=head.seq, count=None)
    count = ShiftCount(
        attempt=before.attempt + 1 if before else 1,
        expected=result.expected,
        counted=counted,
        pieces=given,
        at=now,
        by_name=actor.staff.name,
        until_seq=head.seq,
    )
    return _outcome(session, shift, _record(session, shift, count, the_shop, by=actor))


def end_uncounted(session: Session, shift: Shift, the_shop: Shop, *, until_seq: int, by: Actor, now: datetime) -> None:
    """End a shift without a count, at the close of the day."""
    result = sales_reports.result_of(session, shift, until_seq=until_seq, count=None)
    count = ShiftCount(
        attempt=1,
        expected=result.expected,
        counted=None,
        pieces=(),
        at=now,
        by_name=by.staff.name,
        until_seq=until_seq,
    )
    _record(session, shift, count, the_shop, by=by)


def note_drawer_opened(session: Session, reason: str, *, by: Actor, now: datetime) -> None:
    """Record in the journal that the cash drawer is opened without a sale. The Z report counts it."""
    actor = authorize(session, by, Right.DRAWER)
    why = clean(reason, max_length=_LONGEST_REASON, field="reason")
    change = Change(f"till {actor.till.name}", "", why)
    acts_shifts.note_drawer_opened(session, change, by=actor, at=now)


def _outcome(session: Session, shift: Shift, count: ShiftCount) -> CountOutcome:
    result = sales_reports.result_of(session, shift, until_seq=count.until_seq, count=count)
    left = kept.left_before(session, shift)
    entries = sales_reports.entries_of(session, result, count, left_before=left)
    return CountOutcome(result, explain(count.difference or 0, entries))


def _record(session: Session, shift: Shift, count: ShiftCount, the_shop: Shop, *, by: Actor) -> ShiftCount:
    expected, counted = (
        "" if minor is None else str(Money(minor, the_shop.currency)) for minor in (count.expected, count.counted)
    )
    change = Change(_named(shift.till, shift.number), expected, counted or "not counted")
    return acts_shifts.count_shift(session, shift, count, change, by=by)


def _open_shift(session: Session, actor: Actor) -> Shift:
    shift = kept.last(session, actor.till.key)
    if shift is None or kept.last_count(session, shift) is not None:
        raise _none_open(actor)
    return shift


def _none_open(actor: Actor) -> Refused:
    return Refused(sentence("No shift is open at till {till}. Open one first.", till=actor.till.name))


def _check_still_open(session: Session, shift: Shift, count: ShiftCount, actor: Actor) -> None:
    """Refuse to count again what the close of the day has; a count without pieces is that of a close."""
    report = day_closes.last_report(session)
    spans = report.figures.tills if report else ()
    if any(span.till_key == shift.till_key and span.until_seq >= count.until_seq for span in spans):
        raise _none_open(actor)


def _cash(amount: Money, the_shop: Shop, *, field: str) -> int:
    return check_cash(amount, the_shop.currency, the_shop.smallest_coin, field=field)


def _worth(pieces: Sequence[tuple[int, int]], the_shop: Shop) -> int:
    known = denominations(the_shop.currency, smallest_coin=the_shop.smallest_coin)
    for piece, _ in pieces:
        if piece not in known:
            raise Refused(
                sentence(
                    "There is no coin or note of {amount} in {code}.",
                    amount=formatting.localized(formatting.amount, piece, the_shop.currency),
                    code=the_shop.currency.code,
                ),
                field=str(piece),
            )
    return check_pieces(pieces)


def _named(till: str, number: int) -> str:
    return f"till {till}, shift {number}"
