"""Payments: rows, never a flag. Balance = gross - paid; change only in cash (rules 8 and 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shopdesk.domain.errors import Refused
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


def settle(due: int, tender: Tender, *, smallest_coin: int = 1) -> Settlement:
    """Settle ``due`` with a tender, and compute the change. Raise Refused for non-cash change and for no payment.

    A negative due (a refund) is paid out exactly or in part: the tender is then negative too. A tender of 0 is accepted
    only where cash rounding takes off all that is due.
    """
    rounding = cash_rounding(due, smallest_coin) if tender.method is Method.CASH else 0
    payable = due + rounding
    tendered = tender.tendered
    _check_direction(due, payable, tendered)
    if abs(tendered) < abs(payable):
        # Between the exact and the rounded amount due: all is settled, and the rest is rounding.
        amount = due if abs(tendered) >= abs(due) else tendered
        return Settlement(amount=amount, tendered=tendered, change=0, rounding=tendered - amount)
    change = tendered - payable
    if change and due < 0:
        raise Refused("You cannot refund more than the customer is owed.", field="tendered")
    if change and tender.method is not Method.CASH:
        raise Refused("Only cash gives change. The amount cannot be more than is due.", field="tendered")
    return Settlement(amount=due, tendered=tendered, change=change, rounding=rounding)


def _check_direction(due: int, payable: int, tendered: int) -> None:
    """Refuse a refund where money is due, and a payment where a refund is."""
    if due == 0:
        raise Refused("There is nothing to pay here.", field="tendered")
    is_missing = tendered == 0 and payable != 0
    if due > 0 and (tendered < 0 or is_missing):
        raise Refused("The amount handed over must be more than 0.", field="tendered")
    if due < 0 and (tendered > 0 or is_missing):
        raise Refused("This is a refund to the customer. The amount must be less than 0.", field="tendered")
