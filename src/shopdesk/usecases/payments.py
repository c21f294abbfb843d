"""The payments of documents: taken, given back, and moved to the document that replaces another."""

from __future__ import annotations

from collections.abc import Sequence
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
    session: Session,
    on: Document,
    amount: int,
    method: Method,
    received: Sequence[Payment],
    the_shop: Shop,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Pay ``amount`` (negative, minor units) to the customer by one method, as a payment of the document ``on``.

    ``received`` are the payments received and paid out before for the same goods, for the rounding of cash.
    """
    check_method(method)
    if amount:
        part = paid_out(received, amount, method, smallest_coin=the_shop.smallest_coin)
        add(session, on.key, _of(part, by=by, now=now), by=by, now=now)


def give_back(
    session: Session,
    paid: Document,
    the_shop: Shop,
    *,
    on: Document,
    by: Actor,
    now: datetime,
    method: Method | None = None,
) -> None:
    """Refund what was received for ``paid``, as it was paid or by ``method``; the new payments belong to ``on``.

    Amounts that were offset between documents, because ``paid`` replaces another one, are offset back.
    """
    received = documents.received(session, paid)
    due = -sum(payment.amount for payment in received)
    if method is not None:
        pay_out(session, on, due, method, received, the_shop, by=by, now=now)
    else:
        for part in settle_difference(received, due, smallest_coin=the_shop.smallest_coin):
            add(session, on.key, _of(part, by=by, now=now), by=by, now=now)
    if moved := due + paid.paid.minor:
        offset(session, on.key, -moved, by=by, now=now)


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
    for part in settle_difference(received, after.balance.minor, smallest_coin=the_shop.smallest_coin):
        add(session, after.key, _of(part, by=by, now=now), by=by, now=now)
    return documents.by_key(session, after.key)


def offset(session: Session, key: UUID, amount: int, *, by: Actor, now: datetime) -> None:
    """Settle a part of a document against another one, in minor units; no money changes hands."""
    add(session, key, _of(PaymentPart(Method.OFFSET, amount), by=by, now=now), by=by, now=now)


def add(session: Session, key: UUID, payment: Payment, *, by: Actor, now: datetime) -> None:
    """Store a payment of a document, on the shop's local day."""
    documents.add_payment(session, key, payment, by_key=by.staff.key, till=by.till, on=now.astimezone().date())


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
