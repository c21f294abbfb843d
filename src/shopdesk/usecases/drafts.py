"""Keeping the open document: every change of it, as it is typed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.draft import Form
from shopdesk.store import documents
from shopdesk.store import drafts as kept
from shopdesk.store.session import Session
from shopdesk.usecases.rights import allowed


def keep(session: Session, form: Form, *, changed: frozenset[int] | None, by: Actor, now: datetime) -> None:
    """Store the form: its head and the rows at ``changed``, or all rows when that is None.

    A change that arrives after its document was issued is not kept: the draft is gone by then.
    """
    actor = allowed(session, by, Right.SELL)
    if not documents.is_issued(session, form.key):
        kept.keep(session, form, changed=changed, by=actor, at=now)


def discard(session: Session, key: UUID, *, by: Actor, now: datetime) -> None:
    """Throw an open document away; it never had a number."""
    allowed(session, by, Right.SELL)
    del now
    kept.discard(session, key)
