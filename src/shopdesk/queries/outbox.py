"""Queries about messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.message import Channel, DeliveryStatus, Message, MessageReason
from shopdesk.domain.message_route import Reachability
from shopdesk.queries.indexed_list import Condition, ListPosition
from shopdesk.store import documents, journal
from shopdesk.store import outbox as kept
from shopdesk.store.session import Session
from shopdesk.store.tables import outbox


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """One row of the messages page: the message, and the number, kind and buyer of its document.

    A statement has no kind; its number is the first and the last day.
    """

    message: Message
    number: str
    kind: Kind | None
    buyer_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDelivered:
    """Counts of undelivered messages: waiting for the next attempt, failed, bounced, and unclear (perhaps accepted)."""

    waiting: int = 0
    failed: int = 0
    bounced: int = 0
    unclear: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.failed + self.bounced + self.unclear


NOT_DELIVERED = (
    DeliveryStatus.QUEUED,
    DeliveryStatus.SENDING,
    DeliveryStatus.FAILED,
    DeliveryStatus.BOUNCED,
    DeliveryStatus.UNKNOWN,
)


def of_document(session: Session, key: UUID) -> tuple[Message, ...]:
    """Return all messages about a document, oldest first."""
    rows = session.execute(_columns().where(outbox.c.document_key == key).order_by(outbox.c.created_at, outbox.c.key))
    return tuple(kept.to_message(row) for row in rows)


def texts_to_resend(session: Session, keys: Sequence[UUID]) -> tuple[str, ...]:
    """Return the text messages that ``documents.resend`` would queue now about these documents, but no e-mails."""
    texts = []
    for document in (documents.by_key(session, key) for key in keys):
        route = reachability(session, document.buyer).route()
        if route is not None and route.channel is Channel.SMS:
            texts.append(_sms(document, MessageReason.again(is_voided=document.state is State.VOIDED)))
    return tuple(texts)


def reachability(session: Session, buyer: Buyer) -> Reachability:
    """Return how a document's buyer can be reached."""
    return kept.reachability(session, buyer)


def text_of(session: Session, key: UUID) -> str:
    """Return the text of a text message, as it was sent or will be; empty for an e-mail."""
    message = kept.outgoing(session, key)
    if message.channel is not Channel.SMS:
        return ""
    if message.body is not None:
        return message.body.decode()
    return _sms(journal.document_at(session, message.ref), message.reason)


def _sms(document: Document, reason: MessageReason) -> str:
    from shopdesk.render.sms_message import sms

    return sms(document, reason)


class MessageOrder(StrEnum):
    """The order of the list of messages: that of an index."""

    CREATED = "created"


def page(
    session: Session,
    *,
    states: frozenset[DeliveryStatus],
    after: MessageSummary | None,
    limit: int = 200,
    order: MessageOrder = MessageOrder.CREATED,
    descending: bool = True,
) -> tuple[MessageSummary, ...]:
    """Return the next rows of the list, newest first, after the last one shown. Without states: all messages."""
    del order  # there is one
    last = (after.message.created_at, after.message.key) if after is not None else None
    place = ListPosition(
        key=outbox.c.key, columns=(outbox.c.created_at, outbox.c.key), descending=descending, last=last
    )
    rows = place.rows(session, _columns(), [_in_states(states)] if states else [], limit)
    return tuple(
        MessageSummary(
            kept.to_message(row),
            row.number,
            Kind.of_number(row.number) if row.document_key is not None else None,
            row.buyer_name,
        )
        for row in rows
    )


def _in_states(states: frozenset[DeliveryStatus]) -> Condition:
    column, values = outbox.c.state, [state.value for state in states]
    # As ranges: where nearly all messages are sent, SQLite expects nothing of an index for equal states.
    found = or_(*(column.between(value, value) for value in values))
    return Condition(holds=lambda seen: seen(column).in_(values), keys=select(outbox.c.key).where(found))


def not_delivered(session: Session) -> NotDelivered:
    """Count the messages that are not delivered, by what is to be done about them."""
    states = [state.value for state in NOT_DELIVERED]
    counted = select(outbox.c.state, func.count()).where(outbox.c.state.in_(states)).group_by(outbox.c.state)
    counts = {DeliveryStatus(state): count for state, count in session.execute(counted)}
    return NotDelivered(
        waiting=counts.get(DeliveryStatus.QUEUED, 0) + counts.get(DeliveryStatus.SENDING, 0),
        failed=counts.get(DeliveryStatus.FAILED, 0),
        bounced=counts.get(DeliveryStatus.BOUNCED, 0),
        unclear=counts.get(DeliveryStatus.UNKNOWN, 0),
    )


def _columns() -> Any:
    # All columns but the body: a list must not load a thousand PDFs.
    return select(*(column for column in outbox.columns if column.name != "body"))
