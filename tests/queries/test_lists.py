"""Lists page by key without holes or repeats, search finds, figures and statistics agree with the documents."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event

from shopdesk.domain.account import Role
from shopdesk.domain.barcode import read_barcode
from shopdesk.domain.collation import sort_key
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import customers, dashboard, products, scans, shop, statistics
from shopdesk.queries import documents as ask
from shopdesk.queries.customers import CustomerOrder
from shopdesk.queries.documents import DocumentFilter, DocumentOrder, DocumentSummary
from shopdesk.queries.outbox import NotDelivered
from shopdesk.queries.products import ProductOrder
from shopdesk.queries.statistics import Step
from shopdesk.row_keys import new_key
from shopdesk.usecases import accounts, documents
from shopdesk.usecases import customers as do_customers
from shopdesk.usecases import products as do_products
from support.shops import SampleShop


def numbers(sample_shop: SampleShop, **find: Any) -> list[str]:
    return [summary.number for summary in sample_shop.ask(ask.page, find=DocumentFilter(**find), after=None)]


def test_a_list_read_in_small_pages_has_every_document_once_newest_first(sample_shop: SampleShop) -> None:
    issued = [sample_shop.issue(DraftRow("Tea", "1", str(price + 1))).number for price in range(7)]
    seen, last = [], None
    while page := sample_shop.ask(ask.page, find=DocumentFilter(), after=last, limit=3):
        seen += [summary.number for summary in page]
        last = page[-1]
    assert seen == issued[::-1]


def test_documents_are_found_by_number_its_end_or_the_customers_words(sample_shop: SampleShop) -> None:
    sample_shop.issue(customer="Ada Lovelace <ada@example.org>")
    sample_shop.issue(customer="José García")
    assert numbers(sample_shop, text="r-a-2026-000002") == ["R-A-2026-000002"]
    assert numbers(sample_shop, text="2") == ["R-A-2026-000002"]
    assert numbers(sample_shop, text="garcia jos") == ["R-A-2026-000002"]
    assert numbers(sample_shop, text="love") == ["R-A-2026-000001"]
    assert numbers(sample_shop, text="ada@exam") == ["R-A-2026-000001"]
    assert numbers(sample_shop, text="nobody") == []
    assert numbers(sample_shop, text="%") == []


def test_a_document_is_found_by_its_number_from_any_part_on_with_or_without_zeros_and_dashes(
    sample_shop: SampleShop,
) -> None:
    for _ in range(11):
        sample_shop.issue(customer="")
    for text in ("1", "#1", "000001", "2026-1", "2026000001", "A-2026-000001", "R-A-2026-1", "r a 2026 1", "ra20261"):
        assert numbers(sample_shop, text=text) == ["R-A-2026-000001"], text
    for text in ("2026-12", "R-B-2026-1", "D-A-2026-1", "2025-1", "2026-0", "R-A-2027", "9" * 30):
        assert numbers(sample_shop, text=text) == [], text


def test_the_two_digits_of_a_count_do_not_find_the_documents_of_a_phone(sample_shop: SampleShop) -> None:
    sample_shop.issue(customer="+1 212 555 0123")
    assert numbers(sample_shop, text="12") == []
    assert numbers(sample_shop, text="0123") == ["R-A-2026-000001"]


@pytest.mark.parametrize(
    ("phone", "typed"),
    [
        ("+12125550123", ["2125550123", "212 555 0123", "(212) 555-0123", "555-0123", "0123", "+1 212", "٠١٢٣"]),
        ("+254712345678", ["0712 345678", "0712", "712 345", "345678", "254712", "+254 (0)712 345678", "678"]),
        ("+4930123456", ["030 123456", "030/12", "+49 30", "3456", "30123456"]),
        ("+79123456789", ["8 912 345-67-89", "8912", "912 345", "67-89", "789"]),
        ("+390612345678", ["06 1234 5678", "5678", "0612345678"]),
    ],
)  # fmt: skip
def test_a_customer_is_found_by_the_phone_as_people_write_it(
    sample_shop: SampleShop, phone: str, typed: list[str]
) -> None:
    for name, number in (("Ada", phone), ("Ben", "+8613912000000")):
        sample_shop.do(do_customers.save, Customer(key=new_key(), name=name, phone=number))
    for text in typed:
        assert [found.name for found in sample_shop.ask(customers.suggest, text)] == ["Ada"], text
    assert sample_shop.ask(customers.suggest, f"{phone}9") == ()


def test_letters_without_a_decomposition_are_found_by_those_that_people_type(sample_shop: SampleShop) -> None:
    for name in ("Łukasz Đặng", "Ægir Sørensen", "Yıldız Straße", "Þór Œuvre", "Sinéad O’Connor-Smith"):
        sample_shop.do(do_customers.save, Customer(key=new_key(), name=name))
    for typed, name in (
        ("lukasz dang", "Łukasz Đặng"), ("LUKASZ", "Łukasz Đặng"), ("łuk", "Łukasz Đặng"), ("aegir", "Ægir Sørensen"),
        ("sorensen", "Ægir Sørensen"), ("yildiz strasse", "Yıldız Straße"), ("thor oeuvre", "Þór Œuvre"),
        ("o'connor", "Sinéad O’Connor-Smith"), ("oconnorsmith", "Sinéad O’Connor-Smith"),
    ):  # fmt: skip
        assert [found.name for found in sample_shop.ask(customers.suggest, typed)] == [name], typed


def test_a_product_is_found_by_the_end_of_its_barcode_and_a_code_without_its_dashes(sample_shop: SampleShop) -> None:
    sample_shop.do(
        do_products.save, Product(key=new_key(), code="AB-1234", name="Coffee", price=1, barcode="4006381333931")
    )
    sample_shop.do(do_products.save, Product(key=new_key(), code="9", name="Tea", price=1, barcode="X12-9"))
    for typed in ("3931", "333931", "ab1234", "AB-12", "ab 1234", "AB1", "coffee 3931", "4006381333931"):
        assert [found.name for found in sample_shop.ask(products.suggest, typed)] == ["Coffee"], typed
    assert [found.name for found in sample_shop.ask(products.suggest, "x129")] == ["Tea"]
    assert sample_shop.ask(products.suggest, "31") == ()  # two digits end too many codes
    assert sample_shop.ask(products.suggest, "3932") == ()


def test_what_no_database_can_hold_is_found_nowhere_and_is_no_error(sample_shop: SampleShop) -> None:
    for pasted in ("\0", "\0\0a", "\ud800", "a\udfff"):
        assert sample_shop.ask(customers.page, text=pasted, after=None) == ()
        assert sample_shop.ask(scans.meaning, read_barcode(pasted)) is None
        with pytest.raises(Refused, match="No document in this list"):
            sample_shop.ask(ask.page_from, find=DocumentFilter(), to=pasted)
        with sample_shop.database.sessions.begin() as session:
            refused = accounts.sign_in(session, user_name=pasted, password="x", now=sample_shop.now)
        assert isinstance(refused, accounts.SignInRefused)


NAMES = ["10 Eier", "2 Eier", "Äpfel", "apfel", "Apfel", "Apfel", "apple", "Banane", "co op", "co-op", "Coop", "éclair",
         "Łódź", "Lodz", "Österreicher", "Zucker", "Ωμέγα", "Ёлка", "елка", "Žižka", "米", "🍏"]  # fmt: skip


def test_lists_are_in_the_order_of_a_dictionary_and_pages_neither_skip_nor_repeat(sample_shop: SampleShop) -> None:
    for code, name in enumerate(reversed(NAMES)):
        sample_shop.do(do_products.save, Product(key=new_key(), code=str(code), name=name, price=1))
        sample_shop.do(do_customers.save, Customer(key=new_key(), name=name))
    pages: tuple[Callable[..., tuple[Any, ...]], ...] = (products.page, customers.page)
    for page, size in itertools.product(pages, (1, 2, 5)):
        seen: list[Any] = []
        while rows := sample_shop.ask(page, text="", after=seen[-1] if seen else None, limit=size):
            seen += rows
        assert len({row.key for row in seen}) == len(seen) == len(NAMES)
        assert [row.name for row in seen] == sorted(NAMES, key=lambda name: sort_key(name, "en"))


def test_the_lists_follow_the_language_of_the_shop(sample_shop: SampleShop) -> None:
    for code, name in enumerate(("Zebra", "Äpple", "Apa", "Öl", "Åka")):
        sample_shop.do(do_products.save, Product(key=new_key(), code=str(code), name=name, price=1))
        sample_shop.do(do_customers.save, Customer(key=new_key(), name=name))
    names = ["Åka", "Apa", "Äpple", "Öl", "Zebra"]
    for language, wanted in (("en", names), ("sv", ["Apa", "Zebra", "Åka", "Äpple", "Öl"]), ("de", names)):
        sample_shop.change_shop(language=language)
        pages: tuple[Callable[..., tuple[Any, ...]], ...] = (products.page, customers.page)
        for page in pages:
            first = sample_shop.ask(page, text="", after=None, limit=3)
            rest = sample_shop.ask(page, text="", after=first[-1])
            assert [row.name for row in first + rest] == wanted


def test_documents_are_filtered_by_kind_state_debt_and_day(sample_shop: SampleShop) -> None:
    invoice = sample_shop.issue(kind=Kind.INVOICE)
    receipt = sample_shop.issue()
    sample_shop.do(documents.delete, receipt.key)
    sample_shop.now += timedelta(days=1)
    tomorrow = sample_shop.issue(DraftRow("Tea", "1", "9"))
    assert numbers(sample_shop, kinds=frozenset({Kind.INVOICE})) == [invoice.number]
    assert numbers(sample_shop, states=frozenset({State.VOIDED})) == [receipt.number]
    assert numbers(sample_shop, unpaid=True) == [invoice.number]
    assert numbers(sample_shop, since=sample_shop.today) == [tomorrow.number]
    assert numbers(sample_shop, until=sample_shop.today - timedelta(days=1)) == [receipt.number, invoice.number]
    assert numbers(sample_shop, customer_key=UUID(int=1)) == []


def test_what_the_shop_owes_is_found_and_counted_apart_from_what_it_is_owed(sample_shop: SampleShop) -> None:
    invoice = sample_shop.issue(DraftRow("Tea", "1", "10"), kind=Kind.INVOICE)
    credit = sample_shop.issue(DraftRow("Tea", "1", "4"), kind=Kind.CREDIT_NOTE)
    other = sample_shop.issue(DraftRow("Tea", "1", "3"), kind=Kind.CREDIT_NOTE)
    sample_shop.issue(DraftRow("Tea", "1", "1"))  # paid
    part = Tender(method=Method.CASH, tendered=-100)
    sample_shop.do(documents.pay, other.key, part, payment_key=new_key())
    assert numbers(sample_shop, unpaid=True) == [invoice.number]
    assert numbers(sample_shop, to_refund=True) == [other.number, credit.number]
    assert numbers(sample_shop, to_refund=True, unpaid=True) == [other.number, credit.number, invoice.number]
    figures = sample_shop.ask(dashboard.figures, today=sample_shop.today)
    assert (str(figures.unpaid), figures.unpaid_count) == ("10.00", 1)
    assert (str(figures.to_refund), figures.to_refund_count) == ("6.00", 2)
    sample_shop.do(documents.pay, credit.key, Tender(method=Method.CASH, tendered=-400), payment_key=new_key())
    assert numbers(sample_shop, to_refund=True) == [other.number]
    sample_shop.do(documents.delete, invoice.key)
    assert numbers(sample_shop, unpaid=True) == []


def test_customers_are_suggested_by_the_beginnings_of_their_words(sample_shop: SampleShop) -> None:
    for name, email in (("Ada Lovelace", "ada@example.org"), ("Åsa Öberg", ""), ("Adam", "")):
        sample_shop.do(do_customers.save, Customer(key=new_key(), name=name, email=email))
    assert [found.name for found in sample_shop.ask(customers.suggest, "ada")] == ["Ada Lovelace", "Adam"]
    assert [found.name for found in sample_shop.ask(customers.suggest, "ober asa")] == ["Åsa Öberg"]
    assert [found.name for found in sample_shop.ask(customers.suggest, "ada@example.org")] == ["Ada Lovelace"]
    assert sample_shop.ask(customers.suggest, "  ") == ()


def test_a_changed_customer_is_found_by_the_new_words_only_and_documents_keep_the_old(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(customer="Ada <ada@example.org>")
    customer = sample_shop.ask(customers.get, document.buyer.key)
    sample_shop.do(do_customers.save, Customer(key=customer.key, name="Countess of Lovelace", email="new@example.org"))
    assert sample_shop.ask(customers.suggest, "ada") == ()
    assert len(sample_shop.ask(customers.suggest, "countess")) == 1
    assert sample_shop.ask(ask.get, document.key).buyer.name == "Ada"


def test_every_wrong_field_of_a_customer_gets_its_sentence(sample_shop: SampleShop) -> None:
    with pytest.raises(Refused) as refused:
        sample_shop.do(do_customers.save, Customer(key=new_key(), name=" ", email="ada@", phone="12"))
    assert [fault.field for fault in refused.value.faults] == ["name", "email", "phone"]


def test_a_product_is_found_by_barcode_before_code_and_not_once_retired(sample_shop: SampleShop) -> None:
    milk = Product(key=new_key(), code="100", name="Fluid milk", price=8900, barcode="4006381333931")
    odd = Product(key=new_key(), code="4006381333931", name="Odd", price=100)
    for product in (milk, odd):
        sample_shop.do(do_products.save, product)
    assert sample_shop.ask(products.by_code, "4006381333931") == milk
    assert sample_shop.ask(products.by_code, "100") == milk
    assert sample_shop.ask(products.suggest, "flu mi") == (milk,)
    sample_shop.do(do_products.save, Product(key=milk.key, code="100", name="Fluid milk", price=1, is_retired=True))
    assert sample_shop.ask(products.by_code, "100") is None
    assert sample_shop.ask(products.suggest, "milk") == ()
    with pytest.raises(Refused, match="already used"):
        sample_shop.do(do_products.save, Product(key=new_key(), code="100", name="Other", price=1))


def test_statistics_agree_with_the_documents(sample_shop: SampleShop) -> None:
    sample_shop.issue(DraftRow("Tea", "2", "5"), customer="Ada <ada@example.org>")
    sample_shop.now += timedelta(days=3)
    sample_shop.issue(DraftRow("Tea", "1", "5"), DraftRow("Milk", "1", "1"), customer="Ada <ada@example.org>")
    sample_shop.issue(DraftRow("Milk", "3", "1"), customer="Ben", kind=Kind.INVOICE)
    voided = sample_shop.issue(DraftRow("Gold", "1", "999"))
    sample_shop.do(documents.delete, voided.key)
    period = {"since": sample_shop.today - timedelta(days=1), "until": sample_shop.today, "by": sample_shop.by}
    whole = {**period, "since": sample_shop.today - timedelta(days=6)}

    overview = sample_shop.ask(statistics.overview, **period)
    assert (str(overview.sales), overview.orders, str(overview.average)) == ("9.00", 2, "4.50")
    assert overview.customers == 2
    assert overview.before is not None
    assert str(overview.before.sales) == "10.00"  # the two days before
    assert str(sample_shop.ask(statistics.overview, **whole).sales) == "19.00"

    bars = sample_shop.ask(statistics.over_time, **whole, step=Step.DAY)
    assert [bar.gross.minor for bar in bars] == [0, 0, 0, 1000, 0, 0, 900]
    kinds = sample_shop.ask(statistics.by_kind, **whole)
    assert [(entry.kind, entry.count, str(entry.gross)) for entry in kinds] == [
        (Kind.RECEIPT, 2, "16.00"),
        (Kind.INVOICE, 1, "3.00"),
    ]
    best = sample_shop.ask(statistics.best_items, **whole)
    assert [(entry.name, entry.count, str(entry.gross)) for entry in best] == [
        ("Tea", 3000, "15.00"),
        ("Milk", 4000, "4.00"),
    ]
    buyers = sample_shop.ask(statistics.best_customers, **whole)
    assert [(entry.name, entry.count, str(entry.gross)) for entry in buyers] == [
        ("Ada", 2, "16.00"),
        ("Ben", 1, "3.00"),
    ]
    (cash,) = sample_shop.ask(statistics.by_method, **whole)
    assert (cash.method, str(cash.amount)) == (Method.CASH, "16.00")


def test_a_cashier_may_not_see_statistics(sample_shop: SampleShop) -> None:
    cashier = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    with pytest.raises(Refused, match="statistics"):
        cashier.ask(statistics.overview, since=sample_shop.today, until=sample_shop.today, by=cashier.by)


def test_the_dashboard_compares_today_with_the_same_weekday(sample_shop: SampleShop) -> None:
    sample_shop.issue(DraftRow("Tea", "1", "8"))
    sample_shop.now += timedelta(days=7)
    invoice = sample_shop.issue(DraftRow("Tea", "1", "10"), kind=Kind.INVOICE)
    figures = sample_shop.ask(dashboard.figures, today=sample_shop.today)
    assert (str(figures.sales_today), str(figures.sales_same_weekday)) == ("10.00", "8.00")
    assert (figures.customers, figures.orders, figures.orders_today, figures.unpaid_count) == (1, 2, 1, 1)
    assert (figures.not_delivered, len(figures.last_days)) == (NotDelivered(waiting=2), 14)
    sample_shop.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=1000), payment_key=new_key())
    assert str(sample_shop.ask(dashboard.figures, today=sample_shop.today).unpaid) == "0.00"


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    from datetime import date

    assert Step.WEEK.start(date(2026, 11, 22)) == date(2026, 11, 16)
    assert Step.WEEK.start(date(2026, 11, 22), first_weekday=6) == date(2026, 11, 22)
    assert Step.WEEK.start(date(2026, 11, 21), first_weekday=6) == date(2026, 11, 15)
    assert Step.WEEK.following(date(2026, 11, 15)) == date(2026, 11, 22)
    assert Step.MONTH.following(date(2026, 1, 1)) == date(2026, 2, 1)
    assert Step.MONTH.following(date(2026, 12, 1)) == date(2027, 1, 1)


def test_the_next_numbers_are_those_that_are_given(sample_shop: SampleShop) -> None:
    (here,) = sample_shop.ask(shop.next_numbers, on=sample_shop.today)
    assert here.following[Kind.RECEIPT] == "R-A-2026-000001"
    assert sample_shop.issue(DraftRow("Tea", "1", "8")).number == "R-A-2026-000001"
    (here,) = sample_shop.ask(shop.next_numbers, on=sample_shop.today)
    assert here.following[Kind.RECEIPT] == "R-A-2026-000002"
    assert here.following[Kind.INVOICE] == "I-A-2026-000001"


def plans_of(sample_shop: SampleShop, query: Callable[..., Any], table: str, **given: Any) -> list[str]:
    """SQLite's plans for the first two pages of a list."""
    plans: list[str] = []

    def explain(connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if f"ORDER BY {table}." in statement:
            rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in rows)

    with sample_shop.database.reads() as session:
        event.listen(session.connection, "before_cursor_execute", explain)
        rows = query(session, after=None, **given)
        query(session, after=rows[-1], **given)
    return plans


@pytest.mark.parametrize("order", DocumentOrder)
@pytest.mark.parametrize("descending", [True, False])
def test_documents_are_paged_in_every_order_without_gap_or_repeat(
    sample_shop: SampleShop, order: DocumentOrder, descending: bool
) -> None:
    issued = []
    for at in range(7):
        sample_shop.now += timedelta(hours=13)
        kind = (Kind.RECEIPT, Kind.INVOICE, Kind.QUOTE)[at % 3]
        issued.append(sample_shop.issue(DraftRow("Tea", "1", f"{at + 1}.00"), kind=kind))
    found: list[DocumentSummary] = []
    while rows := sample_shop.ask(
        ask.page,
        find=DocumentFilter(),
        after=found[-1] if found else None,
        limit=2,
        order=order,
        descending=descending,
    ):
        found += rows
    values = [
        {"issued": row.issued_at.isoformat(), "date": row.date_on.isoformat(), "number": row.number}[order.value]
        for row in found
    ]
    assert values == sorted(values, reverse=descending)
    assert sorted(row.number for row in found) == sorted(document.number for document in issued)


def test_products_and_customers_are_paged_backwards_too(sample_shop: SampleShop) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        sample_shop.issue(DraftRow("Tea", "1", "1"), customer=f"{name} <{name.lower()}@example.org>")
    first, second = sample_shop.ask(customers.page, text="", after=None, limit=2, descending=True)
    assert (first.name, second.name) == ("Cleo", "Ben")
    (third,) = sample_shop.ask(customers.page, text="", after=second, limit=2, descending=True)
    assert third.name == "Ada"


def test_the_sums_are_those_of_what_counts(sample_shop: SampleShop) -> None:
    sample_shop.issue(DraftRow("Tea", "1", "10"), kind=Kind.INVOICE)
    sample_shop.issue(DraftRow("Tea", "1", "3"), kind=Kind.CREDIT_NOTE)
    sample_shop.issue(DraftRow("Tea", "1", "100"), kind=Kind.QUOTE)
    sample_shop.issue(DraftRow("Tea", "1", "5"))
    gone = sample_shop.issue(DraftRow("Tea", "1", "50"))
    sample_shop.do(documents.delete, gone.key, seen=gone)
    currency = gone.currency
    sums = sample_shop.ask(ask.sums, find=DocumentFilter(), currency=currency)
    assert (sums.count, sums.counted, str(sums.gross), str(sums.due)) == (5, 3, "12.00", "7.00")
    sums = sample_shop.ask(ask.sums, find=DocumentFilter(kinds=frozenset({Kind.INVOICE})), currency=currency)
    assert (sums.count, str(sums.gross)) == (1, "10.00")


def test_customers_come_by_what_they_owe_and_those_of_equal_balance_by_name(sample_shop: SampleShop) -> None:
    owes = {"Ada": "30", "Bea": "10", "Cid": "20", "Dan": "", "Eve": ""}
    for name, price in owes.items():
        if price:
            sample_shop.issue(DraftRow("Tea", "1", price), kind=Kind.INVOICE, customer=f"{name} <{name}@example.org>")
        else:
            sample_shop.issue(customer=f"{name} <{name}@example.org>")
    by_name = sample_shop.ask(customers.page, text="", after=None)
    bea, cid = (next(one for one in by_name if one.name == name) for name in ("Bea", "Cid"))
    sample_shop.do(do_customers.merge, cid, bea, base=cid)  # what Bea owes is owed by Cid now
    found: list[str] = []
    for descending in (True, False):
        after = None
        given = {"order": CustomerOrder.BALANCE, "descending": descending, "limit": 1, "text": ""}
        while page := sample_shop.ask(customers.page, after=after, **given):
            (after,) = page
            found.append(after.name)
    assert found == ["Cid", "Ada", "Eve", "Dan", "Dan", "Eve", "Ada", "Cid"]
    for text, names in (("example", found[:4]), ("ada", ["Ada"])):
        page = sample_shop.ask(customers.page, text=text, after=None, order=CustomerOrder.BALANCE, descending=True)
        assert [one.name for one in page] == names


def test_what_a_list_leaves_out_takes_no_place_on_its_page(sample_shop: SampleShop) -> None:
    for at in range(6):
        item = Product(key=new_key(), code=str(at), name=f"Item {at}", price=1, is_retired=at < 3)
        sample_shop.do(do_products.save, item)
        sample_shop.do(do_customers.save, Customer(key=new_key(), name=f"Ann {at}", email=f"{at}@example.org"))
    assert [one.name for one in sample_shop.ask(products.suggest, "item", 2)] == ["Item 3", "Item 4"]
    for at in (4, 5):
        sample_shop.issue(DraftRow("Tea", "1", str(at)), kind=Kind.INVOICE, customer=f"Ann {at} <{at}@example.org>")
    given: dict[str, Any] = {"order": CustomerOrder.BALANCE, "descending": True, "limit": 3}
    page = sample_shop.ask(customers.page, text="ann", after=None, **given)
    assert [one.name for one in page] == ["Ann 5", "Ann 4", "Ann 3"]


@pytest.mark.parametrize("order", DocumentOrder)
@pytest.mark.parametrize("descending", [True, False])
def test_every_order_is_read_from_an_index_and_nothing_is_sorted(
    sample_shop: SampleShop, order: DocumentOrder, descending: bool
) -> None:
    if sample_shop.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by the number of rows; a small table is sorted")
    for _ in range(3):
        sample_shop.issue(DraftRow("Tea", "1", "1"))
    given: dict[str, Any] = {"find": DocumentFilter(), "limit": 2, "order": order, "descending": descending}
    plans = plans_of(sample_shop, ask.page, "documents", **given)
    assert len(plans) >= 2
    plans = [plan for plan in plans if not plan.startswith("CORRELATED SCALAR SUBQUERY")]  # of the last message
    assert [plan for plan in plans if "INDEX" not in plan or "TEMP B-TREE" in plan] == []


def test_products_are_listed_by_price_in_small_pages_either_way(sample_shop: SampleShop) -> None:
    for at, price in enumerate((300, 100, 200, 200, 100)):
        sample_shop.do(do_products.save, Product(key=new_key(), code=str(at), name=f"Item {9 - at}", price=price))
    wanted = [(100, "Item 5"), (100, "Item 8"), (200, "Item 6"), (200, "Item 7"), (300, "Item 9")]
    for descending in (False, True):
        seen: list[tuple[int, str]] = []
        last = None
        given = {"text": "", "order": ProductOrder.PRICE, "descending": descending, "limit": 2}
        while page := sample_shop.ask(products.page, after=last, **given):
            seen += [(product.price, product.name) for product in page]
            last = page[-1]
        assert seen == (wanted[::-1] if descending else wanted)


@pytest.mark.parametrize("descending", [True, False])
def test_products_by_price_and_documents_of_a_cashier_are_read_from_an_index(
    sample_shop: SampleShop, descending: bool
) -> None:
    if sample_shop.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by the number of rows; a small table is sorted")
    for at in range(3):
        sample_shop.do(do_products.save, Product(key=new_key(), code=str(at), name=f"Item {at}", price=at))
        sample_shop.issue(DraftRow("Tea", "1", "1"))
    given: dict[str, Any] = {"descending": descending, "limit": 2}
    by_price = plans_of(sample_shop, products.page, "products", text="", order=ProductOrder.PRICE, **given)
    find = DocumentFilter(cashier_key=sample_shop.by.staff.key)
    of_cashier = plans_of(sample_shop, ask.page, "documents", find=find, **given)
    for plans, index in ((by_price, "ix_products_price"), (of_cashier, "ix_documents_issued_by")):
        assert sum(index in plan for plan in plans) == 2
        assert not any("TEMP B-TREE" in plan for plan in plans)


def test_products_are_listed_by_department_and_by_tax_in_small_pages_either_way(sample_shop: SampleShop) -> None:
    facts = sample_shop.change_shop(language="de")
    reduced = ShopTax(key=new_key(), name="Reduced", rate=TaxRate.percent(7))
    sample_shop.change_shop(taxes=(*facts.taxes, reduced))
    for at, (name, department, tax) in enumerate(
        (("Zange", "Werkzeug", None), ("Äpfel", "Obst", reduced.key), ("Birnen", "Obst", None),
         ("Öl", "Öle", reduced.key),
         ("Salz", "", facts.taxes[0].key), ("Kirschen", "Obst", reduced.key))
    ):  # fmt: skip
        product = Product(key=new_key(), code=str(at), name=name, price=1, department=department, tax_key=tax)
        sample_shop.do(do_products.save, product)
    assert sample_shop.ask(products.departments) == ["", "Obst", "Öle", "Werkzeug"]
    for order, wanted in (
        (ProductOrder.DEPARTMENT, ["Salz", "Äpfel", "Birnen", "Kirschen", "Öl", "Zange"]),
        (ProductOrder.TAX, ["Äpfel", "Kirschen", "Öl", "Salz", "Birnen", "Zange"]),
    ):
        for descending in (False, True):
            seen: list[str] = []
            last = None
            given = {"text": "", "order": order, "descending": descending, "limit": 2}
            while page := sample_shop.ask(products.page, after=last, **given):
                seen += [product.name for product in page]
                last = page[-1]
            assert seen == (wanted[::-1] if descending else wanted)
