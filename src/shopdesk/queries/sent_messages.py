"""The bytes of messages: how they are made, and of those that were sent, whether they can be made again.

A message is made of the content of its journal row, so the same program makes the same bytes. Those of a sent e-mail
are dropped once that is seen; what they were is then told by their hash, and ``sent`` makes them again and compares it.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_string, policy
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from shopdesk.domain.document import Document
from shopdesk.domain.message import Channel, MessageReason
from shopdesk.store import documents, journal
from shopdesk.store import outbox as kept
from shopdesk.store.journaled_documents import UNREADABLE
from shopdesk.store.outbox import BytesVerdict, OutgoingMessage
from shopdesk.store.session import Session
from shopdesk.store.tables import outbox


def made(session: Session, message: OutgoingMessage, *, sender: str) -> bytes:
    """Return the bytes of a message, made of the content of its journal row. ``sender`` is for an e-mail."""
    from shopdesk.render import email_message, sms_message

    if message.channel is Channel.SMS:
        return sms_message.sms(journal.document_at(session, message.ref), message.reason).encode()
    if message.reason is MessageReason.STATEMENT:
        return email_message.statement_mail(
            journal.statement_at(session, message.ref),
            message_id=message.message_id,
            recipient=message.recipient,
            sender=sender,
            at=message.created_at,
        )
    document = journal.document_at(session, message.ref)
    return email_message.mail(
        document,
        message_id=message.message_id,
        recipient=message.recipient,
        sender=sender,
        at=message.created_at,
        reason=message.reason,
        numbers=documents.related_numbers(session, document),
    )


def verdicts(session: Session, *, limit: int) -> tuple[BytesVerdict, ...]:
    """Return of the next sent e-mails whether their bytes can be made again. Takes some 10 ms for each."""
    return tuple(_verdict(session, kept.outgoing(session, key)) for key in kept.unsettled(session, limit=limit))


def _verdict(session: Session, message: OutgoingMessage) -> BytesVerdict:
    body = message.body or b""
    again = _made_again(session, message, kept.headers_of(body))
    xml = _e_invoice(session, message) if again == body else b""
    return BytesVerdict(
        key=message.key, hash=sha256(body).digest(), can_be_made_again=again == body, e_invoice=xml or None
    )


def _made_again(session: Session, message: OutgoingMessage, headers: str) -> bytes | None:
    """Return the bytes as this program makes them, with the sender in the headers; None if it cannot."""
    try:
        return made(session, message, sender=_sender(headers))
    except (*UNREADABLE, NoResultFound):
        return None


def _sender(headers: str) -> str:
    """Return the sender of an e-mail as the settings name it: a name and an address."""
    (sender,) = message_from_string(headers, policy=policy.default)["From"].addresses
    name = sender.display_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{sender.addr_spec}>' if name else str(sender.addr_spec)


def _e_invoice(session: Session, message: OutgoingMessage) -> bytes:
    """Return the XML in the PDF of a message, which is kept as it was sent; nothing if it has none."""
    from shopdesk.render.e_invoice_files import cii_of

    if message.reason is MessageReason.STATEMENT:
        return b""
    document: Document = journal.document_at(session, message.ref)
    return cii_of(document, documents.related_numbers(session, document))


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that was sent. ``body`` are its bytes, or None if this program cannot make it any more."""

    headers: str
    hash: bytes
    e_invoice: bytes | None
    body: bytes | None

    @property
    def is_as_sent(self) -> bool:
        """True if these are the very bytes that were sent."""
        return self.body is not None and sha256(self.body).digest() == self.hash


def sent(session: Session, message_id: str) -> SentMessage | None:
    """Return a sent e-mail by its Message-ID, made again where its bytes were dropped; None if there is none."""
    key: UUID | None = session.execute(select(outbox.c.key).where(outbox.c.message_id == message_id)).scalar()
    message = kept.outgoing(session, key) if key else None
    if message is None or (message.body is None and message.body_hash is None):
        return None
    headers = message.headers or kept.headers_of(message.body or b"")
    return SentMessage(
        headers=headers,
        hash=message.body_hash or sha256(message.body or b"").digest(),
        e_invoice=message.e_invoice,
        body=message.body if message.body is not None else _made_again(session, message, headers),
    )
