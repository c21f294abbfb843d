"""Every breakdown of a period adds up to its sales: kinds, items, customers, taxes, payments; and verify checks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, inspect, select, text

from shopdesk.domain.document import Document, Draft, Kind, Line, State
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.returns import returnable
from shopdesk.domain.shop import Seal
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import AmountOff, Discount, PercentOff
from shopdesk.queries import money_report, statistics, verify
from shopdesk.queries.money_report import MoneyReport
from shopdesk.queries.statistics import CustomerType, Step
from shopdesk.row_keys import new_key
from shopdesk.store import documents as kept_documents
from shopdesk.store.database import Database
from shopdesk.store.tables import documents as document_rows
from shopdesk.usecases import documents
from shopdesk.usecases.amount_check import AMOUNT_IS_MEANT
from support.shops import SampleShop, open_shop

CONFIRMED = frozenset({documents.SAME_AGAIN, documents.CLOCK_IS_RIGHT, AMOUNT_IS_MEANT})
RATES = tuple(TaxRate.percent(percent) for percent in ("0", "7", "19", "8.875"))
SALES = (Kind.RECEIPT, Kind.INVOICE, Kind.DEBIT_NOTE, Kind.CREDIT_NOTE)
MANY = 1000


# --- random shops ---------------------------------------------------------------------------------------------------


@st.composite
def discounts(draw: Callable[..., Any]) -> Discount | None:
    kind = draw(st.sampled_from(("none", "none", "percent", "amount")))
    if kind == "percent":
        return PercentOff(draw(st.sampled_from((1, 3_333, 10_000, 15_000, 100_000))))
    return AmountOff(draw(st.integers(0, 40))) if kind == "amount" else None


@st.composite
def lines(draw: Callable[..., Any]) -> Line:
    return Line(
        item=draw(st.sampled_from(("Tea", "Milk", "Bread", "Book"))),
        quantity=draw(st.sampled_from((1000, 2000, 335, 7000))),
        unit_price=draw(st.sampled_from((0, 1, 99, 12_345, 3_300, 1_000_000))),
        tax=draw(st.sampled_from(RATES)),
        discount=draw(discounts()),
    )


ACTS = ("issue", "issue", "issue", "correct", "delete", "pay", "give_back", "give_back", "next day")

STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "act": st.sampled_from(ACTS),
            "kind": st.sampled_from((*SALES, Kind.QUOTE)),
            "lines": st.lists(lines(), min_size=1, max_size=5),
            "discount": discounts(),
            "customer": st.sampled_from(("", "Ada <ada@example.org>", "Ben")),
            "tendered": st.sampled_from((None, None, 1, 137, 1_000_000)),
            "method": st.sampled_from((Method.CASH, Method.CARD)),
            "which": st.integers(0, 20),
        }
    ),
    min_size=4,
    max_size=12,
)


class _Till:
    """Whoever works through the steps of an example; what a rule refuses is left out, as at a real till."""

    def __init__(self, shop: SampleShop, currency: Currency, *, prices_include_tax: bool) -> None:
        self.shop = shop
        self.currency = currency
        self.prices_include_tax = prices_include_tax

    def run(self, step: dict[str, Any]) -> None:
        if step["act"] == "next day":
            self.shop.now += timedelta(days=1)
            return
        open_ones = self.documents()
        try:
            if step["act"] == "issue":
                self.issue(step)
            elif open_ones:
                chosen = open_ones[step["which"] % len(open_ones)]
                getattr(self, step["act"])(chosen, step)
        except Refused:
            pass

    def issue(self, step: dict[str, Any]) -> None:
        tenders: tuple[Tender, ...] = ()
        if step["tendered"] is not None:
            sign = -1 if step["kind"] is Kind.CREDIT_NOTE else 1
            tenders = (Tender(method=step["method"], tendered=sign * step["tendered"]),)
            if step["which"] % 2:
                tenders += (Tender(method=Method.TRANSFER, tendered=sign * 11),)
        contact = self.shop.read(customer=step["customer"]).contact
        draft = self.draft(step)
        self.shop.do(documents.issue, draft, contact=contact, tenders=tenders, confirmed=CONFIRMED)

    def correct(self, document: Document, step: dict[str, Any]) -> None:
        draft = replace(self.draft(step), kind=document.kind, date_on=document.date_on)
        self.shop.do(documents.correct, document.key, draft, revision=document.revision)

    def delete(self, document: Document, step: dict[str, Any]) -> None:
        self.shop.do(documents.delete, document.key)

    def pay(self, document: Document, step: dict[str, Any]) -> None:
        amount = document.balance.minor if step["tendered"] is None else step["tendered"]
        if document.balance.minor < 0:
            amount = -abs(amount)
        tender = Tender(method=step["method"], tendered=amount)
        self.shop.do(documents.pay, document.key, tender, payment_key=new_key(), confirmed=CONFIRMED)

    def give_back(self, document: Document, step: dict[str, Any]) -> None:
        goods = returnable(document, self.shop.ask(kept_documents.returns_of, document))
        quantities = [one.left * (step["which"] + at) % (one.left + 1) for at, one in enumerate(goods)]
        self.shop.do(
            documents.return_goods, document.key, quantities, step["method"], seen=document, note_key=new_key()
        )

    def draft(self, step: dict[str, Any]) -> Draft:
        return Draft(
            key=new_key(),
            kind=step["kind"],
            lines=tuple(step["lines"]),
            date_on=self.shop.today,
            currency=self.currency,
            prices_include_tax=self.prices_include_tax,
            discount=step["discount"],
        )

    def documents(self) -> list[Document]:
        return [one for one in every_document(self.shop) if one.state is State.ISSUED]


def every_document(shop: SampleShop) -> list[Document]:
    def read(session: Any) -> list[Document]:
        rows = session.execute(select(document_rows.c.key).order_by(document_rows.c.issued_at)).scalars()
        return [kept_documents.by_key(session, key) for key in list(rows)]

    return shop.ask(read)


@contextmanager
def emptied(database: Database) -> Iterator[None]:
    """Leave the database as it was: every example begins with a shop of its own."""
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no keys
                connection.execute(text(f"TRUNCATE {', '.join(names)} CASCADE"))
            else:
                _delete_all(connection, names)


def _delete_all(connection: Connection, names: list[str]) -> None:
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in triggers:
        connection.execute(text(f"DROP TRIGGER {name}"))
    for name in names:
        connection.execute(text(f"DELETE FROM {name}"))
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


@pytest.mark.timeout(240)  # a failure is made as small as can be
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=STEPS,
    currency=st.sampled_from(("USD", "JPY", "KWD")),
    prices_include_tax=st.booleans(),
    seal=st.sampled_from(Seal),
    smallest_coin=st.sampled_from((1, 5)),
)
def test_every_breakdown_adds_up_to_the_sales_of_its_period(
    database: Database,
    steps: list[dict[str, Any]],
    currency: str,
    prices_include_tax: bool,
    seal: Seal,
    smallest_coin: int,
) -> None:
    with emptied(database):
        shop = open_shop(database, currency=currency, prices_include_tax=prices_include_tax)
        shop.change_shop(seal=seal, smallest_coin=smallest_coin)
        first = shop.today
        till = _Till(shop, Currency.of(currency), prices_include_tax=prices_include_tax)
        for step in steps:
            till.run(step)
        assert shop.ask(lambda session: list(verify.violations(session))) == []
        for since in (first, shop.today):
            check_period(shop, since, shop.today)
        days = [first + timedelta(days=past) for past in range((shop.today - first).days + 1)]
        whole = every_document(shop)
        for at, since in enumerate(days):
            for until in days[at:]:
                check_money_report(shop.ask(money_report.money_report, **period(shop, since, until)), whole)
        open_balances = sum(one.balance.minor for one in till.documents())
        assert shop.ask(statistics.settlement, **period(shop, first, shop.today)).outstanding.minor == open_balances


def period(shop: SampleShop, since: date, until: date) -> dict[str, Any]:
    return {"since": since, "until": until, "by": shop.by}


def check_period(shop: SampleShop, since: date, until: date) -> None:
    """Every breakdown has the sum of the overview."""
    days = period(shop, since, until)
    overview = shop.ask(statistics.overview, **days)
    sales = overview.sales.minor
    assert sum(one.gross.minor for one in shop.ask(statistics.by_kind, **days)) == sales
    assert sum(one.gross.minor for one in shop.ask(statistics.best_items, **days, limit=MANY)) == sales
    types = shop.ask(statistics.by_customer_type, **days)
    assert sum(one.gross.minor for one in types) == sales
    named = sum(one.gross.minor for one in shop.ask(statistics.best_customers, **days, limit=MANY))
    assert named + sum(one.gross.minor for one in types if one.custom is CustomerType.WALK_IN) == sales
    taxes = shop.ask(statistics.by_tax, **days)
    assert [sum(getattr(one, name).minor for one in taxes) for name in ("net", "tax", "gross")] == [
        overview.net.minor,
        overview.tax.minor,
        sales,
    ]
    assert sum(one.gross.minor for one in shop.ask(statistics.over_time, **days, step=Step.DAY)) == sales
    settled = shop.ask(statistics.settlement, **days)
    received = sum(one.amount.minor for one in shop.ask(statistics.by_method, **days))
    assert settled.received.minor == received
    assert received - settled.rounding.minor + settled.outstanding.minor == sales


def check_money_report(report: MoneyReport, whole: list[Document]) -> None:
    """The report says what the documents and their payments say, one by one, to the minor unit."""
    sold = [one for one in whole if counts(one) and report.since <= one.date_on <= report.until]
    sums = Counter[tuple[Kind, TaxRate, str]]()
    for one in sold:
        for group in one.totals.groups:
            sums.update({(one.kind, group.rate, name): getattr(group, name) for name in ("net", "tax", "gross")})
    found = {
        (kind.kind, rate.rate, name): getattr(rate, name).minor
        for kind in report.kinds
        for rate in kind.rates
        for name in ("net", "tax", "gross")
    }
    assert found == dict(sums)
    assert {kind.kind: kind.documents for kind in report.kinds} == Counter(one.kind for one in sold)
    assert report.sales.minor == sum(one.gross.minor for one in sold)
    paid = [
        payment
        for one in whole
        for payment in one.payments
        if payment.method is not Method.OFFSET and report.since <= payment.at.astimezone().date() <= report.until
    ]
    for method in report.methods:
        moved = [one.amount + one.rounding for one in paid if one.method is method.method]
        assert (method.payments, method.received.minor) == (len(moved), sum(one for one in moved if one > 0))
        assert method.refunded.minor == sum(one for one in moved if one < 0)
    assert sum(one.payments for one in report.methods) == len(paid)
    assert report.settled.minor == sum(one.amount for one in paid)
    open_ones = [minor for one in whole if (minor := balance_at(one, report.until))]
    assert (report.closing.documents, report.closing.net.minor) == (len(open_ones), sum(open_ones))
    assert report.closing.owed.minor == sum(one for one in open_ones if one > 0)
    assert report.opening.net + report.sales - report.settled == report.closing.net


def counts(document: Document) -> bool:
    return document.state is not State.VOIDED and document.kind.is_sale


def balance_at(document: Document, day: date) -> int:
    """What is open of a document at the end of a day, from its own payments."""
    owed = document.gross.minor if counts(document) and document.date_on <= day else 0
    return owed - sum(one.amount for one in document.payments if one.at.astimezone().date() <= day)
