"""A customer's account: the sums of what is open, and statements, as read from documents and payments.

An account has the documents of the customer and of those merged into it. Quotes and voided documents do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, select

from shopdesk.domain.customer import Balance, Buyer
from shopdesk.domain.document import Kind, State
from shopdesk.domain.errors import Refused
from shopdesk.domain.language_tag import regional
from shopdesk.domain.payment import Method
from shopdesk.domain.sentence import sentence
from shopdesk.domain.statement import MOST_LINES, OpenItem, Statement, StatementLine, ageing
from shopdesk.store import customers as kept
from shopdesk.store import logos, shop
from shopdesk.store.session import Session
from shopdesk.store.tables import UNPAID, customers, documents, payments

_AT_ONCE = 500
"""Keys per statement: both databases limit the number of parameters."""


def balances(session: Session, keys: Sequence[UUID]) -> dict[UUID, Balance]:
    """Return what is open with some customers, those with nothing open left out: by an index of what is open."""
    found: dict[UUID, tuple[int, int]] = {}
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        merged = select(customers.c.key, customers.c.merged_into).where(customers.c.merged_into.in_(part))
        owners: dict[UUID, Any] = {key: key for key in part} | dict(session.execute(merged).all())
        open_minor = documents.c.gross_minor - documents.c.paid_minor
        sums = [func.coalesce(func.sum(open_minor).filter(side), 0) for side in (open_minor > 0, open_minor < 0)]
        one = select(documents.c.customer_key, *sums).where(UNPAID, documents.c.customer_key.in_(list(owners)))
        for key, owes, gets in session.execute(one.group_by(documents.c.customer_key)):
            before = found.get(owners[key], (0, 0))
            found[owners[key]] = (before[0] + int(owes), before[1] - int(gets))
    return {key: Balance(*sums) for key, sums in found.items()}


def open_amounts() -> Select[Any, int]:
    """Return the query for ``customer`` and ``amount``, what each owes less what it gets back, where any is open.

    Customers are looked up one by one: PostgreSQL expects that most documents are open, and would read them all.
    """
    found = documents.c.customer_key
    owner = select(func.coalesce(customers.c.merged_into, customers.c.key)).where(customers.c.key == found)
    open_minor = documents.c.gross_minor - documents.c.paid_minor
    each = select(owner.scalar_subquery().label("customer"), open_minor.label("minor")).where(
        UNPAID, found.is_not(None)
    )
    owned = each.offset(0).subquery()  # which no database takes apart, to look up twice
    amount = cast(func.sum(owned.c.minor), BigInteger).label("amount")
    return select(owned.c.customer, amount).group_by(owned.c.customer)


def read(session: Session, key: UUID, *, since: date, until: date) -> Statement:
    """Return the statement of a customer. Raise Refused for a period that is none, or with too many lines."""
    if until < since:
        raise Refused(sentence("The first day is after the last one."), field="since")
    customer, the_shop = kept.by_key(session, key), shop.current(session)
    own = and_(
        documents.c.customer_key.in_(kept.keys_of(session, customer.key)),
        documents.c.state != State.VOIDED.value,
        documents.c.kind != Kind.QUOTE.value,
    )
    lines = [*_sold(session, own, since, until), *_paid(session, own, since, until)]
    if len(lines) > MOST_LINES:
        raise Refused(
            sentence("The period has more than {most} lines. Choose a shorter one.", most=MOST_LINES), field="since"
        )
    return Statement(
        seller=the_shop.seller,
        buyer=Buyer.of(customer),
        currency=the_shop.currency,
        language=regional(customer.language or the_shop.language, the_shop.seller.country),
        since=since,
        until=until,
        opening=_balance_before(session, own, since),
        lines=tuple(line for _, line in sorted(_settled(lines), key=lambda each: each[0])),
        ageing=ageing(_open_at(session, own, until), until),
        logo=logos.read(session, the_shop.logo),
    )


_Line = tuple[tuple[date, datetime, int, str], StatementLine]
"""A line and its place among the others."""


def _sold(session: Session, own: ColumnElement[bool], since: date, until: date) -> list[_Line]:
    columns = documents.c
    rows = session.execute(
        select(columns.date_on, columns.issued_at, columns.kind, columns.number, columns.gross_minor)
        .where(own, columns.date_on.between(since, until))
        .limit(MOST_LINES + 1)
    )
    return [
        ((on, at, 0, number), StatementLine(on=on, kind=Kind(kind), number=number, amount=gross))
        for on, at, kind, number, gross in rows
    ]


def _paid(session: Session, own: ColumnElement[bool], since: date, until: date) -> list[_Line]:
    paid = payments.c
    rows = session.execute(
        select(paid.paid_on, paid.paid_at, paid.method, paid.amount_minor, documents.c.kind, documents.c.number)
        .join_from(documents, payments, paid.document_key == documents.c.key)
        .where(own, paid.paid_on.between(since, until))
        .limit(MOST_LINES + 1)
    )
    return [
        (
            (on, at, 1, number),
            StatementLine(on=on, kind=Kind(kind), number=number, amount=-amount, method=Method(method)),
        )
        for on, at, method, amount, kind, number in rows
    ]


def _settled(lines: Sequence[_Line]) -> list[_Line]:
    """Return the lines without the offsets of one act that add up to nothing: they moved within the account."""
    moved: dict[datetime, int] = {}
    for (_, at, _, _), line in lines:
        if line.method is Method.OFFSET:
            moved[at] = moved.get(at, 0) + line.amount
    return [each for each in lines if each[1].method is not Method.OFFSET or moved[each[0][1]]]


def _balance_before(session: Session, own: ColumnElement[bool], day: date) -> int:
    sold = select(func.sum(documents.c.gross_minor)).where(own, documents.c.date_on < day)
    paid = select(func.sum(payments.c.amount_minor)).join_from(
        documents, payments, payments.c.document_key == documents.c.key
    )
    gross = session.execute(sold).scalar() or 0
    return int(gross) - int(session.execute(paid.where(own, payments.c.paid_on < day)).scalar() or 0)


def _open_at(session: Session, own: ColumnElement[bool], day: date) -> list[OpenItem]:
    """Return what was open at the end of a day. A document of a later day that was paid before is open, too."""
    columns = documents.c
    paid = (
        select(func.coalesce(func.sum(payments.c.amount_minor), 0))
        .where(payments.c.document_key == columns.key, payments.c.paid_on <= day)
        .scalar_subquery()
    )
    sold = case((columns.date_on <= day, columns.gross_minor), else_=0)
    each = select(columns.number, columns.kind, columns.date_on, columns.due_on, (sold - paid).label("amount"))
    found = each.where(own).subquery()
    rows = session.execute(select(found).where(found.c.amount != 0).order_by(found.c.date_on, found.c.number))
    return [
        OpenItem(number=number, kind=Kind(kind), date_on=on, due_on=due, amount=int(amount))
        for number, kind, on, due, amount in rows
    ]
