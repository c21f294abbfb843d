"""Queries about customers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from shopdesk.domain.collation import sort_key
from shopdesk.domain.customer import Balance, Contact, Customer
from shopdesk.domain.email_address import comparable
from shopdesk.queries.documents import is_to_refund, is_unpaid
from shopdesk.queries.keyset import rows_after
from shopdesk.store import customers as kept
from shopdesk.store import search, shop, statements
from shopdesk.store.session import Session
from shopdesk.store.tables import customers, documents

_IN_ORDER = (customers.c.sort_key, customers.c.key)


def suggest(session: Session, text: str, limit: int = 8) -> tuple[Customer, ...]:
    """Return customers whose name, e-mail or phone has words that begin like these."""
    return page(session, text=text, after=None, limit=limit) if text.strip() else ()


def matching(session: Session, contact: Contact) -> tuple[Customer, ...]:
    """Return the customers that issuing would find for a contact: one, none or several."""
    return kept.matching(session, contact, language=shop.language(session))


class CustomerOrder(StrEnum):
    """The orders of the list of customers."""

    NAME = "name"
    BALANCE = "balance"
    """The amount that a customer owes, less the amount that it gets back."""


def page(
    session: Session,
    *,
    text: str,
    after: Customer | None,
    limit: int = 200,
    order: CustomerOrder = CustomerOrder.NAME,
    descending: bool = False,
) -> tuple[Customer, ...]:
    """Return the next rows of the list after the last one shown; of equal balance, by name."""
    statement = select(customers).where(kept.is_listed())
    columns: tuple[ColumnElement[Any], ...] = _IN_ORDER
    if order is CustomerOrder.BALANCE:
        open_of = statements.open_amounts().subquery()
        statement = statement.outerjoin(open_of, open_of.c.customer == customers.c.key)
        columns = (func.coalesce(open_of.c.amount, 0), *columns)
    if text.strip():
        keys = search.keys_matching(kept.SEARCH, text)
        same = or_(customers.c.name == text.strip(), customers.c.email_folded == comparable(text.strip()))
        statement = statement.where(customers.c.key.in_(keys) if keys is not None else same)
    if after is not None:
        values: tuple[Any, ...] = (sort_key(after.name, shop.language(session)), after.key)
        if order is CustomerOrder.BALANCE:
            values = (statements.balances(session, [after.key]).get(after.key, Balance()).net, *values)
        here, last = rows_after(columns, values)
        statement = statement.where(here < last if descending else here > last)
    ordered = [column.desc() if descending else column.asc() for column in columns]
    rows = session.execute(statement.order_by(*ordered).limit(limit))
    return tuple(kept.to_customer(row) for row in rows)


@dataclass(frozen=True, slots=True)
class CustomerDocuments:
    """The documents of a customer: how many, and how many of them are unpaid or to be refunded."""

    count: int
    unsettled: int


def documents_of(session: Session, key: UUID) -> CustomerDocuments:
    """Return the documents of a customer and of those merged into it."""
    own = documents.c.customer_key.in_(kept.keys_of(session, key))
    open_ones = or_(is_unpaid(), is_to_refund())
    count, unsettled = (
        session.execute(select(func.count()).select_from(documents).where(own, *more)).scalar_one()
        for more in ((), (open_ones,))
    )
    return CustomerDocuments(count, unsettled)


def get(session: Session, key: UUID) -> Customer:
    """Return one customer. Raise Refused when there is none."""
    return kept.by_key(session, key)
