"""The X report and the Z report: what the tills sold and took, by tax rate, payment, cashier and shift.

An X report is of the time so far and changes nothing. A Z report is of a business day: the close of the day makes it,
once, with the next number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method
from shopdesk.domain.shift import CashMovement, Shift, ShiftCount
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import TaxRate


@dataclass(frozen=True, slots=True)
class Sum:
    """A number of documents, or of other things, and what they come to in minor units."""

    count: int = 0
    amount: int = 0

    def plus(self, amount: int) -> Sum:
        """Return the sum with one more, of this amount."""
        return Sum(self.count + 1, self.amount + amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class TillSpan:
    """The part of a till's journal that a report covers: rows after ``after_seq`` up to ``until_seq``, inclusive.

    ``head`` is the hash of the last one.
    """

    till_key: UUID
    till: str
    after_seq: int
    until_seq: int
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSum:
    """The sales at one rate, in minor units."""

    rate: TaxRate
    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSum:
    """The payments by one method: ``amount`` settled documents, ``rounding`` is the cash rounding on top."""

    method: Method
    count: int
    amount: int
    rounding: int

    @property
    def moved(self) -> int:
        """The money that changed hands, in minor units."""
        return self.amount + self.rounding


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """The first and the last number of a series, and how many there are."""

    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CashierSum:
    """The documents that one person issued."""

    key: UUID
    name: str
    sales: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftResult:
    """A shift with the cash of its payments (minor units), what was moved, and its counts; none while it is open."""

    shift: Shift
    cash: int
    moved: tuple[CashMovement, ...]
    count: ShiftCount | None

    @property
    def expected(self) -> int:
        """The cash that should be in the drawer."""
        return self.shift.opening + self.cash + sum(one.amount for one in self.moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesFigures:
    """The figures of a report. Amounts are minor units; voided documents and quotes are in no sum of sales.

    ``credited`` are the credit notes, ``replaced`` the documents that replace a sealed one.
    """

    tills: tuple[TillSpan, ...]
    kinds: tuple[tuple[Kind, Sum], ...]
    taxes: tuple[TaxSum, ...]
    payments: tuple[MethodSum, ...]
    numbers: tuple[NumberSpan, ...]
    voided: Sum
    amended: int
    credited: Sum
    replaced: Sum
    discounts: Sum
    cashiers: tuple[CashierSum, ...]
    shifts: tuple[ShiftResult, ...]
    drawer_openings: int

    @property
    def sales(self) -> Sum:
        """All documents and their gross."""
        return _together(sales for _, sales in self.kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReport:
    """A report as it is printed. ``number`` is that of a Z report, 0 for an X report.

    ``since`` is the close before, or None. ``total_before`` is the running total of the Z reports before, in minor
    units; ``language`` is a BCP 47 tag.
    """

    number: int
    day: date
    since: datetime | None
    made_at: datetime
    by_name: str
    seller: Seller
    currency: Currency
    language: str
    total_before: int
    figures: SalesFigures

    @property
    def running_total(self) -> int:
        """The gross of all documents of this and all earlier Z reports, in minor units."""
        return self.total_before + self.figures.sales.amount


def _together(sums: Iterable[Sum]) -> Sum:
    sums = tuple(sums)
    return Sum(sum(one.count for one in sums), sum(one.amount for one in sums))
