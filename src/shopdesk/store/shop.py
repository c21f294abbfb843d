"""The shop's data, its tax rates and its tills in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from shopdesk.domain.document import Kind
from shopdesk.domain.errors import Refused
from shopdesk.domain.message_route import ChannelOrder
from shopdesk.domain.money import Currency
from shopdesk.domain.paper_layout import OwnTexts, PaperTexts
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seal, Seller, Shop, ShopTax, Till
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.store import journal
from shopdesk.store.session import Asked, Session
from shopdesk.store.tables import day_closes, shop, tax_rates, tills

_OF_RATE = ("key", "name", "rate_milli", "category", "is_default", "reason")
# One query for the shop and its rates, because it runs with every document.
_SHOP = (
    select(shop, *(tax_rates.c[name].label(f"rate_{name}") for name in _OF_RATE))
    .outerjoin(tax_rates, tax_rates.c.is_retired.is_(False))
    .order_by(tax_rates.c.position)
)

_LANGUAGE = select(shop.c.language)
_SHARED = select(shop.c.id).with_for_update(read=True)
_LAST_CLOSE = select(func.max(day_closes.c.until_on))


def save(session: Session, value: Shop) -> None:
    """Save the shop's data and its tax rates; a rate that is no longer given is retired, never deleted.

    No till on a server may: see ``store/acts.py``.
    """
    row = to_row(value)
    if session.execute(update(shop).values(row).returning(shop.c.id)).first() is None:
        session.execute(insert(shop), row | {"id": 1})
    kept = set(session.execute(select(tax_rates.c.key)).scalars())
    session.execute(update(tax_rates).values(is_retired=True))
    for fields in to_rates(value):
        key = UUID(fields.pop("key"))
        if key in kept:
            session.execute(update(tax_rates).where(tax_rates.c.key == key).values(fields | {"is_retired": False}))
        else:
            session.execute(insert(tax_rates), fields | {"key": key, "is_retired": False})


def asked() -> Asked:
    """Return the query of ``current``, to be read ahead."""
    return _SHOP, {}


def current(session: Session, *, for_update: bool = False) -> Shop:
    """Return the shop; ``for_update`` locks it. Raises Refused if it is not set up yet."""
    if for_update:
        session.execute(_SHOP.with_for_update(of=shop))
    value = find(session)
    if value is None:
        raise Refused(sentence("The shop is not set up yet."))
    return value


def find(session: Session) -> Shop | None:
    """Return the shop, or None if it is not set up yet."""
    rows = session.fetch(*asked())
    return _of_rows(tuple(rows)) if rows else None


@lru_cache(maxsize=2)
def _of_rows(rows: tuple[Any, ...]) -> Shop:
    """Return the shop of its rows, which rarely change: it is made anew only when they do."""
    return _to_shop(rows[0], tuple(_to_tax(row) for row in rows if row.rate_key is not None))


def language(session: Session) -> str:
    """Return the language of the shop, in which its lists are sorted."""
    return session.fetch_value(_LANGUAGE) or "en"


def retired_taxes(session: Session) -> tuple[ShopTax, ...]:
    """Return the taxes that the shop has no more; products may still have them."""
    columns = (tax_rates.c[name].label(f"rate_{name}") for name in _OF_RATE)
    rows = session.execute(select(*columns).where(tax_rates.c.is_retired.is_(True)).order_by(tax_rates.c.position))
    return tuple(_to_tax(row) for row in rows)


def add_till(session: Session, till: Till, *, at: datetime) -> None:
    """Insert a till with its own journal. Raises Refused if the name is taken."""
    if session.execute(select(tills.c.key).where(tills.c.name == till.name)).first():
        raise Refused(sentence("There is already a till {till}.", till=till.name), field="till")
    row = {"key": till.key, "name": till.name, "created_at": at, "journal_hash": journal.BEGINNING}
    session.execute(insert(tills), row)


def all_tills(session: Session) -> tuple[Till, ...]:
    """Return all tills, ordered by name."""
    rows = session.execute(select(tills.c.key, tills.c.name).order_by(tills.c.name))
    return tuple(Till(key, name) for key, name in rows)


def shop_mark(session: Session) -> str:
    """Return the mark that tells this shop's backups from others'; empty before there is a shop."""
    tills_ = all_tills(session)
    return f"shopdesk {min(till.key for till in tills_).hex}" if tills_ else ""


def till_preferences(session: Session, till_key: UUID) -> TillPreferences:
    """Return the preferences of a till; those of every till where it is not registered yet."""
    row = session.execute(select(tills.c.default_kind, tills.c.shortcuts).where(tills.c.key == till_key)).first()
    if row is None:
        return TillPreferences()
    keys = json.loads(row.shortcuts or "{}")
    return TillPreferences(default_kind=Kind(row.default_kind), keys={name: tuple(keys[name]) for name in keys})


def set_till_preferences(session: Session, till_key: UUID, value: TillPreferences) -> None:
    """Set the preferences of a till."""
    changed = {"default_kind": value.default_kind.value, "shortcuts": shortcuts_of(value)}
    session.execute(update(tills).where(tills.c.key == till_key).values(changed))


def shortcuts_of(value: TillPreferences) -> str:
    """Return the keys of a till as they are stored."""
    return json.dumps(dict(value.keys), sort_keys=True) if value.keys else ""


def closed_until(session: Session, *, for_update: bool = False) -> date | None:
    """Return the last closed day, or None. ``for_update`` holds back a close until the transaction ends."""
    if for_update and session.dialect == "postgresql":  # tills do not wait for each other, only ``close_day`` does
        session.fetch(_SHARED)
    closed: date | None = session.fetch_value(_LAST_CLOSE)
    return closed


def to_rates(value: Shop) -> list[dict[str, Any]]:
    """Return the rows of the shop's tax rates, with text as key."""
    return [
        {
            "key": str(tax.key),
            "name": tax.name,
            "rate_milli": tax.rate.milli,
            "category": tax.rate.category.value,
            "is_default": tax.is_default,
            "position": position,
            "reason": tax.reason,
        }
        for position, tax in enumerate(value.taxes)
    ]


def to_row(value: Shop) -> dict[str, Any]:
    """Return the shop's row, without its key."""
    seller = value.seller
    return {
        "name": seller.name,
        "address": seller.address,
        "country": seller.country,
        "tax_id": seller.tax_id,
        "email": seller.email,
        "phone": seller.phone,
        "footer": seller.footer,
        "vat_number": seller.vat_number,
        "registration": seller.registration,
        "contact": seller.contact,
        "iban": seller.iban,
        "bic": seller.bic,
        "bank": seller.bank,
        "currency": value.currency.code,
        "prices_include_tax": value.prices_include_tax,
        "language": value.language,
        "seal": value.seal.value,
        "smallest_coin": value.smallest_coin,
        "lock_after_minutes": value.lock_after_minutes,
        "due_days": value.due_days,
        "cashier_discount_milli": value.cashier_discount_milli,
        "in_store_codes": value.in_store_codes,
        "has_barcode": value.has_barcode,
        "logo": value.logo,
        "own_texts": _to_json(value.own_texts),
        "message_channels": value.message_channels.value,
    }


def _to_json(own: Sequence[OwnTexts]) -> str:
    """Return the shop's texts as JSON, by kind, language and name, without empty ones; empty without any."""
    texts: dict[str, dict[str, dict[str, str]]] = {}
    for one in own:
        given = {name: text for name, text in asdict(one.texts).items() if text}
        texts.setdefault(one.kind, {})[one.language] = given
    return json.dumps(texts, ensure_ascii=False, sort_keys=True) if texts else ""


def _of_json(text: str) -> tuple[OwnTexts, ...]:
    found = json.loads(text) if text else {}
    return tuple(
        OwnTexts(kind=kind, language=language, texts=PaperTexts(**texts))
        for kind, languages in sorted(found.items())
        for language, texts in sorted(languages.items())
    )


def _to_shop(row: Any, taxes: tuple[ShopTax, ...]) -> Shop:
    return Shop(
        seller=Seller(
            name=row.name,
            address=row.address,
            country=row.country,
            tax_id=row.tax_id,
            email=row.email,
            phone=row.phone,
            footer=row.footer,
            vat_number=row.vat_number,
            registration=row.registration,
            contact=row.contact,
            iban=row.iban,
            bic=row.bic,
            bank=row.bank,
        ),
        currency=Currency.of(row.currency),
        prices_include_tax=row.prices_include_tax,
        taxes=taxes,
        language=row.language,
        seal=Seal(row.seal),
        smallest_coin=row.smallest_coin,
        lock_after_minutes=row.lock_after_minutes,
        due_days=row.due_days,
        cashier_discount_milli=row.cashier_discount_milli,
        in_store_codes=row.in_store_codes,
        has_barcode=row.has_barcode,
        logo=row.logo,
        own_texts=_of_json(row.own_texts),
        message_channels=ChannelOrder(row.message_channels),
    )


def _to_tax(row: Any) -> ShopTax:
    rate = TaxRate(row.rate_rate_milli, Category(row.rate_category))
    return ShopTax(
        key=row.rate_key, name=row.rate_name, rate=rate, is_default=row.rate_is_default, reason=row.rate_reason
    )
