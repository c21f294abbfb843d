"""The journal's words about changed prices and taxes of products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from shopdesk.domain.activity import Change
from shopdesk.domain.money import PRICE_PER_MINOR, Currency
from shopdesk.domain.product import Product
from shopdesk.domain.shop import ShopTax
from shopdesk.store import shop
from shopdesk.store.acts_lists import PriceWords, Saved
from shopdesk.store.session import Session


def words(session: Session, saved: Sequence[Saved]) -> list[PriceWords]:
    """Return what the journal says of each product: its price, if new or another than before, and another tax."""
    the_shop = shop.current(session)
    taxes = {one.key: _tax_text(one) for one in (*shop.retired_taxes(session), *the_shop.taxes)}
    return [_words(before, after, the_shop.currency, taxes) for before, after in saved]


def _words(before: Product | None, after: Product, currency: Currency, taxes: Mapping[UUID, str]) -> PriceWords:
    subject = f"{after.name} ({after.code})"
    old = _price_text(before.price, currency) if before else ""
    is_priced = before is None or before.price != after.price
    price = Change(subject, old, _price_text(after.price, currency)) if is_priced else None
    if before is None or before.tax_key == after.tax_key:
        return price, None
    left, right = (taxes[one.tax_key] if one.tax_key else "" for one in (before, after))
    return price, Change(subject, left, right)


def _tax_text(tax: ShopTax) -> str:
    return f"{tax.name}, {tax.rate.milli / 1000:g} %"


def _price_text(price: int, currency: Currency) -> str:
    """Return a price as plain decimal text, with the currency's decimals at least: ``0.0125``, ``9.50``."""
    decimals = len(str(PRICE_PER_MINOR)) - 1
    text = f"{Decimal(price).scaleb(-currency.digits - decimals):f}"
    for _ in range(decimals):
        text = text.removesuffix("0") if "." in text else text
    return text.removesuffix(".")
