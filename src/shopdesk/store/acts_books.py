"""The acts on the books: on a server one function of ``acts_books_sql``, on a local file plain statements.

An act is a list of entries: each is a row of the journal, with the document as it is after the act. All rows, daily
totals and messages are derived from these documents. The same entries give the same rows and the same bytes on both
databases; a server checks besides who acts, by the token of the sign-in, and that the entries are an act at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from shopdesk.domain.account import Actor
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.document import Action, Document, State
from shopdesk.domain.message import MessageReason
from shopdesk.row_keys import new_key
from shopdesk.store import document_snapshots, documents, drafts, journal, logos, numbering, outbox, shop
from shopdesk.store.acts_call import call, who_or_lent
from shopdesk.store.journaled_values import ValueChange
from shopdesk.store.session import Session

_WRITTEN = (
    "documents", "document_lines", "document_taxes", "payments", "journal", "outbox", "drafts", "series", "tills",
    "day_sales", "day_items", "day_taxes", "day_customers", "day_payments",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookEntry:
    """An act on a document, and the document after it. ``before`` is the document as it is stored, None for a new one.

    ``message`` is the reason to write to the buyer, if there is an address. A new document gets its number when it is
    recorded; ``detail`` may have the text that stands for it (``number_to_come``).
    """

    act: Action
    document: Document
    before: Document | None = None
    detail: str = ""
    message: MessageReason | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The documents of the entries as they are stored.

    ``previous_at`` is the time of the till's last entry before (None if first), ``closed`` the last closed day, if any.
    """

    documents: tuple[Document, ...]
    previous_at: datetime | None
    closed: date | None

    @property
    def document(self) -> Document:
        """The last one."""
        return self.documents[-1]


def is_on_server(session: Session) -> bool:
    """Return True if a server's functions do the acts."""
    return session.dialect == "postgresql"


def number_to_come() -> str:
    """Return a text that stands for the number of a document until it is recorded."""
    return new_key().hex


def hold(session: Session, key: UUID, *, by: Actor) -> None:
    """Hold back changes of a document by other tills until the transaction ends. (A file has one writer at a time.)"""
    if is_on_server(session):
        call(session, "hold_document", (), **who_or_lent(by), _document=key)


def record(
    session: Session, entries: Sequence[BookEntry], *, by: Actor, at: datetime, today: date, draft: UUID | None = None
) -> Recorded:
    """Store the documents of some entries, number the new ones, and append the entries to the journal of the till.

    ``today`` is the shop's day, on which payments are taken. ``draft`` is deleted.
    """
    if is_on_server(session):
        return _recorded_by_server(session, entries, by=by, at=at, today=today, draft=draft)
    numbers = {
        entry.document.number: numbering.next_number(
            session, till=by.till, kind=entry.document.kind, on=entry.document.date_on
        )
        for entry in entries
        if entry.before is None
    }
    entries = [_numbered(entry, numbers) for entry in entries]
    for entry in entries:
        _store(session, entry, by=by, today=today)
    places = [
        journal.record(session, entry.act, entry.document, by=by, at=at, detail=entry.detail) for entry in entries
    ]
    for entry, place in zip(entries, places, strict=True):
        _write_to_buyer(session, entry, entries, place, at)
    if draft is not None:
        drafts.discard(session, draft)
    stored = tuple(logos.filled(session, entry.document) for entry in entries)
    return Recorded(stored, places[0].previous_at, shop.closed_until(session))


def record_changes(
    session: Session,
    act: Activity,
    changes: Sequence[Change],
    *,
    by: Actor,
    at: datetime,
    values: Sequence[ValueChange] = (),
) -> None:
    """Append rows for changes that belong to no document to the journal of the till: see ``journal.in_rows``."""
    if not is_on_server(session):
        journal.record_changes(session, act, changes, by=by, at=at, values=values)
        return
    for some, of_some, detail in journal.in_rows(changes, values):
        told = {
            "_changes": journal.as_json(some),
            "_values": document_snapshots.text_of([one.facts for one in of_some]),
            "_detail": detail,
        }
        call(session, "record_changes", ("journal", "tills"), **who_or_lent(by), _at=at, _act=act.value, **told)


def _recorded_by_server(
    session: Session, entries: Sequence[BookEntry], *, by: Actor, at: datetime, today: date, draft: UUID | None
) -> Recorded:
    row = call(
        session,
        "record",
        _WRITTEN,
        **who_or_lent(by),
        _at=at,
        _today=today,
        _acts=[entry.act.value for entry in entries],
        _contents=[_content(entry.document) for entry in entries],
        _details=[entry.detail for entry in entries],
        _reasons=[entry.message.value if entry.message else "" for entry in entries],
        _messages=[new_key() for _ in entries],
        _draft=draft,
    )
    numbers = iter(row.numbers)
    stored = (
        _as_recorded(entry.document, at, row.moment, number=next(numbers) if entry.before is None else None)
        for entry in entries
    )
    return Recorded(tuple(logos.filled(session, one) for one in stored), row.previous_at, row.closed)


def _as_recorded(document: Document, at: datetime, moment: datetime, *, number: str | None) -> Document:
    """Return a document as a server has stored it: with its number, and with its clock's instant in place of ``at``."""
    if number is not None:
        document = replace(document, number=number)
    if moment == at:
        return document
    now = {name: moment for name in ("issued_at", "sealed_at", "voided_at") if getattr(document, name) == at}
    paid = (replace(payment, at=moment) if payment.at == at else payment for payment in document.payments)
    return replace(document, **now, payments=tuple(paid))  # type: ignore[arg-type]


def _content(document: Document) -> str:
    return document_snapshots.text_of(document_snapshots.to_facts(document))


def _numbered(entry: BookEntry, numbers: dict[str, str]) -> BookEntry:
    detail, document = entry.detail, entry.document
    for to_come, number in numbers.items():
        detail = detail.replace(to_come, number)
    return replace(
        entry, detail=detail, document=replace(document, number=numbers.get(document.number, document.number))
    )


def _store(session: Session, entry: BookEntry, *, by: Actor, today: date) -> None:
    before, after = entry.before, entry.document
    if before is None:
        documents.add(session, after, till=by.till, paid_on=today)
        return
    if after.revision != before.revision:
        documents.rewrite(session, before, after)
    for payment in after.payments[len(before.payments) :]:
        documents.add_payment(session, after, payment, by_key=by.staff.key, till=by.till, on=today)
    if after.sealed_at != before.sealed_at:
        documents.seal(session, after)
    if after.state is not before.state and after.state is State.VOIDED:
        documents.mark_voided(session, after)
    elif after.state is not before.state:
        documents.mark_corrected(session, after)


def _write_to_buyer(
    session: Session, entry: BookEntry, entries: Sequence[BookEntry], place: journal.JournalRef, at: datetime
) -> None:
    """Withdraw the messages that a change has overtaken, and queue the new one."""
    key, message = entry.document.key, entry.message
    is_replaced = any(one.document.replaces == key for one in entries)
    if (entry.act in {Action.AMEND, Action.VOID} or is_replaced) and outbox.withdraw(session, key):
        # The buyer has heard nothing yet: of no correction, and of a deleted document never.
        message = MessageReason.ORDER_PLACED if entry.act is Action.AMEND else None
    buyer = entry.document.buyer
    if message is None or not (buyer.email or buyer.phone):
        return
    if (route := outbox.reachability(session, buyer).route()) is not None:
        outbox.enqueue(session, entry.document, message, route, ref=place, at=at)
