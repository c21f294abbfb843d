"""The outbox: each message to a customer is a row before it is sent. A claim is one compare-and-set UPDATE.

On a server the functions of ``acts_outbox_sql`` do it, by the server's clock: no till may change a message itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, not_, or_, select, update

from shopdesk.domain.account import Actor
from shopdesk.domain.activity import Change
from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document
from shopdesk.domain.message import LONGEST_BACKOFF, Channel, DeliveryStatus, Message, MessageReason
from shopdesk.domain.message_route import ChannelOrder, MessageRoute, PreferredChannel, Reachability
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seller
from shopdesk.domain.statement import Statement
from shopdesk.row_keys import new_key
from shopdesk.store import document_snapshots, journal, statement_snapshots
from shopdesk.store.acts_call import call, who_or_lent
from shopdesk.store.journal import JournalRef
from shopdesk.store.session import Session
from shopdesk.store.tables import UNSETTLED, customers, outbox, shop

LEASE = timedelta(minutes=5)
"""The duration of a claim, after which another till may take the message: longer than any mail server's timeout."""

_CLOCKS_DIFFER = timedelta(minutes=2)
"""The time by which the clock of a mail server may be behind; also in ``acts_outbox_sql``."""

_LONGEST_DOMAIN = 200
"""The longest domain that fits into the column of the Message-ID, in characters."""


_ENDED_WHILE_SENDING = str(sentence("shopdesk ended while it was being sent."))
"""Stored as the error of a message that may have been sent; also in ``acts_outbox_sql``. Do not change it."""

_ORDER = select(shop.c.message_channels)
_named = customers.alias("stored")
_WISHES = (
    select(
        customers.c.preferred_channel, customers.c.sms_consent_on, _ORDER.scalar_subquery().label("message_channels")
    )
    .join(_named, customers.c.key == func.coalesce(_named.c.merged_into, _named.c.key))
    .where(_named.c.key == bindparam("buyer"))
)


def reachability(session: Session, buyer: Buyer) -> Reachability:
    """Return how a document's buyer can be reached: at the addresses of the document, as the customer now wants it."""
    found = session.fetch(_WISHES, {"buyer": buyer.key}) if buyer.key is not None else ()
    wishes = found[0] if found else None
    channels = wishes.message_channels if wishes is not None else session.fetch_value(_ORDER)
    reached = Reachability(email=buyer.email, phone=buyer.phone, order=ChannelOrder(channels or ChannelOrder.EMAIL))
    if wishes is None:
        return reached
    preferred = PreferredChannel(wishes.preferred_channel)
    return replace(reached, preferred=preferred, has_sms_consent=bool(wishes.sms_consent_on))


def enqueue(
    session: Session, document: Document, reason: MessageReason, route: MessageRoute, *, ref: JournalRef, at: datetime
) -> UUID:
    """Queue a message to the document's buyer with the content of the journal row ``ref``, and return its key."""
    about = {"document_key": document.key, "number": document.number, "language": document.language}
    key = new_key()
    _enqueue(session, key, about, route, document.buyer, document.seller, reason, ref, at)
    return key


def send_statement(session: Session, statement: Statement, *, by: Actor, at: datetime) -> None:
    """Journal a statement of account, and queue an e-mail with it to its customer."""
    number = statement_number(statement)
    # By its key, as all acts on customers: what is sent has the name, as a document has.
    change = Change(number, "", str(statement.buyer.key))
    key = new_key()
    if session.dialect == "postgresql":
        facts = document_snapshots.text_of(statement_snapshots.to_facts(statement))
        given = {"_statement": facts, "_changes": journal.as_json([change]), "_detail": number}
        call(session, "send_statement", ("journal", "outbox"), **who_or_lent(by), _key=key, **given, _at=at)
        return
    ref = journal.record_statement(session, statement, change, by=by, at=at)
    about = {"customer_key": statement.buyer.key, "number": number, "language": statement.language}
    route = MessageRoute(Channel.EMAIL, statement.buyer.email)  # with the statement attached
    _enqueue(session, key, about, route, statement.buyer, statement.seller, MessageReason.STATEMENT, ref, at)


def statement_number(statement: Statement) -> str:
    """Return the number of a statement: its first and its last day, as a file name may have them."""
    return f"{statement.since.isoformat()}--{statement.until.isoformat()}"


def _enqueue(
    session: Session,
    key: UUID,
    about: dict[str, Any],
    route: MessageRoute,
    buyer: Buyer,
    seller: Seller,
    reason: MessageReason,
    ref: JournalRef,
    at: datetime,
) -> None:
    session.insert(
        outbox,
        [
            about
            | {
                "key": key,
                "buyer_name": buyer.name,
                "channel": route.channel.value,
                "occasion": reason.value,
                "recipient": route.recipient,
                "message_id": f"<{key.hex}@{_domain(seller.email)}>",
                "journal_till": ref.till_key,
                "journal_seq": ref.seq,
                "state": DeliveryStatus.QUEUED.value,
                "attempts": 0,
                "next_at": at,
                "last_error": "",
                "created_at": at,
            }
        ],
    )


def _domain(address: str) -> str:
    """Return the domain for a Message-ID: the shop's own, if it has one that fits."""
    domain = address.rpartition("@")[2]
    return domain if 0 < len(domain) <= _LONGEST_DOMAIN else "shopdesk.invalid"


def claim(session: Session, *, channel: Channel, worker: UUID, at: datetime) -> UUID | None:
    """Claim the next message that is due or whose worker died, and return its key; None if there is none.

    A text message that may have been sent is left to ``mark_lost``.

    A message that was never tried is due at once, and a time beyond the longest backoff means now: they are of a clock
    that was ahead. Small differences between the clocks of tills end no lease.
    """
    if session.dialect == "postgresql":
        given = {"_worker": worker, "_at": at, "_channel": channel.value}
        found: UUID | None = call(session, "claim_message", ("outbox",), **given)[0]
        return found
    is_queued = and_(
        outbox.c.state == DeliveryStatus.QUEUED.value,
        or_(outbox.c.next_at <= at, outbox.c.next_at > at + LONGEST_BACKOFF, outbox.c.attempts == 0),
    )
    is_left = and_(_is_left(at), not_(_MAY_BE_SENT))
    for due, order in ((is_queued, outbox.c.next_at), (is_left, outbox.c.lease_until)):
        first = select(outbox.c.key).where(due, outbox.c.channel == channel.value).order_by(order).limit(1)
        while (key := session.execute(first).scalar()) is not None:
            taken = (
                update(outbox)
                .where(outbox.c.key == key, due)
                .values(
                    state=DeliveryStatus.SENDING.value,
                    claimed_by=worker,
                    lease_until=at + LEASE,
                    attempts=outbox.c.attempts + 1,
                )
                .returning(outbox.c.key)
            )
            mine: UUID | None = session.execute(taken).scalar()
            if mine is not None:
                return mine
    return None


_MAY_BE_SENT = and_(outbox.c.channel == Channel.SMS.value, outbox.c.body.is_not(None))
"""The condition for text messages whose worker may have sent them: nothing would recognise a repeat."""


def _is_left(at: datetime) -> ColumnElement[bool]:
    """Return the condition for messages whose worker died."""
    ended = or_(outbox.c.lease_until <= at, outbox.c.lease_until > at + LONGEST_BACKOFF)
    return and_(outbox.c.state == DeliveryStatus.SENDING.value, ended)


def mark_lost(session: Session, *, at: datetime) -> int:
    """Mark the text messages as unclear whose worker died when it may have sent them, and return their number."""
    if session.dialect == "postgresql":
        lost: int = call(session, "mark_lost_messages", ("outbox",), _at=at)[0]
        return lost
    return _mark_lost(session, _is_left(at))


def _mark_lost(session: Session, is_left: ColumnElement[bool]) -> int:
    ended = {"state": DeliveryStatus.UNKNOWN.value, "claimed_by": None, "lease_until": None, "next_at": None}
    marked = update(outbox).where(is_left, _MAY_BE_SENT).values(**ended, last_error=_ENDED_WHILE_SENDING)
    return len(session.execute(marked.returning(outbox.c.key)).all())


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message, as a worker needs it. ``body`` is None before the first attempt, and once it is dropped."""

    key: UUID
    ref: JournalRef
    channel: Channel
    reason: MessageReason
    recipient: str
    message_id: str
    created_at: datetime
    attempts: int
    body: bytes | None
    body_hash: bytes | None = None
    headers: str = ""
    e_invoice: bytes | None = None


def outgoing(session: Session, key: UUID) -> OutgoingMessage:
    """Return a message, to be sent, or to be made again."""
    row = session.execute(select(outbox).where(outbox.c.key == key)).one()
    return OutgoingMessage(
        key=key,
        ref=JournalRef(row.journal_till, row.journal_seq),
        channel=Channel(row.channel),
        reason=MessageReason(row.occasion),
        recipient=row.recipient,
        message_id=row.message_id,
        created_at=row.created_at,
        attempts=row.attempts,
        body=row.body,
        body_hash=row.body_hash,
        headers=row.headers or "",
        e_invoice=row.e_invoice,
    )


def next_due(session: Session, at: datetime, *, channel: Channel) -> datetime | None:
    """Return the time of the next message to send or lease to expire, or None. ``at`` is now, as for ``claim``."""
    of_channel = outbox.c.channel == channel.value
    is_queued = outbox.c.state == DeliveryStatus.QUEUED.value
    if session.execute(select(outbox.c.key).where(is_queued, of_channel, outbox.c.attempts == 0).limit(1)).first():
        return at
    times: list[datetime] = []
    for time, state in ((outbox.c.next_at, DeliveryStatus.QUEUED), (outbox.c.lease_until, DeliveryStatus.SENDING)):
        for end in (func.min(time), func.max(time)):  # one by one: each is a single look into an index
            found = session.execute(select(end).where(outbox.c.state == state.value, of_channel)).scalar()
            if found is not None:
                times.append(at if found > at + LONGEST_BACKOFF else found)
    return min(times, default=None)


def release_all(session: Session, *, channel: Channel) -> None:
    """End all leases: a local file serves one program at a time, so the one that held them has ended."""
    is_held = and_(outbox.c.state == DeliveryStatus.SENDING.value, outbox.c.channel == channel.value)
    _mark_lost(session, is_held)
    held = update(outbox).where(is_held)
    session.execute(held.values(state=DeliveryStatus.QUEUED.value, claimed_by=None, lease_until=None))


def save_body(session: Session, key: UUID, body: bytes, *, worker: UUID) -> None:
    """Store the exact bytes of a claimed message before its first attempt, so that every retry sends the same."""
    if session.dialect == "postgresql":
        call(session, "save_body", ("outbox",), _key=key, _worker=worker, _body=body)
        return
    anew = {"body": body, "body_hash": None, "body_size": None, "headers": None, "e_invoice": None}
    session.execute(update(outbox).where(outbox.c.key == key, outbox.c.body.is_(None)).values(anew))


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesVerdict:
    """The verdict on the bytes of a sent message: can they be made again? With the XML of its e-invoice, if any."""

    key: UUID
    hash: bytes
    can_be_made_again: bool
    e_invoice: bytes | None = None


def unsettled(session: Session, *, limit: int) -> list[UUID]:
    """Return sent e-mails of which it is not known yet whether their bytes can be made again."""
    return list(session.execute(select(outbox.c.key).where(UNSETTLED).order_by(outbox.c.key).limit(limit)).scalars())


def settle(session: Session, verdict: BytesVerdict) -> None:
    """Store hash, size and headers of a message's bytes, and drop the bytes if they can be made again.

    On a server its own function reads them from the bytes, and drops none of another hash.
    """
    e_invoice = verdict.e_invoice
    if session.dialect == "postgresql":
        given = {"_key": verdict.key, "_hash": verdict.hash, "_drops": verdict.can_be_made_again}
        call(session, "settle_body", ("outbox",), **given, _e_invoice=e_invoice)
        return
    this = (outbox.c.key == verdict.key, UNSETTLED)
    body = session.execute(select(outbox.c.body).where(*this)).scalar()
    if body is None or sha256(body).digest() != verdict.hash:
        return
    kept = {"body_hash": verdict.hash, "body_size": len(body), "headers": headers_of(body), "e_invoice": e_invoice}
    dropped = {"body": None} if verdict.can_be_made_again else {}
    session.execute(update(outbox).where(*this).values(kept | dropped))


def headers_of(body: bytes) -> str:
    """Return the headers of an e-mail, which are UTF-8, without the empty line after them."""
    return body.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")


def record_result(session: Session, key: UUID, *, worker: UUID, state: DeliveryStatus, **columns: Any) -> bool:
    """Store the result of an attempt. Return False if another worker has the claim by now."""
    if session.dialect == "postgresql":
        ends = {"_error": columns.get("last_error"), "_next_at": columns.get("next_at"), "_at": columns.get("sent_at")}
        given = {"_key": key, "_worker": worker, "_state": state.value} | ends
        return bool(call(session, "record_delivery", ("outbox",), **given)[0])
    ended = (
        update(outbox)
        .where(outbox.c.key == key, outbox.c.claimed_by == worker, outbox.c.state == DeliveryStatus.SENDING.value)
        .values(state=state.value, claimed_by=None, lease_until=None, **columns)
        .returning(outbox.c.key)
    )
    return session.execute(ended).first() is not None


def record_bounce(
    session: Session, key: UUID, words: str, *, at: datetime, reported_at: datetime | None = None
) -> bool:
    """Store that a sent message came back, and the words of its report. Return False if there is none that was sent.

    Of a message that was sent again, a report from before then is about an earlier attempt: another till reads the same
    mailbox, or a place was lost. ``reported_at`` is None if the report does not tell its time.
    """
    if session.dialect == "postgresql":
        given = {"_key": key, "_error": words, "_at": at, "_reported_at": reported_at}
        return bool(call(session, "record_bounce", ("outbox",), **given)[0])
    since = min(reported_at or at, at) + _CLOCKS_DIFFER
    came_back = (
        update(outbox)
        .where(
            outbox.c.key == key,
            outbox.c.state == DeliveryStatus.SENT.value,
            or_(outbox.c.attempts <= 1, outbox.c.sent_at <= since),
        )
        .values(state=DeliveryStatus.BOUNCED.value, last_error=words[:500])
        .returning(outbox.c.key)
    )
    return session.execute(came_back).first() is not None


def requeue(session: Session, *, by: Actor, at: datetime, key: UUID | None = None) -> int:
    """Queue failed and waiting messages to be sent now, and return their number; or one, by its key.

    One that is unclear or bounced is queued only so: it may arrive twice, or bounce until the address is corrected.
    """
    if session.dialect == "postgresql":
        queued: int = call(session, "requeue_messages", ("outbox",), **who_or_lent(by), _key=key, _at=at)[0]
        return queued
    ended = [DeliveryStatus.FAILED, *((DeliveryStatus.UNKNOWN, DeliveryStatus.BOUNCED) if key else ())]
    stuck = outbox.c.state.in_([state.value for state in ended])
    waiting = and_(outbox.c.state == DeliveryStatus.QUEUED.value, outbox.c.next_at > at)
    chosen = [or_(stuck, waiting)] + ([outbox.c.key == key] if key else [])
    now = {"state": DeliveryStatus.QUEUED.value, "next_at": at, "sent_at": None}
    return len(session.execute(update(outbox).where(*chosen).values(now).returning(outbox.c.key)).all())


def withdraw(session: Session, document_key: UUID) -> bool:
    """Withdraw a document's messages that were not tried yet, because it changed. Return True if there were any."""
    unsent = (outbox.c.state == DeliveryStatus.QUEUED.value, outbox.c.attempts == 0)
    taken = update(outbox).where(outbox.c.document_key == document_key, *unsent)
    return bool(session.execute(taken.values(state=DeliveryStatus.WITHDRAWN.value).returning(outbox.c.key)).all())


def to_message(row: Any) -> Message:
    """Return the message of a row."""
    return Message(
        key=row.key,
        document_key=row.document_key,
        channel=Channel(row.channel),
        reason=MessageReason(row.occasion),
        recipient=row.recipient,
        language=row.language,
        message_id=row.message_id,
        state=DeliveryStatus(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at,
        customer_key=row.customer_key,
    )
