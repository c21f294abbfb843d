"""The money report of a period: sales by kind and tax rate, payments by method, and what is open at its end.

Sales count by the date of the document, payments by the day on which they were taken. Voided documents and quotes do
not count; a corrected document counts with the credit note that cancels it. Every sum is made of the documents and
payments themselves, not of the sums per day: ``violations`` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import Column, ColumnElement, Select, and_, case, func, or_, select, union_all

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.document import Kind, State
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method
from shopdesk.domain.sentence import sentence
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.queries.accounts import permitted
from shopdesk.queries.statistics import TaxSales
from shopdesk.store import shop
from shopdesk.store.session import Session
from shopdesk.store.tables import UNPAID, day_payments, day_sales, day_taxes, document_taxes, documents, payments


@dataclass(frozen=True, slots=True)
class KindReport:
    """The documents of one kind, and their sums at each tax rate, the highest first."""

    kind: Kind
    documents: int
    rates: tuple[TaxSales, ...]


@dataclass(frozen=True, slots=True)
class MethodReport:
    """The payments by one method: received, paid back (negative), and the part of both that is cash rounding."""

    method: Method
    payments: int
    received: Money
    refunded: Money
    rounding: Money

    @property
    def moved(self) -> Money:
        """The money that changed hands."""
        return self.received + self.refunded


@dataclass(frozen=True, slots=True)
class OpenBalance:
    """The unsettled documents at the end of a day: the sum that customers owe, and that the shop owes (negative)."""

    documents: int
    owed: Money
    owing: Money

    @property
    def net(self) -> Money:
        """Both together."""
        return self.owed + self.owing


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyReport:
    """The report: ``opening`` + sales − settled payments = ``closing``."""

    since: date
    until: date
    currency: Currency
    kinds: tuple[KindReport, ...]
    methods: tuple[MethodReport, ...]
    opening: OpenBalance
    closing: OpenBalance

    @property
    def rates(self) -> tuple[TaxSales, ...]:
        """The sums of all kinds at each tax rate, the highest first."""
        each = sorted((one for kind in self.kinds for one in kind.rates), key=_by_rate)
        return tuple(_summed(rate, group, self.currency) for rate, group in groupby(each, key=lambda one: one.rate))

    @property
    def sales(self) -> Money:
        """All sales, tax included."""
        return total((one.gross for one in self.rates), self.currency)

    @property
    def settled(self) -> Money:
        """The sum that the payments settle: the money that changed hands, without cash rounding."""
        return total((one.moved - one.rounding for one in self.methods), self.currency)


def total(amounts: Iterable[Money], currency: Currency) -> Money:
    """Return the sum of amounts of one currency; zero for none."""
    return Money(sum(one.minor for one in amounts), currency)


def money_report(session: Session, *, since: date, until: date, by: Actor) -> MoneyReport:
    """Return the report of a period, its days included. Raise NotAllowed, and Refused for days in the wrong order."""
    permitted(session, by, Right.STATISTICS)
    return read(session, since=since, until=until)


_SECOND_DAY = date(1, 1, 2)
"""The first day of the calendar that has a day before it."""


def read(session: Session, *, since: date, until: date, opening: OpenBalance | None = None) -> MoneyReport:
    """Return the same for the command line, whose user can read the database in any case.

    ``opening`` is what is open on the day before, if it is known.
    """
    if since > until:
        raise Refused(sentence("The first day is after the last day."), field="since")
    currency = shop.current(session).currency
    return MoneyReport(
        since=since,
        until=until,
        currency=currency,
        kinds=_kinds(session, since, until, currency),
        methods=_methods(session, since, until, currency),
        opening=opening or _open_at(session, max(since, _SECOND_DAY) - timedelta(days=1), currency),
        closing=_open_at(session, until, currency),
    )


def violations(session: Session) -> Iterator[str]:
    """Yield the years whose report is not what the sums per day say, or does not lead to what is open at its end."""
    first, last = session.execute(select(func.min(documents.c.date_on), func.max(documents.c.date_on))).one()
    opening = None
    for year in range(first.year, last.year + 1) if first else ():
        report = read(session, since=date(year, 1, 1), until=date(year, 12, 31), opening=opening)
        opening = report.closing
        for name, found, kept in _compared(session, report):
            if found != kept:
                yield f"The money report of {year}: the {name} are {found} minor units, but {kept} by the sums per day."
        if report.opening.net + report.sales - report.settled != report.closing.net:
            yield (
                f"The money report of {year}: {report.opening.net.minor} minor units open before it, its sales and "
                f"its payments do not come to the {report.closing.net.minor} open at its end."
            )


def _compared(session: Session, report: MoneyReport) -> Iterator[tuple[str, list[int], list[int]]]:
    """Yield what the report says beside the sums per day."""

    def kept(*columns: Column[int]) -> list[int]:
        sums = select(*(func.coalesce(func.sum(column), 0) for column in columns))
        row = session.execute(sums.where(columns[0].table.c.day.between(report.since, report.until))).one()
        return [int(value) for value in row]

    def summed(amounts: Iterable[Money]) -> int:
        return total(amounts, report.currency).minor

    sales = [summed(getattr(one, name) for one in report.rates) for name in _OF_RATE]
    yield "sales", sales, kept(*(day_sales.c[name] for name in _SUMS))
    yield "taxes", sales, kept(*(day_taxes.c[name] for name in _SUMS))
    moved, rounding = (summed(getattr(one, name) for one in report.methods) for name in ("moved", "rounding"))
    yield "payments", [moved, rounding], kept(day_payments.c.amount_minor, day_payments.c.rounding_minor)


_SUMS = ("net_minor", "tax_minor", "gross_minor")
_OF_RATE = ("net", "tax", "gross")


def _by_rate(one: TaxSales) -> tuple[int, str]:
    return -one.rate.milli, one.rate.category.value


def _summed(rate: TaxRate, parts: Iterable[TaxSales], currency: Currency) -> TaxSales:
    each = tuple(parts)
    return TaxSales(rate, *(total((getattr(one, name) for one in each), currency) for name in _OF_RATE))


_COUNTS = and_(documents.c.state != State.VOIDED.value, documents.c.kind != Kind.QUOTE.value)


def _kinds(session: Session, since: date, until: date, currency: Currency) -> tuple[KindReport, ...]:
    sold = (_COUNTS, documents.c.date_on.between(since, until))
    counted = session.execute(select(documents.c.kind, func.count()).where(*sold).group_by(documents.c.kind))
    counts: dict[str, int] = {kind: int(count) for kind, count in counted}
    key = (documents.c.kind, document_taxes.c.rate_milli, document_taxes.c.category)
    sums = [func.sum(document_taxes.c[name]) for name in _SUMS]
    rows = session.execute(select(*key, *sums).join_from(documents, document_taxes).where(*sold).group_by(*key))
    found: dict[str, list[TaxSales]] = {}
    for kind, milli, category, *values in rows:
        amounts = (Money(int(value), currency) for value in values)
        found.setdefault(kind, []).append(TaxSales(TaxRate(milli, Category(category)), *amounts))
    return tuple(
        KindReport(kind, counts[kind.value], tuple(sorted(found.get(kind.value, ()), key=_by_rate)))
        for kind in Kind
        if kind.value in counts
    )


def _methods(session: Session, since: date, until: date, currency: Currency) -> tuple[MethodReport, ...]:
    """Return the payments by method. Those moved between documents are left out: they come to nothing."""
    moved = payments.c.amount_minor + payments.c.rounding_minor
    rows = session.execute(
        select(
            payments.c.method,
            func.count(),
            func.sum(case((moved > 0, moved), else_=0)),
            func.sum(case((moved < 0, moved), else_=0)),
            func.sum(payments.c.rounding_minor),
        )
        .where(payments.c.paid_on.between(since, until), payments.c.method != Method.OFFSET.value)
        .group_by(payments.c.method)
    )
    found = {
        Method(method): MethodReport(Method(method), int(count), *(Money(int(value), currency) for value in sums))
        for method, count, *sums in rows
    }
    return tuple(found[method] for method in Method if method in found)


def _open_at(session: Session, day: date, currency: Currency) -> OpenBalance:
    """Return what is open at the end of a day: what is open now, with the payments that came later taken back."""
    each = union_all(*_balances(day)).subquery()
    balance = func.sum(each.c.minor)
    of_documents = select(balance.label("minor")).group_by(each.c.key).having(balance != 0).subquery()
    minor = of_documents.c.minor
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(minor).filter(minor > 0), 0),
            func.coalesce(func.sum(minor).filter(minor < 0), 0),
        ).select_from(of_documents)
    ).one()
    return OpenBalance(row[0], Money(int(row[1]), currency), Money(int(row[2]), currency))


def _balances(day: date) -> tuple[Select[tuple[object, int]], ...]:
    """Return the parts of each document's balance at the end of a day, as key and minor units.

    A voided document has no balance of its own; until its payments were given back, the shop owed them.
    """
    is_there: ColumnElement[bool] = and_(documents.c.date_on <= day, documents.c.kind != Kind.QUOTE.value)
    is_voided = documents.c.state == State.VOIDED.value
    paid = select(payments.c.document_key.label("key"), payments.c.amount_minor.label("minor")).join_from(
        payments, documents, payments.c.document_key == documents.c.key
    )
    advance = select(payments.c.document_key, -payments.c.amount_minor).join_from(
        documents, payments, payments.c.document_key == documents.c.key
    )
    return (
        select(documents.c.key.label("key"), (documents.c.gross_minor - documents.c.paid_minor).label("minor")).where(
            UNPAID, documents.c.date_on <= day
        ),
        paid.where(payments.c.paid_on > day, or_(is_there, is_voided)),
        advance.where(documents.c.date_on > day, payments.c.paid_on <= day, _COUNTS),
    )
