"""The discount limit of a user: row discounts, lowered prices and the document discount, judged together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopdesk.domain.document import Draft, Line
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT, rounded
from shopdesk.domain.totals import AmountOff, Discount, PercentOff, Totals, line_amount

_WHOLE = 100_000
"""A hundred per cent in thousandths of a per cent."""


@dataclass(frozen=True, slots=True)
class Excess:
    """The place where a draft goes beyond the limit: a field of a row, or of the document (``row`` is None)."""

    field: str
    row: int | None = None


def excess(
    draft: Draft, catalogue: Sequence[int], *, most: int, settled: frozenset[int] = frozenset()
) -> Excess | None:
    """Return the first place where a draft gives more than ``most`` thousandths of a per cent off, or None.

    ``catalogue`` is the product's own price of each row in hundredths of a minor unit, 0 where there is none: a lower
    price typed is a discount, too. The rows at ``settled`` are not judged again. A percentage is compared as a
    percentage; an amount may be up to what the limit comes to on its row, half up (20 % of 3.99 is 0.80).
    """
    totals = draft.totals()
    judged = [at for at in range(len(draft.lines)) if at not in settled]
    reductions = {at: _Reduction.of(draft.lines[at], catalogue[at]) for at in judged}
    for at, reduction in reductions.items():
        if reduction.exceeds(most):
            return Excess("unit_price" if reduction.is_price_lowered else "discount", at)
    if judged and _document_exceeds(draft.discount, totals, most):
        return Excess("discount")
    if any(one.off and one.exceeds_with(draft.discount, totals, most) for one in reductions.values()):
        return Excess("discount")
    return None


@dataclass(frozen=True, slots=True)
class _Reduction:
    """The full amount of a row at the higher of both prices, and what is left of it, in minor units."""

    full: int
    amount: int
    discount: Discount | None
    is_price_lowered: bool

    @classmethod
    def of(cls, line: Line, own_price: int) -> _Reduction:
        price = max(line.unit_price, own_price)
        full = rounded(line.quantity * price, QUANTITY_UNIT * PRICE_PER_MINOR)
        return cls(full, line_amount(line.priced), line.discount, is_price_lowered=line.unit_price < own_price)

    @property
    def off(self) -> int:
        return self.full - self.amount

    def exceeds(self, most: int) -> bool:
        """Return True if the row alone gives more than the limit. A row that takes goods back gives nothing."""
        return _percentage(self.discount) > most or self._leaves_too_little(self.amount, most)

    def exceeds_with(self, discount: Discount | None, totals: Totals, most: int) -> bool:
        """Return True if the row gives more than the limit together with its share of the document discount."""
        if not totals.discount:
            return False
        if not self.is_price_lowered and isinstance(self.discount, PercentOff) and isinstance(discount, PercentOff):
            remaining = (_WHOLE - self.discount.milli) * (_WHOLE - discount.milli)
            return remaining < (_WHOLE - most) * _WHOLE
        left, whole = totals.sum - totals.discount, totals.sum
        sign = 1 if whole > 0 else -1
        return self._leaves_too_little(rounded(self.amount * left * sign, whole * sign), most)

    def _leaves_too_little(self, amount: int, most: int) -> bool:
        return self.full > 0 and self.full - amount > rounded(self.full * most, _WHOLE)


def _document_exceeds(discount: Discount | None, totals: Totals, most: int) -> bool:
    if isinstance(discount, AmountOff):
        return discount.minor > rounded(abs(totals.sum) * most, _WHOLE)
    return _percentage(discount) > most


def _percentage(discount: Discount | None) -> int:
    return discount.milli if isinstance(discount, PercentOff) else 0
