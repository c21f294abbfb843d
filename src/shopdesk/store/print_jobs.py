"""Prints as rows: each is written in the transaction of its document, and printed by the program of its till alone.

On a server the functions of ``acts_print_sql`` write them, by the server's clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, or_, select, update

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Action, Document, PaperForm
from shopdesk.domain.print_job import OVERTAKES_PRINTS, DocumentPrint, PrintState, QueueJob, count_prints
from shopdesk.domain.printer import PaperChoice
from shopdesk.domain.sentence import sentence
from shopdesk.row_keys import new_key
from shopdesk.store import journal as chain
from shopdesk.store.acts_call import call, who_or_lent
from shopdesk.store.journal import JournalRef
from shopdesk.store.session import Session
from shopdesk.store.tables import journal, print_jobs

_WRITTEN = ("print_jobs",)
_ENDED = frozenset({PrintState.PRINTED, PrintState.WITHDRAWN})


def enqueue(
    session: Session,
    document: Document,
    paper: PaperChoice,
    *,
    copy: int,
    by: Actor,
    at: datetime,
    form: PaperForm = PaperForm.ORIGINAL,
) -> UUID:
    """Queue a print of a document at the actor's till, with the content of the till's last journal row; return its key.

    Call it in the transaction that added that row.
    """
    key = new_key()
    wanted = {"form": form.value, "paper": paper.value, "copy": copy}
    if session.dialect == "postgresql":
        given = {"_key": key, "_document": document.key} | {f"_{name}": value for name, value in wanted.items()}
        call(session, "queue_print", _WRITTEN, **who_or_lent(by), **given, _at=at)
        return key
    row = wanted | {
        "key": key,
        "document_key": document.key,
        "till_key": by.till.key,
        "number": document.number,
        "journal_seq": chain.head(session, by.till.key).seq,
        "state": PrintState.QUEUED.value,
        "attempts": 0,
        "last_words": "",
        "queue": "",
        "created_at": at,
    }
    session.insert(print_jobs, [row])
    return key


def printed_before(session: Session, document_key: UUID) -> int:
    """Return how often the document was printed, or asked to be, by the journal: see ``count_prints``."""
    told = select(journal.c.act, journal.c.detail).where(journal.c.document_key == document_key)
    rows = session.execute(told.order_by(journal.c.at, journal.c.till_key, journal.c.seq))
    return count_prints((Action(act), detail) for act, detail in rows)


def withdraw(session: Session, document_key: UUID, *, by: Actor, at: datetime) -> None:
    """Withdraw the prints of a document of which no byte has left, because it changed: what waits, and what failed."""
    if session.dialect == "postgresql":
        call(session, "withdraw_prints", _WRITTEN, **who_or_lent(by), _document=document_key, _at=at)
        return
    of_it = print_jobs.c.document_key == document_key
    withdrawn = update(print_jobs).values(state=PrintState.WITHDRAWN.value, ended_at=at)
    session.execute(withdrawn.where(of_it, *_IS_UNPRINTED))


_UNPRINTED_STATES = frozenset({PrintState.QUEUED, PrintState.FAILED})
_IS_UNPRINTED = (
    print_jobs.c.ended_at.is_(None),
    print_jobs.c.queue_number.is_(None),
    print_jobs.c.state.in_([state.value for state in _UNPRINTED_STATES]),
)
"""The prints of which no byte has left, as ``DocumentPrint.printed_nothing`` has it."""


# --- the worker of a till ---------------------------------------------------------------------------------------------


def next_queued(session: Session, till_key: UUID, papers: Collection[PaperChoice]) -> DocumentPrint | None:
    """Return the oldest print that waits at a till for one of these papers, or None."""
    here = _open_at(till_key, PrintState.QUEUED).where(print_jobs.c.paper.in_([paper.value for paper in papers]))
    row = session.execute(here.limit(1)).first()
    return to_print(row) if row is not None else None


def followed(session: Session, till_key: UUID) -> tuple[DocumentPrint, ...]:
    """Return the prints of a till in queues of the system whose end is not known, the oldest of them."""
    rows = session.execute(_open_at(till_key, PrintState.GIVEN).limit(_MOST_FOLLOWED))
    return tuple(map(to_print, rows))


_MOST_FOLLOWED = 20


def _open_at(till_key: UUID, state: PrintState) -> Any:
    """Select the prints of a till in a state that are not ended, oldest first."""
    here = (print_jobs.c.till_key == till_key, print_jobs.c.ended_at.is_(None), print_jobs.c.state == state.value)
    return select(print_jobs).where(*here).order_by(print_jobs.c.created_at, print_jobs.c.copy)


def content(session: Session, key: UUID) -> Document:
    """Return the document of a print as it was when the print was asked for."""
    place = select(print_jobs.c.till_key, print_jobs.c.journal_seq).where(print_jobs.c.key == key)
    return chain.document_at(session, JournalRef(*session.execute(place).one()))


def release(session: Session, till_key: UUID, *, worker: UUID) -> int:
    """Call unclear what another worker of the till left while it was sending, and return how many: it has ended."""
    words = str(sentence("shopdesk ended while it was printing."))
    if session.dialect == "postgresql":
        given = {"_till": till_key, "_worker": worker, "_words": words}
        count: int = call(session, "release_prints", _WRITTEN, **given)[0]
        return count
    left = and_(
        print_jobs.c.till_key == till_key,
        print_jobs.c.ended_at.is_(None),
        print_jobs.c.state == PrintState.SENDING.value,
        print_jobs.c.claimed_by != worker,
    )
    ended = update(print_jobs).where(left).values(state=PrintState.UNCLEAR.value, last_words=words)
    return len(session.execute(ended.returning(print_jobs.c.key)).all())


def claim(session: Session, key: UUID, *, worker: UUID) -> bool:
    """Claim a queued print just before its first byte leaves. Return False if it is not queued any more."""
    if session.dialect == "postgresql":
        return bool(call(session, "claim_print", _WRITTEN, _key=key, _worker=worker)[0])
    taken = (
        update(print_jobs)
        .where(print_jobs.c.key == key, print_jobs.c.state == PrintState.QUEUED.value)
        .values(state=PrintState.SENDING.value, claimed_by=worker, attempts=print_jobs.c.attempts + 1)
        .returning(print_jobs.c.key)
    )
    return session.execute(taken).first() is not None


def record_result(
    session: Session,
    key: UUID,
    *,
    worker: UUID,
    state: PrintState,
    words: str,
    at: datetime,
    queue_job: QueueJob | None = None,
    is_followed: bool = False,
) -> bool:
    """Store what became of a print. Return False if it is not this worker's any more.

    ``is_followed``: its queue will tell more. One of which nothing was printed is withdrawn if its document has changed
    meanwhile: ``withdraw`` leaves alone what is being sent.
    """
    ended_at = at if state in _ENDED or (state is PrintState.GIVEN and not is_followed) else None
    job: dict[str, Any] = {}
    if queue_job is not None:
        job = {"queue": queue_job.queue, "queue_number": queue_job.number, "submitted_at": queue_job.submitted_at}
    if session.dialect == "postgresql":
        given = {f"_{name}": job.get(name) for name in ("queue", "queue_number", "submitted_at")}
        given |= {"_key": key, "_worker": worker, "_state": state.value, "_words": words[:500], "_ended_at": ended_at}
        return bool(call(session, "record_print", _WRITTEN, **given)[0])
    is_mine = and_(
        print_jobs.c.state.in_((PrintState.SENDING.value, PrintState.UNCLEAR.value)), print_jobs.c.claimed_by == worker
    )
    if state in _UNPRINTED_STATES and _is_overtaken(session, key):
        state, ended_at = PrintState.WITHDRAWN, at
    is_in_queue = and_(print_jobs.c.state == PrintState.GIVEN.value, print_jobs.c.queue_number.is_not(None))
    ended = (
        update(print_jobs)
        .where(print_jobs.c.key == key, print_jobs.c.ended_at.is_(None), or_(is_mine, is_in_queue))
        .values(state=state.value, last_words=words[:500], ended_at=ended_at, **job)
        .returning(print_jobs.c.key)
    )
    return session.execute(ended).first() is not None


def _is_overtaken(session: Session, key: UUID) -> bool:
    """Return True if the document of a print, of which no byte has left, has changed since it was queued."""
    is_later = case(
        (journal.c.till_key == print_jobs.c.till_key, journal.c.seq > print_jobs.c.journal_seq),
        else_=journal.c.at > print_jobs.c.created_at,
    )
    changed = select(journal.c.seq).where(
        print_jobs.c.key == key,
        print_jobs.c.queue_number.is_(None),
        journal.c.document_key == print_jobs.c.document_key,
        journal.c.act.in_([act.value for act in OVERTAKES_PRINTS]),
        is_later,
    )
    return session.execute(changed.limit(1)).first() is not None


# --- what a person does -----------------------------------------------------------------------------------------------


def find(session: Session, key: UUID) -> DocumentPrint | None:
    """Return a print by its key, if it is there."""
    row = session.execute(select(print_jobs).where(print_jobs.c.key == key)).first()
    return to_print(row) if row is not None else None


def requeue(session: Session, key: UUID, *, by: Actor) -> bool:
    """Let a print of which no byte has left go again, as it is. Return False if that is not so any more."""
    if session.dialect == "postgresql":
        return bool(call(session, "requeue_print", _WRITTEN, **who_or_lent(by), _key=key)[0])
    again = (
        update(print_jobs)
        .where(print_jobs.c.key == key, *_IS_UNPRINTED)
        .values(state=PrintState.QUEUED.value, attempts=0)
        .returning(print_jobs.c.key)
    )
    return session.execute(again).first() is not None


def settle(session: Session, key: UUID, *, by: Actor, at: datetime) -> None:
    """End a print that waits or is stuck: a person has seen it, and what waits is not needed any more."""
    if session.dialect == "postgresql":
        call(session, "settle_print", _WRITTEN, **who_or_lent(by), _key=key, _at=at)
        return
    is_queued = print_jobs.c.state == PrintState.QUEUED.value
    seen = update(print_jobs).where(
        print_jobs.c.key == key,
        print_jobs.c.ended_at.is_(None),
        print_jobs.c.state.in_((PrintState.QUEUED.value, PrintState.FAILED.value, PrintState.UNCLEAR.value)),
    )
    state = case((is_queued, PrintState.WITHDRAWN.value), else_=print_jobs.c.state)
    session.execute(seen.values(state=state, ended_at=at))


def to_print(row: Any) -> DocumentPrint:
    """Return the print of a row."""
    job = QueueJob(row.queue, row.queue_number, row.submitted_at) if row.queue_number is not None else None
    return DocumentPrint(
        key=row.key,
        document_key=row.document_key,
        till_key=row.till_key,
        number=row.number,
        form=PaperForm(row.form),
        paper=PaperChoice(row.paper),
        copy=row.copy,
        state=PrintState(row.state),
        attempts=row.attempts,
        last_words=row.last_words,
        queue_job=job,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
