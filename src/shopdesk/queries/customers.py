"""Queries about customers."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_, select

from shopdesk.domain.customer import Customer
from shopdesk.domain.email_address import comparable
from shopdesk.queries.keyset import rows_after
from shopdesk.store import customers as kept
from shopdesk.store import search
from shopdesk.store.session import Session
from shopdesk.store.tables import customers


def suggest(session: Session, text: str, limit: int = 8) -> tuple[Customer, ...]:
    """Return customers whose name, e-mail or phone has words that begin like these."""
    return page(session, text=text, after=None, limit=limit) if text.strip() else ()


class CustomerOrder(StrEnum):
    """The orders of the list of customers; each is that of an index."""

    NAME = "name"


def page(
    session: Session,
    *,
    text: str,
    after: Customer | None,
    limit: int = 200,
    order: CustomerOrder = CustomerOrder.NAME,
    descending: bool = False,
) -> tuple[Customer, ...]:
    """Return the next rows of the list, by name, after the last one shown."""
    del order  # there is one
    statement = select(customers)
    if text.strip():
        keys = search.keys_matching(kept.SEARCH, text)
        same = or_(customers.c.name == text.strip(), customers.c.email_folded == comparable(text.strip()))
        statement = statement.where(customers.c.key.in_(keys) if keys is not None else same)
    if after is not None:
        here, last = rows_after((customers.c.name, customers.c.key), (after.name, after.key))
        statement = statement.where(here < last if descending else here > last)
    columns = (customers.c.name, customers.c.key)
    ordered = [column.desc() if descending else column.asc() for column in columns]
    rows = session.execute(statement.order_by(*ordered).limit(limit))
    return tuple(kept.to_customer(row) for row in rows)


def get(session: Session, key: UUID) -> Customer:
    """Return one customer. Raise Refused when there is none."""
    return kept.by_key(session, key)
