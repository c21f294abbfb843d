"""Queries about the changes of people, prices and settings in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.activity import Activity, Change
from shopdesk.queries.accounts import permitted
from shopdesk.queries.keyset import rows_after
from shopdesk.store import journal as chain
from shopdesk.store.session import Session
from shopdesk.store.tables import journal, tills


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityEntry:
    """One change: when, by whom, at which till, what, from what to what. ``key`` identifies it in a list."""

    key: tuple[UUID, int, int]
    at: datetime
    by_name: str
    approver_name: str
    till: str
    act: Activity
    change: Change


def page(
    session: Session, *, by: Actor, after: ActivityEntry | None = None, limit: int = 200
) -> tuple[ActivityEntry, ...]:
    """Return the next changes after the last one shown, newest first; a journal row may have several."""
    permitted(session, by, Right.PEOPLE)
    place = (journal.c.at, journal.c.till_key, journal.c.seq)
    statement = select(journal, tills.c.name.label("till")).join_from(journal, tills)
    statement = statement.where(journal.c.document_key.is_(None))
    if after is not None:
        here, last = rows_after(place, (after.at, after.key[0], after.key[1]))
        statement = statement.where(here <= last)  # the last row may have more changes
    rows = session.execute(statement.order_by(*(column.desc() for column in place)).limit(limit + 1))
    found = (
        ActivityEntry(
            key=(row.till_key, row.seq, at),
            at=row.at,
            by_name=row.by_name,
            approver_name=row.lender_name,
            till=row.till,
            act=Activity(row.act),
            change=change,
        )
        for row in rows
        for at, change in enumerate(chain.changes_of(row.snapshot))
        if after is None or (row.till_key, row.seq) != after.key[:2] or at > after.key[2]
    )
    return tuple(islice(found, limit))
