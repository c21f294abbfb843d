"""A list of documents has what a plain reading of its filter says, in its order, whichever index it is read from."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product
from typing import Any
from uuid import UUID

import pytest

from shopdesk.domain.account import Role
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.domain.search_words import of_customer, words_of
from shopdesk.queries import customers, indexed_list
from shopdesk.queries import documents as ask
from shopdesk.queries.documents import DocumentFilter, DocumentOrder
from shopdesk.row_keys import new_key
from shopdesk.store.session import Session
from shopdesk.usecases import customers as do_customers
from shopdesk.usecases import documents
from shopdesk.usecases import products as do_products
from support.shops import SampleShop

PEOPLE = ("Ada Lovelace <ada@example.org>", "Ruth Ames <ruth@example.org>", "Rosa <r@example.com> ", "")
ITEMS = ("Tea", "Milk", "Bread", "Rice")


@dataclass(frozen=True)
class Books:
    """Everything that is known of the documents of a shop; ``owner`` is the customer that each belongs to today."""

    shop: SampleShop
    documents: tuple[Document, ...]
    owner: dict[UUID, Customer]
    paid_on: dict[UUID, list[tuple[Method, date]]]

    def matches(self, document: Document, find: DocumentFilter) -> bool:
        """Whether a list with this filter has a document, by a plain reading of the filter."""
        owner = self.owner.get(document.buyer.key) if document.buyer.key is not None else None
        items = {line.item for line in document.lines}
        balance = document.balance.minor
        is_between = (find.since or date.min), (find.until or date.max)
        return all(
            (
                not find.kinds or document.kind in find.kinds,
                not find.states or document.state in find.states,
                find.customer_key is None or (owner is not None and owner.key == find.customer_key),
                not find.item or find.item in items,
                find.department is None or find.department in {"Drinks" if item == "Tea" else "" for item in items},
                find.cashier_key is None or document.issued_by_key == find.cashier_key,
                find.weekday is None or document.date_on.weekday() == find.weekday,
                find.hour is None or document.issued_at.astimezone().hour == find.hour,
                not (find.unpaid or find.to_refund)
                or (find.unpaid and balance > 0)
                or (find.to_refund and balance < 0),
                find.paid_by is not None or is_between[0] <= document.date_on <= is_between[1],
                find.paid_by is None
                or any(
                    method is find.paid_by and is_between[0] <= on <= is_between[1]
                    for method, on in self.paid_on.get(document.key, [])
                ),
                not find.text or self._is_named(document, owner, find.text),
            )
        )

    def _is_named(self, document: Document, owner: Customer | None, text: str) -> bool:
        if document.number.startswith(text.upper()):
            return True
        if text.isdecimal():
            return document.number.endswith(f"-{int(text):06d}")
        known = of_customer(owner.name, owner.email, owner.phone).words if owner is not None else ()
        return all(any(word.startswith(typed) for word in known) for typed in words_of(text))

    def day(self, number: str) -> date:
        """The date of a document."""
        return next(one.date_on for one in self.documents if one.number == number)

    def listed(self, find: DocumentFilter, order: DocumentOrder, *, descending: bool) -> list[str]:
        """The numbers of a list, sorted in memory."""
        is_of_days = (find.since or find.until) and find.paid_by is None
        if order is DocumentOrder.ISSUED and (is_of_days or find.text.upper().startswith("R-A")):
            order = DocumentOrder.DATE
        keys: dict[DocumentOrder, Callable[[Document], Any]] = {
            DocumentOrder.ISSUED: lambda one: (one.issued_at, one.key),
            DocumentOrder.DATE: lambda one: (one.date_on, one.issued_at, one.key),
            DocumentOrder.NUMBER: lambda one: one.number,
        }
        found = [document for document in self.documents if self.matches(document, find)]
        return [one.number for one in sorted(found, key=keys[order], reverse=descending)]


@pytest.fixture
def books(sample_shop: SampleShop) -> Books:
    """A shop with some of everything: kinds, dates of two years, methods, a second cashier, voided and merged ones."""
    chance = random.Random(20)
    sample_shop.now = datetime(2026, 12, 27, 9, tzinfo=UTC)
    ben = sample_shop.as_(sample_shop.staff(Role.MANAGER))
    sample_shop.do(do_products.save, Product(key=new_key(), code="1", name="Tea", price=100, department="Drinks"))
    sample_shop.do(do_products.save, Product(key=new_key(), code="2", name="Milk", price=100))
    issued = []
    for at in range(16):
        sample_shop.now += timedelta(hours=chance.choice((1, 7, 23)), minutes=chance.randrange(60))
        shop = replace(ben, now=sample_shop.now) if at % 5 == 3 else sample_shop
        rows = [DraftRow(item, "1", "2.00") for item in chance.sample(ITEMS, 1 + at % 2)]
        kind = chance.choice((Kind.RECEIPT, Kind.RECEIPT, Kind.INVOICE, Kind.QUOTE, Kind.CREDIT_NOTE))
        issued.append(shop.issue(*rows, kind=kind, customer=chance.choice(PEOPLE)).key)
    for at in (2, 6):
        document = sample_shop.ask(ask.get, issued[at])
        sample_shop.do(documents.delete, document.key, seen=document)
    for key in issued:
        document = sample_shop.ask(ask.get, key)
        if document.kind is Kind.INVOICE and document.state is State.ISSUED and chance.random() < 0.7:
            for part in (50, document.balance.minor - 50):
                tender = Tender(method=Method.CARD, tendered=part)
                sample_shop.do(documents.pay, key, tender, payment_key=new_key())
    everyone = {one.name: one for one in sample_shop.ask(customers.page, text="", after=None)}
    sample_shop.do(do_customers.merge, everyone["Ruth Ames"], everyone["Rosa"], base=everyone["Ruth Ames"])
    return _read(sample_shop, issued)


def _read(sample_shop: SampleShop, issued: list[UUID]) -> Books:
    found = tuple(sample_shop.ask(ask.get, key) for key in issued)
    buyers = {one.buyer.key for one in found if one.buyer.key is not None}
    owner = {key: sample_shop.ask(customers.get, key) for key in buyers}
    paid = {one.key: [(payment.method, payment.at.astimezone().date()) for payment in one.payments] for one in found}
    return Books(sample_shop, found, owner, paid)


def _filters(books: Books) -> Iterator[DocumentFilter]:
    """Each filter alone, and each two together."""
    days = sorted({one.date_on for one in books.documents})
    ada = next(one for one in books.owner.values() if one.name == "Ada Lovelace")
    ruth = next(one for one in books.owner.values() if one.name == "Ruth Ames")
    each: dict[str, list[dict[str, Any]]] = {
        "text": [{"text": text} for text in ("R", "r-a", "R-A-2026-00", "ada", "r", "e", "3", "lovelace ada", "zz")],
        "kinds": [{"kinds": frozenset(kinds)} for kinds in ({Kind.INVOICE}, {Kind.RECEIPT, Kind.QUOTE})],
        "states": [{"states": frozenset(states)} for states in ({State.VOIDED}, {State.ISSUED, State.CORRECTED})],
        "owed": [{"unpaid": True}, {"to_refund": True}, {"unpaid": True, "to_refund": True}],
        "customer": [{"customer_key": ada.key}, {"customer_key": ruth.key}],
        "days": [{"since": days[3], "until": days[-3]}, {"since": days[-2]}],
        "item": [{"item": "Tea"}, {"item": "Gold"}],
        "paid_by": [{"paid_by": Method.CASH}, {"paid_by": Method.CARD}, {"paid_by": Method.TRANSFER}],
        "department": [{"department": "Drinks"}, {"department": ""}, {"department": "Shoes"}],
        "cashier": [{"cashier_key": books.documents[3].issued_by_key}],
        "weekday": [{"weekday": 2}],
        "hour": [{"hour": books.documents[5].issued_at.astimezone().hour}],
    }
    for found in each.values():
        yield from (DocumentFilter(**one) for one in found)
    chance = random.Random(7)
    for one, other in combinations(each, 2):
        yield DocumentFilter(**chance.choice(each[one]), **chance.choice(each[other]))


LIMITS = (
    (1000, 12_000, 30_000, 60_000),
    (0, 0, 0, 0),
    (0, 9, 30_000, 5),
    (0, 12_000, 30_000, 9),
    (0, 0, 30_000, 60_000),
)
"""What counts as few, the most that are sorted, the most that are looked up, and how far along the order."""
WAYS = tuple(product(DocumentOrder, (True, False), LIMITS))
"""Orders, directions and limits: so a small list is read in all the ways of a large one."""


def read_in_pages(session: Session, *, limit: int, **given: Any) -> list[ask.DocumentSummary]:
    """All rows of a list, a few at a time; only the last page may have fewer."""
    seen: list[ask.DocumentSummary] = []
    while page := ask.page(session, after=seen[-1] if seen else None, limit=limit, **given):
        assert len(seen) % limit == 0
        seen += page
    return seen


def test_every_filter_and_each_two_find_what_a_plain_reading_finds(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    currency = books.documents[0].currency
    chance = random.Random(3)
    with books.shop.database.reads() as session:
        for find in _filters(books):
            order, descending, limits = chance.choice(WAYS)
            with monkeypatch.context() as patched:
                _set_limits(patched, *limits)
                limit = chance.choice((2, 7))
                seen = read_in_pages(session, find=find, order=order, descending=descending, limit=limit)
            wanted = books.listed(find, order, descending=descending)
            assert [row.number for row in seen] == wanted, (find, order, descending, limits)
            sums = ask.sums(session, find=find, currency=currency)
            counted = [one for one in books.documents if one.number in wanted and _counts(one)]
            assert (sums.count, sums.counted) == (len(wanted), len(counted)), find
            assert sums.gross.minor == sum(one.gross.minor for one in counted)
            assert sums.due.minor == sum(one.balance.minor for one in counted)
        _set_limits(monkeypatch, 0, 0, 0, 0)
        _check_by_number(session, books)


def _set_limits(patched: pytest.MonkeyPatch, few: int, most: int, most_looked_up: int, far: int) -> None:
    patched.setattr(indexed_list, "FEW", few)
    patched.setattr(indexed_list, "FEW_IN_ORDER", few)
    patched.setattr(indexed_list, "FEW_LOOKED_UP", few)
    patched.setattr(ask, "_FEW_CUSTOMERS", min(few, 500))
    patched.setattr(indexed_list, "MOST", most)
    patched.setattr(indexed_list, "MOST_LOOKED_UP", most_looked_up)
    patched.setattr(indexed_list, "MOST_FAR_OFF", most_looked_up)
    patched.setattr(indexed_list, "FAR", far)
    patched.setattr(indexed_list, "FAR_AMONG", far)


def _check_by_number(session: Session, books: Books) -> None:
    """What was paid by a method comes once, even if it was paid twice by it; a period may be part of two years."""
    assert any(len(paid) > 1 for paid in books.paid_on.values())
    assert len({one.date_on.year for one in books.documents}) == 2
    for find, descending in product(_filters(books), (True, False)):
        if find.paid_by is not None or find.since is not None:
            given: dict[str, Any] = {"find": find, "order": DocumentOrder.NUMBER, "descending": descending}
            seen = read_in_pages(session, limit=2, **given)
            wanted = books.listed(find, DocumentOrder.NUMBER, descending=descending)
            assert [row.number for row in seen] == wanted, (find, descending)


def test_a_list_is_read_from_a_number_or_a_date_on(books: Books) -> None:
    days = [one.date_on for one in books.documents]
    filters = DocumentFilter(), DocumentFilter(kinds=frozenset({Kind.RECEIPT})), DocumentFilter(since=min(days))
    for find, order, descending in product(filters, DocumentOrder, (True, False)):
        given = {"find": find, "order": order, "descending": descending, "limit": 3}
        wanted = books.listed(find, order, descending=descending)
        before, rows = books.shop.ask(ask.page_from, to=wanted[4].lower(), **given)
        assert before is not None
        assert [before.number, *(row.number for row in rows)] == wanted[3:7]
        before, rows = books.shop.ask(ask.page_from, to=wanted[0], **given)
        assert (before, [row.number for row in rows]) == (None, wanted[:3])
        if order is not DocumentOrder.NUMBER:
            day = sorted(days)[8]
            _, rows = books.shop.ask(ask.page_from, to=day, **given)
            left = [one for one in wanted if (books.day(one) <= day if descending else books.day(one) >= day)]
            assert [row.number for row in rows] == left[:3]
            ends = [date.min, date(2000, 1, 1)], [date(2030, 1, 1), date.max]
            beyond, before_all = ends if descending else reversed(ends)
            for days_typed, shown in ((beyond, wanted[-3:]), (before_all, wanted[:3])):
                for day in days_typed:
                    _, rows = books.shop.ask(ask.page_from, to=day, **given)
                    assert [row.number for row in rows] == shown
    with pytest.raises(Refused, match="No document in this list has the number R-A-2026-999999"):
        books.shop.ask(ask.page_from, find=DocumentFilter(), to="R-A-2026-999999")


def _counts(document: Document) -> bool:
    return document.state is State.ISSUED and document.kind.is_sale
