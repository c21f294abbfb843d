"""Payments of a document, one row each; no flag says "paid". Only cash gives change (docs/data-and-journal.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.domain.totals import cash_rounding


class Method(StrEnum):
    """The method of a payment."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    OTHER = "other"
    OFFSET = "offset"
    """Moved from one document to the one that replaces it; no money changed hands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """The money the customer hands over, in minor units, before it is a payment."""

    method: Method
    tendered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money received (or, negative, paid out) for one document, in minor units.

    ``amount`` settles the document; ``tendered`` was handed over, ``change`` returned, and ``rounding`` added by cash
    rounding: tendered - change = amount + rounding.
    """

    key: UUID
    method: Method
    amount: int
    tendered: int
    change: int
    rounding: int
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """The amounts by which a tender settles a document, in minor units."""

    amount: int
    tendered: int
    change: int
    rounding: int


@dataclass(frozen=True, slots=True)
class PaymentPart:
    """The part of a difference that one method settles, in minor units; ``rounding`` is added by cash rounding."""

    method: Method
    amount: int
    rounding: int = 0

    @property
    def moved(self) -> int:
        """The money that changes hands; negative if it is paid out."""
        return self.amount + self.rounding


def settle(due: int, tender: Tender, *, smallest_coin: int = 1) -> Settlement:
    """Settle ``due`` with a tender, and compute the change. Raise Refused for non-cash change and for no payment.

    A negative due (a refund) is paid out exactly or in part: the tender is then negative too. Cash is an amount that
    coins make; exactly the amount due stands for what it is rounded to, which may be 0.
    """
    rounding = cash_rounding(due, smallest_coin) if tender.method is Method.CASH else 0
    payable = due + rounding
    tendered = payable if tender.method is Method.CASH and tender.tendered == due else tender.tendered
    _check_direction(due, payable, tendered)
    if tender.method is Method.CASH and cash_rounding(tendered, smallest_coin):
        raise Refused(sentence("There are no coins for this amount. Enter what was handed over."), field="tendered")
    if abs(tendered) < abs(payable):
        return Settlement(amount=tendered, tendered=tendered, change=0, rounding=0)
    change = tendered - payable
    if change and due < 0:
        raise Refused(sentence("You cannot refund more than the customer is owed."), field="tendered")
    if change and tender.method is not Method.CASH:
        raise Refused(sentence("Only cash gives change. The amount cannot be more than is due."), field="tendered")
    return Settlement(amount=due, tendered=tendered, change=change, rounding=rounding)


def settle_all(due: int, tenders: Sequence[Tender], *, smallest_coin: int = 1) -> tuple[Settlement, ...]:
    """Settle ``due`` with several tenders in turn; return their settlements in the same order.

    Cash comes last whatever the order, as only cash gives change and only the rest in cash is rounded. Raise Refused
    as ``settle`` does, and for a tender when nothing is left to pay.
    """
    in_turn = sorted(enumerate(tenders), key=lambda one: one[1].method is Method.CASH)
    settled: dict[int, Settlement] = {}
    rest = due
    for at, tender in in_turn:
        if rest == 0 and settled:
            raise Refused(sentence("The other payments settle it already. Remove one of them."), field="tendered")
        settled[at] = settle(rest, tender, smallest_coin=smallest_coin)
        rest -= settled[at].amount
    return tuple(settled[at] for at in range(len(tenders)))


def paid_out(received: Sequence[Payment], amount: int, method: Method, *, smallest_coin: int = 1) -> PaymentPart:
    """Return the part by which ``amount`` (negative) goes back by one method.

    Cash is rounded together with what was received and paid out in cash before, as one payment would be (rule 8), so
    that several refunds give back what one would.
    """
    return PaymentPart(method, amount, _rounding(received, amount, smallest_coin) if method is Method.CASH else 0)


def settle_difference(
    received: Sequence[Payment], difference: int, *, smallest_coin: int = 1
) -> tuple[PaymentPart, ...]:
    """Split the difference that a correction or deletion leaves over the methods of the payments made until then.

    What goes back (a difference of the opposite sign) goes by the methods it came in by, the last first, and by none
    more than came in by it; what is due on top is paid by the last method. All cash of the document is rounded at once,
    as one payment would be (rule 8), so that coins make what goes back and rounding is given back too.
    """
    net: dict[Method, int] = {}
    for payment in received:
        net[payment.method] = net.pop(payment.method, 0) + payment.amount  # in the order of last use
    parts: dict[Method, int] = {}
    rest = difference
    for method, amount in reversed(net.items()):
        if amount * rest < 0:
            parts[method] = -amount if abs(amount) < abs(rest) else rest
            rest -= parts[method]
    if rest:
        last = next(reversed(net), Method.CASH)
        parts[last] = parts.get(last, 0) + rest
    return tuple(
        PaymentPart(method, amount, _rounding(received, amount, smallest_coin) if method is Method.CASH else 0)
        for method, amount in parts.items()
    )


def _rounding(received: Sequence[Payment], amount: int, smallest_coin: int) -> int:
    """Return the cash rounding of one more amount in cash: so much that all cash together is rounded once."""
    cash = [payment for payment in received if payment.method is Method.CASH]
    settled = sum(payment.amount for payment in cash)
    in_drawer = settled + sum(payment.rounding for payment in cash)
    moved = _in_coins(settled + amount, smallest_coin) - in_drawer
    moved = _in_coins(moved, smallest_coin)  # the smallest coin may have changed since
    return (max(moved, 0) if amount > 0 else min(moved, 0)) - amount


def _in_coins(amount: int, smallest_coin: int) -> int:
    return amount + cash_rounding(amount, smallest_coin)


def _check_direction(due: int, payable: int, tendered: int) -> None:
    """Refuse a refund where money is due, and a payment where a refund is."""
    if due == 0:
        raise Refused(sentence("There is nothing to pay here."), field="tendered")
    is_missing = tendered == 0 and payable != 0
    if due > 0 and (tendered < 0 or is_missing):
        raise Refused(sentence("The amount handed over must be more than 0."), field="tendered")
    if due < 0 and (tendered > 0 or is_missing):
        raise Refused(sentence("This is a refund to the customer. The amount must be less than 0."), field="tendered")
