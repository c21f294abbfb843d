"""A shop of five years, made by the use cases themselves, and kept for the next run: ``make bench BIG=1``.

The rule: three tills in turn, documents evenly over five years until now, every fiftieth an invoice (one invoice of
twenty unpaid), the others receipts; two of three in cash. Five rows each, of one to three pieces. Items sell as a
supermarket's do (the one at rank r as 1/r^0.8 of the first), a tenth as many products as documents. Two of five
documents have a customer, some far more often than others, a twentieth as many customers as documents; all their
messages are sent. The same number of documents gives the same sales.
"""

from __future__ import annotations

import random
import time
from bisect import bisect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, update

from benchmarks.measure import Sent, raw_connection, replay
from shopdesk.domain.account import Actor, Role, Staff
from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.document import Draft, Kind, Line
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Seal, Shop
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.store import accounts, acts_lists, shop_copy, upgrade
from shopdesk.store.database import Database, connect
from shopdesk.store.session import Session
from shopdesk.store.tables import outbox
from shopdesk.usecases import documents, price_journal
from shopdesk.usecases import shop as do_shop
from shopdesk.usecases.amount_check import AMOUNT_IS_MEANT
from shopdesk.usecases.period_sums import add_finished_day
from support.postgresql import Server, binaries

SPAN = timedelta(days=5 * 365)
_TAX = TaxRate.percent(16)
_USD = Currency.of("USD")
_AT_ONCE = 2000
"""Documents in one transaction."""
_CONFIRMED = frozenset({documents.SAME_AGAIN, documents.CLOCK_IS_RIGHT, documents.DATE_IS_MEANT, AMOUNT_IS_MEANT})
_SETTINGS = (
    "listen_addresses= fsync=off full_page_writes=off autovacuum=off wal_level=minimal max_wal_senders=0"
    " shared_buffers=256MB max_wal_size=2GB maintenance_work_mem=128MB"
)
Say = Callable[[str], object]
Raw = Callable[[list[Sent]], object]
"""What sends statements by the driver alone."""


def on_file(folder: Path, count: int, say: Say) -> Path:
    """Return the shop of ``count`` documents in a file, made if it is not there yet."""
    path, part = (folder / f"large-{count}{end}" for end in (".db", ".part"))
    if not path.exists():
        for left in folder.glob(f"{part.name}*"):
            left.unlink()
        database = connect(f"sqlite:///{part}")
        _build(database, count, say)
        database.close()
        part.rename(path)
    database = connect(f"sqlite:///{path}")
    upgrade.migrate(database, upgrade.HEAD)  # one that an older version of the program has made
    sum_up(database, say)
    database.close()
    return path


@contextmanager
def on_server(folder: Path, count: int, say: Say) -> Iterator[str]:
    """Yield the address of the same shop on a server of its own, copied from the file as the program moves one."""
    place = folder / f"large-{count}.postgresql"
    found = binaries()
    if found is None:
        raise SystemExit("There is no PostgreSQL on this machine.")
    server = Server(found, place, settings=_SETTINGS)
    is_made = (place / "data" / "made").exists()
    if not is_made:
        server.make_anew()
    server.start()
    try:
        url = server.url("postgres")
        database = connect(url)
        upgrade.migrate(database, upgrade.HEAD)
        if not is_made:
            _copy(on_file(folder, count, say), database, say)
            (place / "data" / "made").touch()
        database.close()
        yield url
    finally:
        server.stop()


def on_both(folder: Path, count: int, say: Say) -> Iterator[tuple[str, str, Raw]]:
    """Yield the address of the shop in a file, then on a server, what to call it, and how to send statements alone."""
    path = on_file(folder, count, say)
    with raw_connection(path) as connection:
        yield f"sqlite:///{path}", f"at {count:,}, SQLite", partial(replay, connection, begin="BEGIN")
    with on_server(folder, count, say) as url, psycopg.connect(url.replace("+psycopg", "")) as server:
        yield url, f"at {count:,}, PostgreSQL", partial(_replay, server)


def _replay(connection: psycopg.Connection[Any], sent: list[Sent]) -> None:
    """The same statements in one transaction, by psycopg alone."""
    with connection.transaction(), connection.cursor() as cursor:
        for one in sent:
            cursor.execute(one.statement.encode(), one.parameters)
            if cursor.description:
                cursor.fetchall()


def sum_up(database: Database, say: Say) -> None:
    """Add every finished day to the sums of its month and year, as the program does while it runs."""
    today = datetime.now(UTC).astimezone().date()
    begun, days = time.monotonic(), 0
    with _hasty(database) as connection:
        while True:
            with connection.begin():
                if not add_finished_day(Session(connection), today=today):
                    break
            days += 1
    if days:
        say(f"{days} days added to the sums of months and years in {time.monotonic() - begun:.0f} s")


@contextmanager
def _hasty(database: Database) -> Iterator[Connection]:
    """Yield a connection that, on a file, does not wait for the disk."""
    with database.engine.connect() as connection:
        if database.path is not None:
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA synchronous=OFF").close()  # SQLite refuses it inside a transaction
        yield connection


def _copy(path: Path, database: Database, say: Say) -> None:
    begun = time.monotonic()
    told = [begun]

    def progress(done: int, total: int) -> None:
        if time.monotonic() - told[0] > 30:
            told[0] = time.monotonic()
            say(f"{done:,} of {total:,} rows copied to PostgreSQL")

    source = connect(f"sqlite:///{path}")
    with source.reads() as origin:
        rows = shop_copy.copy(origin, database, progress=progress)
    source.close()
    say(f"{rows:,} rows copied to PostgreSQL in {(time.monotonic() - begun) / 60:.1f} minutes")


# --- the shop and its five years -------------------------------------------------------------------------------------


def _build(database: Database, count: int, say: Say) -> None:
    chance = random.Random(count)
    upgrade.migrate(database, upgrade.HEAD)
    now = datetime.now(UTC).replace(microsecond=0)
    actors, shop = _opened(database, now - SPAN - timedelta(days=1))
    with _hasty(database) as connection:
        with connection.begin():
            goods, people = _lists(Session(connection), count, actors[0], now - SPAN, shop, chance)
        sales = _sales(count, goods, people, chance, now)
        begun, done = time.monotonic(), 0
        while done < count:
            with connection.begin():
                session = Session(connection)
                for number in range(done, min(done + _AT_ONCE, count)):
                    draft, at, tenders = next(sales)
                    documents.issue(
                        session,
                        draft,
                        by=actors[number % len(actors)],
                        now=at,
                        tenders=tenders,
                        confirmed=_CONFIRMED,
                    )
                _send(session)
            done = min(done + _AT_ONCE, count)
            _tell(done, count, begun, say)
        with connection.begin():
            connection.exec_driver_sql("ANALYZE")


def _tell(done: int, count: int, begun: float, say: Say) -> None:
    taken = time.monotonic() - begun
    if done * 20 // count > (done - _AT_ONCE) * 20 // count:
        left = taken / done * (count - done)
        say(f"{done:,} of {count:,} documents in {taken / 60:.1f} minutes; {left / 60:.1f} more")


def _opened(database: Database, at: datetime) -> tuple[list[Actor], Shop]:
    owner = Staff(key=new_key(), user_name="ada", name="Ada", role=Role.OWNER, email="shop@example.org")
    setup = do_shop.ShopSetup(
        shop_name="Corner Shop", country="US", currency="USD", prices_include_tax=True, default_tax=_TAX, language="en"
    )
    with database.sessions.begin() as session:
        accounts.add(session, owner, password_hash=None, at=at)
        do_shop.set_up(session, setup, till_name="A", by_staff=owner, now=at)
        for name in "BC":
            do_shop.add_till(session, name, by_staff=owner, now=at)
        actors = [Actor(owner, till) for till in ask_shop.tills(session)]
        shop = ask_shop.current(session)
        assert shop is not None
        shop = do_shop.change(session, replace(shop, seal=Seal.AT_ISSUE), by=actors[0], now=at)
    return actors, shop


def _lists(
    session: Session, count: int, by: Actor, at: datetime, shop: Shop, chance: random.Random
) -> tuple[list[Product], list[Buyer]]:
    """Add products and customers as an import does."""
    goods = [
        Product(
            key=new_key(),
            code=f"P{number:06d}",
            barcode=f"4{number:012d}",
            name=f"{_WHAT[number % len(_WHAT)]} {_KIND[number // len(_WHAT) % len(_KIND)]} {number:06d}",
            department=_DEPARTMENTS[number % len(_DEPARTMENTS)],
            price=chance.randrange(50, 3000) * 100,
        )
        for number in range(max(count // 10, 10))
    ]
    people = [
        Customer(
            key=new_key(),
            name=f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST) % len(_LAST)]} {number}",
            email=f"c{number}@example.org",
            phone=f"+2547{number:08d}",
        )
        for number in range(max(count // 20, 10))
    ]
    saved = [(None, one) for one in goods]
    words = price_journal.words(session, saved)
    acts_lists.import_products(session, saved, words, language=shop.language, by=by, at=at)
    acts_lists.import_customers(session, people, [], language=shop.language, by=by, at=at)
    return goods, [Buyer.of(one) for one in people]


def _sales(
    count: int, goods: list[Product], people: list[Buyer], chance: random.Random, now: datetime
) -> Iterator[tuple[Draft, datetime, tuple[Tender, ...]]]:
    weights = list(accumulate(1 / rank**0.8 for rank in range(1, len(goods) + 1)))
    by_rank = chance.sample(goods, len(goods))
    for number in range(count):
        at = now - SPAN + SPAN / count * number
        lines = tuple(
            _line(by_rank[min(bisect(weights, chance.random() * weights[-1]), len(goods) - 1)], chance)
            for _ in range(5)
        )
        kind = Kind.RECEIPT if number % 50 else Kind.INVOICE
        draft = Draft(
            key=new_key(),
            kind=kind,
            lines=lines,
            date_on=at.astimezone().date(),
            currency=_USD,
            prices_include_tax=True,
            buyer=people[int(chance.random() ** 2 * len(people))] if number % 5 < 2 else Buyer(),
        )
        method = Method.CASH if number % 3 else Method.CARD
        is_paid = kind is Kind.RECEIPT or number % 1000
        yield draft, at, (Tender(method=method, tendered=draft.totals().gross),) if is_paid else ()


def _line(product: Product, chance: random.Random) -> Line:
    quantity = chance.choice((1000, 1000, 1000, 2000, 3000))
    return Line(item=product.name, quantity=quantity, unit_price=product.price, tax=_TAX, product_key=product.key)


def _send(session: Session) -> None:
    """Mark the messages as sent; of their bytes stays what stays when they can be made again."""
    is_queued = outbox.c.state == DeliveryStatus.QUEUED.value
    sent = {"state": DeliveryStatus.SENT.value, "sent_at": outbox.c.created_at, "next_at": None, "attempts": 1}
    of_bytes = {"body_hash": bytes(32), "body_size": _SIZE, "headers": "Message-ID: " + outbox.c.message_id}
    session.execute(update(outbox).where(is_queued).values(sent | of_bytes))


_SIZE = 40_000
"""Bytes of a message with its PDF."""
_DEPARTMENTS = ("Food", "Drinks", "Household", "Garden", "")
_WHAT = tuple("Milk Bread Tomatoes Rice Sugar Coffee Tea Soap Candles Oil Beans Flour Salt Eggs Butter Honey".split())
_KIND = tuple("fresh organic large small red green white brown classic light mild strong local frozen dried".split())
_FIRST = tuple("Amina Ben Chloe Daniel Esther Farid Grace Hamisi Ines Jonas Kamau Lena Musa Nadia Otieno Paula".split())
_LAST = tuple("Achieng Barasa Cruz Dubois Eklund Fischer Gomez Haddad Ito Jansen Kiprono Mwangi Novak Rossi".split())
