"""The payments of documents: taken, given back, and moved to the document that replaces another.

Nothing here writes: the documents with their new payments are stored by ``store/acts_books``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Payment, PaymentPart, Tender, paid_out, settle_all, settle_difference
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Shop
from shopdesk.row_keys import new_key
from shopdesk.store import documents
from shopdesk.store.session import Session


def taken(
    document: Document, tenders: Sequence[Tender], the_shop: Shop, *, by: Actor, now: datetime, key: UUID | None = None
) -> tuple[Payment, ...]:
    """Return the payments by which tenders settle a document together, or refund it. Raise Refused.

    ``key`` is the key of the only one, where the window made it.
    """
    for tender in tenders:
        check_method(tender.method)
    settled = settle_all(document.balance.minor, tenders, smallest_coin=the_shop.smallest_coin)
    return tuple(
        Payment(
            key=key or new_key(),
            method=tender.method,
            amount=one.amount,
            tendered=one.tendered,
            change=one.change,
            rounding=one.rounding,
            at=now,
            by_name=by.staff.name,
        )
        for tender, one in zip(tenders, settled, strict=True)
    )


def check_method(method: Method) -> None:
    """Refuse a method by which no money changes hands: it would settle a debt for nothing."""
    if method is Method.OFFSET:
        raise Refused(sentence("Choose how it is paid: in cash, by card or by transfer."), field="method")


def pay_out(
    on: Document,
    amount: int,
    method: Method,
    received: Sequence[Payment],
    the_shop: Shop,
    *,
    by: Actor,
    now: datetime,
) -> Document:
    """Pay ``amount`` (negative, minor units) to the customer by one method; return ``on`` with that payment.

    ``received`` are the payments received and paid out before for the same goods, for the rounding of cash.
    """
    check_method(method)
    if not amount:
        return on
    return _with(on, paid_out(received, amount, method, smallest_coin=the_shop.smallest_coin), by=by, now=now)


def give_back(
    session: Session,
    paid: Document,
    the_shop: Shop,
    *,
    on: Document,
    by: Actor,
    now: datetime,
    method: Method | None = None,
) -> Document:
    """Refund what was received for ``paid``, as it was paid or by ``method``; return ``on`` with the new payments.

    Amounts that were offset between documents, because ``paid`` replaces another one, are offset back.
    """
    received = documents.received(session, paid)
    due = -sum(payment.amount for payment in received)
    if method is not None:
        on = pay_out(on, due, method, received, the_shop, by=by, now=now)
    else:
        parts = settle_difference(received, due, smallest_coin=the_shop.smallest_coin)
        on = _with(on, *parts, by=by, now=now)
    return offset(on, -(due + paid.paid.minor), by=by, now=now)


def keep_paid(
    session: Session, after: Document, before: Document, the_shop: Shop, *, by: Actor, now: datetime
) -> Document:
    """Take or refund the difference of a corrected receipt that was paid, by its methods of payment.

    Return the corrected document with its payments.
    """
    is_settled = before.kind is Kind.RECEIPT and bool(before.payments) and not before.balance
    if not is_settled or not after.balance:
        return after
    received = documents.received(session, after)
    parts = settle_difference(received, after.balance.minor, smallest_coin=the_shop.smallest_coin)
    return _with(after, *parts, by=by, now=now)


def offset(document: Document, amount: int, *, by: Actor, now: datetime) -> Document:
    """Settle a part of a document against another one, in minor units; no money changes hands."""
    return _with(document, PaymentPart(Method.OFFSET, amount), by=by, now=now) if amount else document


def _with(document: Document, *parts: PaymentPart, by: Actor, now: datetime) -> Document:
    added = (_of(part, by=by, now=now) for part in parts)
    return replace(document, payments=(*document.payments, *added))


def _of(part: PaymentPart, *, by: Actor, now: datetime) -> Payment:
    return Payment(
        key=new_key(),
        method=part.method,
        amount=part.amount,
        tendered=part.moved,
        change=0,
        rounding=part.rounding,
        at=now,
        by_name=by.staff.name,
    )
