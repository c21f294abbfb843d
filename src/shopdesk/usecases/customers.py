"""Actions on customers: saving one, or importing thousands, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.conflict import merge
from shopdesk.domain.customer import Customer, cleaned
from shopdesk.domain.errors import Refused
from shopdesk.store import customers, shop
from shopdesk.store.session import Session
from shopdesk.usecases import imports
from shopdesk.usecases.customer_import import CUSTOMERS, CustomerChecker, CustomerLine
from shopdesk.usecases.import_file import ImportFile, Progress, ignore_progress
from shopdesk.usecases.import_layout import Layout
from shopdesk.usecases.imports import ImportCheck, Questions, Verdict
from shopdesk.usecases.rights import authorize


def save(session: Session, customer: Customer, *, by: Actor, now: datetime, base: Customer | None = None) -> Customer:
    """Store a new customer, or change one. Raise Refused with one error for each wrong field.

    ``base`` is the customer as the edit began; other users' changes since then are merged. Raise Collided where both
    changed the same field.
    """
    authorize(session, by, Right.SELL)
    customer = cleaned(customer, country=shop.current(session).seller.country)
    if base is not None:
        customer = merge(base, customer, customers.by_key(session, customer.key, for_update=True))
    customers.save(session, customer, at=now)
    return customer


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
    chosen = layout
    file, layout = _ready(session, file, layout, by=by, now=now)

    def write(lines: Sequence[CustomerLine]) -> None:
        ready = [(line.verdict, line.after) for line in lines if line.after is not None]
        customers.add_all(session, [customer for verdict, customer in ready if verdict is Verdict.NEW], at=now)
        customers.change_all(session, [customer for verdict, customer in ready if verdict is Verdict.CHANGED])

    checker = CustomerChecker(session, file, layout, shop.current(session).seller.country, for_update=True)
    check = imports.check_lines(
        file, layout, line=CustomerLine, value=Customer, checker=checker, write=write, progress=progress
    )
    if chosen is not None:
        imports.remember(session, file, CUSTOMERS, chosen, at=now)
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
