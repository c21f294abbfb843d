"""Queries about prints."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_, select

from shopdesk.domain.print_job import STUCK, DocumentPrint, PrintState
from shopdesk.queries.keyset import rows_after
from shopdesk.store.print_jobs import to_print
from shopdesk.store.session import Session
from shopdesk.store.tables import print_jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintTrouble:
    """The prints of a till that the cashier should know of: all that are stuck, newest first, and one that waits.

    ``waiting`` was tried without success, and is tried again from time to time.
    """

    stuck: tuple[DocumentPrint, ...] = ()
    waiting: DocumentPrint | None = None


class PrintOrder(StrEnum):
    """The order of the list of prints: that of an index."""

    CREATED = "created"


def of_document(session: Session, key: UUID) -> tuple[DocumentPrint, ...]:
    """Return all prints of a document, oldest first."""
    rows = session.execute(
        select(print_jobs)
        .where(print_jobs.c.document_key == key)
        .order_by(print_jobs.c.created_at, print_jobs.c.copy, print_jobs.c.key)
    )
    return tuple(map(to_print, rows))


def page(
    session: Session,
    *,
    till_key: UUID,
    states: frozenset[PrintState],
    after: DocumentPrint | None,
    limit: int = 200,
    order: PrintOrder = PrintOrder.CREATED,
    descending: bool = True,
) -> tuple[DocumentPrint, ...]:
    """Return the next prints of a till, newest first, after the last one shown. Without states: all of them."""
    del order  # there is one
    statement = select(print_jobs).where(print_jobs.c.till_key == till_key)
    if states:
        statement = statement.where(print_jobs.c.state.in_([state.value for state in states]))
    if after is not None:
        here, last = rows_after((print_jobs.c.created_at, print_jobs.c.key), (after.created_at, after.key))
        statement = statement.where(here < last if descending else here > last)
    ordered = [column.desc() if descending else column.asc() for column in (print_jobs.c.created_at, print_jobs.c.key)]
    return tuple(map(to_print, session.execute(statement.order_by(*ordered).limit(limit))))


def trouble(session: Session, till_key: UUID) -> PrintTrouble:
    """Return the prints of a till that are stuck, or that wait for a printer."""
    open_here = select(print_jobs).where(print_jobs.c.till_key == till_key, print_jobs.c.ended_at.is_(None))
    newest_first = open_here.order_by(print_jobs.c.created_at.desc())
    stuck = newest_first.where(print_jobs.c.state.in_([state.value for state in STUCK]))
    is_queued, is_sending = (print_jobs.c.state == state.value for state in (PrintState.QUEUED, PrintState.SENDING))
    was_tried = or_(is_queued & (print_jobs.c.attempts > 0), is_sending & (print_jobs.c.attempts > 1))
    waiting = newest_first.where(was_tried).limit(1)
    return PrintTrouble(
        stuck=tuple(map(to_print, session.execute(stuck))),
        waiting=next(map(to_print, session.execute(waiting)), None),
    )
