"""Actions on customers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.clean_text import clean, clean_lines, strip_invisible
from shopdesk.domain.conflict import merge
from shopdesk.domain.customer import Customer, read_email, read_phone
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import ConfirmationRequired, FieldError, Refused
from shopdesk.store import customers, shop
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
    if SHARED_ADDRESS not in confirmed:
        _ask_if_shared(session, cleaned, base)
    if base is not None:
        cleaned = merge(base, cleaned, customers.by_key(session, customer.key, for_update=True))
    customers.save(session, cleaned, language=the_shop.language, at=now)
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
