"""Queries about customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from shopdesk.domain.clean_text import storable
from shopdesk.domain.collation import sort_key
from shopdesk.domain.customer import Balance, Contact, Customer
from shopdesk.domain.email_address import comparable
from shopdesk.queries.documents import is_to_refund, is_unpaid
from shopdesk.queries.indexed_list import Condition, ListPosition
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
    if order is CustomerOrder.BALANCE:
        return _by_balance(session, text, after=after, limit=limit, descending=descending)
    last = (sort_key(after.name, shop.language(session)), after.key) if after is not None else None
    place = ListPosition(key=customers.c.key, columns=_IN_ORDER, descending=descending, last=last, is_clustered=True)
    wanted = select(customers).where(kept.is_listed())
    return tuple(map(kept.to_customer, place.rows(session, wanted, _found_by(text), limit)))


def _found_by(text: str) -> list[Condition]:
    if not text.strip():
        return []
    text = storable(text)
    keys = search.keys_matching(kept.SEARCH, text)
    if keys is None:
        columns = customers.c
        same = or_(columns.name == text.strip(), columns.email_folded == comparable(text.strip()))
        return [Condition(holds=lambda _: same, keys=select(columns.key).where(same))]
    is_found = search.is_found(kept.SEARCH, text, customers.c.key)
    return [Condition(holds=lambda _: is_found, keys=keys, is_costly=True)]


def _by_balance(
    session: Session, text: str, *, after: Customer | None, limit: int, descending: bool
) -> tuple[Customer, ...]:
    """Return the next rows: those that owe, those with nothing open, by name, and those that get back, or reversed.

    Few have anything open: only they are sorted.
    """
    signs = [1, 0, -1] if descending else [-1, 0, 1]
    parts, name, owed = _found_by(text), None, 0
    if after is not None:
        name = (sort_key(after.name, shop.language(session)), after.key)
        owed = statements.balances(session, [after.key]).get(after.key, Balance()).net
        signs = signs[signs.index((owed > 0) - (owed < 0)) :]
    rows: list[Any] = []
    for sign in signs:
        last = name if sign == (owed > 0) - (owed < 0) else None
        if sign:
            after_it = (owed, *last) if last else None
            rows += _owing(session, sign, parts, last=after_it, limit=limit - len(rows), descending=descending)
        else:
            place = ListPosition(key=customers.c.key, columns=_IN_ORDER, descending=descending, last=last)
            rows += place.rows(session, _with_nothing_open(), parts, limit - len(rows))
        if len(rows) == limit:
            break
    return tuple(map(kept.to_customer, rows))


def _with_nothing_open() -> Select[Any]:
    open_of = statements.open_amounts().subquery()
    owing = select(open_of.c.customer).where(open_of.c.amount != 0)
    return select(customers).where(kept.is_listed(), customers.c.key.not_in(owing))


def _owing(
    session: Session,
    sign: int,
    parts: Sequence[Condition],
    *,
    last: tuple[Any, ...] | None,
    limit: int,
    descending: bool,
) -> list[Any]:
    """Return the next customers with a balance of this sign, by balance: all of them are looked up, and sorted."""
    open_of = statements.open_amounts().subquery()
    name = select(customers.c.sort_key).where(customers.c.key == open_of.c.customer, kept.is_listed())
    has_it = open_of.c.amount > 0 if sign > 0 else open_of.c.amount < 0
    found = select(open_of, name.scalar_subquery().label("sort_key")).where(has_it).offset(0).subquery()
    columns = (found.c.amount, found.c.sort_key, found.c.customer)
    place = ListPosition(key=found.c.customer, columns=columns, descending=descending, last=last)
    wanted = select(found.c.customer).where(found.c.sort_key.is_not(None))
    wanted = wanted.where(*(found.c.customer.in_(part.keys) for part in parts if part.keys is not None))
    keys = [row.customer for row in place.rows(session, wanted, (), limit)]
    rows = {row.key: row for row in session.execute(select(customers).where(customers.c.key.in_(keys)))}
    return [rows[key] for key in keys]


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
