"""Proposals for the difference of a count: the entries of the shift that it may come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shopdesk.domain.payment import Method

MOST_PROPOSALS = 6


class Cause(StrEnum):
    """A mistake that explains a difference to the minor unit."""

    NOT_CASH = "not cash"
    """A payment, or a refund, was entered as cash, but made otherwise."""
    WAS_CASH = "was cash"
    """A payment, or a refund, was entered otherwise, but made in cash."""
    TWICE = "twice"
    """Cash is missing: a sale was entered twice."""
    NOT_ENTERED = "not entered"
    """There is more: a sale of the same amount as this one was not entered."""
    NOT_PAID = "not paid"
    """There is more: a document that is open was paid in cash."""
    REFUND = "refund"
    """Cash is missing: money was given back for a sale without an entry."""
    FLOAT = "float"
    """The float was not what the count before left in the drawer."""
    FLOAT_DIGITS = "float digits"
    """Two digits of the float were swapped."""
    MOVED_DIGITS = "moved digits"
    """Two digits of cash put in or taken out were swapped."""
    WRONG_WAY = "wrong way"
    """Cash put in was entered as taken out, or the other way round."""
    PIECE = "piece"
    """One coin or note was counted once too often or not at all."""
    PIECE_DIGITS = "piece digits"
    """Two digits of a number of pieces were swapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A possible cause. ``amount`` in minor units is the one in question: of the payment, the float or one piece.

    ``number`` is that of the document, ``method`` how the payment was entered, ``right`` what it would have been: minor
    units, or for ``PIECE_DIGITS`` a number of pieces.
    """

    cause: Cause
    amount: int
    number: str = ""
    method: Method | None = None
    right: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftEntries:
    """The entries of a shift, in minor units.

    ``payments`` are (number, method, money moved), ``open`` the documents not settled as (number, balance),
    ``left_before`` is the cash that the count before left.
    """

    payments: Sequence[tuple[str, Method, int]] = ()
    open: Sequence[tuple[str, int]] = ()
    moved: Sequence[int] = ()
    opening: int = 0
    left_before: int | None = None
    pieces: Sequence[tuple[int, int]] = ()


def explain(difference: int, entries: ShiftEntries) -> tuple[Proposal, ...]:
    """Return what would explain the whole difference, the likelier first; nothing where there is none.

    The proposals look at entries one by one: two mistakes at once are not found.
    """
    if not difference:
        return ()
    found = (
        *_float(difference, entries),
        *_payments(difference, entries),
        *_moved(difference, entries),
        *_pieces(difference, entries),
    )
    return found[:MOST_PROPOSALS]


def _float(difference: int, entries: ShiftEntries) -> Iterator[Proposal]:
    opening, left = entries.opening, entries.left_before
    if left is not None and left - opening == difference:
        yield Proposal(cause=Cause.FLOAT, amount=opening, right=left)
    for right in _swapped(opening):
        if right - opening == difference and right != left:
            yield Proposal(cause=Cause.FLOAT_DIGITS, amount=opening, right=right)


def _payments(difference: int, entries: ShiftEntries) -> Iterator[Proposal]:
    """Yield one proposal of each cause: about the last entry of that amount."""
    last = list(reversed(entries.payments))
    if number := next((number for number, balance in reversed(entries.open) if balance == difference), ""):
        yield Proposal(cause=Cause.NOT_PAID, amount=difference, number=number)
    for number, method, moved in last:
        if method not in {Method.CASH, Method.OFFSET} and moved == difference:
            yield Proposal(cause=Cause.WAS_CASH, amount=abs(moved), number=number, method=method)
            break
    for number, method, moved in last:
        if method is Method.CASH and moved == -difference:
            causes = (Cause.NOT_CASH, Cause.TWICE, Cause.REFUND) if difference < 0 else (Cause.NOT_CASH,)
            yield from (Proposal(cause=cause, amount=abs(moved), number=number, method=method) for cause in causes)
            break
    for number, method, moved in last:
        if method is Method.CASH and moved == difference > 0:
            yield Proposal(cause=Cause.NOT_ENTERED, amount=moved, number=number, method=method)
            break


def _moved(difference: int, entries: ShiftEntries) -> Iterator[Proposal]:
    for moved in reversed(entries.moved):
        if difference == -2 * moved:
            yield Proposal(cause=Cause.WRONG_WAY, amount=abs(moved))
        sign = 1 if moved > 0 else -1
        for right in _swapped(abs(moved)):
            if difference == sign * right - moved:
                yield Proposal(cause=Cause.MOVED_DIGITS, amount=abs(moved), right=right)


def _pieces(difference: int, entries: ShiftEntries) -> Iterator[Proposal]:
    for piece, number in entries.pieces:
        if abs(difference) == piece:
            yield Proposal(cause=Cause.PIECE, amount=piece)
        for right in _swapped(number):
            if (number - right) * piece == difference:
                yield Proposal(cause=Cause.PIECE_DIGITS, amount=piece, right=right)


def _swapped(number: int) -> Iterator[int]:
    """Yield the numbers that two neighbouring digits typed the other way round make of this one."""
    digits = str(number)
    for at in range(len(digits) - 1):
        one, other = digits[at], digits[at + 1]
        if one != other:
            yield int(f"{digits[:at]}{other}{one}{digits[at + 2 :]}")
