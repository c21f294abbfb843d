"""Why a document has its total: the steps from the rows to the balance, taken from the totals that it prints.

Nothing is calculated a second time: each step shows an amount of the document's ``Totals`` and payments, or the
difference of two of them. Only the part of the document discount that a single row bears is not stored; it is split as
rule 4 splits it over the tax rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shopdesk.domain.document import Document, Draft, Line, State
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT, Currency, rounded
from shopdesk.domain.payment import Payment
from shopdesk.domain.totals import Discount, Group, Totals, cash_rounding, split, tax_group


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStep:
    """A row: quantity × price = ``full``; less ``off``, its own discount, is ``amount``; ``share`` is its part of the
    document discount.
    """

    line: Line
    full: int
    off: int
    amount: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxStep:
    """A tax rate: the sum of its rows less its part of the discount, and the tax inside or on top of that.

    ``is_part``: the tax is a part of that of another document, so that both add up, and not the rate of this base.
    """

    group: Group
    is_part: bool

    @property
    def base(self) -> int:
        """The amount that the rate is applied to: with the tax if prices include it."""
        return self.group.sum - self.group.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class CashStep:
    """The rounding to the smallest coin of an amount that would be paid in cash now."""

    coin: int
    rounding: int
    payable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All steps, in minor units: rows, document discount, tax rates, totals, payments and balance.

    ``cash`` is None if there is nothing to round. ``balance`` is None if nothing is to be paid: a quote, a draft, and a
    document that no longer counts.
    """

    currency: Currency
    prices_include_tax: bool
    rows: tuple[RowStep, ...]
    discount: Discount | None
    taxes: tuple[TaxStep, ...]
    totals: Totals
    cash: CashStep | None
    payments: tuple[Payment, ...]
    balance: int | None

    @property
    def paid(self) -> int:
        """The sum that the payments settle."""
        return sum(payment.amount for payment in self.payments)


def explain(document: Document, *, smallest_coin: int = 1) -> Explanation:
    """Return why a document has its total; ``smallest_coin`` in minor units rounds what is due in cash."""
    counts = document.kind.is_sale and document.state is State.ISSUED
    balance = document.balance.minor if counts else None
    return _explained(document, document.lines, document.totals, balance, smallest_coin)


def explain_draft(draft: Draft, totals: Totals, *, smallest_coin: int = 1) -> Explanation:
    """Return why a draft comes to ``totals``, also where it has faults: then those of the rows that could be read."""
    due = totals.gross if draft.kind.is_sale else None
    return replace(_explained(draft, draft.signed_lines, totals, due, smallest_coin), balance=None)


def _explained(
    source: Document | Draft, lines: Sequence[Line], totals: Totals, due: int | None, smallest_coin: int
) -> Explanation:
    return Explanation(
        currency=source.currency,
        prices_include_tax=source.prices_include_tax,
        rows=_rows(lines, totals),
        discount=source.discount if totals.discount else None,
        taxes=tuple(_tax(group, prices_include_tax=source.prices_include_tax) for group in totals.groups),
        totals=totals,
        cash=_cash(due or 0, smallest_coin),
        payments=source.payments if isinstance(source, Document) else (),
        balance=due,
    )


def _rows(lines: Sequence[Line], totals: Totals) -> tuple[RowStep, ...]:
    amounts = totals.amounts
    shares: dict[int, int] = {}
    for group in totals.groups:
        shares |= split(group.discount, {at: amounts[at] for at, line in enumerate(lines) if line.tax == group.rate})
    return tuple(_row(line, amounts[at], shares.get(at, 0)) for at, line in enumerate(lines))


def _row(line: Line, amount: int, share: int) -> RowStep:
    full = rounded(line.quantity * line.unit_price, QUANTITY_UNIT * PRICE_PER_MINOR)
    return RowStep(line=line, full=full, off=full - amount, amount=amount, share=share)


def _tax(group: Group, *, prices_include_tax: bool) -> TaxStep:
    by_rule = tax_group(group.rate, group.sum, group.discount, prices_include_tax=prices_include_tax)
    return TaxStep(group=group, is_part=by_rule != group)


def _cash(due: int, coin: int) -> CashStep | None:
    rounding = cash_rounding(due, coin)
    return CashStep(coin=coin, rounding=rounding, payable=due + rounding) if rounding else None
