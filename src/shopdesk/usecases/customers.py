"""Actions on customers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.clean_text import clean, clean_lines, strip_invisible
from shopdesk.domain.conflict import merge as merge_edits
from shopdesk.domain.customer import Customer, read_email, read_phone
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import ConfirmationRequired, FieldError, Refused
from shopdesk.domain.shop import Shop
from shopdesk.store import customers, journal, shop
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize

SHARED_ADDRESS = "shared address"
"""The confirmation for an e-mail address or phone number that another customer has."""


def save(
    session: Session,
    customer: Customer,
    *,
    by: Actor,
    now: datetime,
    base: Customer | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> Customer:
    """Store a new customer, or change one. Raise Refused with one error for each wrong field.

    ``base`` is the customer as the edit began; other users' changes since then are merged. Raise MergeConflict where
    both changed the same field, and ConfirmationRequired for a new address or phone number that another customer has.
    """
    authorize(session, by, Right.SELL)
    the_shop = shop.current(session)
    cleaned = _checked(customer, the_shop)
    if SHARED_ADDRESS not in confirmed:
        _ask_if_shared(session, cleaned, base)
    if base is not None:
        cleaned = merge_edits(base, cleaned, _unmerged(session, customer))
    customers.save(session, cleaned, language=the_shop.language, at=now)
    return cleaned


def merge(session: Session, kept: Customer, other: Customer, *, by: Actor, now: datetime, base: Customer) -> Customer:
    """Merge a customer into another, and return that one. Documents and sales of both are its own from now on.

    ``kept`` has the values to keep, ``base`` and ``other`` are the two as they were shown; raise Refused when one of
    them has changed since. What documents print stays as it was.
    """
    actor = authorize(session, by, Right.CUSTOMERS)
    if kept.key == other.key:
        raise Refused("Choose another customer to merge with.", field="customer")
    the_shop = shop.current(session)
    cleaned = _checked(kept, the_shop)
    for shown in sorted(
        (base, other), key=lambda one: one.key
    ):  # always in this order: two users never block each other
        if _unmerged(session, shown) != shown:
            raise Refused(f"{shown.name} has been changed by another user. Check both again.", field="customer")
    customers.save(session, cleaned, language=the_shop.language, at=now)
    customers.mark_merged(session, other.key, into=kept.key)
    _record(session, Activity.MERGED, Change("", str(other.key), str(kept.key)), by=actor, now=now)
    return cleaned


def erase(session: Session, key: UUID, *, by: Actor, now: datetime) -> None:
    """Erase all that the shop knows of a customer, at their request (GDPR, art. 17). It cannot be undone.

    Documents keep what they printed, as long as tax law requires (art. 17 (3) b). Raise Refused while an open draft
    names the customer.
    """
    actor = authorize(session, by, Right.CUSTOMERS)
    customer = customers.by_key(session, key, for_update=True)
    if customers.is_in_a_draft(session, customer.key):
        raise Refused(f"An open document names {customer.name}. Save or discard it first.", field="customer")
    customers.erase(session, customer.key, at=now)
    _record(session, Activity.ERASED, Change("", str(customer.key)), by=actor, now=now)


def _record(session: Session, act: Activity, change: Change, *, by: Actor, now: datetime) -> None:
    """Journal an act on customers by their keys: a name in the journal would outlive its erasure."""
    journal.record_changes(session, act, [change], by=by, at=now)


def _unmerged(session: Session, customer: Customer) -> Customer:
    """Return the customer as it is now, and lock it. Raise Refused if it was erased or merged into another."""
    now = customers.by_key(session, customer.key, for_update=True)
    if now.key != customer.key:
        raise Refused(f"{customer.name} was merged into {now.name}.", field="customer")
    return now


def _checked(customer: Customer, the_shop: Shop) -> Customer:
    faults: list[FieldError] = []
    cleaned = replace(
        customer,
        name=clean(customer.name, max_length=200, field="name"),
        address=clean_lines(customer.address, max_length=1000, field="address"),
        tax_id=clean(customer.tax_id, max_length=60, field="tax_id"),
        note=clean_lines(customer.note, max_length=2000, field="note"),
    )
    try:
        cleaned = replace(cleaned, email=read_email(cleaned.email) if strip_invisible(cleaned.email) else "")
    except Refused as refused:
        faults.extend(refused.faults)
    try:
        cleaned = replace(
            cleaned, phone=read_phone(cleaned.phone, the_shop.seller.country) if strip_invisible(cleaned.phone) else ""
        )
    except Refused as refused:
        faults.extend(refused.faults)
    if not cleaned.name:
        faults.insert(0, FieldError("A customer needs a name.", "name"))
    if faults:
        raise Refused(faults)
    return cleaned


def _ask_if_shared(session: Session, customer: Customer, base: Customer | None) -> None:
    """Ask when another customer has the e-mail address or the phone number, unless it was there before."""
    email = customer.email if base is None or comparable(base.email) != comparable(customer.email) else ""
    phone = customer.phone if base is None or base.phone != customer.phone else ""
    others = customers.sharing(session, customer.key, email=email, phone=phone)
    if not others:
        return
    other = others[0]
    same = [
        ("e-mail address", email and comparable(other.email) == comparable(email)),
        ("phone number", phone and other.phone == phone),
    ]
    what = " and ".join(name for name, is_same in same if is_same)
    raise ConfirmationRequired(
        f"{other.name} has this {what} already. Save {customer.name} with it too?", answer=SHARED_ADDRESS
    )
