"""Who bought, what a period is compared with, and the documents behind a figure."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shopdesk.domain.account import Role
from shopdesk.domain.document import Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.queries import documents as ask
from shopdesk.queries import statistics
from shopdesk.queries.documents import DocumentFilter
from shopdesk.queries.statistics import CustomerType
from shopdesk.row_keys import new_key
from shopdesk.usecases import documents
from shopdesk.usecases import products as do_products
from shopdesk.usecases.period_sums import add_finished_day
from support.shops import SampleShop
from support.systems import POSIX


def test_new_and_returning_customers_and_walk_ins_add_up_to_the_sales(sample_shop: SampleShop) -> None:
    sample_shop.issue(DraftRow("Tea", "1", "5"), customer="Ada <ada@example.org>")
    sample_shop.now += timedelta(days=3)
    sample_shop.issue(DraftRow("Tea", "1", "7"), customer="Ada <ada@example.org>")
    sample_shop.issue(DraftRow("Tea", "1", "2"), customer="Ada <ada@example.org>")
    sample_shop.issue(DraftRow("Milk", "1", "3"), customer="Ben")
    sample_shop.issue(DraftRow("Gum", "1", "1"), customer="")
    found = sample_shop.ask(
        statistics.by_customer_type, since=sample_shop.today, until=sample_shop.today, by=sample_shop.by
    )
    assert [(entry.custom, entry.customers, entry.orders, str(entry.gross)) for entry in found] == [
        (CustomerType.NEW, 1, 1, "3.00"),
        (CustomerType.RETURNING, 1, 2, "9.00"),
        (CustomerType.WALK_IN, 0, 1, "1.00"),
    ]


def test_a_period_without_sales_has_no_buyers(sample_shop: SampleShop) -> None:
    found = sample_shop.ask(
        statistics.by_customer_type, since=sample_shop.today, until=sample_shop.today, by=sample_shop.by
    )
    assert [(entry.customers, entry.orders, entry.gross.minor) for entry in found] == [(0, 0, 0)] * 3


def test_a_period_is_compared_with_the_days_that_are_named(sample_shop: SampleShop) -> None:
    sample_shop.issue(DraftRow("Tea", "1", "5"))
    sample_shop.now += timedelta(days=7)
    sample_shop.issue(DraftRow("Tea", "1", "8"))
    a_week_ago = sample_shop.today - timedelta(days=7)
    period = {"since": sample_shop.today, "until": sample_shop.today, "by": sample_shop.by}
    before = sample_shop.ask(statistics.overview, **period, against=(a_week_ago, a_week_ago)).before
    assert before is not None
    assert str(before.sales) == "5.00"


def test_the_best_items_count_the_discounts_as_the_sales_do(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(prices_include_tax=False)
    sample_shop.issue(DraftRow("Tea", "1", "100"), DraftRow("Milk", "2", "50", "10 %"), discount="50 %")
    days = {"since": sample_shop.today, "until": sample_shop.today, "by": sample_shop.by}
    best = sample_shop.ask(statistics.best_items, **days)
    assert [(one.name, str(one.gross)) for one in best] == [("Tea", "58.00"), ("Milk", "52.20")]
    assert str(sample_shop.ask(statistics.overview, **days).sales) == "110.20"


def test_the_sales_of_each_rate_and_how_they_were_settled(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(smallest_coin=5)
    sample_shop.issue(DraftRow("Tea", "1", "11.58"), DraftRow("Book", "1", "1.00", tax="0"))
    invoice = sample_shop.issue(DraftRow("Tea", "1", "5.00"), kind=Kind.INVOICE)
    days = {"since": sample_shop.today, "until": sample_shop.today, "by": sample_shop.by}
    taxes = sample_shop.ask(statistics.by_tax, **days)
    assert [(one.rate.milli, str(one.net), str(one.tax), str(one.gross)) for one in taxes] == [
        (16_000, "14.29", "2.29", "16.58"),
        (0, "1.00", "0.00", "1.00"),
    ]
    settled = sample_shop.ask(statistics.settlement, **days)
    assert [str(one) for one in (settled.received, settled.rounding, settled.outstanding)] == ["12.60", "0.02", "5.00"]
    sample_shop.now += timedelta(days=1)
    tender = Tender(method=Method.CARD, tendered=500)
    sample_shop.do(documents.pay, invoice.key, tender, payment_key=new_key())
    days |= {"since": sample_shop.today, "until": sample_shop.today}
    settled = sample_shop.ask(statistics.settlement, **days)
    assert [str(one) for one in (settled.received, settled.outstanding)] == ["5.00", "-5.00"]


def test_documents_are_found_by_what_stands_in_their_rows(sample_shop: SampleShop) -> None:
    tea = sample_shop.issue(DraftRow("Tea", "1", "5"), DraftRow("Milk", "1", "1"))
    sample_shop.issue(DraftRow("Tea green", "1", "5"))
    found = sample_shop.ask(ask.page, find=DocumentFilter(item="Tea"), after=None)
    assert [summary.number for summary in found] == [tea.number]


def test_documents_are_found_by_how_and_when_they_were_paid(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    invoice = sample_shop.issue(kind=Kind.INVOICE)
    day = sample_shop.today
    sample_shop.now += timedelta(days=2)
    tender = Tender(method=Method.CARD, tendered=invoice.totals.gross)
    sample_shop.do(documents.pay, invoice.key, tender, payment_key=new_key())
    for find, numbers in (
        (DocumentFilter(paid_by=Method.CARD), [invoice.number]),
        (DocumentFilter(paid_by=Method.CARD, since=sample_shop.today), [invoice.number]),
        (DocumentFilter(paid_by=Method.CARD, until=day), []),
        (DocumentFilter(paid_by=Method.TRANSFER), []),
    ):
        assert [summary.number for summary in sample_shop.ask(ask.page, find=find, after=None)] == numbers


@POSIX
def test_sales_by_hour_weekday_cashier_and_department_each_add_up_to_the_sales(
    sample_shop: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = sample_shop.today
    sample_shop.ask(statistics.by_hour, since=today, until=today, by=sample_shop.by)  # by the clock of another zone
    monkeypatch.setenv("TZ", "Asia/Kathmandu")  # 5 hours and 45 minutes ahead of UTC
    time.tzset()
    try:
        for name, department in (("Tea", "Drinks"), ("Milk", "Dairy")):
            product = Product(key=new_key(), code=name, name=name, price=1, department=department)
            sample_shop.do(do_products.save, product)
        ben = sample_shop.staff(Role.MANAGER)
        begun = sample_shop.now.replace(minute=14)  # 14:59 there; the next one is in another hour
        sample_shop.now = begun
        sample_shop.issue(DraftRow("Tea", "1", "10"), DraftRow("Gum", "2", "1"), discount="10 %")
        his = sample_shop.as_(ben)
        his.now = begun + timedelta(minutes=2)
        his.issue(DraftRow("Milk", "1", "4"))
        his.issue(DraftRow("Milk", "1", "3"), kind=Kind.QUOTE)
        his.do(documents.delete, his.issue(DraftRow("Tea", "1", "50")).key)
        his.now += timedelta(days=5)  # a Saturday
        his.issue(DraftRow("Tea", "1", "1"), kind=Kind.CREDIT_NOTE)
        days = {"since": sample_shop.today, "until": his.today, "by": sample_shop.by}
        hours = sample_shop.ask(statistics.by_hour, **days)
        weekdays = sample_shop.ask(statistics.by_weekday, **days)
        cashiers = sample_shop.ask(statistics.by_cashier, **days)
        departments = sample_shop.ask(statistics.by_department, **days)
        assert [(one.part, one.orders, str(one.gross)) for one in hours] == [(14, 1, "10.80"), (15, 1, "3.00")]
        assert [(one.part, str(one.gross)) for one in weekdays if one.orders or one.gross] == [
            (0, "14.80"),
            (5, "-1.00"),
        ]
        assert [(one.part, one.orders, str(one.gross)) for one in cashiers] == [("Ada", 1, "10.80"), ("Ben", 1, "3.00")]
        assert [(one.name, one.count, str(one.gross)) for one in departments] == [
            ("Drinks", 0, "8.00"),
            ("Dairy", 1_000, "4.00"),
            ("", 2_000, "1.80"),
        ]
        sales = sample_shop.ask(statistics.overview, **days).sales
        for parts in (hours, weekdays, cashiers, departments):
            assert sum(one.gross.minor for one in parts) == sales.minor
        kinds = frozenset(kind for kind in Kind if kind.is_sale)
        states = frozenset({State.ISSUED, State.CORRECTED})
        counted = DocumentFilter(kinds=kinds, states=states, since=sample_shop.today, until=his.today)
        for parts, name in ((hours, "hour"), (weekdays, "weekday"), (cashiers, "cashier_key")):
            for part in parts:  # each row finds just its documents
                find = replace(counted, **{name: part.key or part.part})  # type: ignore[arg-type]
                found = sample_shop.ask(ask.page, find=find, after=None)
                assert sum(one.gross.minor for one in found) == part.gross.minor
        for name, grosses in (("Drinks", ["-1.00", "10.80"]), ("Dairy", ["4.00"]), ("", ["10.80"])):
            found = sample_shop.ask(ask.page, find=replace(counted, department=name), after=None)
            assert sorted(str(one.gross) for one in found) == grosses  # a document with two is in both
    finally:
        monkeypatch.undo()
        time.tzset()


def add_finished_days(shop: SampleShop) -> None:
    with shop.database.sessions.begin() as session:
        while add_finished_day(session, today=shop.today):
            pass


@POSIX
def test_the_hour_of_a_sale_is_that_of_the_clock_of_its_day(
    sample_shop: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        sample_shop.now = datetime(2027, 3, 27, 9, 30, tzinfo=UTC)  # 10:30, in winter
        since = sample_shop.today
        sample_shop.issue(DraftRow("Tea", "1", "5"))
        sample_shop.now = datetime(2027, 3, 28, 8, 30, tzinfo=UTC)  # 10:30, in summer
        sample_shop.issue(DraftRow("Tea", "1", "7"))
        found = sample_shop.ask(statistics.by_hour, since=since, until=sample_shop.today, by=sample_shop.by)
        assert [(one.part, one.orders, str(one.gross)) for one in found] == [(10, 2, "12.00")]
        for hour, count in ((10, 2), (9, 0)):
            find = DocumentFilter(hour=hour, until=sample_shop.today)
            assert len(sample_shop.ask(ask.page, find=find, after=None)) == count
        sample_shop.now = datetime(2027, 4, 2, 8, 30, tzinfo=UTC)
        add_finished_days(sample_shop)
        month = {"since": date(2027, 3, 1), "until": date(2027, 3, 31), "by": sample_shop.by}
        assert sample_shop.ask(statistics.by_hour, **month) == found  # though the clock changed within the month
    finally:
        monkeypatch.undo()
        time.tzset()
