"""Who bought, what a period is compared with, and the documents behind a figure."""

from __future__ import annotations

from datetime import timedelta

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import Row
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import documents as ask
from shopdesk.queries import statistics
from shopdesk.queries.documents import Find
from shopdesk.queries.statistics import Custom
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents
from support.shops import Counter


def test_new_and_returning_customers_and_walk_ins_add_up_to_the_sales(counter: Counter) -> None:
    counter.issue(Row("Tea", "1", "5"), customer="Ada <ada@example.org>")
    counter.now += timedelta(days=3)
    counter.issue(Row("Tea", "1", "7"), customer="Ada <ada@example.org>")
    counter.issue(Row("Tea", "1", "2"), customer="Ada <ada@example.org>")
    counter.issue(Row("Milk", "1", "3"), customer="Ben")
    counter.issue(Row("Gum", "1", "1"), customer="")
    found = counter.ask(statistics.by_custom, since=counter.today, until=counter.today, by=counter.by)
    assert [(entry.custom, entry.customers, entry.orders, str(entry.gross)) for entry in found] == [
        (Custom.NEW, 1, 1, "3.00"),
        (Custom.RETURNING, 1, 2, "9.00"),
        (Custom.WALK_IN, 0, 1, "1.00"),
    ]


def test_a_period_without_sales_has_no_buyers(counter: Counter) -> None:
    found = counter.ask(statistics.by_custom, since=counter.today, until=counter.today, by=counter.by)
    assert [(entry.customers, entry.orders, entry.gross.minor) for entry in found] == [(0, 0, 0)] * 3


def test_a_period_is_compared_with_the_days_that_are_named(counter: Counter) -> None:
    counter.issue(Row("Tea", "1", "5"))
    counter.now += timedelta(days=7)
    counter.issue(Row("Tea", "1", "8"))
    a_week_ago = counter.today - timedelta(days=7)
    period = {"since": counter.today, "until": counter.today, "by": counter.by}
    before = counter.ask(statistics.overview, **period, against=(a_week_ago, a_week_ago)).before
    assert before is not None
    assert str(before.sales) == "5.00"


def test_documents_are_found_by_what_stands_in_their_rows(counter: Counter) -> None:
    tea = counter.issue(Row("Tea", "1", "5"), Row("Milk", "1", "1"))
    counter.issue(Row("Tea green", "1", "5"))
    found = counter.ask(ask.page, find=Find(item="Tea"), after=None)
    assert [summary.number for summary in found] == [tea.number]


def test_documents_are_found_by_how_and_when_they_were_paid(counter: Counter) -> None:
    counter.issue()
    invoice = counter.issue(kind=Kind.INVOICE)
    day = counter.today
    counter.now += timedelta(days=2)
    tender = Tender(method=Method.CARD, tendered=invoice.totals.gross)
    counter.do(documents.pay, invoice.key, tender, payment_key=new_key())
    for find, numbers in (
        (Find(paid_by=Method.CARD), [invoice.number]),
        (Find(paid_by=Method.CARD, since=counter.today), [invoice.number]),
        (Find(paid_by=Method.CARD, until=day), []),
        (Find(paid_by=Method.TRANSFER), []),
    ):
        assert [summary.number for summary in counter.ask(ask.page, find=find, after=None)] == numbers
