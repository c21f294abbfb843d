"""Verification of the data: form, journal, numbers, documents, closes, shifts, messages, people, prices and sums."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, func, not_, select

from shopdesk.domain import returns
from shopdesk.domain.activity import Activity
from shopdesk.domain.collation import sort_key
from shopdesk.domain.document import Action, Document, Kind
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import Channel, DeliveryStatus, MessageReason
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import calculate
from shopdesk.queries import money_report
from shopdesk.store import day_closes as closes
from shopdesk.store import (
    document_snapshots,
    journaled_documents,
    journaled_values,
    logos,
    rollups,
    schema,
    shifts,
    upgrade,
)
from shopdesk.store import documents as kept
from shopdesk.store import journal as chain
from shopdesk.store.documents import StoredDocument
from shopdesk.store.journaled_documents import Told
from shopdesk.store.plain_rows import Advanced, ignored, key_text, key_text_or_none, plain
from shopdesk.store.session import Session
from shopdesk.store.shop import shop_mark
from shopdesk.store.tables import customers, day_closes, documents, journal, outbox, series, shop, tax_rates, tills
from shopdesk.store.whole_check import WholeCheck

_BATCH = 200
_HASH_LENGTH = 32
_MOST_MISSING = 1000
"""Missing numbers that are listed of one gap."""
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, Refused)
"""The errors of reading a value that this program never wrote."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a verification: everything, or what is new ``since`` a check of everything.

    ``advanced`` is called with the number of rows that were read since the last call.
    """

    since: WholeCheck | None = None
    advanced: Advanced = ignored


EVERYTHING = Scope()


class VerificationPart(Protocol):
    """A part of the verification: yields each violation as one sentence."""

    def __call__(self, session: Session, scope: Scope = EVERYTHING) -> Iterator[str]:
        """Verify what is in the scope."""


def _reading(what: str) -> Callable[[Callable[[Session, Scope], Iterator[str]]], VerificationPart]:
    """Report a value that this program never wrote as a violation, where a check would break off at it."""

    def survive(part: Callable[[Session, Scope], Iterator[str]]) -> VerificationPart:
        @wraps(part)
        def survived(session: Session, scope: Scope = EVERYTHING) -> Iterator[str]:
            try:
                yield from part(session, scope)
            except _UNREADABLE as error:
                yield f"The {what} cannot be read to the end: {error!r}."

        return survived

    return survive


def violations(session: Session, scope: Scope = EVERYTHING) -> Iterator[str]:
    """Yield every violation as one sentence; nothing when the data is correct.

    ``docs/data-and-journal.md`` tells what only a check of everything sees.
    """
    yield from book_violations(session, scope)
    yield from form_violations(session)


def book_violations(session: Session, scope: Scope = EVERYTHING) -> Iterator[str]:
    """Yield the violations in the books, without those in the database's form."""
    for part in _BOOKS if scope.since is None else _OF_NEW:
        yield from part(session, scope)


def passed(session: Session, *, now: datetime) -> WholeCheck:
    """Return the record of a check of everything that found no violation in this session."""
    heads = {head.till_key: head for head in chain.heads(session)}
    return WholeCheck(at=now, shop=shop_mark(session), version=upgrade.HEAD, heads=heads)


def form_violations(session: Session) -> Iterator[str]:
    """Yield the differences between the database's own form and what the migrations make."""
    yield from schema.differences(session.connection)


def work(session: Session) -> int:
    """Return the number of rows that a check of everything tells ``Scope.advanced`` of, about."""
    documents_, rows = counted(session)
    return 2 * documents_ + rows


def in_percent(session: Session, tell: Callable[[int], object]) -> Advanced:
    """Return what counts the rows of a check of everything, and tells each further per cent that is checked."""
    total, done, told = max(work(session), 1), 0, -1

    def advanced(rows: int) -> None:
        nonlocal done, told
        done += rows
        if (percent := min(100 * done // total, 99)) > told:
            told = percent
            tell(percent)

    return advanced


def counted(session: Session) -> tuple[int, int]:
    """Return the number of documents and of journal rows to verify."""
    return (
        session.execute(select(func.count()).select_from(documents)).scalar_one(),
        session.execute(select(func.count()).select_from(journal)).scalar_one(),
    )


@_reading("journal")
def journal_violations(session: Session, scope: Scope) -> Iterator[str]:
    """Yield the violations in every till's hash chain, from its first row to its last."""
    after = scope.since.heads if scope.since else {}
    yield from chain.violations(session, after=after, advanced=scope.advanced)


@_reading("numbers")
def number_violations(session: Session, _scope: Scope) -> Iterator[str]:
    """Yield the gaps in the number series: each must run from 1 to its last number, and each document have one."""
    rows = session.execute(select(series, tills.c.name).join_from(series, tills)).all()
    unknown: ColumnElement[bool] = documents.c.number.is_not(None)
    for row in rows:
        try:
            prefix = f"{Kind(row.kind).letter}-{row.name}-{row.year}-"
        except ValueError:
            yield f"Till {row.name} has a number series of an unknown kind, “{row.kind}”."
            continue
        of_series = and_(documents.c.number >= prefix, documents.c.number < prefix + "\U0010ffff")
        unknown = and_(unknown, not_(of_series))
        numbers = select(documents.c.number).where(of_series)
        expected = 0
        for number in session.execute(numbers.order_by(func.length(documents.c.number), documents.c.number)).scalars():
            digits = number.removeprefix(prefix)
            if not digits.isdecimal():
                yield f"Number {number} does not fit its series."
                continue
            count = int(digits)
            for missing in range(expected + 1, min(count, expected + _MOST_MISSING)):
                yield f"Number {prefix}{missing:06d} is missing."
            expected = count
        if expected != row.last:
            yield f"Numbers {prefix}…: the counter is at {row.last}, but the last document has {expected}."
    for number in session.execute(select(documents.c.number).where(unknown).limit(_MOST_MISSING)).scalars():
        yield f"Number {number} has no number series."


@_reading("documents")
def document_violations(session: Session, scope: Scope) -> Iterator[str]:
    """Yield the violations in each document's rows, totals, payments and last journal snapshot."""
    for keys in _batches(session, scope):
        yield from violations_of_each(session, journaled_documents.in_doubt(session, keys))
        scope.advanced(len(keys))


def violations_of_each(session: Session, keys: Sequence[UUID]) -> Iterator[str]:
    """Yield the same of these documents, each read as a document: it takes ten times as long, and finds the words."""
    names = dict(session.execute(select(tills.c.key, tills.c.name)).all()) if keys else {}
    told = journaled_documents.told(session, keys)
    for key in keys:
        try:
            found = kept.stored(session, key)
            yield from list(_violations_of(found, told.get(key), names))
            yield from list(_sum_violations(session, found.document))
        except _UNREADABLE as error:
            yield f"The document with key {key} cannot be read: {error!r}."


def _batches(session: Session, scope: Scope) -> Iterator[Sequence[UUID]]:
    """Yield the keys of the documents in the scope, a few hundred at a time."""
    if scope.since is not None:
        keys = sorted(journaled_documents.new_since(session, scope.since))
        yield from (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))
        return
    last = UUID(int=0)
    step = select(documents.c.key).where(documents.c.key > bindparam("last")).order_by(documents.c.key).limit(_BATCH)
    while keys := list(session.execute(step, {"last": last}).scalars()):
        yield keys
        last = keys[-1]


_OF_CLOSE = [column for column in day_closes.c if column is not day_closes.c.report]


@_reading("closed days")
def close_violations(session: Session, scope: Scope) -> Iterator[str]:
    """Yield the closed days that differ from what the journal tells of them, and the Z reports that do not fit.

    The closes of older programs have no journal row of their own, only those of the documents they sealed.
    """
    told: dict[object, tuple[datetime, str, int, UUID, str]] = {}
    closed = (journal.c.document_key.is_(None), journal.c.act == Activity.CLOSED.value)
    for row in session.execute(select(journal).where(*closed)):
        with suppress(*_UNREADABLE, zlib.error):  # the journal's own check reports it
            (change,) = chain.changes_of(row.snapshot)
            key = chain.facts_of(row.snapshot).get("close", row.at)
            told[key] = (row.at, change.subject, int(change.after), row.by_key, row.by_name)
    first = min((at for at, *_ in told.values()), default=None)
    for row in session.execute(select(*_OF_CLOSE).order_by(day_closes.c.closed_at)):
        found = (row.closed_at, row.until_on.isoformat(), row.documents, row.by_key, row.by_name)
        right = told.pop(row.closed_at if row.number is None else str(row.key), None)
        if right is None and (first is None or row.closed_at < first):
            right = (*found[:2], *_sealed_at(session, row.closed_at, row.by_key, row.by_name))
        if right is None:
            yield f"The close of {row.until_on} is missing from the journal."
        elif found != right:
            yield f"The close of {row.until_on} by {row.by_name} differs from the journal."
    for _, until, *_ in told.values():
        yield f"The close of {until} in the journal is missing from the closed days."
    yield from closes.violations(session, since=scope.since.at if scope.since else None)


@_reading("shifts")
def shift_violations(session: Session, _scope: Scope) -> Iterator[str]:
    """Yield the shifts, counts and movements of cash that differ from the journal."""
    yield from shifts.violations(session)


def _sealed_at(session: Session, at: datetime, by_key: UUID, by_name: str) -> tuple[int, UUID, str]:
    """Return how many documents were sealed at an instant, and by whom; the given person where there were none."""
    sealed = select(func.count(), func.min(journal.c.by_name)).where(
        journal.c.act == Action.SEAL.value, journal.c.at == at, journal.c.by_key == by_key
    )
    count, name = session.execute(sealed).one()
    return count, by_key, name or by_name


@_reading("messages")
def message_violations(session: Session, scope: Scope) -> Iterator[str]:
    """Yield the messages that differ from the journal row whose content they send, or whose state makes no sense."""
    small = [column for column in outbox.c if column not in {outbox.c.body, outbox.c.e_invoice}]
    at, told_key = plain((journal.c.at, journal.c.document_key), session.dialect)
    messages = (
        select(
            *plain(small, session.dialect),
            outbox.c.body.is_not(None).label("has_body"),
            case((outbox.c.body_hash.is_not(None), outbox.c.body)).label("settled_body"),
            outbox.c.e_invoice.is_not(None).label("has_e_invoice"),
            at,
            told_key.label("told_key"),
            journal.c.snapshot,
            documents.c.revision,
            documents.c.state.label("document_state"),
        )
        .join_from(outbox, documents, outbox.c.document_key == documents.c.key, isouter=True)
        .join(
            journal,
            and_(journal.c.till_key == outbox.c.journal_till, journal.c.seq == outbox.c.journal_seq),
            isouter=True,
        )
    )
    if scope.since is not None:
        messages = messages.where(outbox.c.created_at >= scope.since.at)
    with session.streamed(messages) as rows:
        for row in rows:
            yield from _violations_of_message(row)


def _violations_of_message(row: Any) -> Iterator[str]:
    """Yield what is wrong with a message beside its journal row."""
    where = f"The message about {row.number} to {row.recipient}"
    try:
        told = json.loads(document_snapshots.unpacked(row.snapshot))
        is_statement = told["document"] is None
        facts = told["statement" if is_statement else "document"]
        buyer = facts["buyer"]
        right: tuple[Any, ...] = (
            row.told_key, buyer["key"] if is_statement else None, row.at,
            told["detail"] if is_statement else facts["number"], buyer["name"],
            buyer["phone" if row.channel == Channel.SMS.value and not is_statement else "email"],
            facts["language"], is_statement,
        )  # fmt: skip
    except (zlib.error, *_UNREADABLE):
        yield f"{where} refers to no journal entry."
        return
    found = (
        row.document_key, key_text_or_none(row.customer_key), row.created_at, row.number, row.buyer_name, row.recipient,
        row.language, row.occasion == MessageReason.STATEMENT.value,
    )  # fmt: skip
    if found != right or not row.message_id.startswith(_beginning_of_id(row)):
        yield f"{where} differs from the journal."
    is_outdated = not is_statement and (row.revision, row.document_state) != (facts["revision"], facts["state"])
    if not _is_possible(row) or (row.state == DeliveryStatus.WITHDRAWN.value and not is_outdated):
        yield f"{where} is in an impossible state."


def _bytes_are_possible(row: Any) -> bool:
    """Return True if what stays of a message's bytes agrees with itself, and with the bytes where they are kept."""
    if row.body_hash is None:
        return row.body_size is row.headers is None and not row.has_e_invoice
    if row.settled_body is not None and sha256(row.settled_body).digest() != row.body_hash:
        return False
    is_whole = len(row.body_hash) == _HASH_LENGTH and row.body_size is not None and row.headers is not None
    return is_whole and row.body_size > len(row.headers) and _beginning_of_id(row) in row.headers


def _beginning_of_id(row: Any) -> str:
    return f"<{key_text(row.key).replace('-', '')}@"


def _is_possible(row: Any) -> bool:
    """Return True if the columns of a message's delivery agree with each other."""
    is_sent = row.state in {DeliveryStatus.SENT.value, DeliveryStatus.BOUNCED.value}
    is_claimed = row.state == DeliveryStatus.SENDING.value
    return (
        row.state in set(DeliveryStatus)
        and row.occasion in set(MessageReason)
        and row.channel in set(Channel)
        and (row.sent_at is not None) == is_sent
        and _bytes_are_possible(row)
        and not (is_sent and (not (row.has_body or row.body_hash) or row.attempts < 1))
        and is_claimed == (row.claimed_by is not None) == (row.lease_until is not None)
        and (row.next_at is not None or row.state != DeliveryStatus.QUEUED.value)
    )


@_reading("shop")
def shop_violations(session: Session, _scope: Scope) -> Iterator[str]:
    """Yield what is missing of the shop itself."""
    has_tills = session.execute(select(tills.c.key).limit(1)).first() is not None
    if has_tills and session.execute(select(shop.c.id)).first() is None:
        yield "The shop's own row is missing: its name, address and settings."
    if has_tills and session.execute(select(tax_rates.c.key).limit(1)).first() is None:
        yield "The shop has no tax rates."


@_reading("people, settings and prices")
def value_violations(session: Session, _scope: Scope) -> Iterator[str]:
    """Yield the people, settings, tax rates and prices that are not as the journal tells."""
    yield from journaled_values.violations(session)


@_reading("logos")
def logo_violations(session: Session, _scope: Scope) -> Iterator[str]:
    """Yield the logos that are damaged, and those that a document or the shop names and that are missing."""
    yield from logos.violations(session)


@_reading("customers")
def customer_violations(session: Session, _scope: Scope) -> Iterator[str]:
    """Yield the customers whose name or e-mail address is not the one that they are sorted and found by.

    The journal tells nothing of customers, because it cannot forget; so a damaged file is noticed.
    """
    language = session.execute(select(shop.c.language)).scalar() or "en"
    columns = (customers.c.name, customers.c.email, customers.c.email_folded, customers.c.sort_key)
    for name, email, folded, order in session.execute(select(*columns).where(customers.c.erased_at.is_(None))):
        if folded != comparable(email) or order != sort_key(name, language):
            yield f"Customer {name} <{email}>: the name or the e-mail address is damaged."


@_reading("daily totals")
def rollup_violations(session: Session, scope: Scope) -> Iterator[str]:
    """Yield the differences between the sums per day and the documents."""
    days = None if scope.since is None else journaled_documents.days_since(session, scope.since)
    yield from rollups.violations(session, days=days, advanced=scope.advanced)


@_reading("money reports")
def report_violations(session: Session, _scope: Scope) -> Iterator[str]:
    """Yield the years whose money report does not add up."""
    yield from money_report.violations(session)


_BOOKS: tuple[VerificationPart, ...] = (
    shop_violations,
    journal_violations,
    number_violations,
    document_violations,
    close_violations,
    shift_violations,
    message_violations,
    value_violations,
    logo_violations,
    customer_violations,
    rollup_violations,
    report_violations,
)
_OF_NEW: tuple[VerificationPart, ...] = (
    shop_violations,
    journal_violations,
    number_violations,
    document_violations,
    close_violations,
    shift_violations,
    message_violations,
    value_violations,
    rollup_violations,
)
"""The parts that what is new can violate; each looks at everything where that takes no time."""


def _violations_of(found: StoredDocument, told: Told | None, till_names: Mapping[UUID, str]) -> Iterator[str]:
    document = found.document
    if till_names.get(found.till_key) != document.till:
        yield f"{document.number}: it is stored with another till than {document.till}."
    if found.paid_minor != document.paid.minor:
        yield f"{document.number}: its payments add up to {document.paid.minor} minor units, not {found.paid_minor}."
    if found.odd_columns:
        yield f"{document.number}: it is stored otherwise than it was written ({', '.join(found.odd_columns)})."
    if told is None:
        yield f"{document.number}: it is missing from the journal."
        return
    if told.canonical != journaled_documents.canonical(document_snapshots.to_facts(document)):
        yield f"{document.number}: it differs from its last journal entry."
    for key, payer in found.payers.items():
        if not told.may_have_taken(str(key), payer):
            yield f"{document.number}: a payment differs from its journal entry (who took it, or where)."


def _sum_violations(session: Session, document: Document) -> Iterator[str]:
    """Yield what is wrong with the totals of a document; returned goods are judged with what they were sold for."""
    if document.corrects is not None:
        sold = kept.by_key(session, document.corrects)
        if sold.corrected_by != document.key:
            yield from _return_violations(session, document, sold)
            return
    again = calculate(
        [line.priced for line in document.lines],
        prices_include_tax=document.prices_include_tax,
        discount=document.discount,
    )
    if again != document.totals:
        yield f"{document.number}: its rows add up to {again.gross} minor units, not {document.totals.gross}."


def _return_violations(session: Session, credit: Document, sold: Document) -> Iterator[str]:
    """Yield what is wrong with a credit note for returned goods, and with all of the same document together."""
    if not returns.adds_up(credit):
        yield f"{credit.number}: its rows, taxes and total do not agree."
    all_credits = kept.returns_of(session, sold)
    if credit not in all_credits:
        yield f"{credit.number}: the journal of {sold.number} does not know of it."
        return
    goods = returns.returnable(sold, all_credits)
    came_back = -sum(line.quantity for one in all_credits for line in one.lines)
    if any(one.left < 0 for one in goods) or came_back != sum(one.returned for one in goods):
        yield f"{credit.number}: more came back of {sold.number} than was sold."
    together = Counter[tuple[TaxRate, str]]()
    for one in all_credits:
        for group in one.totals.groups:
            together.update({(group.rate, name): -getattr(group, name) for name in _OF_GROUP})
    worth = Counter(
        {(group.rate, name): getattr(group, name) for group in returns.worth(sold, goods) for name in _OF_GROUP}
    )
    if together != worth:
        yield f"{credit.number}: what came back of {sold.number} adds up to another amount than it was sold for."


_OF_GROUP = ("sum", "discount", "net", "tax", "gross")
