"""Customers in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, bindparam, delete, insert, select, update

from shopdesk.domain.customer import Contact, Customer
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused
from shopdesk.store import search
from shopdesk.store.session import Session
from shopdesk.store.tables import customers, search_words

SEARCH = "customer"
_AT_ONCE = 500
"""Keys per statement: both databases limit the number of parameters."""


def _first_of(column: Column[str]) -> Select[Any]:
    return select(customers).where(column == bindparam("sought")).order_by(customers.c.key).limit(1)


# Built once, because they run with every document issued.
_OF_EMAIL = _first_of(customers.c.email_folded)
_OF_PHONE = _first_of(customers.c.phone)
_OF_NAME = _first_of(customers.c.name)


def save(session: Session, customer: Customer, *, at: datetime) -> None:
    """Insert a customer, or update the one with this key."""
    row = to_row(customer)
    changed = update(customers).where(customers.c.key == customer.key).values(revision=customers.c.revision + 1, **row)
    if session.execute(changed.returning(customers.c.key)).first() is None:
        session.execute(insert(customers), row | {"key": customer.key, "created_at": at})
    search.save_words(session, SEARCH, customer.key, *searched(customer))


def add_all(session: Session, new: Sequence[Customer], *, at: datetime) -> None:
    """Insert many customers, whose keys must be new."""
    for some in _parts(new):
        session.execute(insert(customers), [to_row(one) | {"key": one.key, "created_at": at} for one in some])
        search.add_words(session, SEARCH, [(one.key, searched(one)) for one in some])


def change_all(session: Session, changed: Sequence[Customer]) -> None:
    """Update many customers by key."""
    change = update(customers).where(customers.c.key == bindparam("which"))
    change = change.values(revision=customers.c.revision + 1)
    for some in _parts(changed):
        session.execute(change, [to_row(one) | {"which": one.key} for one in some])
        session.execute(delete(search_words).where(search_words.c.key.in_([one.key for one in some])))
        search.add_words(session, SEARCH, [(one.key, searched(one)) for one in some])


def like(session: Session, some: Sequence[Customer], *, for_update: bool = False) -> tuple[Customer, ...]:
    """Return all who have the key, the e-mail address or the phone number of one of these.

    Of those with neither address nor number, return all who have the name.
    """
    found: dict[UUID, Customer] = {}
    for column, sought in (
        (customers.c.key, [one.key for one in some]),
        (customers.c.email_folded, [comparable(one.email) for one in some if one.email]),
        (customers.c.phone, [one.phone for one in some if one.phone]),
        (customers.c.name, [one.name for one in some if not one.email and not one.phone]),
    ):
        for part in _parts(sorted(set(sought))):
            statement = select(customers).where(column.in_(part)).order_by(customers.c.key)
            rows = session.execute(statement.with_for_update() if for_update else statement)
            found.update((row.key, to_customer(row)) for row in rows)
    return tuple(found[key] for key in sorted(found))


def _parts(many: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (many[start : start + _AT_ONCE] for start in range(0, len(many), _AT_ONCE))


def searched(customer: Customer) -> tuple[str, ...]:
    """Return the texts that a customer is found by."""
    return customer.name, customer.email, customer.phone


def to_row(customer: Customer) -> dict[str, Any]:
    """Return the columns of a customer, without the key."""
    return {
        "name": customer.name,
        "email": customer.email,
        "email_folded": comparable(customer.email),
        "phone": customer.phone,
        "address": customer.address,
        "tax_id": customer.tax_id,
        "language": customer.language,
        "note": customer.note,
    }


def by_key(session: Session, key: UUID, *, for_update: bool = False) -> Customer:
    """Return a customer; ``for_update`` locks it. Raises Refused if it does not exist."""
    statement = select(customers).where(customers.c.key == key)
    row = session.execute(statement.with_for_update() if for_update else statement).first()
    if row is None:
        raise Refused("This customer no longer exists.", field="customer")
    return to_customer(row)


def similar(session: Session, contact: Contact) -> Customer | None:
    """Return the customer with the contact's e-mail address, else phone, else exact name; None if there is none."""
    if contact.email:
        statement, sought = _OF_EMAIL, comparable(contact.email)
    elif contact.phone:
        statement, sought = _OF_PHONE, contact.phone
    else:
        statement, sought = _OF_NAME, contact.name
    row = session.execute(statement, {"sought": sought}).first()
    return to_customer(row) if row else None


def to_customer(row: Any) -> Customer:
    """Return the customer of a row."""
    return Customer(
        key=row.key,
        name=row.name,
        email=row.email,
        phone=row.phone,
        address=row.address,
        tax_id=row.tax_id,
        language=row.language,
        note=row.note,
    )
