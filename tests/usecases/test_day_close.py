"""The close of the business day: what it seals, what its Z report says, and what comes after it."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from shopdesk.domain.account import Actor
from shopdesk.domain.business_day import closed_day
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.sales_report import SalesReport, Sum
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import shifts as ask
from shopdesk.queries import shop as ask_shop
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import day_closes, report_snapshots
from shopdesk.store.tables import document_taxes, documents, payments
from shopdesk.usecases import documents as do_documents
from shopdesk.usecases import shifts
from shopdesk.usecases import shop as do_shop
from shopdesk.usecases.day_close import UNCOUNTED, close_day
from support.shops import SampleShop

TEA = DraftRow("Tea", "1", "11.60")
DESK = DraftRow("Desk", "1", "116.00")


def closed(shop: SampleShop) -> SalesReport:
    number = shop.do(close_day, confirmed=frozenset({UNCOUNTED})).number
    return shop.ask(ask.z_report, number, by=shop.by)


def faults(shop: SampleShop) -> list[str]:
    return shop.ask(lambda session: list(verify.book_violations(session)))


def test_the_report_tells_what_was_sold_paid_voided_and_corrected(sample_shop: SampleShop) -> None:
    first = sample_shop.issue(TEA, customer="")
    sample_shop.issue(DESK, kind=Kind.INVOICE, discount="16.00")
    sample_shop.issue(DraftRow("Pie", "2", "5.00", "50 %"), customer="")
    voided = sample_shop.issue(TEA)
    sample_shop.do(do_documents.delete, voided.key)
    amended = sample_shop.do(do_documents.correct, first.key, sample_shop.draft(TEA, TEA), revision=1)
    report = closed(sample_shop)
    figures = report.figures
    assert (report.number, report.day, report.running_total) == (1, sample_shop.today, 23_20 + 100_00 + 5_00)
    assert figures.kinds == ((Kind.INVOICE, Sum(1, 100_00)), (Kind.RECEIPT, Sum(2, 28_20)))
    assert (figures.voided, figures.amended, figures.discounts) == (Sum(1, 11_60), 1, Sum(2, 21_00))
    (tax,) = figures.taxes
    assert (tax.rate.milli, tax.gross, tax.net + tax.tax) == (16_000, 128_20, 128_20)
    (paid,) = figures.payments
    assert (paid.method, paid.amount) == (Method.CASH, 28_20)
    assert [(one.first, one.last, one.count) for one in figures.numbers] == [
        ("I-A-2026-000001", "I-A-2026-000001", 1),
        ("R-A-2026-000001", "R-A-2026-000003", 3),
    ]
    assert [(one.name, one.sales) for one in figures.cashiers] == [("Ada", Sum(3, 128_20))]
    assert amended.revision == 2
    assert faults(sample_shop) == []


def test_what_is_corrected_after_a_close_is_on_the_next_report(sample_shop: SampleShop) -> None:
    sold = sample_shop.issue(TEA, customer="")
    first = closed(sample_shop)
    sample_shop.do(do_documents.correct, sold.key, sample_shop.draft(DESK), revision=1)
    sample_shop.do(do_documents.return_goods, **_goods(sample_shop, sample_shop.issue(TEA, customer="")))
    second = closed(sample_shop)
    assert (second.number, second.total_before) == (2, first.running_total)
    assert (second.figures.credited, second.figures.replaced) == (Sum(1, -11_60), Sum(1, 116_00))
    assert second.running_total == 116_00
    assert [(one.method, one.amount) for one in second.figures.payments] == [
        (Method.CASH, 104_40),
        (Method.OFFSET, 0),
    ]
    assert faults(sample_shop) == []


def _goods(shop: SampleShop, document: Document) -> dict[str, Any]:
    return {
        "key": document.key, "quantities": (1000,), "method": Method.CASH, "seen": document, "note_key": new_key(),
    }  # fmt: skip


def test_a_close_without_sales_has_the_next_number_and_says_nothing_was_sold(sample_shop: SampleShop) -> None:
    reports = [closed(sample_shop) for _ in range(3)]
    assert [report.number for report in reports] == [1, 2, 3]
    assert all(report.figures.sales == Sum(0, 0) and not report.figures.kinds for report in reports)
    assert faults(sample_shop) == []


def test_the_same_press_closes_once(sample_shop: SampleShop) -> None:
    key = new_key()
    sample_shop.issue(TEA)
    first = sample_shop.do(close_day, key=key)
    sample_shop.issue(TEA)
    assert sample_shop.do(close_day, key=key) == first
    assert closed(sample_shop).number == 2


def test_a_close_seals_what_every_till_has_issued_even_with_a_later_date(sample_shop: SampleShop) -> None:
    there = _till(sample_shop, "B")
    ahead = there.do(
        do_documents.issue,
        replace(there.draft(TEA), date_on=there.today + timedelta(days=3)),
        confirmed=frozenset({do_documents.DATE_IS_MEANT}),
    )
    here = sample_shop.issue(TEA)
    report = closed(sample_shop)
    assert report.figures.sales.count == 2
    assert [span.till for span in report.figures.tills] == ["A", "B"]
    for document in (ahead, here):
        assert sample_shop.ask(ask_documents.get, document.key).is_sealed
    assert faults(sample_shop) == []


def test_a_sale_after_the_close_belongs_to_the_next_business_day_though_the_date_is_the_same(
    sample_shop: SampleShop,
) -> None:
    sample_shop.issue(TEA)
    first = closed(sample_shop)
    late = sample_shop.issue(DESK)
    second = closed(sample_shop)
    assert (first.figures.sales.amount, second.figures.sales.amount) == (11_60, 116_00)
    assert (first.day, second.day, late.date_on) == (sample_shop.today,) * 3
    assert faults(sample_shop) == []


def test_a_day_that_was_forgotten_is_closed_the_next_morning_and_leaves_that_day_open(sample_shop: SampleShop) -> None:
    sample_shop.issue(TEA)
    yesterday = sample_shop.today
    sample_shop.now += timedelta(days=1)
    report = closed(sample_shop)
    assert report.day == yesterday
    sold = sample_shop.issue(TEA)
    sample_shop.now += timedelta(days=1)
    dearer = replace(sample_shop.draft(DESK), date_on=sold.date_on)
    amended = sample_shop.do(do_documents.correct, sold.key, dearer, revision=1)
    assert amended.key == sold.key  # its day is not closed
    with pytest.raises(Refused, match="closed"):
        sample_shop.do(do_documents.issue, replace(sample_shop.draft(TEA), date_on=yesterday))
    assert closed(sample_shop).day == sold.date_on
    assert faults(sample_shop) == []


def test_a_clock_behind_the_last_close_is_asked_about_and_the_numbers_go_on(sample_shop: SampleShop) -> None:
    first = closed(sample_shop)
    sample_shop.now -= timedelta(days=2)
    with pytest.raises(ConfirmationRequired, match="day was closed at") as asked:
        sample_shop.do(close_day)
    again = sample_shop.do(close_day, confirmed=frozenset({asked.value.answer}))
    assert again.number == first.number + 1
    assert faults(sample_shop) == []


def test_a_till_whose_clock_is_behind_closes_what_another_one_sold_later(sample_shop: SampleShop) -> None:
    there = _till(sample_shop, "B")
    there.now += timedelta(minutes=5)
    sold = there.issue(TEA)
    report = closed(sample_shop)
    assert report.figures.sales == Sum(1, 11_60)
    assert report.made_at < sold.issued_at
    assert faults(sample_shop) == []


def test_documents_sealed_at_issue_are_on_the_report_too(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sample_shop.issue(TEA)
    close = sample_shop.do(close_day)
    assert close.sealed == 0
    assert sample_shop.ask(ask.z_report, close.number, by=sample_shop.by).figures.sales == Sum(1, 11_60)
    assert faults(sample_shop) == []


def test_a_report_is_read_back_as_it_was_made_to_the_byte(sample_shop: SampleShop) -> None:
    sample_shop.do(shifts.open_shift, Money(10_00, Currency.of("USD")))
    sample_shop.issue(TEA)
    report = closed(sample_shop)
    text = report_snapshots.to_text(report)
    assert report_snapshots.to_text(report_snapshots.from_text(text)) == text
    sample_shop.change_shop(seller=replace(report.seller, name="Other Shop"))
    assert sample_shop.ask(ask.z_report, 1, by=sample_shop.by) == report


def test_reports_are_listed_the_newest_first_page_by_page(sample_shop: SampleShop) -> None:
    for _ in range(3):
        closed(sample_shop)
    first = sample_shop.ask(ask.z_reports, by=sample_shop.by, limit=2)
    rest = sample_shop.ask(ask.z_reports, by=sample_shop.by, after=first[-1])
    assert [close.number for close in (*first, *rest)] == [3, 2, 1]
    with pytest.raises(Refused, match="no Z report 9"):
        sample_shop.ask(ask.z_report, 9, by=sample_shop.by)


def _till(shop: SampleShop, name: str) -> SampleShop:
    with shop.database.sessions.begin() as session:
        till = do_shop.add_till(session, name, by_staff=shop.by.staff, now=shop.now)
    return SampleShop(shop.database, Actor(shop.by.staff, till), shop.now)


# --- any day in any order -------------------------------------------------------------------------------------------

PRICES = st.integers(1, 9_999).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
METHODS = st.sampled_from([Method.CASH, Method.CARD])
ACTS = st.one_of(
    st.tuples(st.just("sell"), PRICES, METHODS),
    st.tuples(st.just("sell"), PRICES, METHODS),
    st.tuples(st.just("invoice"), PRICES),
    st.tuples(st.just("pay"), st.integers(0, 9), METHODS),
    st.tuples(st.just("correct"), st.integers(0, 9), PRICES),
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.tuples(st.just("shift"), st.integers(0, 20_000)),
    st.just(("close",)),
    st.just(("night",)),
)


@dataclass
class Days:
    """Days at two tills, act by act."""

    tills: tuple[SampleShop, SampleShop]
    keys: list[Any] = field(default_factory=list)
    reports: list[SalesReport] = field(default_factory=list)

    def act(self, at: int, name: str, *given: Any) -> None:
        shop = self.tills[at]
        shop.now = max(till.now for till in self.tills)
        match name:
            case "sell":
                draft = shop.draft(DraftRow("Tea", "1", given[0]))
                tender = Tender(method=given[1], tendered=draft.totals().gross)
                self.keys.append(shop.do(do_documents.issue, draft, tenders=(tender,)).key)
            case "invoice":
                self.keys.append(shop.issue(DraftRow("Desk", "1", given[0]), kind=Kind.INVOICE, customer="").key)
            case "close":
                self.reports.append(closed(shop))
            case "night":
                shop.now += timedelta(hours=14)
            case "shift":
                shop.do(self._shift(shop), *self._of_shift(shop, given[0]))
            case _ if self.keys:
                self._change(shop, name, shop.ask(ask_documents.get, self.keys[given[0] % len(self.keys)]), *given[1:])

    def _is_open(self, shop: SampleShop) -> bool:
        return shop.ask(ask.till_state, shop.by.till.key).shift is not None

    def _shift(self, shop: SampleShop) -> Any:
        return shifts.count_shift if self._is_open(shop) else shifts.open_shift

    def _of_shift(self, shop: SampleShop, minor: int) -> tuple[Any, ...]:
        return (((1, minor),),) if self._is_open(shop) else (Money(minor, Currency.of("USD")),)

    def _change(self, shop: SampleShop, name: str, document: Document, *given: Any) -> None:
        if document.state is not State.ISSUED:
            return
        if name == "pay" and document.balance:
            tender = Tender(method=given[0], tendered=document.balance.minor)
            shop.do(do_documents.pay, document.key, tender, payment_key=new_key())
        elif name == "correct":
            draft = shop.draft(DraftRow("Tea", "1", given[0]), kind=document.kind)
            self.keys.append(shop.do(do_documents.correct, document.key, draft, revision=document.revision).key)
        elif name == "delete":
            shop.do(do_documents.delete, document.key)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1), ACTS), min_size=4, max_size=12))
def test_all_reports_together_are_the_documents_and_payments_to_the_cent(
    sample_shop: SampleShop, acts: list[tuple[int, Any]]
) -> None:
    there = _till(sample_shop, f"T{len(sample_shop.ask(ask_shop.tills))}")
    days = Days((sample_shop, there))
    before = _books(sample_shop)
    start = sample_shop.ask(day_closes.last)
    days.reports.append(closed(sample_shop))
    for at, act in acts:
        days.act(at, *act)
    sample_shop.now = max(till.now for till in days.tills)
    days.reports.append(closed(sample_shop))
    assert days.reports[0].total_before == (before[0] if start else 0)
    assert all(one.running_total == other.total_before for one, other in pairwise(days.reports))
    sales, net, tax, paid = _books(sample_shop)
    assert days.reports[-1].running_total == sales
    figures = [report.figures for report in days.reports]
    for one in figures:
        assert one.sales.amount == sum(tax_sum.gross for tax_sum in one.taxes)
        assert one.sales == Sum(sum(c.sales.count for c in one.cashiers), sum(c.sales.amount for c in one.cashiers))
    assert sum(t.net for one in figures for t in one.taxes) == net - before[1]
    assert sum(t.tax for one in figures for t in one.taxes) == tax - before[2]
    assert sum(p.amount for one in figures for p in one.payments) == paid - before[3]
    assert faults(sample_shop) == []


def _books(shop: SampleShop) -> tuple[int, ...]:
    """Return gross, net, tax and payments of all documents, in minor units."""
    counts = (documents.c.state != State.VOIDED.value, documents.c.kind != Kind.QUOTE.value)

    def asked(session: Any) -> tuple[int, ...]:
        sums = [select(func.sum(documents.c.gross_minor)).where(*counts)]
        sums += [
            select(func.sum(column)).join_from(document_taxes, documents).where(*counts)
            for column in (document_taxes.c.net_minor, document_taxes.c.tax_minor)
        ]
        sums.append(select(func.sum(payments.c.amount_minor)))
        return tuple(int(session.execute(one).scalar() or 0) for one in sums)

    return shop.ask(asked)


def test_the_day_closed_is_never_after_today() -> None:
    today = date(2026, 11, 24)
    assert closed_day([], today) == today
    assert closed_day([today - timedelta(days=2), today - timedelta(days=1)], today) == today - timedelta(days=1)
    assert closed_day([today + timedelta(days=9)], today) == today
