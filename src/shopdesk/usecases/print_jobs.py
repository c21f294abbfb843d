"""Use cases of prints: print a document, print again what failed or is unclear, end what is not needed.

A print is a row that the worker of the till takes. In practice nothing is printed: its windows ask for no print.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.document import Action, Document, PaperForm
from shopdesk.domain.errors import Refused
from shopdesk.domain.print_job import print_detail
from shopdesk.domain.printer import PaperChoice
from shopdesk.domain.sentence import sentence
from shopdesk.store import acts_books, documents
from shopdesk.store import print_jobs as kept
from shopdesk.store.acts_books import BookEntry
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize


def print_document(
    session: Session,
    key: UUID,
    paper: PaperChoice,
    *,
    by: Actor,
    now: datetime,
    form: PaperForm = PaperForm.ORIGINAL,
) -> UUID:
    """Journal a print of a document and queue it at the actor's till; return the key of the print.

    Each print but the first is marked as a copy, on the paper and in the journal.
    """
    actor = authorize(session, by, Right.SELL)
    document, copy = _next_print(session, key, form, by=actor)
    _note(session, document, print_detail(form, copy), by=actor, now=now)
    return kept.enqueue(session, document, paper, copy=copy, form=form, by=actor, at=now)


def note_printed(
    session: Session, key: UUID, *, by: Actor, now: datetime, form: PaperForm = PaperForm.ORIGINAL
) -> None:
    """Record in the journal that a document was printed without the queue, in which form or as which copy."""
    actor = authorize(session, by, Right.SELL)
    document, copy = _next_print(session, key, form, by=actor)
    _note(session, document, print_detail(form, copy), by=actor, now=now)


def print_again(session: Session, key: UUID, *, by: Actor, now: datetime) -> UUID:
    """Print again and return the key of the print: as it is if nothing of it was printed, else as a copy."""
    actor = authorize(session, by, Right.SELL)
    job = kept.find(session, key)
    if job is None:
        raise Refused(sentence("This print is no longer there."))
    is_own = job.till_key == actor.till.key
    if is_own and job.printed_nothing and kept.requeue(session, key, by=actor):
        return key
    kept.settle(session, key, by=actor, at=now)
    return print_document(session, job.document_key, job.paper, form=job.form, by=by, now=now)


def settle(session: Session, key: UUID, *, by: Actor, now: datetime) -> None:
    """End a print that waits, failed or is unclear: it is not needed any more, or a person has looked."""
    actor = authorize(session, by, Right.SELL)
    kept.settle(session, key, by=actor, at=now)


def _next_print(session: Session, key: UUID, form: PaperForm, *, by: Actor) -> tuple[Document, int]:
    """Return a document, held until the transaction ends, and which copy its next print is, 0 for the first."""
    acts_books.hold(session, key, by=by)
    copy = kept.printed_before(session, key) if form is PaperForm.ORIGINAL else 0
    return documents.by_key(session, key), copy


def _note(session: Session, document: Document, detail: str, *, by: Actor, now: datetime) -> None:
    entry = BookEntry(Action.PRINT, document, before=document, detail=detail)
    acts_books.record(session, [entry], by=by, at=now, today=now.astimezone().date())
