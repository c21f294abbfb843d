"""The money report: what it counts, by which day, and who may see it. That it adds up: ``test_figures_add_up``."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import money_report as ask
from shopdesk.queries.money_report import MoneyReport
from shopdesk.row_keys import new_key
from shopdesk.store.tables import day_sales
from shopdesk.usecases import documents
from support.shops import SampleShop

BOOK, TEA = DraftRow("Book", "1", "107.00", tax="7 %"), DraftRow("Tea", "1", "116.00")


@pytest.fixture
def two_rates(sample_shop: SampleShop) -> SampleShop:
    """Prices with 16 % inside, or with 7 %."""
    taxes = (ShopTax(key=new_key(), name="Reduced", rate=TaxRate.percent(7)),)
    shop = sample_shop.change_shop()
    sample_shop.change_shop(taxes=(*shop.taxes, *taxes))
    return sample_shop


def report(shop: SampleShop, first_day: int = 0, last_day: int = 0) -> MoneyReport:
    """The report from one day to another, counted from today."""
    since, until = (shop.today + timedelta(days=day) for day in (first_day, last_day))
    return shop.ask(ask.money_report, since=since, until=until, by=shop.by)


def pay(shop: SampleShop, document: Document, minor: int, method: Method = Method.CARD) -> None:
    shop.do(documents.pay, document.key, Tender(method=method, tendered=minor), payment_key=new_key())


def test_sales_are_told_by_kind_and_rate(two_rates: SampleShop) -> None:
    two_rates.issue(BOOK, TEA)
    two_rates.issue(BOOK, kind=Kind.INVOICE)
    two_rates.issue(TEA, kind=Kind.QUOTE)
    found = report(two_rates)
    assert [(one.kind, one.documents) for one in found.kinds] == [(Kind.INVOICE, 1), (Kind.RECEIPT, 1)]
    receipts = [(one.rate, one.net.minor, one.tax.minor, one.gross.minor) for one in found.kinds[1].rates]
    assert receipts == [(TaxRate.percent(16), 10000, 1600, 11600), (TaxRate.percent(7), 10000, 700, 10700)]
    assert [(one.rate, one.gross.minor) for one in found.rates] == [
        (TaxRate.percent(16), 11600),
        (TaxRate.percent(7), 21400),
    ]
    assert found.sales.minor == 33000


def test_a_voided_document_counts_for_nothing_and_its_money_went_both_ways(sample_shop: SampleShop) -> None:
    sample_shop.do(documents.delete, sample_shop.issue(TEA).key)
    found = report(sample_shop)
    assert found.kinds == ()
    (cash,) = found.methods
    assert (cash.payments, cash.received.minor, cash.refunded.minor, cash.moved.minor) == (2, 11600, -11600, 0)
    assert found.closing.documents == 0


def test_sales_count_by_the_date_of_the_document_and_payments_by_their_own(sample_shop: SampleShop) -> None:
    invoice = sample_shop.issue(TEA, kind=Kind.INVOICE)
    sample_shop.now += timedelta(days=1)
    pay(sample_shop, invoice, 4000)
    before, after = report(sample_shop, -1, -1), report(sample_shop)
    assert (before.sales.minor, before.methods, before.closing.owed.minor) == (11600, (), 11600)
    assert (after.sales.minor, after.settled.minor) == (0, 4000)
    assert (after.opening.owed.minor, after.closing.owed.minor, after.closing.documents) == (11600, 7600, 1)


def test_a_report_of_all_days_of_the_calendar_begins_with_nothing_open(sample_shop: SampleShop) -> None:
    invoice = sample_shop.issue(kind=Kind.INVOICE)
    report = sample_shop.ask(ask.read, since=date.min, until=date.max)
    assert (report.opening.owed.minor, report.closing.owed) == (0, invoice.gross)


def test_what_was_open_on_a_past_day_is_told_as_it_was_then(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    invoice = sample_shop.issue(TEA, kind=Kind.INVOICE)
    sample_shop.now += timedelta(days=1)
    sample_shop.do(documents.delete, invoice.key)  # credited: an offset settles both
    assert report(sample_shop, -1, -1).closing.owed.minor == 11600
    assert report(sample_shop).closing.documents == 0


def test_what_the_shop_owes_is_told_beside_what_customers_owe(sample_shop: SampleShop) -> None:
    sample_shop.issue(TEA, kind=Kind.INVOICE)
    sample_shop.issue(DraftRow("Tea", "1", "20.00"), kind=Kind.CREDIT_NOTE)
    closing = report(sample_shop).closing
    assert (closing.documents, closing.owed.minor, closing.owing.minor) == (2, 11600, -2000)
    assert closing.net.minor == 9600


def test_a_cashier_does_not_see_it(sample_shop: SampleShop) -> None:
    with pytest.raises(NotAllowed):
        report(sample_shop.as_(sample_shop.staff(Role.CASHIER)))


def test_days_in_the_wrong_order_are_refused(sample_shop: SampleShop) -> None:
    with pytest.raises(Refused, match="first day is after the last day"):
        report(sample_shop, 0, -1)


def test_verify_names_a_year_whose_report_the_sums_per_day_deny(sample_shop: SampleShop) -> None:
    sample_shop.issue(TEA)
    assert sample_shop.ask(lambda session: list(ask.violations(session))) == []
    with sample_shop.database.engine.begin() as connection:
        connection.execute(update(day_sales).values(net_minor=1))
    (said,) = sample_shop.ask(lambda session: list(ask.violations(session)))
    assert said.startswith("The money report of 2026: the sales are [10000, 1600, 11600] minor units, but [1, ")
