"""Statistics of any period are those that the sums per day add up to, wherever the sums of months and years end."""

from __future__ import annotations

import itertools
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.product import Product
from shopdesk.queries import statistics, verify
from shopdesk.queries.period_cover import cover, days_of_month
from shopdesk.row_keys import new_key
from shopdesk.store import customers as kept_customers
from shopdesk.store import period_sums
from shopdesk.store import products as kept_products
from shopdesk.store.session import Session
from shopdesk.store.tables import customers, day_customers, day_items, former_departments, products
from shopdesk.store.tables import documents as documents_table
from shopdesk.usecases import customers as do_customers
from shopdesk.usecases import documents
from shopdesk.usecases import products as do_products
from support.shops import SampleShop

ITEMS = ("Tea", "Milk", "Bread", "Rice", "Salt", "Soap", "Oil", "Eggs", "Pens", "Honey", "Beans", "Flour")
DEPARTMENTS = ("", "Drinks", "Food", "Household")
NAMES = ("", "Ada", "Ben", "Cleo", "Dan", "Eve", "Fay", "Gus")


class _Counter:
    """A till at which anything happens, on days that are often far apart."""

    def __init__(self, shop: SampleShop, chance: random.Random) -> None:
        self.shop, self.chance = shop, chance
        self.issued: list[Document] = []
        shop.now = shop.now.replace(year=2022, month=11)
        self.first = shop.today

    def act(self) -> None:
        one = self.chance.choice(
            (
                *[self.issue] * 6,
                self.delete,
                self.correct,
                self.credit,
                self.merge,
                self.sum_up,
                *[self.save_product] * 2,
            )
        )
        with suppress(Refused):  # what a rule refuses is left out, as at a real till
            one()
        if self.chance.random() < 0.4:
            self.shop.now += timedelta(days=self.chance.choice((1, 1, 2, 9, 33, 70)), minutes=self.chance.randrange(90))

    def issue(self, kind: Kind = Kind.RECEIPT, customer: str | None = None) -> None:
        rows = [self._row() for _ in range(self.chance.randint(1, 4))]
        back = timedelta(days=self.chance.choice((0, 0, 0, 0, 1, 3, 29)))
        name = self.chance.choice(NAMES) if customer is None else customer
        draft = replace(self.shop.draft(*rows, kind=kind), date_on=max(self.shop.today - back, self.first))
        contact = self.shop.read(customer=name).contact
        confirmed = frozenset({documents.SAME_AGAIN, documents.CLOCK_IS_RIGHT})
        self.issued.append(self.shop.do(documents.issue, draft, contact=contact, confirmed=confirmed))

    def credit(self) -> None:
        self.issue(Kind.CREDIT_NOTE)

    def delete(self) -> None:
        if open_ones := [one for one in self.issued if one.state is State.ISSUED]:
            chosen = self.chance.choice(open_ones)
            self.issued.remove(chosen)
            self.shop.do(documents.delete, chosen.key)

    def correct(self) -> None:
        if self.issued:
            chosen = self.issued.pop(self.chance.randrange(len(self.issued)))
            draft = replace(self.shop.draft(self._row(), kind=chosen.kind), date_on=chosen.date_on)
            self.shop.do(documents.correct, chosen.key, draft, revision=chosen.revision)

    def merge(self) -> None:
        keys = self.shop.ask(lambda session: list(session.execute(select(customers.c.key)).scalars()))
        if len(keys) > 5:
            kept, other = (self.shop.ask(kept_customers.by_key, key) for key in self.chance.sample(sorted(keys), 2))
            self.shop.do(do_customers.merge, kept, other, base=kept)

    def save_product(self) -> None:
        """Save a new product or another name, department or place on sale of one; names are often shared."""
        keys = sorted(self.shop.ask(lambda session: list(session.execute(select(products.c.key)).scalars())))
        product = Product(key=new_key(), code=new_key().hex, name="", price=100)
        if keys and self.chance.random() < 0.6:
            product = self.shop.ask(kept_products.by_key, self.chance.choice(keys))
        department, name = self.chance.choice(DEPARTMENTS), self.chance.choice(ITEMS)
        is_retired = self.chance.random() < 0.2
        changed = replace(product, name=name, department=department, is_retired=is_retired)
        self.shop.do(do_products.save, changed)

    def sum_up(self) -> None:
        until = self.shop.today - timedelta(days=self.chance.choice((0, 1, 1, 20)))
        while self.shop.do(_advance, until=until):
            pass

    def _row(self) -> DraftRow:
        item = self.chance.choices(ITEMS, [2**place for place in range(len(ITEMS))])[0]
        return DraftRow(item, str(self.chance.randint(1, 3)), str(self.chance.randint(1, 90)))


def _advance(session: Session, *, until: date, **_who: object) -> bool:
    return period_sums.advance(session, until=until)


def _check(shop: SampleShop, since: date, until: date) -> None:
    """Compare the statistics of a period with what the rows of its days add up to."""
    with shop.database.reads() as session:
        current = {row.key: row.merged_into or row.key for row in session.execute(select(customers))}
        of_item: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in session.execute(select(day_items).where(day_items.c.day.between(since, until))):
            of_item[row.item][0] += row.quantity_milli
            of_item[row.item][1] += row.gross_minor
        rows = session.execute(select(day_customers).where(day_customers.c.day <= until)).all()
        first = {current[row.customer_key]: row.day for row in sorted(rows, reverse=True) if row.documents}
        of_buyer: dict[object, list[int]] = defaultdict(lambda: [0, 0])
        for row in rows:
            if row.day >= since:
                of_buyer[current[row.customer_key]][0] += row.documents
                of_buyer[current[row.customer_key]][1] += row.gross_minor
        given: dict[str, Any] = {"since": since, "until": until, "by": shop.by}
        for limit in (2, 100):
            best = statistics.best_items(session, **given, limit=limit)
            assert [one.gross.minor for one in best] == sorted((b for _, b in of_item.values() if b), reverse=True)[
                :limit
            ]
            assert all([one.count, one.gross.minor] == of_item[one.name] for one in best)
            buyers = statistics.best_customers(session, **given, limit=limit)
            assert [one.gross.minor for one in buyers] == sorted((b for _, b in of_buyer.values()), reverse=True)[
                :limit
            ]
            assert all([one.count, one.gross.minor] == of_buyer[one.key] for one in buyers)
        assert statistics.overview(session, **given).customers == sum(a > 0 for a, _ in of_buyer.values())
        rows_of_documents = session.execute(
            select(documents_table).where(
                documents_table.c.date_on.between(since, until), documents_table.c.state != State.VOIDED.value
            )
        ).all()
        of_hour: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for row in rows_of_documents:
            of_hour[row.issued_at.astimezone().hour][0] += row.kind in ("invoice", "receipt")
            of_hour[row.issued_at.astimezone().hour][1] += row.gross_minor
        hours = statistics.by_hour(session, **given)
        assert {one.part: [one.orders, one.gross.minor] for one in hours} == of_hour
        cashiers = statistics.by_cashier(session, **given)
        sums = [sum(one) for one in zip(*of_hour.values(), strict=True)]
        assert [[one.orders, one.gross.minor] for one in cashiers] == ([sums] if rows_of_documents else [])
        of_department: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        catalogue = session.execute(select(products).order_by(products.c.is_retired, products.c.key)).all()
        for item, sums in of_item.items():
            department = next((row.department for row in catalogue if row.name == item), "")
            of_department[department] = [a + b for a, b in zip(of_department[department], sums, strict=True)]
        departments = statistics.by_department(session, **given)
        assert {one.name: [one.count, one.gross.minor] for one in departments} == {
            name: sums for name, sums in of_department.items() if sums[1]
        }
        new, returning, _ = statistics.by_customer_type(session, **given)
        for found, is_new in ((new, True), (returning, False)):
            ours = [sums for key, sums in of_buyer.items() if (first.get(key, until) >= since) is is_new]
            told = (found.customers, found.orders, found.gross.minor)
            assert told == (sum(a > 0 for a, _ in ours), sum(a for a, _ in ours), sum(b for _, b in ours))


@pytest.fixture
def clock_of_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that changes twice a year; on Windows the machine's own, as no program may set another there."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    if sys.platform != "win32":
        time.tzset()
    yield
    monkeypatch.undo()
    if sys.platform != "win32":
        time.tzset()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.usefixtures("clock_of_berlin")
def test_any_period_has_the_figures_of_its_days(sample_shop: SampleShop, seed: int) -> None:
    chance = random.Random(seed)
    counter = _Counter(sample_shop, chance)
    for _ in range(4):
        for _ in range(14):
            counter.act()
        length = (sample_shop.today - counter.first).days
        for _ in range(4):
            since = counter.first + timedelta(days=chance.randrange(-2, length + 1))
            _check(sample_shop, since, since + timedelta(days=chance.randrange(chance.choice((3, 40, length + 30)))))
        _check(sample_shop, counter.first, sample_shop.today)
    assert sample_shop.ask(lambda session: list(verify.rollup_violations(session))) == []


def test_items_that_change_their_department_together_are_counted_in_the_new_one(sample_shop: SampleShop) -> None:
    names = [f"Tea {number}" for number in range(60)]
    sample_shop.issue(*(DraftRow(name, "1", "2") for name in names))
    sample_shop.now += timedelta(days=1)
    assert sample_shop.do(_advance, until=sample_shop.today)
    rows = "\n".join(f"{number},{name},1,Drinks" for number, name in enumerate(names))
    sample_shop.do(do_products.import_all, f"code,name,price,department\n{rows}".encode())
    given = {"since": sample_shop.today - timedelta(days=1), "until": sample_shop.today, "by": sample_shop.by}
    while True:  # all items are added up at first, and then a few are moved
        (drinks,) = sample_shop.ask(statistics.by_department, **given)
        assert (drinks.name, drinks.count, str(drinks.gross)) == ("Drinks", 60_000, "120.00")
        assert sample_shop.ask(lambda session: list(verify.rollup_violations(session))) == []
        if not sample_shop.do(_advance, until=sample_shop.today):
            break
    assert sample_shop.ask(lambda session: session.execute(select(former_departments)).all()) == []


@pytest.mark.parametrize("mark", [date.min, date(2024, 1, 1), date(2024, 2, 29), date(2025, 7, 15), date(2030, 1, 1)])
def test_a_period_is_made_of_each_of_its_days_once(mark: date) -> None:
    chance = random.Random(str(mark))
    for _ in range(300):
        since = date(2023, 6, 1) + timedelta(days=chance.randrange(900))
        until = since + timedelta(days=chance.choice((0, 1, 30, 31, 365, 730)))
        found = cover(since, until, mark=mark)
        each = _days(since, until)
        whole = [day for month in found.months for day in days_of_month(month) if day < mark]
        assert sorted([*found.each_day, *whole]) == each
        assert all(month >= since for month in found.months)
        months, ends, more, less = found.rounded
        assert len(ends) <= 2
        days = Counter(day for month in months for day in days_of_month(month) if day < mark)
        days.update(day for span in more for day in _days(*span))
        days.subtract(day for span in less for day in _days(*span))
        assert days == Counter(each)
        assert sum(len(_days(*span)) for span in (*more, *less)) <= 30 + sum(day >= mark for day in each)
        assert all((after - month).days <= 31 for month, after in itertools.pairwise(months))


def _days(since: date, until: date) -> list[date]:
    return [since + timedelta(days=past) for past in range((until - since).days + 1)]


def test_long_periods_are_read_by_index_and_never_sorted_whole(sample_shop: SampleShop) -> None:
    counter = _Counter(sample_shop, random.Random(7))
    for _ in range(40):
        counter.act()
    while sample_shop.do(_advance, until=sample_shop.today):
        pass
    plans: list[str] = []

    def explain(connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row[3] for row in rows)
        assert "sold_minor DESC" not in statement or "ORDER BY" not in plans[-1], statement

    if sample_shop.database.path is None:
        pytest.skip("a small shop of a server is scanned: that is faster there")
    with sample_shop.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    with sample_shop.database.reads() as session:
        event.listen(session.connection, "before_cursor_execute", explain)
        for since in (counter.first, counter.first + timedelta(days=45)):
            until = sample_shop.today - timedelta(days=3)
            given: dict[str, Any] = {"since": since, "until": until, "by": sample_shop.by}
            for query in (
                statistics.overview,
                statistics.by_kind,
                statistics.by_method,
                statistics.by_tax,
                statistics.by_hour,
                statistics.by_cashier,
                statistics.by_department,
                statistics.by_customer_type,
                statistics.best_customers,
                statistics.best_items,
            ):
                query(session, **given)
    assert any("month_cohorts" in plan for plan in plans)
    assert [plan for plan in plans if re.match("SCAN (documents|document_lines|day_|month_|year_)", plan)] == []
