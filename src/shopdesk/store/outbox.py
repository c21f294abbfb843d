"""What leaves the building is a row first. A claim is one compare-and-set UPDATE, alike on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update

from shopdesk.domain.document import Document
from shopdesk.domain.message import Channel, Message, Occasion, Sending
from shopdesk.store.journal import Place
from shopdesk.store.keys import new_key
from shopdesk.store.session import Session
from shopdesk.store.tables import outbox

LEASE = timedelta(minutes=5)
"""How long a claim holds before another till may take the message: longer than any time-out of a mail server."""

_LONGEST_DOMAIN = 200
"""A domain may be longer, the column of the Message-ID may not."""


def post(
    session: Session, document: Document, occasion: Occasion, channel: Channel, *, place: Place, at: datetime
) -> UUID:
    """Queue a message to the document's buyer, saying what the journal's row at ``place`` says."""
    key = new_key()
    session.put(
        outbox,
        [
            {
                "key": key,
                "document_key": document.key,
                "number": document.number,
                "buyer_name": document.buyer.name,
                "channel": channel.value,
                "occasion": occasion.value,
                "recipient": document.buyer.email if channel is Channel.EMAIL else document.buyer.phone,
                "language": document.language,
                "message_id": f"<{key.hex}@{_domain(document.seller.email)}>",
                "journal_till": place.till_key,
                "journal_seq": place.seq,
                "state": Sending.QUEUED.value,
                "attempts": 0,
                "next_at": at,
                "last_error": "",
                "created_at": at,
            }
        ],
    )
    return key


def _domain(address: str) -> str:
    """What stands behind the @ of a Message-ID: the shop's own domain, where there is one that fits."""
    domain = address.rpartition("@")[2]
    return domain if 0 < len(domain) <= _LONGEST_DOMAIN else "shopdesk.invalid"


def claim(session: Session, *, worker: UUID, at: datetime) -> UUID | None:
    """Take the next message that is due, or whose worker died. None when there is nothing to do."""
    is_queued = and_(outbox.c.state == Sending.QUEUED.value, outbox.c.next_at <= at)
    is_left = and_(outbox.c.state == Sending.SENDING.value, outbox.c.lease_until <= at)
    for due, order in ((is_queued, outbox.c.next_at), (is_left, outbox.c.lease_until)):
        # PostgreSQL passes over what somebody else is just taking. SQLite drops that word, and has one writer.
        first = select(outbox.c.key).where(due).order_by(order).limit(1).with_for_update(skip_locked=True)
        while (key := session.execute(first).scalar()) is not None:
            taken = (
                update(outbox)
                .where(outbox.c.key == key, due)
                .values(
                    state=Sending.SENDING.value,
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


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a worker needs of a claimed message. ``body`` is None before the first attempt."""

    key: UUID
    place: Place
    occasion: Occasion
    recipient: str
    message_id: str
    created_at: datetime
    attempts: int
    body: bytes | None


def parcel(session: Session, key: UUID) -> Parcel:
    """A claimed message, to be sent."""
    row = session.execute(select(outbox).where(outbox.c.key == key)).one()
    return Parcel(
        key=row.key,
        place=Place(row.journal_till, row.journal_seq),
        occasion=Occasion(row.occasion),
        recipient=row.recipient,
        message_id=row.message_id,
        created_at=row.created_at,
        attempts=row.attempts,
        body=row.body,
    )


def next_due(session: Session) -> datetime | None:
    """When there is something to do next: a message to send, or a dead worker's lease to end."""
    waiting = select(func.min(outbox.c.next_at)).where(outbox.c.state == Sending.QUEUED.value)
    leased = select(func.min(outbox.c.lease_until)).where(outbox.c.state == Sending.SENDING.value)
    times = [session.execute(statement).scalar() for statement in (waiting, leased)]
    return min((time for time in times if time is not None), default=None)


def release_all(session: Session) -> None:
    """End every lease at once: the program that held them is gone, since a local file serves only one."""
    held = update(outbox).where(outbox.c.state == Sending.SENDING.value)
    session.execute(held.values(state=Sending.QUEUED.value, claimed_by=None, lease_until=None))


def keep_body(session: Session, key: UUID, body: bytes) -> None:
    """The exact bytes of the message, before its first attempt: every repeat sends the same."""
    session.execute(update(outbox).where(outbox.c.key == key, outbox.c.body.is_(None)).values(body=body))


def settle(session: Session, key: UUID, *, worker: UUID, state: Sending, **columns: Any) -> bool:
    """Write how an attempt ended, if the claim is still this worker's."""
    ended = (
        update(outbox)
        .where(outbox.c.key == key, outbox.c.claimed_by == worker, outbox.c.state == Sending.SENDING.value)
        .values(state=state.value, claimed_by=None, lease_until=None, **columns)
        .returning(outbox.c.key)
    )
    return session.execute(ended).first() is not None


def requeue(session: Session, *, at: datetime, key: UUID | None = None) -> int:
    """Let failed (or unclear) messages go out again, at once: one of them, or all."""
    stuck = outbox.c.state.in_((Sending.FAILED.value, Sending.UNKNOWN.value))
    waiting = and_(outbox.c.state == Sending.QUEUED.value, outbox.c.next_at > at)
    chosen = [or_(stuck, waiting)] + ([outbox.c.key == key] if key else [])
    again = update(outbox).where(*chosen).values(state=Sending.QUEUED.value, next_at=at).returning(outbox.c.key)
    return len(session.execute(again).all())


def withdraw(session: Session, document_key: UUID) -> bool:
    """Take back what nobody tried to send yet, because the document changed. Tells whether there was anything."""
    unsent = (outbox.c.state == Sending.QUEUED.value, outbox.c.attempts == 0)
    taken = update(outbox).where(outbox.c.document_key == document_key, *unsent)
    return bool(session.execute(taken.values(state=Sending.WITHDRAWN.value).returning(outbox.c.key)).all())


def to_message(row: Any) -> Message:
    """The value of a row."""
    return Message(
        key=row.key,
        document_key=row.document_key,
        channel=Channel(row.channel),
        occasion=Occasion(row.occasion),
        recipient=row.recipient,
        language=row.language,
        message_id=row.message_id,
        state=Sending(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
