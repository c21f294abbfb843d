"""Customers as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shopdesk.domain.customer import Contact, Customer
from shopdesk.domain.errors import Refused
from shopdesk.store import search
from shopdesk.store.tables import customers

SEARCH = "customer"


def save(session: Session, customer: Customer, *, at: datetime) -> None:
    """Write a new customer, or change the one of this key."""
    row = {
        "name": customer.name,
        "email": customer.email,
        "email_folded": customer.email.casefold(),
        "phone": customer.phone,
        "address": customer.address,
        "tax_id": customer.tax_id,
        "language": customer.language,
        "note": customer.note,
    }
    changed = update(customers).where(customers.c.key == customer.key).values(revision=customers.c.revision + 1, **row)
    if session.execute(changed.returning(customers.c.key)).first() is None:
        session.execute(insert(customers), row | {"key": customer.key, "created_at": at})
    search.keep_words(session, SEARCH, customer.key, customer.name, customer.email, customer.phone)


def by_key(session: Session, key: UUID) -> Customer:
    """One customer. Raises Refused when there is none."""
    row = session.execute(select(customers).where(customers.c.key == key)).first()
    if row is None:
        raise Refused("This customer does not exist any more.", field="customer")
    return to_customer(row)


def like(session: Session, contact: Contact) -> Customer | None:
    """The customer a contact speaks of: the same e-mail address, else the same phone, else the very same name alone."""
    if contact.email:
        where = customers.c.email_folded == contact.email.casefold()
    elif contact.phone:
        where = customers.c.phone == contact.phone
    else:
        where = customers.c.name == contact.name
    row = session.execute(select(customers).where(where).order_by(customers.c.key).limit(1)).first()
    return to_customer(row) if row else None


def to_customer(row: Any) -> Customer:
    """The value of a row."""
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
