"""The journal's rows of changed prices and taxes of products, in words and as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from shopdesk.domain.account import Actor
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.money import PRICE_PER_MINOR, Currency
from shopdesk.domain.product import Product
from shopdesk.domain.shop import ShopTax
from shopdesk.store import acts_books, journaled_values, shop
from shopdesk.store.journaled_values import ValueChange
from shopdesk.store.session import Session


def record(session: Session, saved: Sequence[tuple[Product | None, Product]], *, by: Actor, now: datetime) -> None:
    """Journal the prices that are new or another than before, and the taxes that are another."""
    the_shop = shop.current(session)
    taxes = {one.key: _tax_text(one) for one in (*shop.retired_taxes(session), *the_shop.taxes)}
    words: dict[Activity, list[Change]] = {Activity.PRICE: [], Activity.TAX: []}
    values: dict[Activity, list[ValueChange]] = {Activity.PRICE: [], Activity.TAX: []}
    for before, after in saved:
        subject = f"{after.name} ({after.code})"
        value = journaled_values.changes(journaled_values.price(before), journaled_values.price(after))
        is_priced = before is None or before.price != after.price
        values[Activity.PRICE if is_priced else Activity.TAX] += value
        if is_priced:
            old = _price_text(before.price, the_shop.currency) if before else ""
            words[Activity.PRICE].append(Change(subject, old, _price_text(after.price, the_shop.currency)))
        if before is not None and before.tax_key != after.tax_key:
            old, new = (taxes[one.tax_key] if one.tax_key else "" for one in (before, after))
            words[Activity.TAX].append(Change(subject, old, new))
    for act, said in words.items():
        acts_books.record_changes(session, act, said, by=by, at=now, values=values[act])


def _tax_text(tax: ShopTax) -> str:
    return f"{tax.name}, {tax.rate.milli / 1000:g} %"


def _price_text(price: int, currency: Currency) -> str:
    """Return a price as plain decimal text, with the currency's decimals at least: ``0.0125``, ``9.50``."""
    decimals = len(str(PRICE_PER_MINOR)) - 1
    text = f"{Decimal(price).scaleb(-currency.digits - decimals):f}"
    for _ in range(decimals):
        text = text.removesuffix("0") if "." in text else text
    return text.removesuffix(".")
