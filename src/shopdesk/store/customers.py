"""Customers in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, bindparam, insert, select, update

from shopdesk.domain.collation import sort_key
from shopdesk.domain.customer import Contact, Customer
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused
from shopdesk.domain.search_words import of_customer
from shopdesk.store import search
from shopdesk.store.session import Session
from shopdesk.store.sorting import sort_again
from shopdesk.store.tables import customers

SEARCH = "customer"


def _first_of(column: Column[str]) -> Select[Any]:
    return select(customers).where(column == bindparam("sought")).order_by(customers.c.key).limit(1)


# Built once, because they run with every document issued.
_OF_EMAIL = _first_of(customers.c.email_folded)
_OF_PHONE = _first_of(customers.c.phone)
_OF_NAME = _first_of(customers.c.name)


def save(session: Session, customer: Customer, *, language: str, at: datetime) -> None:
    """Insert a customer, or update the one with this key; ``language`` is the shop's, which decides the order."""
    row = {
        "name": customer.name,
        "sort_key": sort_key(customer.name, language),
        "email": customer.email,
        "email_folded": comparable(customer.email),
        "phone": customer.phone,
        "address": customer.address,
        "tax_id": customer.tax_id,
        "language": customer.language,
        "note": customer.note,
    }
    changed = update(customers).where(customers.c.key == customer.key).values(revision=customers.c.revision + 1, **row)
    if session.execute(changed.returning(customers.c.key)).first() is None:
        session.execute(insert(customers), row | {"key": customer.key, "created_at": at})
    search.save_words(session, SEARCH, customer.key, of_customer(customer.name, customer.email, customer.phone))


def sort_all_again(session: Session, language: str) -> None:
    """Put all customers in the order of another language."""
    sort_again(session, customers, language)


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
