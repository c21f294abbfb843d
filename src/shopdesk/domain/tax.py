"""Tax rates: a percentage and the category that an e-invoice requires (EN 16931, UNCL 5305)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence


class Category(StrEnum):
    """UNCL 5305 codes, as far as a shop needs them."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    OUTSIDE = "O"


WITH_REASON = frozenset((Category.EXEMPT, Category.REVERSE_CHARGE, Category.OUTSIDE))
"""The categories with a reason; the zero rate must have none (EN 16931, BR-Z-10)."""
Exemption = tuple[Category, str]
"""A category without tax and the reason for it in words (EN 16931, BT-120)."""


@dataclass(frozen=True, slots=True, order=True)
class TaxRate:
    """A rate in thousandths of a per cent (16 % is 16000) with its category. Two equal rates are one group."""

    milli: int
    category: Category = Category.STANDARD

    def __post_init__(self) -> None:
        if not 0 <= self.milli <= 100_000:
            raise Refused(sentence("A tax rate must be between 0 and 100 per cent."), field="rate")
        if self.milli and self.category is not Category.STANDARD:
            raise Refused(sentence("Only the standard category can have a rate above 0."), field="category")

    @classmethod
    def percent(cls, percent: str | int | Decimal) -> TaxRate:
        """Return the rate of ``percent`` per cent; 0 is the zero category. Raise Refused beyond three decimals."""
        milli = Decimal(percent).scaleb(3)
        if not milli.is_finite() or milli != int(milli):
            raise Refused(sentence("A tax rate can have at most three decimals."), field="rate")
        return cls(int(milli), Category.STANDARD if milli else Category.ZERO)

    @property
    def decimal(self) -> Decimal:
        """The percentage without trailing zeros: ``Decimal('20')``, ``Decimal('8.875')``."""
        exact = Decimal(self.milli) / 1000
        return exact.normalize() if self.milli % 1000 else exact.to_integral_value()
