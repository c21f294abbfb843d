"""Use cases of customers: save, merge or erase one, or import thousands, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.conflict import merge as merge_edits
from shopdesk.domain.customer import Customer, cleaned
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store import acts_lists, customers, shop
from shopdesk.store.session import Session
from shopdesk.usecases import imports
from shopdesk.usecases.customer_import import CUSTOMERS, CustomerChecker, CustomerLine
from shopdesk.usecases.import_file import ImportFile, Progress, ignore_progress
from shopdesk.usecases.import_layout import Layout
from shopdesk.usecases.imports import ImportCheck, Questions
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
    actor = authorize(session, by, Right.SELL)
    the_shop = shop.current(session)
    customer = cleaned(customer, country=the_shop.seller.country)
    if SHARED_ADDRESS not in confirmed:
        _ask_if_shared(session, customer, base)
    if base is not None:
        customer = merge_edits(base, customer, _unmerged(session, customer))
    acts_lists.save_customer(session, customer, language=the_shop.language, by=actor, at=now)
    return customer


def merge(session: Session, kept: Customer, other: Customer, *, by: Actor, now: datetime, base: Customer) -> Customer:
    """Merge a customer into another, and return that one. Documents and sales of both are its own from now on.

    ``kept`` has the values to keep, ``base`` and ``other`` are the two as they were shown; raise Refused when one of
    them has changed since. What documents print stays as it was.
    """
    actor = authorize(session, by, Right.CUSTOMERS)
    if kept.key == other.key:
        raise Refused(sentence("Choose another customer to merge with."), field="customer")
    the_shop = shop.current(session)
    kept = cleaned(kept, country=the_shop.seller.country)
    for shown in sorted(
        (base, other), key=lambda one: one.key
    ):  # always in this order: two users never block each other
        if _unmerged(session, shown) != shown:
            raise Refused(
                sentence("{name} has been changed by another user. Check both again.", name=shown.name),
                field="customer",
            )
    # The journal has their keys only: a name in it would outlive its erasure.
    acts_lists.merge_customers(session, kept, other.key, language=the_shop.language, by=actor, at=now)
    return kept


def erase(session: Session, key: UUID, *, by: Actor, now: datetime) -> None:
    """Erase all that the shop knows of a customer, at their request (GDPR, art. 17). It cannot be undone.

    Documents keep what they printed, as long as tax law requires (art. 17 (3) b). Raise Refused while an open draft
    names the customer.
    """
    actor = authorize(session, by, Right.CUSTOMERS)
    customer = customers.by_key(session, key, for_update=True)
    if customers.is_in_a_draft(session, customer.key):
        raise Refused(
            sentence("An open document names {customer}. Save or discard it first.", customer=customer.name),
            field="customer",
        )
    acts_lists.erase_customer(session, customer.key, by=actor, at=now)


def _unmerged(session: Session, customer: Customer) -> Customer:
    """Return the customer as it is now, and lock it. Raise Refused if it was erased or merged into another."""
    now = customers.by_key(session, customer.key, for_update=True)
    if now.key != customer.key:
        raise Refused(
            sentence("{customer} was merged into {name}.", customer=customer.name, name=now.name), field="customer"
        )
    return now


def _ask_if_shared(session: Session, customer: Customer, base: Customer | None) -> None:
    """Ask when another customer has the e-mail address or the phone number, unless it was there before."""
    email = customer.email if base is None or comparable(base.email) != comparable(customer.email) else ""
    phone = customer.phone if base is None or base.phone != customer.phone else ""
    customers.hold(session, email, phone)
    others = customers.sharing(session, customer.key, email=email, phone=phone)
    if not others:
        return
    other = others[0]
    has_email = bool(email) and comparable(other.email) == comparable(email)
    if has_email and phone and other.phone == phone:
        question = sentence("{name} has this e-mail address and phone number already. Save {customer} with it too?")
    elif has_email:
        question = sentence("{name} has this e-mail address already. Save {customer} with it too?")
    else:
        question = sentence("{name} has this phone number already. Save {customer} with it too?")
    raise ConfirmationRequired(
        question.filled(name=other.name, customer=customer.name),
        answer=SHARED_ADDRESS,
    )


def inspect_import(
    session: Session,
    file: ImportFile,
    *,
    by: Actor,
    now: datetime,
    layout: Layout | None = None,
    head: int | None = None,
    progress: Progress = ignore_progress,
) -> tuple[Layout, Questions]:
    """Return how a file of customers is to be read, and what only the owner can answer; nothing is written.

    ``layout`` is what the owner chose so far; without one, the headings (in row ``head``) and earlier answers count.
    """
    authorize(session, by, Right.SELL)
    del now, progress
    layout = layout or imports.layout_of(session, file, CUSTOMERS, head=head)
    return layout, Questions(errors=tuple(imports.missing_columns(CUSTOMERS, layout)))


def check_import(
    session: Session,
    file: ImportFile | bytes,
    *,
    by: Actor,
    now: datetime,
    layout: Layout | None = None,
    progress: Progress = ignore_progress,
) -> ImportCheck[CustomerLine]:
    """Return what importing a file of customers would do, line by line; nothing is written.

    A known customer keeps their values for missing columns. Raise Refused when the file is no table of customers.
    """
    file, layout = _ready(session, file, layout, by=by, now=now)
    checker = CustomerChecker(session, file, layout, shop.current(session).seller.country)
    return imports.check_lines(file, layout, line=CustomerLine, value=Customer, checker=checker, progress=progress)


def import_all(
    session: Session,
    file: ImportFile | bytes,
    *,
    by: Actor,
    now: datetime,
    layout: Layout | None = None,
    progress: Progress = ignore_progress,
) -> ImportCheck[CustomerLine]:
    """Import a file of customers after checking it again. Raise Refused when one of its lines is wrong.

    A ``layout`` is remembered for the next file with the same headings.
    """
    actor = authorize(session, by, Right.SELL)
    chosen = layout
    file, layout = _ready(session, file, layout, by=by, now=now)
    language = shop.language(session)

    def write(lines: Sequence[CustomerLine]) -> None:
        new, changed = imports.new_and_changed(lines)
        acts_lists.import_customers(session, new, changed, language=language, by=actor, at=now)

    checker = CustomerChecker(session, file, layout, shop.current(session).seller.country, for_update=True)
    check = imports.check_lines(
        file, layout, line=CustomerLine, value=Customer, checker=checker, write=write, progress=progress
    )
    if chosen is not None:
        imports.remember(session, file, CUSTOMERS, chosen, by=actor, at=now)
    return imports.refuse_wrong(check)


def _ready(
    session: Session, file: ImportFile | bytes, layout: Layout | None, *, by: Actor, now: datetime
) -> tuple[ImportFile, Layout]:
    """Return the file and its layout. Raise Refused with the questions that are left."""
    authorize(session, by, Right.SELL)
    if isinstance(file, bytes):
        file = imports.read(file, CUSTOMERS, language=shop.current(session).locale)
    layout, questions = inspect_import(session, file, by=by, now=now, layout=layout)
    if questions.errors:
        raise Refused(questions.errors)
    return file, layout
