"""The details of one document for the view page, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.message import Message
from shopdesk.domain.payment import Payment
from shopdesk.domain.print_job import DocumentPrint, count_prints
from shopdesk.queries import documents as asked
from shopdesk.queries import outbox, print_jobs
from shopdesk.queries.documents import HistoryEntry
from shopdesk.store import documents as kept
from shopdesk.store.session import Session
from shopdesk.store.tables import documents


class Relation(StrEnum):
    """The relation to another document: this one ``CORRECTS`` it, or is ``CORRECTED_BY`` it."""

    CORRECTS = "corrects"
    REPLACES = "replaces"
    CORRECTED_BY = "corrected by"
    REPLACED_BY = "replaced by"
    RETURN_OF = "return of"
    RETURNED_BY = "returned by"


@dataclass(frozen=True, slots=True)
class Related:
    """A related document."""

    relation: Relation
    key: UUID
    number: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDocument:
    """A document that this one was made from, or that was made from this one."""

    key: UUID
    number: str
    kind: Kind
    state: State
    issued_at: datetime
    issued_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDetails:
    """A document, its history, messages and prints (oldest first), and its related documents.

    ``origin`` is the document it was made from, ``descendants`` are the last ones that were made from it.

    ``received`` are the payments that moved money for it, also for the documents it replaces. ``returns`` are the
    credit notes for goods of it that came back.
    """

    document: Document
    received: tuple[Payment, ...]
    history: tuple[HistoryEntry, ...]
    messages: tuple[Message, ...]
    prints: tuple[DocumentPrint, ...]
    related: tuple[Related, ...]
    returns: tuple[Document, ...] = ()
    origin: LinkedDocument | None = None
    descendants: tuple[LinkedDocument, ...] = ()

    @property
    def converted_into(self) -> LinkedDocument | None:
        """The last document that this quote became and that still counts, or None."""
        if self.document.kind is not Kind.QUOTE:
            return None
        made = [one for one in self.descendants if one.kind is not Kind.QUOTE and one.state is State.ISSUED]
        return made[-1] if made else None

    @property
    def prints_before(self) -> int:
        """The number of prints of the document as it is now: 0 means that the next one is the original."""
        return count_prints((entry.act, entry.detail) for entry in self.history)

    @property
    def numbers(self) -> Mapping[UUID, str]:
        """The numbers of the related documents by key, for printing."""
        return {one.key: one.number for one in self.related}


def details(session: Session, key: UUID) -> DocumentDetails:
    """Return the details of a document. Raise Refused when there is none."""
    document = asked.get(session, key)
    returns = kept.returns_of(session, document)
    returned = [Related(Relation.RETURNED_BY, one.key, one.number, one.kind) for one in returns]
    return DocumentDetails(
        document=document,
        received=asked.received(session, document),
        history=asked.history(session, key),
        messages=outbox.of_document(session, key),
        prints=print_jobs.of_document(session, key),
        related=(*_related(session, document), *returned),
        returns=returns,
        origin=next(iter(_linked(session, documents.c.key == document.origin)), None) if document.origin else None,
        descendants=_linked(session, documents.c.origin == key),
    )


def _linked(session: Session, condition: ColumnElement[bool]) -> tuple[LinkedDocument, ...]:
    """Return the last of these documents, oldest first."""
    columns = [documents.c[name] for name in ("key", "number", "kind", "state", "issued_at", "issued_by")]
    last = select(*columns).where(condition).order_by(documents.c.issued_at.desc(), documents.c.key.desc())
    rows: Any = session.execute(last.limit(_MOST_LINKED)).all()
    return tuple(
        LinkedDocument(
            key=row.key,
            number=row.number,
            kind=Kind(row.kind),
            state=State(row.state),
            issued_at=row.issued_at,
            issued_by=row.issued_by,
        )
        for row in reversed(rows)
    )


_MOST_LINKED = 20


def _related(session: Session, document: Document) -> list[Related]:
    is_return = document.corrects is not None and not _is_cancelled_by(session, document.corrects, document.key)
    named = [
        (Relation.RETURN_OF if is_return else Relation.CORRECTS, document.corrects),
        (Relation.REPLACES, document.replaces),
        (Relation.CORRECTED_BY, document.corrected_by),
    ]
    found = [one for bond, key in named if key is not None for one in _those(session, bond, documents.c.key == key)]
    if document.corrected_by is not None:
        # A replacement is issued together with the credit note, so the equal time finds it by an index.
        at = select(documents.c.issued_at).where(documents.c.key == document.corrected_by).scalar_subquery()
        is_it = (documents.c.issued_at == at) & (documents.c.replaces == document.key)
        found += _those(session, Relation.REPLACED_BY, is_it)
    return found


def _is_cancelled_by(session: Session, key: UUID, credit: UUID) -> bool:
    """Return True if a credit note cancels the whole document, and not only goods of it that came back."""
    return session.execute(select(documents.c.corrected_by).where(documents.c.key == key)).scalar() == credit


def _those(session: Session, bond: Relation, condition: ColumnElement[bool]) -> list[Related]:
    rows: Any = session.execute(select(documents.c.key, documents.c.number, documents.c.kind).where(condition))
    return [Related(bond, row.key, row.number, Kind(row.kind)) for row in rows]
