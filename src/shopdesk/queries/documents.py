"""Queries about documents. Lists use keyset pagination, newest first, and never load all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from shopdesk.domain.document import Action, Document, Kind, State
from shopdesk.domain.draft import EARLIEST_DATE
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.search_words import SHORTEST_ENDING
from shopdesk.domain.sentence import sentence
from shopdesk.queries.keyset import rows_after
from shopdesk.queries.products import department_of
from shopdesk.queries.time_of_sale import hour_of_issue, weekday_of_date
from shopdesk.store import customers, numbering, search
from shopdesk.store import documents as kept
from shopdesk.store.session import Session
from shopdesk.store.tables import UNPAID, document_lines, documents, journal, outbox, payments, tills


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """One row of a list. ``message`` is the delivery status of its latest message, None if there is none."""

    key: UUID
    number: str
    kind: Kind
    state: State
    buyer_name: str
    gross: Money
    balance: Money
    date_on: date
    issued_at: datetime
    issued_by: str
    is_sealed: bool
    message: DeliveryStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """The filter of a list of documents; all conditions apply. ``text`` is a part of a number or a customer's words.

    ``unpaid`` is what customers owe, ``to_refund`` what the shop owes; with both, either is found.
    ``item`` is the exact text of an item in one of the rows, ``department`` the department that one of the items has
    today, "" for none. With ``paid_by``, ``since`` and ``until`` apply to the day
    of the payment: an invoice of October paid by card in November is found in November. ``weekday`` is that of the date
    on the document, 0 for Monday; ``hour`` is that of its issue by this machine's clock, 0 to 23.
    """

    text: str = ""
    kinds: frozenset[Kind] = frozenset()
    states: frozenset[State] = frozenset()
    unpaid: bool = False
    to_refund: bool = False
    customer_key: UUID | None = None
    since: date | None = None
    until: date | None = None
    item: str = ""
    paid_by: Method | None = None
    department: str | None = None
    cashier_key: UUID | None = None
    weekday: int | None = None
    hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One action on a document."""

    at: datetime
    act: Action
    by_name: str
    approver_name: str
    till: str
    detail: str


def recent(session: Session, count: int) -> tuple[DocumentSummary, ...]:
    """Return the latest documents by time of issue, newest first."""
    return page(session, find=DocumentFilter(), after=None, limit=count)


class DocumentOrder(StrEnum):
    """The orders of a list of documents; each is that of an index, so that a million rows need not be sorted."""

    ISSUED = "issued"
    DATE = "date"
    NUMBER = "number"


def page(
    session: Session,
    *,
    find: DocumentFilter,
    after: DocumentSummary | None,
    limit: int = 200,
    order: DocumentOrder = DocumentOrder.ISSUED,
    descending: bool = True,
) -> tuple[DocumentSummary, ...]:
    """Return the next rows of a list, newest first, after the last one shown."""
    statement = _matching(session, find)
    if order is DocumentOrder.DATE:
        # In the order of ix_documents_date_on: within a day the other way round, for an index is read one way.
        day, issued = documents.c.date_on, (documents.c.issued_at, documents.c.key)
        if after is not None:
            here, last = rows_after(issued, (after.issued_at, after.key))
            beyond = day < after.date_on if descending else day > after.date_on
            statement = statement.where(
                day <= after.date_on if descending else day >= after.date_on,  # where the index is entered
                or_(beyond, here > last if descending else here < last),
            )
        columns = [day.desc() if descending else day.asc()]
        columns += [column.asc() if descending else column.desc() for column in issued]
    else:
        is_number = order is DocumentOrder.NUMBER
        keys = (documents.c.number,) if is_number else (documents.c.issued_at, documents.c.key)
        if after is not None:
            here, last = rows_after(keys, (after.number,) if is_number else (after.issued_at, after.key))
            statement = statement.where(here < last if descending else here > last)
        columns = [column.desc() if descending else column.asc() for column in keys]
    rows = session.execute(statement.order_by(*columns).limit(limit)).all()
    messages = latest_messages(session, [row.key for row in rows])
    return tuple(_to_summary(row, messages.get(row.key)) for row in rows)


@dataclass(frozen=True, slots=True)
class DocumentSums:
    """The number of documents in a list, and the sums of those that count: not voided, not replaced, and no quotes."""

    count: int
    counted: int
    gross: Money
    due: Money


def sums(session: Session, *, find: DocumentFilter, currency: Currency) -> DocumentSums:
    """Return the sums of a list in this currency; the database adds them up."""
    matching = _matching(session, find).subquery()
    counts = and_(
        matching.c.state == State.ISSUED.value,
        matching.c.kind != Kind.QUOTE.value,
        matching.c.currency == currency.code,
    )
    row = session.execute(
        select(
            func.count(),
            func.count().filter(counts),
            func.coalesce(func.sum(matching.c.gross_minor).filter(counts), 0),
            func.coalesce(func.sum(matching.c.gross_minor - matching.c.paid_minor).filter(counts), 0),
        ).select_from(matching)
    ).one()
    return DocumentSums(row[0], row[1], Money(int(row[2]), currency), Money(int(row[3]), currency))


def get(session: Session, key: UUID) -> Document:
    """Return one document. Raise Refused when there is none."""
    return kept.by_key(session, key)


def numbered(session: Session, number: str) -> tuple[Document, dict[UUID, str]]:
    """Return the document with a number, and the numbers of those that it refers to. Raise Refused if there is none."""
    key = session.execute(select(documents.c.key).where(documents.c.number == number)).scalar()
    if key is None:
        raise Refused(sentence("There is no document {number}.", number=number))
    document = kept.by_key(session, key)
    return document, kept.related_numbers(session, document)


def find(session: Session, key: UUID) -> Document | None:
    """Return a document, or None where there is none."""
    return kept.find(session, key)


def received(session: Session, document: Document) -> tuple[Payment, ...]:
    """Return the payments that moved money for a document or for those that it replaces, oldest first."""
    return kept.received(session, document)


def of_draft(session: Session, key: UUID) -> Document | None:
    """Return the document issued from a draft, or None while there is none."""
    return kept.by_draft(session, key)


def history(session: Session, key: UUID) -> tuple[HistoryEntry, ...]:
    """Return every action on a document, oldest first."""
    rows = session.execute(
        select(journal, tills.c.name.label("till"))
        .join_from(journal, tills, journal.c.till_key == tills.c.key)
        .where(journal.c.document_key == key)
        .order_by(journal.c.at, journal.c.seq)
    )
    return tuple(
        HistoryEntry(
            at=row.at,
            act=Action(row.act),
            by_name=row.by_name,
            approver_name=row.lender_name,
            till=row.till,
            detail=row.detail,
        )
        for row in rows
    )


def latest_messages(session: Session, keys: Sequence[UUID]) -> dict[UUID, DeliveryStatus]:
    """Return the delivery status of the newest message of each of these documents."""
    if not keys:
        return {}
    rows = session.execute(
        select(outbox.c.document_key, outbox.c.state)
        .where(outbox.c.document_key.in_(keys))
        .order_by(outbox.c.created_at, outbox.c.key)
    )
    return {key: DeliveryStatus(state) for key, state in rows}


def _matching(session: Session, find: DocumentFilter) -> Select[Any]:
    wanted: list[ColumnElement[bool]] = []
    if find.kinds:
        wanted.append(documents.c.kind.in_([kind.value for kind in find.kinds]))
    if find.states:
        wanted.append(documents.c.state.in_([state.value for state in find.states]))
    if find.customer_key is not None:
        wanted.append(documents.c.customer_key.in_(customers.keys_of(session, find.customer_key)))
    day = documents.c.date_on if find.paid_by is None else payments.c.paid_on
    days = [day >= find.since] if find.since is not None else []
    days += [day <= find.until] if find.until is not None else []
    if find.paid_by is None:
        wanted += days
    else:
        paid = (payments.c.document_key == documents.c.key, payments.c.method == find.paid_by.value, *days)
        wanted.append(select(payments.c.key).where(*paid).exists())
    if find.item:
        has = (document_lines.c.document_key == documents.c.key, document_lines.c.item == find.item)
        wanted.append(select(document_lines.c.position).where(*has).exists())
    if find.department is not None:
        has = (
            document_lines.c.document_key == documents.c.key,
            department_of(document_lines.c.item) == find.department,
        )
        wanted.append(select(document_lines.c.position).where(*has).exists())
    if find.cashier_key is not None:
        wanted.append(documents.c.issued_by_key == find.cashier_key)
    if find.weekday is not None:
        wanted.append(weekday_of_date(session) == find.weekday)
    if find.hour is not None:
        since, until = find.since or EARLIEST_DATE, find.until or EARLIEST_DATE
        wanted.append(hour_of_issue(session, since, until) == find.hour)
    if find.unpaid or find.to_refund:
        sides = [*([is_unpaid()] if find.unpaid else []), *([is_to_refund()] if find.to_refund else [])]
        wanted.append(or_(*sides))
    if text := find.text.strip():
        wanted.append(_named(session, text))
    return select(documents).where(*wanted)


def is_unpaid() -> ColumnElement[bool]:
    """Return the condition for an unpaid document; it includes that of the index ``ix_documents_unpaid``."""
    return and_(UNPAID, documents.c.gross_minor > documents.c.paid_minor)


def is_to_refund() -> ColumnElement[bool]:
    """Return the condition for a document whose customer gets money back; it includes that of the same index."""
    return and_(UNPAID, documents.c.gross_minor < documents.c.paid_minor)


def _named(session: Session, text: str) -> ColumnElement[bool]:
    begun = text.upper()
    choices = [and_(documents.c.number >= begun, documents.c.number < begun + "\U0010ffff")]
    if numbers := numbering.numbers_typed(session, text):
        choices.append(documents.c.number.in_(numbers))
    is_number = (text.isdecimal() and len(text) < SHORTEST_ENDING) or (numbers and not text.isdecimal())
    keys = None if is_number else search.keys_matching(customers.SEARCH, text)
    if keys is not None:
        choices.append(customers.with_merged(keys))
    return or_(*choices)


def _to_summary(row: Any, message: DeliveryStatus | None) -> DocumentSummary:
    currency = Currency.of(row.currency)
    state, kind = State(row.state), Kind(row.kind)
    is_open = state is State.ISSUED and kind.is_sale
    return DocumentSummary(
        key=row.key,
        number=row.number,
        kind=kind,
        state=state,
        buyer_name=row.buyer_name,
        gross=Money(row.gross_minor, currency),
        balance=Money(row.gross_minor - row.paid_minor if is_open else 0, currency),
        date_on=row.date_on,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        is_sealed=row.sealed_at is not None,
        message=message,
    )
