"""The accountant's export: it adds up to the money report, and carries the accounts that were chosen once."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.accounting import AccountMapping, column_key, method_key, revenue_key, tax_key
from shopdesk.domain.activity import Activity
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import accountant_export as ask
from shopdesk.queries import activity, money_report
from shopdesk.queries import shop as ask_shop
from shopdesk.queries.accountant_export import COLUMNS, ExportTable
from shopdesk.row_keys import new_key
from shopdesk.ui.statistics import accountant_tables
from shopdesk.usecases import accountant, documents
from support.shops import SampleShop

FULL, REDUCED = TaxRate.percent(16), TaxRate.percent(7)
BOOK, TEA = DraftRow("Book", "3", "10.70", tax="7 %"), DraftRow("Tea", "1", "116.00", "5 %")
AT = datetime(2026, 11, 30, 18, 0)  # noqa: DTZ001 - local time, as files have it
NAMES = tuple(column.name for columns in COLUMNS.values() for column in columns)
Tables = dict[str, list[dict[str, str]]]


@pytest.fixture
def busy(sample_shop: SampleShop) -> SampleShop:
    """Three days with two rates, discounts, a void, a correction, a return, payments in part and in cash."""
    taxes = (ShopTax(key=new_key(), name="Reduced", rate=REDUCED),)
    sample_shop.change_shop(taxes=(*sample_shop.change_shop().taxes, *taxes), smallest_coin=5)
    sample_shop.issue(BOOK, TEA, discount="1.01")
    sample_shop.do(documents.delete, sample_shop.issue(TEA).key)
    sample_shop.issue(TEA, kind=Kind.QUOTE)
    sample_shop.now += timedelta(days=1)
    sample_shop.seal_at_issue()
    invoice = sample_shop.issue(BOOK, kind=Kind.INVOICE, customer="Ben <ben@example.org>")
    pay(sample_shop, invoice.key, 1000)
    sold = sample_shop.issue(BOOK, TEA)
    draft = sample_shop.draft(BOOK)
    sample_shop.do(documents.correct, sold.key, draft, revision=1)
    sample_shop.now += timedelta(days=1)
    pay(sample_shop, invoice.key, 500)
    back = sample_shop.issue(BOOK, discount="10 %")
    sample_shop.do(documents.return_goods, back.key, [2000], Method.CASH, seen=back, note_key=new_key())
    return sample_shop


def pay(shop: SampleShop, key: Any, minor: int) -> None:
    shop.do(documents.pay, key, Tender(method=Method.CARD, tendered=minor), payment_key=new_key())


def archive(shop: SampleShop, since: date, until: date, *, page: int = 3) -> bytes:
    """The file, read in pages."""
    facts = shop.ask(ask_shop.current)
    assert facts is not None
    mapping = shop.ask(ask.mapping, by=shop.by)
    file = io.BytesIO()
    written = accountant_tables.archive(file, facts, mapping, period="November", made_at=AT)
    after = None
    while some := shop.ask(ask.page, since=since, until=until, by=shop.by, after=after, limit=page):
        written.write(some)
        after = some[-1]
    written.close()
    return file.getvalue()


def tables(content: bytes) -> Tables:
    """The CSV files by name, each row by its headings."""
    with ZipFile(io.BytesIO(content)) as files:
        assert files.testzip() is None
        return {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(files.read(name).decode("utf-8-sig"))))
            for name in files.namelist()
            if name.endswith(".csv")
        }


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    with ZipFile(io.BytesIO(content)) as files:
        book = openpyxl.load_workbook(io.BytesIO(files.read("accountant.xlsx")))
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


def minor(text: str) -> int:
    return int(Decimal(text) * 100)


def periods(shop: SampleShop) -> Iterator[tuple[date, date]]:
    days = [shop.today - timedelta(days=past) for past in (2, 1, 0)]
    return ((since, until) for at, since in enumerate(days) for until in days[at:])


def test_read_back_it_adds_up_to_the_money_report(busy: SampleShop) -> None:
    for since, until in periods(busy):
        report = busy.ask(money_report.money_report, since=since, until=until, by=busy.by)
        read = tables(archive(busy, since, until))
        sums = Counter[tuple[str, str, str]]()
        for row in read["taxes"]:
            for name in ("Net", "Tax", "Gross"):
                sums[row["Kind"], row["Tax rate"], name] += minor(row[name])
        assert sums == {
            (kind.kind.value, str(rate.rate.decimal), name): getattr(rate, name.lower()).minor
            for kind in report.kinds
            for rate in kind.rates
            for name in ("Net", "Tax", "Gross")
        }
        sales = report.sales.minor
        counted = [row for row in read["documents"] if row["Counts"] == "yes"]
        assert Counter(row["Kind"] for row in counted) == {one.kind.value: one.documents for one in report.kinds}
        assert sum(minor(row["Gross"]) for row in counted) == sales
        assert sum(minor(row["Gross"]) for row in read["lines"]) == sales
        for method in report.methods:
            own = [row for row in read["payments"] if row["Paid by"] == method.method.value]
            assert sum(minor(row["Money moved"]) for row in own) == method.moved.minor
            assert sum(minor(row["Cash rounding"]) for row in own) == method.rounding.minor
        assert sum(minor(row["Settled"]) for row in read["payments"]) == report.settled.minor


def test_what_is_open_at_the_end_is_that_of_the_money_report(busy: SampleShop) -> None:
    first = busy.today - timedelta(days=2)
    for until in (first, first + timedelta(days=1), busy.today):
        closing = busy.ask(money_report.money_report, since=first, until=until, by=busy.by).closing
        still_open = [minor(row["Open at the end"]) for row in tables(archive(busy, first, until))["documents"]]
        assert sum(still_open) == closing.net.minor
        assert sum(one != 0 for one in still_open) == closing.documents


def test_pages_of_any_size_make_the_same_files(busy: SampleShop) -> None:
    since = busy.today - timedelta(days=2)
    assert tables(archive(busy, since, busy.today, page=1)) == tables(archive(busy, since, busy.today, page=500))


def test_the_workbook_has_the_same_rows_and_a_readme_with_the_sums(busy: SampleShop) -> None:
    content = archive(busy, busy.today - timedelta(days=2), busy.today)
    read, book = tables(content), sheets(content)
    assert list(book) == ["README", "Documents", "Lines", "Taxes", "Payments", "Customers", "Products"]
    for name in ("documents", "lines", "taxes", "payments", "customers", "products"):
        rows = book[name.capitalize()]
        assert len(rows) == len(read[name]) + 1
        assert list(rows[0]) == list(read[name][0]) if read[name] else True
    readme = dict(book["README"])
    gross = sum(minor(row["Gross"]) for row in read["taxes"])
    assert round(readme["Taxes: sum of Gross"] * 100) == gross
    assert readme["Documents: rows"] == len(read["documents"])
    assert readme["Shop"] == "Corner Shop"


def test_only_customers_of_the_period_are_in_it(busy: SampleShop) -> None:
    day = busy.today - timedelta(days=2)
    assert [row["Name"] for row in tables(archive(busy, day, day))["customers"]] == ["Ada"]


def test_accounts_and_headings_are_remembered_and_written(busy: SampleShop) -> None:
    typed = {
        "receivable": " 1400 ",
        revenue_key(FULL): "8400",
        tax_key(FULL): "1776",
        method_key(Method.CARD): "1360",
        "rounding": "",
        column_key("taxes.net"): "Netto",
        column_key("taxes.kind"): "-",
    }
    kept = busy.do(accountant.set_mapping, typed, columns=NAMES)
    assert busy.ask(ask.mapping, by=busy.by) == kept
    read = tables(archive(busy, busy.today - timedelta(days=2), busy.today))
    (full, *_) = [row for row in read["taxes"] if row["Tax rate"] == "16"]
    assert (full["Revenue account"], full["Tax account"]) == ("8400", "1776")
    assert "Netto" in full
    assert "Kind" not in full
    assert {row["Account"] for row in read["payments"] if row["Paid by"] == "card"} == {"1360"}
    assert {row["Receivables account"] for row in read["documents"]} == {"1400"}
    (newest, *_) = busy.ask(activity.page, by=busy.by)
    assert (newest.act, newest.change.before) == (Activity.SETTING, "")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"receivable": "14;00"}, "letters, digits"),
        ({"receivable": "1" * 21}, "20"),
        ({column_key("taxes.net"): "Brutto", column_key("taxes.gross"): "brutto"}, "Two columns"),
        ({column_key(column.name): "-" for column in COLUMNS[ExportTable.TAXES]}, "at least one column"),
    ],
)
def test_what_cannot_be_a_mapping_is_told_beside_its_field(
    sample_shop: SampleShop, typed: dict[str, str], why: str
) -> None:
    with pytest.raises(Refused, match=why) as refused:
        sample_shop.do(accountant.set_mapping, typed, columns=NAMES)
    assert refused.value.faults[0].field in typed
    assert sample_shop.ask(ask.mapping, by=sample_shop.by) == AccountMapping()


def test_a_cashier_may_neither_read_nor_set_it(sample_shop: SampleShop) -> None:
    cashier = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    with pytest.raises(NotAllowed):
        cashier.do(accountant.set_mapping, {}, columns=NAMES)
    for query, given in ((ask.mapping, {}), (ask.page, {"since": cashier.today, "until": cashier.today})):
        with pytest.raises(NotAllowed):
            cashier.ask(query, by=cashier.by, **given)
