"""Messages to customers, from queued to the server's final reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """The way a message is sent."""

    EMAIL = "email"
    SMS = "sms"

    @property
    def can_repeat(self) -> bool:
        """True if a message that is sent twice is recognised as the same one: an e-mail is, by its Message-ID."""
        return self is Channel.EMAIL


class MessageReason(StrEnum):
    """The reason for a message."""

    ORDER_PLACED = "order placed"
    CORRECTED = "corrected"
    VOIDED = "voided"
    STATEMENT = "statement"

    @classmethod
    def again(cls, *, is_voided: bool) -> MessageReason:
        """Return the reason of a message that is sent by hand about a document as it is now."""
        return cls.VOIDED if is_voided else cls.ORDER_PLACED


class DeliveryStatus(StrEnum):
    """The delivery status of a message.

    ``SENT`` means the server accepted it, never less; ``UNKNOWN`` that it may have; ``BOUNCED`` that a report came
    later: it did not arrive; ``WITHDRAWN`` that the document changed before the first attempt.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One row of the outbox. ``message_id`` is made once, so that a retry is the same message (RFC 5322, 3.6.4).

    A statement has no ``document_key``, but a ``customer_key``.
    """

    key: UUID
    document_key: UUID | None
    channel: Channel
    reason: MessageReason
    recipient: str
    language: str
    message_id: str
    state: DeliveryStatus
    attempts: int
    next_at: datetime | None
    last_error: str
    created_at: datetime
    sent_at: datetime | None
    customer_key: UUID | None = None


_LONGEST_SECONDS = 6 * 3600.0
_SPREAD = 0.2
LONGEST_BACKOFF = timedelta(seconds=_LONGEST_SECONDS * (1 + _SPREAD))
"""The longest wait that ``backoff`` returns: what is due later got its time from a clock that was ahead."""


SERVER_SAID = "The mail server said: "
"""The beginning of an error that is the server's own answer. It is stored with the message: do not change it."""


def server_words(error: str) -> str:
    """Return a stored error without ``SERVER_SAID``, for a screen where a label has these words."""
    return error.removeprefix(SERVER_SAID)


def backoff(attempts: int, *, jitter: float) -> timedelta:
    """Return the wait after failed attempts: min(6 h, 30 s · 2^(n-1)) ± 20 %, with ``jitter`` in [-1, 1]."""
    seconds = min(_LONGEST_SECONDS, 30.0 * 2 ** min(attempts - 1, 16))
    return timedelta(seconds=seconds * (1 + _SPREAD * jitter))
