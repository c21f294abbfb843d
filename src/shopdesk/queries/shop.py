"""Queries about the shop and its tills."""

from __future__ import annotations

from shopdesk.domain.shop import Shop, Till
from shopdesk.store import shop
from shopdesk.store.session import Session


def current(session: Session) -> Shop | None:
    """Return the shop, or None before it was set up."""
    return shop.find(session)


def current_with_tills(session: Session) -> tuple[Shop | None, tuple[Till, ...]]:
    """Return the shop, or None before it was set up, and every till of it, by name."""
    return shop.find(session), shop.all_tills(session)


def tills(session: Session) -> tuple[Till, ...]:
    """Return every till of the shop, by name."""
    return shop.all_tills(session)
