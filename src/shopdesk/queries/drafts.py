"""Queries about open documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm
from shopdesk.domain.shop import Till
from shopdesk.store import drafts as kept
from shopdesk.store.session import Session
from shopdesk.store.tables import draft_rows, drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSummary:
    """An open document in the list of drafts."""

    key: UUID
    kind: Kind
    customer: str
    rows: int
    first_item: str
    changed_at: datetime
    by_name: str
    edits: UUID | None
    origin: UUID | None


def open_at(session: Session, till: Till) -> tuple[DraftSummary, ...]:
    """Return the open documents of a till, the last changed one first."""
    first = and_(draft_rows.c.draft_key == drafts.c.key, draft_rows.c.position == 0)
    rows = session.execute(
        select(drafts, draft_rows.c.item)
        .join_from(drafts, draft_rows, first, isouter=True)
        .where(drafts.c.till_key == till.key)
        .order_by(drafts.c.changed_at.desc())
        .limit(50)
    )
    return tuple(
        DraftSummary(
            key=row.key,
            kind=Kind(row.kind),
            customer=row.customer,
            rows=row.rows,
            first_item=row.item or "",
            changed_at=row.changed_at,
            by_name=row.by_name,
            edits=row.edits,
            origin=row.origin,
        )
        for row in rows
    )


def forms(session: Session, keys: Sequence[UUID]) -> dict[UUID, DraftForm]:
    """Return open documents as they were last typed, by key."""
    return kept.forms(session, keys)


def changed_at(session: Session, key: UUID) -> datetime | None:
    """Return the time of the last change of a draft, or None where there is none."""
    return kept.changed_at(session, key)


def form(session: Session, key: UUID) -> DraftForm | None:
    """Return an open document as it was last typed, with its cursor."""
    return kept.find(session, key)
