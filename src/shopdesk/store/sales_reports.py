"""The figures of X and Z reports, summed by the database from the documents and payments of parts of the journals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, false, func, or_, select

from shopdesk.domain.account import Actor
from shopdesk.domain.activity import Activity
from shopdesk.domain.cash_difference import ShiftEntries
from shopdesk.domain.document import Action, Kind, State
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT, rounded
from shopdesk.domain.payment import Method
from shopdesk.domain.sales_report import (
    CashierSum,
    MethodSum,
    NumberSpan,
    SalesFigures,
    SalesReport,
    ShiftResult,
    Sum,
    TaxSum,
    TillSpan,
)
from shopdesk.domain.shift import Shift, ShiftCount
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.store import shifts, shop
from shopdesk.store.session import Session
from shopdesk.store.tables import UNPAID, document_lines, document_taxes, documents, journal, payments

_PAID_HERE = and_(
    payments.c.document_key == journal.c.document_key,
    payments.c.till_key == journal.c.till_key,
    payments.c.paid_at == journal.c.at,
)
"""A payment is in the journal of its till, in a row of its document at its instant."""
_IS_SALE = and_(documents.c.state != State.VOIDED.value, documents.c.kind != Kind.QUOTE.value)


def report(
    session: Session,
    spans: Sequence[TillSpan],
    *,
    number: int,
    day: date,
    since: datetime | None,
    before: SalesReport | None,
    by: Actor,
    at: datetime,
) -> SalesReport:
    """Return the report of what was done in parts of the tills' journals; ``before`` is the last Z report."""
    the_shop = shop.current(session)
    return SalesReport(
        number=number,
        day=day,
        since=since,
        made_at=at,
        by_name=by.staff.name,
        seller=the_shop.seller,
        currency=the_shop.currency,
        language=the_shop.locale,
        total_before=before.running_total if before else 0,
        figures=figures(session, spans),
    )


def figures(session: Session, spans: Sequence[TillSpan]) -> SalesFigures:
    """Return the figures of what was done in parts of the tills' journals.

    A document is where it was issued, as it is now: it is not changed any more once another report has it.
    """
    issued = _issued(spans)
    added = _Added()
    for row in session.execute(_of(issued, *_OF_DOCUMENT).order_by(documents.c.issued_at, documents.c.key)):
        added.add(row)
    for key, off in _line_discounts(session, issued):
        added.off[key] = added.off.get(key, 0) + off
    acts = _acts(session, spans)
    return SalesFigures(
        tills=tuple(spans),
        kinds=tuple((kind, added.kinds[kind]) for kind in sorted(added.kinds)),
        taxes=_taxes(session, issued),
        payments=_payments(session, spans),
        numbers=tuple(added.numbers[series] for series in sorted(added.numbers)),
        voided=added.voided,
        amended=acts.get(Action.AMEND.value, 0),
        credited=added.kinds.get(Kind.CREDIT_NOTE, Sum()),
        replaced=added.replaced,
        discounts=Sum(len(added.off), sum(added.off.values())),
        cashiers=tuple(sorted(added.cashiers.values(), key=lambda one: (one.name, one.key))),
        shifts=tuple(result for span in spans for result in _results(session, span)),
        drawer_openings=acts.get(Activity.DRAWER_OPENED.value, 0),
    )


_NONE = Sum()
_OF_DOCUMENT = (
    documents.c.key,
    documents.c.kind,
    documents.c.state,
    documents.c.number,
    documents.c.gross_minor,
    documents.c.off_minor,
    documents.c.replaces,
    documents.c.issued_by_key,
    documents.c.issued_by,
)


@dataclass(slots=True)
class _Added:
    """The sums over documents, one added after the other."""

    kinds: dict[Kind, Sum] = field(default_factory=dict)
    numbers: dict[str, NumberSpan] = field(default_factory=dict)
    cashiers: dict[UUID, CashierSum] = field(default_factory=dict)
    voided: Sum = _NONE
    replaced: Sum = _NONE
    off: dict[UUID, int] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Add a document."""
        kind, gross = Kind(row.kind), row.gross_minor
        self._add_number(row.number)
        if kind is Kind.QUOTE:
            return
        if row.state == State.VOIDED.value:
            self.voided = self.voided.plus(gross)
            return
        self.kinds[kind] = self.kinds.get(kind, Sum()).plus(gross)
        before = self.cashiers.get(row.issued_by_key)
        sales = (before.sales if before else Sum()).plus(gross)
        self.cashiers[row.issued_by_key] = CashierSum(key=row.issued_by_key, name=row.issued_by, sales=sales)
        if row.replaces is not None:
            self.replaced = self.replaced.plus(gross)
        if row.off_minor:
            self.off[row.key] = row.off_minor

    def _add_number(self, number: str) -> None:
        """Add a number to its series. A series that passes a million has longer numbers, which come later."""
        series = number.rpartition("-")[0]
        span = self.numbers.get(series)
        if span is None:
            self.numbers[series] = NumberSpan(number, number, 1)
            return
        first, last = (end(number, one, key=_in_series) for end, one in ((min, span.first), (max, span.last)))
        self.numbers[series] = NumberSpan(first, last, span.count + 1)


def _in_series(number: str) -> tuple[int, str]:
    return len(number), number


def dates(session: Session, spans: Sequence[TillSpan]) -> tuple[date, ...]:
    """Return the dates of the documents that were issued in parts of the journals, without quotes."""
    issued = _issued(spans)
    found = select(documents.c.date_on).join(issued, issued.c.document_key == documents.c.key)
    return tuple(session.execute(found.where(documents.c.kind != Kind.QUOTE.value).distinct()).scalars())


def cash_moved(session: Session, span: TillSpan) -> int:
    """Return the cash that payments brought into the drawer of a till, in minor units."""
    return sum(one.moved for one in _payments(session, [span]) if one.method is Method.CASH)


def result_of(session: Session, shift: Shift, *, until_seq: int, count: ShiftCount | None) -> ShiftResult:
    """Return a shift with its cash up to a row of the till's journal, and with its count, if it has one."""
    span = shift_span(shift, until_seq=until_seq)
    moved = shifts.movements(session, shift)
    return ShiftResult(shift=shift, cash=cash_moved(session, span), moved=moved, count=count)


def shift_span(shift: Shift, *, until_seq: int, head: bytes = b"") -> TillSpan:
    """Return the part of the journal that belongs to a shift, with its opening."""
    after = shift.opened_seq - 1
    return TillSpan(till_key=shift.till_key, till=shift.till, after_seq=after, until_seq=until_seq, head=head)


def _within(spans: Sequence[TillSpan]) -> ColumnElement[bool]:
    rows = (
        and_(journal.c.till_key == span.till_key, journal.c.seq.between(span.after_seq + 1, span.until_seq))
        for span in spans
    )
    return or_(false(), *rows)


def _issued(spans: Sequence[TillSpan]) -> Subquery:
    """Return the query for the keys of the documents issued there."""
    return select(journal.c.document_key).where(_within(spans), journal.c.act == Action.ISSUE.value).subquery()


def _of(issued: Subquery, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(documents).join(issued, issued.c.document_key == documents.c.key)


def _taxes(session: Session, issued: Subquery) -> tuple[TaxSum, ...]:
    taxes = document_taxes.c
    sums = [func.sum(column) for column in (taxes.net_minor, taxes.tax_minor, taxes.gross_minor)]
    rows = _of(issued, taxes.rate_milli, taxes.category, *sums)
    rows = rows.join(document_taxes, taxes.document_key == documents.c.key).where(_IS_SALE)
    rows = rows.group_by(taxes.rate_milli, taxes.category)
    found = (
        TaxSum(rate=TaxRate(milli, Category(category)), net=int(net), tax=int(tax), gross=int(gross))
        for milli, category, net, tax, gross in session.execute(rows)
    )
    return tuple(sorted(found, key=lambda one: one.rate))


def _payments(session: Session, spans: Sequence[TillSpan]) -> tuple[MethodSum, ...]:
    """Return what was paid there, by method."""
    paid = payments.c
    rows = (
        select(paid.key, paid.method, paid.amount_minor, paid.rounding_minor)
        .join_from(journal, payments, _PAID_HERE)
        .where(_within(spans))
        .distinct()
        .subquery()
    )
    sums = select(rows.c.method, func.count(), func.sum(rows.c.amount_minor), func.sum(rows.c.rounding_minor))
    return tuple(
        MethodSum(method=Method(method), count=count, amount=int(amount), rounding=int(rounding))
        for method, count, amount, rounding in session.execute(sums.group_by(rows.c.method).order_by(rows.c.method))
    )


def _acts(session: Session, spans: Sequence[TillSpan]) -> dict[str, int]:
    rows = select(journal.c.act, func.count()).where(_within(spans)).group_by(journal.c.act)
    return dict(session.execute(rows).all())


def _line_discounts(session: Session, issued: Subquery) -> Iterator[tuple[UUID, int]]:
    """Yield what each discount on a line took off, with the key of its document."""
    lines = document_lines.c
    rows = _of(issued, documents.c.key, lines.quantity_milli, lines.unit_price_centi, lines.amount_minor)
    rows = rows.join(document_lines, lines.document_key == documents.c.key).where(
        _IS_SALE, or_(lines.discount_minor.is_not(None), lines.discount_milli.is_not(None))
    )
    for key, quantity, price, amount in session.execute(rows):
        yield key, rounded(quantity * price, QUANTITY_UNIT * PRICE_PER_MINOR) - amount


def _results(session: Session, span: TillSpan) -> Iterator[ShiftResult]:
    opened = shifts.opened_in(session, span.till_key, after_seq=span.after_seq, until_seq=span.until_seq)
    for shift in opened:
        count = shifts.last_count(session, shift)
        yield result_of(session, shift, until_seq=count.until_seq if count else span.until_seq, count=count)


def entries_of(session: Session, result: ShiftResult, count: ShiftCount, *, left_before: int | None) -> ShiftEntries:
    """Return what was entered during a shift and may explain the difference of a count.

    Of the payments and open documents only those of that amount. ``left_before`` is what the shift before left.
    """
    difference = count.difference or 0
    span = shift_span(result.shift, until_seq=count.until_seq)
    return ShiftEntries(
        payments=_payments_of(session, span, abs(difference)),
        open=_open_of(session, span, difference),
        moved=[one.amount for one in result.moved],
        opening=result.shift.opening,
        left_before=left_before,
        pieces=count.pieces,
    )


def _payments_of(session: Session, span: TillSpan, amount: int) -> list[tuple[str, Method, int]]:
    moved = payments.c.amount_minor + payments.c.rounding_minor
    rows = (
        select(documents.c.number, payments.c.method, moved, payments.c.paid_at, payments.c.key)
        .join_from(journal, payments, _PAID_HERE)
        .join(documents, documents.c.key == payments.c.document_key)
        .where(_within([span]), func.abs(moved) == amount)
        .distinct()
    )
    found = sorted(session.execute(rows).all(), key=lambda row: (row[3], row[4]))
    return [(number, Method(method), int(minor)) for number, method, minor, *_ in found]


def _open_of(session: Session, span: TillSpan, amount: int) -> list[tuple[str, int]]:
    balance = documents.c.gross_minor - documents.c.paid_minor
    rows = _of(_issued([span]), documents.c.number, balance).where(UNPAID, balance == amount)
    return [(number, int(minor)) for number, minor in session.execute(rows.order_by(documents.c.number))]
