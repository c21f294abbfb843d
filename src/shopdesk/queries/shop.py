"""Queries about the shop and its tills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from shopdesk.domain.document import Kind
from shopdesk.domain.shop import Shop, Till
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.store import logos, numbering, shop
from shopdesk.store.session import Session
from shopdesk.store.tables import accounts, products


def current(session: Session) -> Shop | None:
    """Return the shop, or None before it was set up."""
    return shop.find(session)


def logo(session: Session) -> bytes:
    """Return the PNG file of the shop's logo; empty for none."""
    found = shop.find(session)
    return logos.content(session, found.logo) if found is not None and found.logo else b""


def current_with_tills(session: Session) -> tuple[Shop | None, tuple[Till, ...]]:
    """Return the shop, or None before it was set up, and every till of it, by name."""
    return shop.find(session), shop.all_tills(session)


@dataclass(frozen=True, slots=True)
class TillNumbers:
    """A till and the numbers that its next documents get, by kind."""

    till: Till
    following: Mapping[Kind, str]


def next_numbers(session: Session, *, on: date) -> tuple[TillNumbers, ...]:
    """Return every till of the shop, by name, with the next number of each kind for a document of that day."""
    return tuple(
        TillNumbers(till, {kind: numbering.number_ahead(session, till=till, kind=kind, on=on) for kind in Kind})
        for till in shop.all_tills(session)
    )


def till_preferences(session: Session, till: Till) -> TillPreferences:
    """Return the preferences of a till."""
    return shop.till_preferences(session, till.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """The progress of a new shop's set-up."""

    has_address: bool
    has_products: bool
    has_staff: bool


def set_up(session: Session) -> SetUp:
    """Return what a new shop has set up so far."""
    found = shop.find(session)
    people = session.execute(select(func.count()).select_from(accounts)).scalar_one()
    return SetUp(
        has_address=found is not None and bool(found.seller.address),
        has_products=session.execute(select(products.c.key).limit(1)).first() is not None,
        has_staff=people > 1,
    )


def tills(session: Session) -> tuple[Till, ...]:
    """Return every till of the shop, by name."""
    return shop.all_tills(session)
