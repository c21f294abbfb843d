"""A change of the prices and taxes of many products at once: by per cent or by an amount, rounded as price tags are.

Prices are in hundredths of a minor unit, as in ``Product``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from shopdesk.domain.money import PRICE_PER_MINOR, rounded
from shopdesk.domain.product import Product

_HUNDRED_PER_CENT = 100_000
_ENDING = 10
"""Minor units after which the last digit of a price comes again."""


class PriceRounding(StrEnum):
    """The prices that a changed price may become: the nearest one, in the middle the higher."""

    EXACT = "exact"
    MINOR = "minor"
    """Whole minor units: 1.23."""
    COIN = "coin"
    """The shop's smallest coin: 1.25."""
    FIVE = "five"
    """A last digit of 5: 1.25, 1.35."""
    NINE = "nine"
    """A last digit of 9: 1.29, 1.39."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChoice:
    """The products to change; all conditions apply. ``department`` is None for all, ``keys`` is empty for all."""

    text: str = ""
    department: str | None = None
    keys: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A change: ``percent_milli`` in thousandths of a per cent, then ``amount`` is added, then it is rounded.

    With ``changes_tax`` the tax becomes that of ``tax_key`` (None: the shop's default), and prices stay as they are
    shown to customers. ``coin`` is the smallest coin in minor units.
    """

    percent_milli: int = 0
    amount: int = 0
    rounding: PriceRounding = PriceRounding.MINOR
    coin: int = 1
    changes_price: bool = True
    changes_tax: bool = False
    tax_key: UUID | None = None

    def changed(self, product: Product) -> Product:
        """Return a product with its new price and tax. A negative price is returned as it is, for the caller to refuse.

        A price of 0 is typed at each sale, and stays 0.
        """
        if self.changes_price and product.price:
            product = replace(product, price=self._price(product.price))
        if self.changes_tax and product.tax_key != self.tax_key:
            product = replace(product, tax_key=self.tax_key, tax=None)
        return product

    def _price(self, price: int) -> int:
        price = rounded(price * (_HUNDRED_PER_CENT + self.percent_milli), _HUNDRED_PER_CENT) + self.amount
        match self.rounding:
            case PriceRounding.EXACT:
                return price
            case PriceRounding.MINOR:
                return _nearest(price, step=PRICE_PER_MINOR)
            case PriceRounding.COIN:
                return _nearest(price, step=PRICE_PER_MINOR * self.coin)
            case PriceRounding.FIVE:
                return _nearest(price, step=PRICE_PER_MINOR * _ENDING, end=PRICE_PER_MINOR * 5)
            case PriceRounding.NINE:
                return _nearest(price, step=PRICE_PER_MINOR * _ENDING, end=PRICE_PER_MINOR * 9)


def _nearest(price: int, *, step: int, end: int = 0) -> int:
    """Return the multiple of ``step``, plus ``end``, that is nearest to a price; the higher one in the middle.

    A positive price stays positive: it would else be one that is typed at each sale.
    """
    if price <= 0:
        return price
    least = 0 if end else 1
    return max(least, (2 * (price - end) + step) // (2 * step)) * step + end
