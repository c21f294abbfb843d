"""The calculation of totals from lines, shared by the screen, the store and the paper.

All amounts are whole minor units of one currency; no float is used anywhere. The numbered rules are in
docs/data-and-journal.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from shopdesk.domain.errors import Refused
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT, rounded
from shopdesk.domain.sentence import sentence
from shopdesk.domain.tax import TaxRate

_WHOLE = 100_000
"""A hundred per cent in thousandths of a per cent."""


@dataclass(frozen=True, slots=True)
class AmountOff:
    """A discount of a fixed amount in minor units."""

    minor: int


@dataclass(frozen=True, slots=True)
class PercentOff:
    """A discount in thousandths of a per cent: 15 % is 15000."""

    milli: int


Discount = AmountOff | PercentOff

Part = TypeVar("Part", TaxRate, int)
"""The parts that an amount is split over: the tax groups of a document, or the positions of its lines."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """The part of a line that the calculation needs: quantity in thousandths, price in hundredths of a minor unit."""

    quantity: int
    unit_price: int
    tax: TaxRate
    discount: Discount | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """All lines of one rate: their sum, its part of the document discount, and net + tax = gross."""

    rate: TaxRate
    sum: int
    discount: int
    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a document. ``amounts`` are the line amounts after line discounts, in the lines' order."""

    amounts: tuple[int, ...]
    sum: int
    discount: int
    groups: tuple[Group, ...]
    net: int
    tax: int
    gross: int


def line_amount(line: PricedLine) -> int:
    """Return quantity × price, half up to the minor unit, less the line's discount (rule 2).

    Raise Refused when the discount is more than the line.
    """
    full = rounded(line.quantity * line.unit_price, QUANTITY_UNIT * PRICE_PER_MINOR)
    return full - taken_off(full, line.discount)


def taken_off(full: int, discount: Discount | None) -> int:
    """Return the part of an amount that a discount takes off, with its sign. Raise Refused beyond the amount."""
    match discount:
        case None:
            return 0
        case PercentOff(milli):
            if not 0 <= milli <= _WHOLE:
                raise Refused(sentence("A discount must be between 0 and 100 per cent."), field="discount")
            return rounded(full * milli, _WHOLE)
        case AmountOff(minor):
            if minor < 0:
                raise Refused(sentence("A discount cannot be negative."), field="discount")
            if minor > abs(full):
                raise Refused(sentence("The discount is more than the amount it is taken from."), field="discount")
            return minor if full >= 0 else -minor


def calculate(lines: Sequence[PricedLine], *, prices_include_tax: bool, discount: Discount | None = None) -> Totals:
    """Calculate the totals of a document: tax per rate on the sum, never per line (EN 16931 BR-CO-17; rules 3 to 7)."""
    amounts = tuple(line_amount(line) for line in lines)
    sums: dict[TaxRate, int] = {}
    for line, amount in zip(lines, amounts, strict=True):
        sums[line.tax] = sums.get(line.tax, 0) + amount
    total = sum(amounts)
    off = taken_off(total, discount)
    parts = split(off, sums)
    groups = tuple(
        tax_group(rate, sums[rate], parts[rate], prices_include_tax=prices_include_tax) for rate in sorted(sums)
    )
    return Totals(
        amounts=amounts,
        sum=total,
        discount=off,
        groups=groups,
        net=sum(group.net for group in groups),
        tax=sum(group.tax for group in groups),
        gross=sum(group.gross for group in groups),
    )


def split(amount: int, sums: dict[Part, int]) -> dict[Part, int]:
    """Split an amount in proportion to some sums, by the largest remainder; the parts add up to it (rule 4).

    Ties go to the larger sum, then to the lower rate or the earlier line. Where the sums are zero together, nothing is
    split.
    """
    whole = sum(sums.values())
    if not amount or not whole:
        return dict.fromkeys(sums, 0)
    # Use the sign of the whole, so that a credit note is split in the same way as its document.
    shares = {part: abs(amount) * (total if whole > 0 else -total) for part, total in sums.items()}
    parts = {part: share // abs(whole) for part, share in shares.items()}
    by_claim = sorted(sums, key=lambda part: (-(shares[part] % abs(whole)), -abs(sums[part]), part))
    for part in by_claim[: abs(amount) - sum(parts.values())]:
        parts[part] += 1
    return {part: share if amount > 0 else -share for part, share in parts.items()}


def gross_lines(totals: Totals, lines: Sequence[PricedLine]) -> tuple[int, ...]:
    """Return what each line brought in: its part of the gross, after the document discount and with tax.

    They add up to the gross of the document: each group's gross is split over its lines in proportion to their amounts.
    """
    parts: dict[int, int] = {}
    for group in totals.groups:
        parts |= split(group.gross, {at: totals.amounts[at] for at, one in enumerate(lines) if one.tax == group.rate})
    return tuple(parts[at] for at in range(len(lines)))


def net_before_discount(group: Group, *, prices_include_tax: bool) -> int:
    """Return the net of a group without its part of the document discount."""
    if not group.discount:
        return group.net
    return tax_group(group.rate, group.sum, 0, prices_include_tax=prices_include_tax).net


def net_lines(totals: Totals, lines: Sequence[PricedLine], *, prices_include_tax: bool) -> tuple[int, ...]:
    """Return the net of each line before the document discount, in minor units (rule 12).

    They add up to ``net_before_discount`` of each group: what rounding leaves goes to the largest lines.
    """
    nets: dict[int, int] = {}
    for group in totals.groups:
        own = [at for at, line in enumerate(lines) if line.tax == group.rate]
        own.sort(key=lambda at: (-abs(totals.amounts[at]), at))
        divisor = _WHOLE + group.rate.milli if prices_include_tax else _WHOLE
        parts = {at: rounded(totals.amounts[at] * _WHOLE, divisor) for at in own}
        rest = net_before_discount(group, prices_include_tax=prices_include_tax) - sum(parts.values())
        each, more = divmod(abs(rest), len(own))
        for place, at in enumerate(own):
            share = each + (place < more)
            nets[at] = parts[at] + (share if rest > 0 else -share)
    return tuple(nets[at] for at in range(len(lines)))


def tax_group(rate: TaxRate, total: int, off: int, *, prices_include_tax: bool) -> Group:
    """Return the group of one rate from the sum of its lines and its part of the discount (rules 5 and 6)."""
    remaining = total - off
    if prices_include_tax:
        tax = rounded(remaining * rate.milli, _WHOLE + rate.milli)
        return Group(rate, total, off, net=remaining - tax, tax=tax, gross=remaining)
    tax = rounded(remaining * rate.milli, _WHOLE)
    return Group(rate, total, off, net=remaining, tax=tax, gross=remaining + tax)


def cash_rounding(due: int, step: int) -> int:
    """Return what cash rounding adds to an amount due (negative: takes off); ``step`` is the smallest coin (rule 8)."""
    return rounded(due, step) * step - due if step > 1 else 0
