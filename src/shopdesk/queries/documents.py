"""Queries about documents. Lists use keyset pagination, newest first, and never load all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from shopdesk.domain.clean_text import storable
from shopdesk.domain.document import Action, Document, Kind, State
from shopdesk.domain.draft import EARLIEST_DATE
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.search_words import SHORTEST_ENDING
from shopdesk.domain.sentence import sentence
from shopdesk.queries.indexed_list import FEW, Condition, Entries, ListPosition, Seen, indexed
from shopdesk.queries.products import department_of
from shopdesk.queries.time_of_sale import hour_of_issue, weekday_of_date
from shopdesk.store import customers, numbering
from shopdesk.store import documents as kept
from shopdesk.store.session import Session
from shopdesk.store.tables import (
    NOT_ISSUED,
    UNPAID,
    document_lines,
    documents,
    journal,
    outbox,
    payments,
    products,
    tills,
)
from shopdesk.store.unindexed import one_by_one, unindexed


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
    """The orders of a list of documents; each is that of an index, so that a million rows need not be sorted.

    A list of some days, or of the numbers of a till, is in the order of the date instead of that of issue.
    """

    ISSUED = "issued"
    DATE = "date"
    NUMBER = "number"


_COLUMNS: dict[DocumentOrder, tuple[ColumnElement[Any], ...]] = {
    DocumentOrder.ISSUED: (documents.c.issued_at, documents.c.key),
    DocumentOrder.DATE: (documents.c.date_on, documents.c.issued_at, documents.c.key),
    DocumentOrder.NUMBER: (documents.c.number,),
}


_LATEST_MESSAGE = (
    select(outbox.c.state)
    .where(outbox.c.document_key == documents.c.key)
    .order_by(outbox.c.created_at.desc(), outbox.c.key.desc())
    .limit(1)
    .scalar_subquery()
    .label("message")
)
_SUMMARY = (
    *(
        documents.c[name]
        for name in (
            "key", "number", "kind", "state", "buyer_name", "currency", "gross_minor", "paid_minor", "date_on",
            "issued_at", "issued_by", "sealed_at",
        )
    ),
    _LATEST_MESSAGE,
)  # fmt: skip
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}
_DELIVERY_STATUSES: dict[str | None, DeliveryStatus | None] = {
    None: None,
    **{status.value: status for status in DeliveryStatus},
}
"""The members by their values: a list that is exported has a million of them, and this is the quickest look-up."""


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
    order = _order_within(find, order)
    last = _values(after, order) if after is not None else None
    return _following(session, find, order, last, limit=limit, descending=descending)


def page_from(
    session: Session,
    *,
    find: DocumentFilter,
    to: date | str,
    limit: int = 200,
    order: DocumentOrder = DocumentOrder.ISSUED,
    descending: bool = True,
) -> tuple[DocumentSummary | None, tuple[DocumentSummary, ...]]:
    """Return the rows of a list from a date or a number on, and the row before them, if there is one.

    Where no document is so old (or, upwards, so new), these are the last rows. Raise Refused when none has the number.
    """
    order = _order_within(find, order)
    first = _landing(session, find, to, order, limit=limit, descending=descending)
    if first is None:
        return None, ()
    place = _values(first, order)
    before = _following(session, find, order, place, limit=1, descending=not descending)
    rows = _following(session, find, order, place, limit=limit - 1, descending=descending)
    return next(iter(before), None), (first, *rows)


def _landing(
    session: Session, find: DocumentFilter, to: date | str, order: DocumentOrder, *, limit: int, descending: bool
) -> DocumentSummary | None:
    """Return the document that a list is shown from, or None if the list is empty."""
    if isinstance(to, str):
        return _with_number(session, find, to, order, descending=descending)
    if (first := _of_day(session, find, to, order, descending=descending)) is not None:
        return first
    last_page = _following(session, find, order, None, limit=limit, descending=not descending)  # the list ends before
    return last_page[-1] if last_page else None


def _with_number(
    session: Session, find: DocumentFilter, typed: str, order: DocumentOrder, *, descending: bool
) -> DocumentSummary:
    numbers = [storable(typed).strip().upper(), *numbering.numbers_typed(session, typed)]
    is_it = documents.c.number.in_(numbers)
    part = Condition(holds=lambda _: is_it, keys=select(documents.c.key).where(is_it))
    found = _following(session, find, order, None, limit=1, descending=descending, also=(part,))
    if not found:
        raise Refused(sentence("No document in this list has the number {number}.", number=typed.strip()))
    return found[0]


_FIRST_DAY, _LAST_DAY = date(2, 1, 1), date(9998, 12, 31)
"""Before and after all documents, and a time zone away from the ends of the calendar."""


def _of_day(
    session: Session, find: DocumentFilter, on: date, order: DocumentOrder, *, descending: bool
) -> DocumentSummary | None:
    """Return the first document of a list that is of a day, or that follows where there would be one."""
    on = min(max(on, _FIRST_DAY), _LAST_DAY)
    edge = on + timedelta(days=1) if descending else on
    begin, no_key = datetime(edge.year, edge.month, edge.day).astimezone(), UUID(int=0)
    if order is DocumentOrder.ISSUED:
        found = _following(session, find, order, (begin, no_key), limit=1, descending=descending)
    else:  # by number, that of the first one by date
        long_ago = datetime.min.replace(tzinfo=UTC)
        last = (edge, long_ago, no_key)
        found = _following(session, find, DocumentOrder.DATE, last, limit=1, descending=descending)
    return next(iter(found), None)


def _values(row: DocumentSummary, order: DocumentOrder) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in _COLUMNS[order])


def _following(
    session: Session,
    find: DocumentFilter,
    order: DocumentOrder,
    last: tuple[Any, ...] | None,
    *,
    limit: int,
    descending: bool,
    also: tuple[Condition, ...] = (),
) -> tuple[DocumentSummary, ...]:
    place = ListPosition(key=documents.c.key, columns=_COLUMNS[order], descending=descending, last=last, order=order)
    wanted, parts = select(*_SUMMARY), [*also, *_parts(session, find, order)]
    if text := find.text.strip():
        rows = place.rows_of_any(session, wanted, ([*parts, named] for named in _named(session, text, order)), limit)
    else:
        rows = place.rows(session, wanted, parts, limit)
    return tuple(map(_to_summary, rows))


def _order_within(find: DocumentFilter, order: DocumentOrder) -> DocumentOrder:
    is_of_days = (find.since is not None or find.until is not None) and find.paid_by is None
    if order is DocumentOrder.ISSUED and (is_of_days or numbering.names_a_till(find.text.strip())):
        return DocumentOrder.DATE
    return order


@dataclass(frozen=True, slots=True)
class DocumentSums:
    """The number of documents in a list, and the sums of those that count: not voided, not replaced, and no quotes."""

    count: int
    counted: int
    gross: Money
    due: Money


def sums(session: Session, *, find: DocumentFilter, currency: Currency) -> DocumentSums:
    """Return the sums of a list in this currency; the database adds them up."""
    wanted = list(map(_as_a_whole, _parts(session, find, DocumentOrder.ISSUED)))
    if text := find.text.strip():
        wanted.append(or_(false(), *map(_as_a_whole, _named(session, text, DocumentOrder.ISSUED))))
    matching = select(documents).where(*wanted).subquery()
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


def sums_if(
    session: Session, is_wanted: Callable[[], bool], *, find: DocumentFilter, currency: Currency
) -> DocumentSums | None:
    """Return the sums of a list, or None if they are not wanted any more when it is their turn."""
    return sums(session, find=find, currency=currency) if is_wanted() else None


def _as_a_whole(part: Condition) -> ColumnElement[bool]:
    """Return the condition of a part for all its documents at once."""
    if part.keys is None or part.leads:
        return part.holds(indexed)
    is_one = documents.c.key.in_(part.keys)
    return and_(is_one, part.holds(indexed)) if part.is_rough else is_one


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


def _parts(session: Session, find: DocumentFilter, order: DocumentOrder) -> list[Condition]:
    """Return the conditions of a filter, but for its text; those that leave the fewest documents first."""
    parts = []
    if find.customer_key is not None:
        parts.append(_of_customers(customers.keys_of(session, find.customer_key)))
    if find.item:
        is_it = document_lines.c.item == find.item
        parts.append(_with_lines(is_it, found_by=is_it))
    if find.unpaid or find.to_refund:
        parts.append(_owed(is_unpaid=find.unpaid, is_to_refund=find.to_refund))
    if find.states:
        parts.append(_in_states([state.value for state in find.states]))
    if find.paid_by is not None:
        parts.append(_paid_by(find.paid_by, _between(payments.c.paid_on, find), order))
    elif days := _between(documents.c.date_on, find):
        part = _part(lambda seen: and_(*_between(seen(documents.c.date_on), find)), days, DocumentOrder.DATE)
        series = _numbers_of_days(session, find) if order is DocumentOrder.NUMBER else ()
        parts.append(replace(part, has_order=True, ranges=series))
    if find.kinds:
        parts.append(_of_kinds(find.kinds, order))
    if (key := find.cashier_key) is not None:
        by = documents.c.issued_by_key
        parts.append(_part(lambda seen: seen(by) == key, [by == key], DocumentOrder.ISSUED))
    if find.department is not None:
        parts.append(_of_department(session, find.department))
    if (weekday := find.weekday) is not None:
        parts.append(Condition(holds=lambda _: weekday_of_date(session) == weekday))
    if (hour := find.hour) is not None:
        first = find.since or session.execute(select(func.min(documents.c.date_on))).scalar() or EARLIEST_DATE
        of_issue = hour_of_issue(session, first, find.until or first)
        parts.append(Condition(holds=lambda _: of_issue == hour))
    return parts


def _part(
    holds: Callable[[Seen], ColumnElement[bool]], found_by: Sequence[ColumnElement[bool]], *leads: DocumentOrder
) -> Condition:
    return Condition(holds=holds, keys=select(documents.c.key).where(*found_by), leads=frozenset(leads))


def _between(column: ColumnElement[Any], find: DocumentFilter) -> list[ColumnElement[bool]]:
    since = [column >= find.since] if find.since is not None else []
    return since + ([column <= find.until] if find.until is not None else [])


def _of_customers(keys: Sequence[UUID]) -> Condition:
    """Return the part for the documents of one customer, by the keys that it has and had."""
    column = documents.c.customer_key
    is_one = len(keys) == 1
    return Condition(
        holds=lambda seen: seen(column) == keys[0] if is_one else seen(column).in_(keys),
        keys=select(documents.c.key).where(column.in_(keys)),
        leads=frozenset({DocumentOrder.ISSUED} if is_one else ()),
        has_order=True,
    )


def _with_lines(condition: ColumnElement[bool], *, found_by: ColumnElement[bool] | None) -> Condition:
    """Return the part for the documents with such a line; ``found_by`` finds those lines by an index, and others."""
    own = select(document_lines.c.position).where(document_lines.c.document_key == documents.c.key, condition)
    keys = select(document_lines.c.document_key).where(found_by) if found_by is not None else None
    return Condition(holds=lambda _: one_by_one(own), keys=keys, is_rough=found_by is not condition, is_costly=True)


def _of_department(session: Session, department: str) -> Condition:
    item = document_lines.c.item
    # As a range: where nearly all products are of one department, SQLite expects nothing of an index for equal ones.
    names = select(products.c.name).where(products.c.department.between(department, department))
    is_small = department and session.execute(names.offset(FEW).limit(1)).first() is None
    return _with_lines(department_of(item) == department, found_by=item.in_(names) if is_small else None)


def _owed(*, is_unpaid: bool, is_to_refund: bool) -> Condition:
    columns = documents.c

    def holds(seen: Seen) -> ColumnElement[bool]:
        gross, paid = columns.gross_minor, columns.paid_minor
        sides = [*([gross > paid] if is_unpaid else []), *([gross < paid] if is_to_refund else [])]
        if seen is indexed:
            return and_(UNPAID, or_(*sides))
        return and_(seen(columns.state) == State.ISSUED.value, seen(columns.kind) != Kind.QUOTE.value, or_(*sides))

    return _part(holds, [holds(indexed)], DocumentOrder.ISSUED)


def _in_states(states: Sequence[str]) -> Condition:
    column = documents.c.state
    if State.ISSUED.value in states:
        return Condition(holds=lambda seen: seen(column).in_(states))
    leads = (DocumentOrder.ISSUED,) if len(states) == 1 else ()

    def holds(seen: Seen) -> ColumnElement[bool]:
        is_one = seen(column) == states[0] if len(states) == 1 else seen(column).in_(states)
        return and_(NOT_ISSUED, is_one) if seen is indexed else is_one

    return _part(holds, [holds(indexed)], *leads)


def _paid_by(method: Method, days: Sequence[ColumnElement[bool]], order: DocumentOrder) -> Condition:
    some = (payments.c.method == method.value, *days)
    is_by_number = order is DocumentOrder.NUMBER
    numbered = Entries(key=payments.c.document_key, columns=(payments.c.number,), where=some)
    own = select(payments.c.key).where(unindexed(payments.c.method) == method.value, *days)
    return Condition(
        holds=lambda _: one_by_one(own.where(payments.c.document_key == documents.c.key)),
        keys=select(payments.c.document_key).where(*some),
        leads=frozenset({order} if is_by_number else ()),
        is_costly=True,
        entries=numbered if is_by_number else None,
    )


def _of_kinds(kinds: frozenset[Kind], order: DocumentOrder) -> Condition:
    column, values = documents.c.kind, [kind.value for kind in kinds]
    if len(values) > 1:
        return _part(lambda seen: seen(column).in_(values), [column.in_(values)])
    (kind,) = kinds
    if order is DocumentOrder.NUMBER:  # which begins with the letter of its kind
        return _part(lambda seen: and_(*_begin(seen(documents.c.number), kind.letter)), [column == kind.value], order)
    return _part(lambda seen: seen(column) == kind.value, [column == kind.value], DocumentOrder.ISSUED)


def is_unpaid() -> ColumnElement[bool]:
    """Return the condition for an unpaid document; it includes that of the index ``ix_documents_unpaid``."""
    return and_(UNPAID, documents.c.gross_minor > documents.c.paid_minor)


def is_to_refund() -> ColumnElement[bool]:
    """Return the condition for a document whose customer gets money back; it includes that of the same index."""
    return and_(UNPAID, documents.c.gross_minor < documents.c.paid_minor)


def _named(session: Session, text: str, order: DocumentOrder) -> list[Condition]:
    """Return the conditions of which a document meets one to be found by a text: its number's, and its customer's."""
    found = []
    begun = text.upper()
    if (series := numbering.series_begun(session, begun)) is not None:
        found.append(_numbered_from(begun, series, order))
    if numbers := numbering.numbers_typed(session, text):
        is_one_of = documents.c.number.in_(numbers)
        found.append(_part(lambda seen: seen(documents.c.number).in_(numbers), [is_one_of]))
    is_number = (text.isdecimal() and len(text) < SHORTEST_ENDING) or (numbers and not text.isdecimal())
    if (
        not is_number
        and not (series and series.is_whole)
        and (customer := _of_named_customers(session, text, order)) is not None
    ):
        found.append(customer)
    return found


def _numbered_from(begun: str, series: numbering.SeriesBegun, order: DocumentOrder) -> Condition:
    """Return the part for the numbers that begin like this, which name a kind, or a kind and a till."""
    column = documents.c.number
    if series.years is None:
        return _of_kinds(frozenset({series.kind}), order)
    keys = select(documents.c.key).where(*_begin(column, begun))
    if order is DocumentOrder.NUMBER:
        return Condition(holds=lambda seen: and_(*_begin(seen(column), begun)), keys=keys, leads=frozenset({order}))
    first, last = date(series.years[0], 1, 1), date(series.years[1], 12, 31)

    def holds(seen: Seen) -> ColumnElement[bool]:
        day = seen(documents.c.date_on)
        return and_(day >= first, day <= last, *_begin(unindexed(column), begun))

    return Condition(holds=holds, keys=keys, leads=frozenset({DocumentOrder.DATE}), is_rough=True)


def _begin(column: ColumnElement[str], begun: str) -> list[ColumnElement[bool]]:
    first, end = _range(begun)
    return [column >= first, column < end]


def _numbers_of_days(session: Session, find: DocumentFilter) -> list[tuple[str, str]]:
    """Return the ranges of numbers that the documents of some days have: they contain the year of the date."""
    first, last = ((on or on_open_end).year for on, on_open_end in ((find.since, date.min), (find.until, date.max)))
    return [_range(begun) for begun in numbering.beginnings(session, first, last)]


def _range(begun: str) -> tuple[str, str]:
    return begun, begun + "\U0010ffff"


_FEW_CUSTOMERS = 500


def _of_named_customers(session: Session, text: str, order: DocumentOrder) -> Condition | None:
    keys = customers.keys_found(text)
    if keys is None:
        return None
    column, has_order = documents.c.customer_key, order is not DocumentOrder.NUMBER
    some = session.execute(keys.limit(_FEW_CUSTOMERS + 1)).scalars().all()
    if len(some) <= _FEW_CUSTOMERS:  # found once, as all that follows asks for them
        of_some = select(documents.c.key).where(column.in_(some))
        return Condition(holds=lambda seen: seen(column).in_(some), keys=of_some, has_order=has_order) if some else None
    is_named = customers.is_found(documents.c.customer_key, text)
    of_them = select(documents.c.key).where(documents.c.customer_key.in_(keys))
    among = (documents.c.customer_key, keys)
    return Condition(holds=lambda _: is_named, keys=of_them, has_order=has_order, is_costly=True, among=among)


def _to_summary(row: Any) -> DocumentSummary:
    key, number, kind, state, buyer_name, code, gross, paid, date_on, issued_at, issued_by, sealed_at, message = row
    currency = Currency.of(code)
    is_open = state == State.ISSUED.value and kind != Kind.QUOTE.value
    return DocumentSummary(
        key=key,
        number=number,
        kind=_KINDS[kind],
        state=_STATES[state],
        buyer_name=buyer_name,
        gross=Money(gross, currency),
        balance=Money(gross - paid if is_open else 0, currency),
        date_on=date_on,
        issued_at=issued_at,
        issued_by=issued_by,
        is_sealed=sealed_at is not None,
        message=_DELIVERY_STATUSES[message],
    )
