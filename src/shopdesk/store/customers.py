"""Customers in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    union_all,
    update,
)

from shopdesk.domain.collation import same_letters, sort_key
from shopdesk.domain.customer import Contact, Customer, same_name
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused
from shopdesk.domain.search_words import SearchWords, of_customer
from shopdesk.domain.sentence import sentence
from shopdesk.store import search
from shopdesk.store.held_rows import held
from shopdesk.store.session import Asked, Session
from shopdesk.store.tables import IS_ERASED, IS_MERGED, customers, drafts

SEARCH = "customer"
_AT_ONCE = 500
"""Keys per statement: both databases limit the number of parameters."""
_NAMES_AT_ONCE = 100
"""Names per statement: each is a condition of its own, and SQLite limits their depth."""

_PERSONAL = (
    "name", "email", "email_folded", "phone", "address", "tax_id", "language", "note", "country", "vat_number",
    "reference", "electronic_address", "preferred_channel", "sms_consent_on",
)  # fmt: skip
"""The columns that are emptied when a customer is erased."""
_MOST_ALIKE = 50
"""The most customers with one name or address that can be chosen from."""


def is_listed() -> ColumnElement[bool]:
    """Return the condition for the customers that are shown: those that were not merged into another or erased."""
    return and_(customers.c.merged_into.is_(None), customers.c.erased_at.is_(None))


def count(session: Session) -> int:
    """Return the number of customers that are shown: the few that are not have indexes of their own."""
    every, merged, erased = (
        select(func.count()).select_from(customers).where(*some).scalar_subquery()
        for some in ((), (IS_MERGED,), (IS_ERASED, customers.c.merged_into.is_(None)))
    )
    found: int = session.execute(select(every - merged - erased)).scalar_one()
    return found


def _all_with(condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*(customers.c[name] for name in Customer.__slots__))
        .where(condition, is_listed())
        .order_by(customers.c.key)
        .limit(_MOST_ALIKE)
    )


# Built once, because they run with every document issued.
_OF_KEY = select(customers).where(customers.c.key == bindparam("key"))
_OF_EMAIL = _all_with(customers.c.email_folded == bindparam("sought"))
_OF_PHONE = _all_with(customers.c.phone == bindparam("sought"))
_OF_NAME = _all_with(customers.c.sort_key.between(bindparam("first"), bindparam("last")))


_MARKS = 0x5D0C
"""The class of the advisory locks of what customers are known by (PostgreSQL)."""
_HOLD = text(f"SELECT pg_advisory_xact_lock({_MARKS}, hashtext(:mark))")


def hold(session: Session, *marks: str) -> None:
    """Keep other tills from saving a customer with one of these marks (addresses, names) until this transaction ends.

    Call it before looking for such customers. On SQLite each writing transaction does so.
    """
    if session.dialect == "postgresql":
        for mark in sorted({comparable(mark) for mark in marks if mark}):  # sorted: two tills never wait for each other
            session.execute(_HOLD, {"mark": mark})


def save(session: Session, customer: Customer, *, language: str, at: datetime) -> None:
    """Insert a customer, or update the one with this key; ``language`` is the shop's, which decides the order."""
    row = to_row(customer, language)
    changed = update(customers).where(customers.c.key == customer.key).values(revision=customers.c.revision + 1, **row)
    if session.execute(changed.returning(customers.c.key)).first() is None:
        session.execute(insert(customers), row | {"key": customer.key, "created_at": at})
    search.save_words(session, SEARCH, customer.key, searched(customer))


def add_all(session: Session, new: Sequence[Customer], *, language: str, at: datetime) -> None:
    """Insert many customers, whose keys must be new."""
    for some in _parts(new):
        rows = [to_row(one, language) | {"key": one.key, "created_at": at} for one in some]
        session.execute(insert(customers), rows)
        search.add_words(session, SEARCH, [(one.key, searched(one)) for one in some])


def change_all(session: Session, changed: Sequence[Customer], *, language: str) -> None:
    """Update many customers by key."""
    change = update(customers).where(customers.c.key == bindparam("which"))
    change = change.values(revision=customers.c.revision + 1)
    for some in _parts(changed):
        session.execute(change, [to_row(one, language) | {"which": one.key} for one in some])
        search.delete_words(session, [one.key for one in some])
        search.add_words(session, SEARCH, [(one.key, searched(one)) for one in some])


def like(
    session: Session, some: Sequence[Customer], *, language: str, for_update: bool = False
) -> tuple[Customer, ...]:
    """Return all who have the key, the e-mail address or the phone number of one of these.

    Of those with neither address nor number, return all whose name has the same letters. ``language`` is the shop's.
    """
    found: dict[UUID, Customer] = {}
    for column, sought in (
        (customers.c.key, [one.key for one in some]),
        (customers.c.email_folded, [comparable(one.email) for one in some if one.email]),
        (customers.c.phone, [one.phone for one in some if one.phone]),
    ):
        for part in _parts(sorted(set(sought))):
            statement = select(customers).where(column.in_(part), is_listed())
            found.update((row.key, to_customer(row)) for row in session.execute(statement))
    spans = {same_letters(one.name, language) for one in some if not one.email and not one.phone}
    for names in _parts(sorted(spans), at_once=_NAMES_AT_ONCE):
        has_name = or_(*(customers.c.sort_key.between(first, last) for first, last in names))
        for row in session.execute(select(customers).where(has_name, is_listed())):
            found[row.key] = to_customer(row)
    if for_update:  # by key, and read again: they may have changed meanwhile
        keys, found = sorted(found), {}
        for part in _parts(keys):
            statement = select(customers).where(customers.c.key.in_(part), is_listed())
            found.update((row.key, to_customer(row)) for row in held(session, customers, statement))
    return tuple(found[key] for key in sorted(found))


def unlisted(session: Session, keys: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of some keys whose customers were merged into another or erased."""
    found: set[UUID] = set()
    for part in _parts(keys):
        found.update(session.execute(select(customers.c.key).where(customers.c.key.in_(part), ~is_listed())).scalars())
    return frozenset(found)


def _parts(many: Sequence[Any], *, at_once: int = _AT_ONCE) -> Iterator[Sequence[Any]]:
    return (many[start : start + at_once] for start in range(0, len(many), at_once))


def searched(customer: Customer) -> SearchWords:
    """Return the words that a customer is found by."""
    return of_customer(customer.name, customer.email, customer.phone)


def to_row(customer: Customer, language: str) -> dict[str, Any]:
    """Return the columns of a customer, without the key."""
    return {
        "name": customer.name,
        "sort_key": sort_key(customer.name, language),
        "email": customer.email,
        "email_folded": comparable(customer.email),
        "phone": customer.phone,
        "address": customer.address,
        "tax_id": customer.tax_id,
        "language": customer.language,
        "note": customer.note,
        "country": customer.country,
        "vat_number": customer.vat_number,
        "reference": customer.reference,
        "electronic_address": customer.electronic_address,
        "preferred_channel": customer.preferred_channel,
        "sms_consent_on": customer.sms_consent_on,
    }


def asked(key: UUID) -> Asked:
    """Return the query of ``by_key``, to be read ahead."""
    return _OF_KEY, {"key": key}


def by_key(session: Session, key: UUID, *, for_update: bool = False) -> Customer:
    """Return a customer, or the one that it was merged into; ``for_update`` locks it.

    Raises Refused if it does not exist or was erased.
    """
    if for_update:
        rows = held(session, customers, select(customers).where(customers.c.key == key))
    else:
        rows = session.fetch(*asked(key))
    if not rows:
        raise Refused(sentence("This customer no longer exists."), field="customer")
    (row,) = rows
    if row.erased_at is not None:
        raise Refused(sentence("This customer was erased on request. Choose another one."), field="customer")
    return to_customer(row) if row.merged_into is None else by_key(session, row.merged_into, for_update=for_update)


def keys_of(session: Session, key: UUID) -> list[UUID]:
    """Return the key of a customer and those of the customers that were merged into it."""
    return [key, *session.execute(select(customers.c.key).where(customers.c.merged_into == key)).scalars()]


def keys_found(text: str) -> search.Keys | None:
    """Return the keys of the customers that a text finds, and of those merged into them; None if it has no word."""
    keys = search.keys_matching(SEARCH, text)
    if keys is None:
        return None
    return select(union_all(keys, _merged_into_found(text)).subquery().c.key)


def _merged_into_found(text: str) -> Select[tuple[UUID]]:
    return select(customers.c.key).where(IS_MERGED, search.is_found(SEARCH, text, customers.c.merged_into))


def is_found(key: ColumnElement[UUID], text: str) -> ColumnElement[bool]:
    """Return the condition that a customer, or the one that it was merged into, is found by a text."""
    return or_(search.is_found(SEARCH, text, key), key.in_(_merged_into_found(text)))


def mark_merged(session: Session, key: UUID, *, into: UUID) -> None:
    """Mark a customer as merged into another, which is found in its place; its documents stay as they are."""
    every = keys_of(session, key)
    session.execute(update(customers).where(customers.c.key.in_(every)).values(merged_into=into))
    search.delete_words(session, [key])


def erase(session: Session, key: UUID, *, at: datetime) -> None:
    """Blank all that is known of a customer and of those merged into it. The rows stay: documents refer to them."""
    every = keys_of(session, key)
    blank = dict.fromkeys(_PERSONAL, "")
    gone = update(customers).where(customers.c.key.in_(every))
    session.execute(gone.values(erased_at=at, sort_key=b"", revision=customers.c.revision + 1, **blank))
    search.delete_words(session, every)


def is_in_a_draft(session: Session, key: UUID) -> bool:
    """Return True if an open draft names a customer, or one that was merged into it."""
    named = select(drafts.c.key).where(drafts.c.customer_key.in_(keys_of(session, key))).limit(1)
    return session.execute(named).first() is not None


def asked_matching(contact: Contact) -> list[Asked]:
    """Return the query of ``matching``, to be read ahead; none where it depends on the shop's language."""
    if contact.email:
        return [(_OF_EMAIL, {"sought": comparable(contact.email)})]
    return [(_OF_PHONE, {"sought": contact.phone})] if contact.phone else []


def matching(session: Session, contact: Contact, *, language: str) -> tuple[Customer, ...]:
    """Return the customers with the contact's e-mail address, else phone, else name, oldest first.

    Of several with one address, only those with the name beside it, if there are any. ``language`` is the shop's.
    """
    if contact.email:
        found = _found(session, _OF_EMAIL, sought=comparable(contact.email))
    elif contact.phone:
        found = _found(session, _OF_PHONE, sought=contact.phone)
    elif contact.name:
        first, last = same_letters(contact.name, language)
        found = _found(session, _OF_NAME, first=first, last=last)
        return tuple(customer for customer in found if same_name(customer.name, contact.name))
    else:
        return ()
    named = tuple(customer for customer in found if same_name(customer.name, contact.name))
    return named or found


def sharing(session: Session, key: UUID, *, email: str, phone: str) -> tuple[Customer, ...]:
    """Return the other customers with this e-mail address or phone number, those with both first."""
    found: dict[UUID, Customer] = {}
    if email:
        found = {one.key: one for one in _found(session, _OF_EMAIL, sought=comparable(email))}
    if phone:
        found |= {one.key: one for one in _found(session, _OF_PHONE, sought=phone)}
    others = [one for one in found.values() if one.key != key]
    return tuple(sorted(others, key=lambda one: (one.email, one.phone) != (email, phone)))


def _found(session: Session, statement: Select[Any], **sought: Any) -> tuple[Customer, ...]:
    return tuple(to_customer(row) for row in session.fetch(statement, sought))


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
        country=row.country,
        vat_number=row.vat_number,
        reference=row.reference,
        electronic_address=row.electronic_address,
        preferred_channel=row.preferred_channel,
        sms_consent_on=row.sms_consent_on,
    )
