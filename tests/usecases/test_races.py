"""What two people do in the same moment comes out as if one had come after the other, on both databases."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import FREE_FAILURES, MAX_PIN_FAILURES, AccountStatus, Actor, Identity, Role, Staff
from shopdesk.domain.customer import Contact, Customer
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.product import Product
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import shifts, verify
from shopdesk.row_keys import new_key
from shopdesk.store import accounts as kept
from shopdesk.store.database import Database, connect
from shopdesk.store.session import Session
from shopdesk.store.tables import accounts as people
from shopdesk.store.tables import identities as links
from shopdesk.usecases import accounts, customers, documents, pins, products, provider_identities, shop
from shopdesk.usecases.accounts import NewAccount, SignInRefused
from shopdesk.usecases.day_close import close_day
from support.shops import SampleShop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSWORD, PEPPER = "four words in a row", b"a till's own pepper"
ROUNDS = 10


@pytest.fixture
def crowded(database: Database) -> Iterator[Database]:
    """The same database with a connection for each of eight people."""
    with closing(connect(database.engine.url, pool_size=8)) as opened:
        yield opened


def at_once(database: Database, *acts: Callable[[Session], Any]) -> list[Any]:
    """Do all acts at the same moment, each in a transaction of its own. Return what came of each, or the refusal."""
    start = threading.Barrier(len(acts))

    def do(act: Callable[[Session], Any]) -> Any:
        start.wait(timeout=30)
        try:
            return database.sessions.run(act)[0]
        except (ConfirmationRequired, Refused) as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def register(session: Session, name: str) -> Staff:
    return accounts.register(session, NewAccount(user_name=name, name=name, password=PASSWORD), now=NOW)


def by_provider(session: Session, name: str) -> Staff | SignInRefused:
    return provider_identities.sign_in(
        session, Identity(issuer="https://id.example", subject=name, label="Id"), now=NOW
    )


def test_what_the_server_undoes_for_another_is_done_again(postgresql_shop_url: str) -> None:
    both_hold_one = threading.Barrier(2)
    orders: list[int] = []

    def lock(session: Session, first: int, second: int) -> int:
        session.execute(text("SELECT pg_advisory_xact_lock(:one)"), {"one": first})
        if len(orders) < 2:
            orders.append(first)
            both_hold_one.wait(timeout=30)
        session.execute(text("SELECT pg_advisory_xact_lock(:one)"), {"one": second})
        return first

    with closing(connect(postgresql_shop_url, pool_size=2)) as database:
        crossed = [partial(lock, first=1, second=2), partial(lock, first=2, second=1)]
        assert at_once(database, *crossed) == [1, 2]


def test_what_fails_by_itself_is_not_done_again(crowded: Database) -> None:
    tried = []

    def fail(session: Session) -> None:
        tried.append(session)
        session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError):
        crowded.sessions.run(fail)
    assert len(tried) == 1


def test_two_first_registrations_make_one_owner(crowded: Database) -> None:
    for way in [register] * 2 + [by_provider] * ROUNDS:
        came = at_once(crowded, partial(way, name="ada"), partial(way, name="ben"))
        assert sorted((one.role, one.status) for one in came) == [
            (Role.CASHIER, AccountStatus.WAITING),
            (Role.OWNER, AccountStatus.ACTIVE),
        ]
        with crowded.sessions.begin() as session:
            session.execute(delete(links))
            session.execute(delete(people))


def test_the_same_newcomer_twice_is_one_account(crowded: Database) -> None:
    came = at_once(crowded, *[partial(register, name="ada")] * 2)
    assert sorted(type(one).__name__ for one in came) == ["Refused", "Staff"]
    first, again = at_once(crowded, *[partial(by_provider, name="eve")] * 2)
    assert first.key == again.key


def test_two_owners_who_step_down_at_once_leave_one(sample_shop: SampleShop, crowded: Database) -> None:
    ada, ben = sample_shop.by.staff, sample_shop.staff(Role.OWNER)
    by = {one.key: Actor(one, sample_shop.by.till) for one in (ada, ben)}

    def stepping_down(one: Staff) -> Callable[[Session], Any]:
        return partial(accounts.set_role, key=one.key, role=Role.CASHIER, by=by[one.key], now=NOW)

    def leaving(one: Staff) -> Callable[[Session], Any]:
        return partial(accounts.block, key=one.key, by=by[one.key], now=NOW)

    def demoting(one: Staff) -> Callable[[Session], Any]:
        other = ben if one is ada else ada
        return partial(accounts.set_role, key=other.key, role=Role.CASHIER, by=by[one.key], now=NOW)

    for turn in range(ROUNDS):
        way = (stepping_down, leaving, demoting)[turn % 3]
        came = at_once(crowded, way(ada), way(ben))
        with crowded.sessions.begin() as session:
            assert kept.active_owners(session) == 1
            assert sum(isinstance(one, Refused) for one in came) == 1
            for one in (ada, ben):
                kept.change(session, one.key, role=Role.OWNER.value, standing=AccountStatus.ACTIVE.value)


def test_the_shop_is_set_up_once_and_a_till_has_its_name_alone(crowded: Database) -> None:
    with crowded.sessions.begin() as session:
        ada = register(session, "ada")
    setup = shop.ShopSetup(
        shop_name="Corner Shop",
        country="US",
        currency="USD",
        prices_include_tax=True,
        default_tax=TaxRate.percent(16),
        language="en",
    )
    came = at_once(crowded, *[partial(shop.set_up, setup=setup, till_name="A", by_staff=ada, now=NOW)] * 2)
    assert sorted(type(one).__name__ for one in came) == ["Refused", "Shop"]
    came = at_once(crowded, *[partial(shop.add_till, name="B", by_staff=ada, now=NOW)] * 2)
    assert sorted(type(one).__name__ for one in came) == ["Refused", "Till"]


def test_wrong_passwords_given_at_once_are_counted_one_by_one(crowded: Database) -> None:
    with crowded.sessions.begin() as session:
        register(session, "ada")
    for name in ("ada", "nobody"):
        wrong = partial(accounts.sign_in, user_name=name, password="wrong wrong wrong", now=NOW)
        came = at_once(crowded, *[wrong] * 8)
        assert sum("is wrong" in one.text for one in came) == FREE_FAILURES
        assert sum("Try again in" in one.text for one in came) == 8 - FREE_FAILURES
        with crowded.sessions.begin() as session:
            assert kept.hold_failures(session, name, at=NOW)[0] == FREE_FAILURES
    right = partial(accounts.sign_in, user_name="ada", password=PASSWORD, now=NOW + timedelta(minutes=1))
    assert all(isinstance(one, Staff) for one in at_once(crowded, *[right] * 3))


def test_wrong_pins_given_at_once_are_counted_one_by_one(sample_shop: SampleShop, crowded: Database) -> None:
    with crowded.sessions.begin() as session:
        ben = register(session, "ben")
    sample_shop.do(accounts.let_in, ben.key, role=Role.CASHIER)
    sample_shop.as_(ben).do(pins.set_pin, "2580", password=PASSWORD, pepper=PEPPER)
    wrong = partial(pins.switch, key=ben.key, pin="0000", opened=frozenset({ben.key}), pepper=PEPPER)
    came = at_once(crowded, *[wrong] * 8)
    assert sorted(one.text for one in came if "left" in one.text) == [
        f"Wrong PIN. {left} {'tries' if left > 1 else 'try'} left." for left in (1, 2, 3, 4)
    ]
    with crowded.sessions.begin() as session:
        assert kept.hold_pin(session, ben.key)[1] == MAX_PIN_FAILURES


def test_the_journal_tells_what_became_of_a_value_that_two_changed_at_once(
    sample_shop: SampleShop, crowded: Database
) -> None:
    ben = sample_shop.staff(Role.CASHIER)
    tea = Product(key=new_key(), code="1", name="Tea", price=12_345)
    sample_shop.do(products.save, tea)
    the_shop = sample_shop.change_shop(due_days=1)
    with crowded.sessions.begin() as session:
        other = Actor(sample_shop.by.staff, shop.add_till(session, "B", by_staff=sample_shop.by.staff, now=NOW))
    late, early = {"by": sample_shop.by, "now": NOW}, {"by": other, "now": NOW - timedelta(hours=1)}
    pairs: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
        (
            partial(accounts.set_role, key=ben.key, role=Role.MANAGER),
            partial(accounts.set_role, key=ben.key, role=Role.OWNER),
        ),
        (partial(accounts.block, key=ben.key), partial(accounts.unblock, key=ben.key)),
        (
            partial(products.save, product=replace(tea, price=20_000)),
            partial(products.save, product=replace(tea, price=30_000)),
        ),
        (
            partial(shop.change, value=replace(the_shop, due_days=10)),
            partial(shop.change, value=replace(the_shop, due_days=20)),
        ),
    ]
    for one, two in 3 * pairs:
        at_once(crowded, partial(one, **late), partial(two, **early))
        with crowded.reads() as session:
            assert list(verify.value_violations(session)) == []


def test_a_new_customer_at_two_tills_at_once_is_one(sample_shop: SampleShop) -> None:
    for number in range(ROUNDS):
        contact = Contact(name="Ada", email=f"ada{number}@example.org")
        drafts = [sample_shop.draft(DraftRow("Milk", "1", f"{price}.00")) for price in (1, 2)]
        came = at_once(
            sample_shop.database,
            *[
                partial(documents.issue, draft=draft, contact=contact, by=sample_shop.by, now=sample_shop.now)
                for draft in drafts
            ],
        )
        assert len({document.buyer.key for document in came}) == 1


def test_one_address_saved_at_two_tills_at_once_is_asked_about(sample_shop: SampleShop) -> None:
    for number in range(ROUNDS):
        adas = [Customer(key=new_key(), name=name, email=f"ada{number}@example.org") for name in ("Ada", "Ada L.")]
        came = at_once(
            sample_shop.database,
            *[partial(customers.save, customer=ada, by=sample_shop.by, now=sample_shop.now) for ada in adas],
        )
        assert sorted(type(one).__name__ for one in came) == ["ConfirmationRequired", "Customer"]


def test_days_closed_while_two_tills_sell_and_correct_have_each_document_once(
    sample_shop: SampleShop, crowded: Database
) -> None:
    staff = sample_shop.by.staff
    with sample_shop.database.sessions.begin() as session:
        others = [shop.add_till(session, name, by_staff=staff, now=NOW) for name in ("B", "C")]
    sold = [sample_shop.issue(customer="") for _ in range(ROUNDS)]
    draft = sample_shop.draft(DraftRow("Tea", "1", "1.00"))
    closes = [partial(close_day, by=sample_shop.by, now=NOW + timedelta(hours=at)) for at in (1, 1)]
    for at, document in enumerate(sold):
        now = NOW + timedelta(hours=1, seconds=at)
        at_b, at_c = (Actor(staff, till) for till in others)
        found = at_once(
            crowded,
            partial(documents.issue, draft=replace(draft, key=new_key()), by=at_b, now=now),
            partial(documents.correct, key=document.key, draft=draft, revision=1, by=at_c, now=now),
            *closes,
        )
        draft = replace(draft, key=new_key())
        assert not [one for one in found if isinstance(one, Refused) and "is still open" in str(one)]
    sample_shop.now = NOW + timedelta(hours=2)
    sample_shop.do(close_day)
    rows = sample_shop.ask(shifts.z_reports, by=sample_shop.by)
    assert [row.number for row in rows] == list(range(len(rows), 0, -1))
    reports = [sample_shop.ask(shifts.z_report, row.number, by=sample_shop.by) for row in rows]
    counted = sum(one.count for report in reports for one in report.figures.numbers)
    assert counted == len(sample_shop.ask(ask_documents.recent, 10 * ROUNDS))
    assert sample_shop.ask(lambda session: list(verify.book_violations(session))) == []
