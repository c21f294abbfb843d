"""No list reads a whole table of the books or sorts one, whatever it is filtered by: its plans on both databases."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, product
from typing import Any

import pytest
from sqlalchemy import Connection, Table, event, text

from shopdesk.domain.document import Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.payment import Method
from shopdesk.domain.product import Product
from shopdesk.queries import customers, dashboard, documents, outbox, products
from shopdesk.queries.customers import CustomerOrder
from shopdesk.queries.documents import DocumentFilter, DocumentOrder
from shopdesk.queries.products import ProductOrder
from shopdesk.row_keys import new_key
from shopdesk.store.session import Session
from shopdesk.store.tables import document_lines, payments
from shopdesk.store.tables import documents as documents_table
from shopdesk.store.tables import outbox as outbox_table
from shopdesk.usecases import products as do_products
from support.shops import SampleShop

BOOKS = "documents|document_lines|payments|outbox|search_words"
COPIES = 3600
"""More than are ever sorted in any case."""


@pytest.fixture
def large_shop(sample_shop: SampleShop) -> SampleShop:
    """A shop with copies of one document, of its lines, payment and message; analysed, as a shop is."""
    sample_shop.do(do_products.save, Product(key=new_key(), code="1", name="Tea", price=100, department="Drinks"))
    sample_shop.issue(DraftRow("Tea", "1", "1.00"), DraftRow("Milk", "1", "1.00"))
    is_sqlite = sample_shop.database.engine.dialect.name == "sqlite"
    key, kind = ("randomblob(16)", "BLOB") if is_sqlite else ("gen_random_uuid()", "UUID")
    with sample_shop.database.engine.begin() as connection:
        connection.execute(text(f"CREATE TEMPORARY TABLE copies (n INTEGER, copy_key {kind})"))
        connection.execute(
            text(f"""INSERT INTO copies WITH RECURSIVE numbers(n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {COPIES}) SELECT n, {key} FROM numbers""")
        )
        number = "'R-A-2025-' || (100000 + n)"
        _copy(connection, documents_table, {"key": "copy_key", "draft_key": key, "number": number})
        _copy(connection, document_lines, {"document_key": "copy_key"})
        _copy(connection, payments, {"key": key, "document_key": "copy_key", "number": number})
        _copy(connection, outbox_table, {"key": key, "document_key": "copy_key", "message_id": "n || '@example.org'"})
        connection.execute(text("ANALYZE"))
    return sample_shop


def _copy(connection: Connection, table: Table, own: dict[str, str]) -> None:
    names = [f'"{column.name}"' for column in table.columns]
    values = [own.get(column.name, f'"{column.name}"') for column in table.columns]
    connection.execute(
        text(f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table.name}, copies")
    )


@dataclass(slots=True)
class Plans:
    """The plans of all queries while it listens."""

    session: Session
    found: list[tuple[str, str]] = field(default_factory=list)

    def explain(self, connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        """Keep the plan of a query that is about to run."""
        if not statement.lstrip().startswith(("SELECT", "WITH")):
            return
        own = connection.connection.cursor()
        if self.session.dialect == "sqlite":
            own.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            rows = [row[3] for row in own.fetchall()]
        else:
            own.execute(f"EXPLAIN {statement}", parameters)
            rows = [row[0] for row in own.fetchall()]
        self.found.append((statement, "\n".join(rows)))

    def check(self, about: object) -> None:
        """Fail if a query reads a whole table, or sorts what it has not chosen before."""
        for statement, plan in self.found:
            if not re.search(rf"FROM ({BOOKS}|customers|products)\b", statement):
                continue
            is_read_whole = re.search(rf"SCAN ({BOOKS}|customers)$|Seq Scan on ({BOOKS})\b", plan, re.MULTILINE)
            assert not is_read_whole, (about, plan)
            # The words of one key are few, those that begin alike may be many.
            assert not re.search(r"Index Cond: .*word >= .*key = ", plan), (about, plan)
            few = ('"key" IN (', "products.is_retired, ")  # the last: products of one name
            is_sorted = "TEMP B-TREE FOR ORDER BY" in plan and not any(one in statement for one in few)
            assert not is_sorted, (about, plan)
        assert self.found
        self.found.clear()


@pytest.fixture
def plans(large_shop: SampleShop) -> Iterator[Plans]:
    """The plans of a session on this shop; PostgreSQL takes an index wherever there is one, as for a million rows."""
    with large_shop.database.reads() as session:
        if session.dialect == "postgresql":
            session.execute(text("SET LOCAL enable_seqscan = off"))
        listening = Plans(session)
        event.listen(session.connection, "before_cursor_execute", listening.explain)
        yield listening


EACH: dict[str, list[dict[str, Any]]] = {
    "text": [{"text": text} for text in ("R", "r-a", "R-A-2025-1000", "ada", "e", "123", "zz")],
    "kinds": [{"kinds": frozenset(kinds)} for kinds in ({Kind.RECEIPT}, {Kind.QUOTE, Kind.INVOICE})],
    "states": [{"states": frozenset({state})} for state in (State.VOIDED, State.ISSUED)],
    "owed": [{"unpaid": True}, {"to_refund": True}],
    "days": [{"since": date(2026, 1, 1)}, {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}],
    "item": [{"item": "Tea"}, {"item": "Gold"}],
    "paid_by": [{"paid_by": Method.CASH}, {"paid_by": Method.TRANSFER}],
    "department": [{"department": "Drinks"}, {"department": "Shoes"}],
    "weekday": [{"weekday": 0}],
    "hour": [{"hour": 9}],
}


def test_no_list_reads_a_table_or_sorts_one(large_shop: SampleShop, plans: Plans) -> None:
    _check_documents(large_shop, plans)
    _check_methods_by_number(plans)
    _check_others(plans)


def _check_documents(large_shop: SampleShop, plans: Plans) -> None:
    owner = large_shop.by.staff.key
    (ada,) = large_shop.ask(customers.suggest, "ada")
    each = EACH | {"cashier": [{"cashier_key": owner}], "customer": [{"customer_key": ada.key}]}
    alone = [one for found in each.values() for one in found]
    two = [one[0] | other[-1] for one, other in combinations(each.values(), 2)]
    orders = list(product(DocumentOrder, (True, False)))
    for at, find in enumerate([{}, *alone, *two]):
        order, descending = orders[at % len(orders)]
        given: dict[str, Any] = {"find": DocumentFilter(**find), "order": order, "descending": descending, "limit": 20}
        rows = documents.page(plans.session, after=None, **given)
        if rows:
            documents.page(plans.session, after=rows[-1], **given)
        plans.check((find, order))
    documents.page_from(plans.session, find=DocumentFilter(), to=date(2026, 6, 1))
    documents.page_from(plans.session, find=DocumentFilter(), to="1")
    plans.check("a place in the list")


def _check_methods_by_number(plans: Plans) -> None:
    """They are read along the numbers beside the payments."""
    for more in ({}, {"kinds": frozenset({Kind.RECEIPT})}, {"item": "Tea"}, {"since": date(2026, 1, 1)}):
        find = DocumentFilter(paid_by=Method.CASH, **more)
        documents.page(plans.session, find=find, after=None, order=DocumentOrder.NUMBER)
        (plan,) = (plan for _, plan in plans.found if "ix_payments_number" in plan)
        is_within_kind = plans.session.dialect == "postgresql" or "number>? AND number<?" in plan
        assert is_within_kind or Kind.RECEIPT not in find.kinds, plan
        plans.check(find)


def _check_others(plans: Plans) -> None:
    for typed in ("a", "ada", "example", "123", "zz"):
        customers.suggest(plans.session, typed)
        customers.page(plans.session, text=typed, after=None)
        products.suggest(plans.session, typed)
        plans.check(typed)
    for descending in (True, False):
        customers.page(plans.session, text="", after=None, order=CustomerOrder.BALANCE, descending=descending)
    # What is open is sorted, and each of its customers looked up: PostgreSQL would join it with all of them.
    joined = re.compile(rf"Join|Nested Loop|SCAN (customers|{BOOKS})$|Seq Scan on ({BOOKS})\b", re.MULTILINE)
    assert [plan for _, plan in plans.found if joined.search(plan)] == []
    plans.found.clear()
    dashboard.figures(plans.session, today=date(2026, 6, 1))  # counts customers, too
    plans.check("dashboard")
    for order in ProductOrder:
        products.page(plans.session, text="tea", after=None, order=order)
        plans.check(order)
    for states in ((), (DeliveryStatus.FAILED,), (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)):
        outbox.page(plans.session, states=frozenset(states), after=None)
        plans.check(states)
