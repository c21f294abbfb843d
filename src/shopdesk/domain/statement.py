"""The statement of a customer's account: what was sold and paid in a period, and what is open at its end by age."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency
from shopdesk.domain.paper_layout import Logo
from shopdesk.domain.payment import Method
from shopdesk.domain.shop import Seller

MOST_LINES = 5_000
"""The most lines of a statement: some 120 pages."""
AGES = (30, 60, 90)
"""The last day overdue of each part of the ageing but the last, which has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A document or a payment for one, with what it adds to the balance in minor units."""

    on: date
    kind: Kind
    number: str
    amount: int
    method: Method | None = None
    """None for the document itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A document that is not settled; ``amount`` minor units are open, negative where the customer gets money back."""

    number: str
    kind: Kind
    date_on: date
    due_on: date | None
    amount: int

    def days_overdue(self, on: date) -> int:
        """Return the days since it was due, 0 while it is not."""
        return max(0, (on - (self.due_on or self.date_on)).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account from ``since`` to ``until``. Amounts are minor units; positive is what the customer owes."""

    seller: Seller
    buyer: Buyer
    currency: Currency
    language: str
    since: date
    until: date
    opening: int
    lines: tuple[StatementLine, ...]
    ageing: tuple[int, ...]
    """The open amounts at the end by the days overdue: up to 30 (or not due yet), 60, 90, and longer."""
    logo: Logo | None = None

    @property
    def closing(self) -> int:
        """The balance at the end."""
        return self.opening + sum(line.amount for line in self.lines)

    def balances(self) -> Iterator[int]:
        """Yield the balance after each line."""
        balance = self.opening
        for line in self.lines:
            balance += line.amount
            yield balance


def ageing(items: Iterable[OpenItem], on: date) -> tuple[int, ...]:
    """Return the sums of open items by the days they are overdue; see ``Statement.ageing``."""
    sums = [0] * (len(AGES) + 1)
    for item in items:
        days = item.days_overdue(on)
        sums[sum(days > last for last in AGES)] += item.amount
    return tuple(sums)
