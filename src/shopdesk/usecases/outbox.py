"""Actions of staff on messages: sending them again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.store import outbox
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize


def retry(session: Session, key: UUID, *, by: Actor, now: datetime) -> int:
    """Send one failed or waiting message again, at once; its Message-ID stays. Return the number queued (0 or 1)."""
    actor = authorize(session, by, Right.SELL)
    return outbox.requeue(session, by=actor, at=now, key=key)


def retry_all(session: Session, *, by: Actor, now: datetime) -> int:
    """Send every failed or waiting message again, at once. Return the number queued."""
    actor = authorize(session, by, Right.SELL)
    return outbox.requeue(session, by=actor, at=now)
