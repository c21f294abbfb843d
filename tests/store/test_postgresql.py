"""The way to a server: encrypted unless it is this machine, and given up when the server falls silent."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from shopdesk.domain.customer import Contact
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import tables
from shopdesk.store.database import connect, parse
from shopdesk.store.postgresql import TimeoutConnection, make_engine, protected
from shopdesk.usecases import documents
from support.proxy import Proxy
from support.shops import open_shop

SCHEME = "postgresql+psycopg://"


@pytest.mark.parametrize(
    "address",
    ["till@localhost/shop", "till@127.0.0.1:5433/shop", "till@/shop?host=/run/postgresql", "till@[::1]/shop", "/shop"],
)
def test_a_server_on_this_machine_is_spoken_to_as_it_is(address: str) -> None:
    assert "sslmode" not in protected(make_url(SCHEME + address)).query


@pytest.mark.parametrize(
    "address",
    [
        "till@db.example.org/shop",
        "till@10.0.0.5/shop",
        "till@/shop?host=localhost:5432&host=db.example.org:5432",
        "till@/shop?host=localhost,db.example.org",
        "till@localhost:5432,db.example.org:5433/shop",
        "till@[::1],db.example.org/shop?application_name=till",
        "till@localhost/shop?hostaddr=10.0.0.5",
        "till@/shop?host=localhost,localhost&hostaddr=127.0.0.1,10.0.0.5",
    ],
)
def test_any_other_server_must_prove_who_it_is(address: str) -> None:
    assert protected(parse(SCHEME + address)).query["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("till@a.example.org:5433,b.example.org/shop", "a.example.org,b.example.org", "5433,5432"),
        ("a,b/shop", "a,b", "5432,5432"),
        ("till@[fd00::1]:5433,[fd00::2]/shop?sslmode=require", "fd00::1,fd00::2", "5433,5432"),
        ("till@/shop?host=a,b&port=1,2", "a,b", "1,2"),
        ("till@/shop?host=a:1&host=b:2", "a,b", "1,2"),
    ],
)
def test_an_address_may_name_several_servers_and_the_one_in_charge_is_sought(
    address: str, host: str, port: str
) -> None:
    engine = make_engine(protected(parse(SCHEME + address)))
    _, arguments = engine.dialect.create_connect_args(engine.url)
    assert (arguments["host"], arguments["port"]) == (host, port)
    assert arguments["dbname"] == "shop"
    assert engine.url.query["sslmode"] in {"verify-full", "require"}
    engine.dispose()


@pytest.mark.parametrize("hosts", ["a,,b", "a,b:x", "a,b:1:2", ","])
def test_what_is_no_list_of_servers_is_refused(hosts: str) -> None:
    with pytest.raises(Refused, match="begin with"):
        parse(f"{SCHEME}till@{hosts}/shop")


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_a_connection_in_clear_is_refused_unless_it_is_wanted_in_as_many_words(mode: str) -> None:
    url = make_url(f"{SCHEME}till@db.example.org/shop?sslmode={mode}")
    with pytest.raises(Refused, match="not be encrypted"):
        protected(url)
    assert protected(url.update_query_dict({"allow_plain": "yes"})) == url


@pytest.fixture
def silent_server() -> Iterator[int]:
    """Takes connections and what they say, and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def take() -> None:
        while True:
            try:
                taken.append(listener.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=take)
    thread.start()
    yield listener.getsockname()[1]
    with suppress(OSError):  # Windows knows no shutdown of a listening socket: there its close ends accept()
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    for one in taken:
        one.close()


def test_a_server_that_never_answers_is_given_up(silent_server: int) -> None:
    database = connect(f"{SCHEME}till@127.0.0.1:{silent_server}/shop?connect_timeout=2")
    with pytest.raises(OperationalError):
        database.engine.connect()
    database.close()


def test_a_statement_that_gets_no_answer_is_given_up(postgresql_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimeoutConnection, "timeout", 0.2)
    database = connect(postgresql_shop_url)
    with pytest.raises(OperationalError, match="silent"), database.engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(30)"))
    monkeypatch.setattr(TimeoutConnection, "timeout", 20)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    database.close()


def test_the_password_is_no_part_of_the_address() -> None:
    database = connect(f"{SCHEME}till@localhost/shop", password="four words in a row")
    assert "four words" not in database.engine.url.render_as_string(hide_password=False)
    assert "four words" not in repr(database.engine)
    database.close()


@pytest.fixture
def connection(postgresql_shop_url: str) -> Iterator[Connection]:
    """As a use case's session has it."""
    database = connect(postgresql_shop_url)
    with database.sessions() as session:
        yield session.connection
    database.close()


@pytest.fixture
def names(postgresql_shop_url: str) -> Callable[[], list[str]]:
    """What somebody else sees."""

    def ask() -> list[str]:
        database = connect(postgresql_shop_url)
        with database.reads() as session:
            found = list(session.execute(text("SELECT name FROM sign_in_failures ORDER BY name")).scalars())
        database.close()
        return found

    return ask


ADD = text("INSERT INTO sign_in_failures VALUES (:name, 1, now())")


def test_what_answers_nothing_goes_with_the_question_after_it_or_with_the_commit(
    connection: Connection, names: Callable[[], list[str]]
) -> None:
    connection.execute(ADD, {"name": "one"})
    connection.execute(ADD, [{"name": "two"}, {"name": "three"}])
    assert connection.execute(text("SELECT count(*) FROM sign_in_failures")).scalar() == 3
    connection.execute(ADD, {"name": "four"})
    assert names() == []
    connection.commit()
    assert names() == ["four", "one", "three", "two"]


def test_a_till_has_its_statements_planned_for_memory_and_none_compiled(connection: Connection) -> None:
    settings = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("jit", "random_page_cost")]
    assert settings == ["off", "1.1"]


def test_rows_that_are_copied_belong_to_the_transaction(connection: Connection, names: Callable[[], list[str]]) -> None:
    connection.execute(ADD, {"name": "one"})
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy("COPY sign_in_failures FROM STDIN") as copy:
        copy.write_row(("two", 1, datetime.now(UTC)))
    assert connection.execute(text("SELECT count(*) FROM sign_in_failures")).scalar() == 2
    connection.rollback()
    assert names() == []


def test_what_is_rolled_back_before_it_was_sent_never_was(
    connection: Connection, names: Callable[[], list[str]]
) -> None:
    connection.execute(ADD, {"name": "one"})
    connection.rollback()
    connection.execute(ADD, {"name": "two"})
    connection.commit()
    assert names() == ["two"]


def test_what_is_wrong_with_a_waiting_statement_ends_the_transaction_at_the_next_one(
    connection: Connection, names: Callable[[], list[str]]
) -> None:
    connection.execute(ADD, {"name": "one"})
    connection.execute(ADD, {"name": "one"})
    with pytest.raises(IntegrityError, match="pk_sign_in_failures"):
        connection.execute(text("SELECT 1"))
    connection.rollback()
    connection.execute(ADD, {"name": "one"})
    connection.execute(ADD, {"name": "one"})
    with pytest.raises(IntegrityError, match="pk_sign_in_failures"):
        connection.commit()
    connection.rollback()
    assert names() == []
    assert connection.execute(text("SELECT 1")).scalar() == 1


def test_a_document_takes_eight_round_trips_to_the_server(postgresql_shop_url: str, proxy: Proxy) -> None:
    database = connect(proxy.url(make_url(postgresql_shop_url).database or ""))
    sample_shop = open_shop(database)
    draft, *drafts = [
        sample_shop.draft(DraftRow("Milk", "2", f"{price}.00"), DraftRow("Bread", "1", "3.50")) for price in (1, 2, 3)
    ]
    sample_shop.do(documents.issue, draft, contact=Contact(name="Ada", email="ada@example.org"))
    for draft in drafts:
        before = proxy.statements
        sample_shop.do(documents.issue, draft, contact=Contact(name="Ada", email="ada@example.org"))
        assert proxy.statements - before <= 9  # with one more while the server still learns the statements
    database.close()


def test_rows_put_into_many_tables_go_together_and_a_table_twice_in_its_order(postgresql_shop_url: str) -> None:
    database = connect(postgresql_shop_url)
    name = "Ünïcode 'quoted' \\x00 \"ja\" %s %(name)s"
    at = datetime(2026, 11, 26, 9, 30, 0, 123456, tzinfo=UTC)
    till = {"key": new_key(), "name": "A", "created_at": at, "journal_hash": b"\x00\xff" * 16}
    series = {"till_key": till["key"], "kind": "receipt", "year": 2026, "last": 2**62}
    sums = {"day": at.date(), "till_key": till["key"], "item": name, "quantity_milli": -1, "gross_minor": 7}
    with database.sessions.begin() as session:
        session.insert(tables.tills, [till])
        session.insert(tables.series, [series])
        session.insert(tables.day_items, [sums, sums | {"item": "Tea"}], adds=True)
        session.insert(tables.day_items, [sums], adds=True)
        assert session.changed == {"tills", "series", "day_items"}
    with database.reads() as session:
        kept = session.execute(select(tables.tills)).one()
        assert (kept.key, kept.created_at, kept.journal_hash) == (till["key"], at, till["journal_hash"])
        assert session.execute(select(tables.series.c.last)).scalar() == 2**62
        rows = session.execute(select(tables.day_items).order_by(tables.day_items.c.gross_minor)).all()
    assert [tuple(row) for row in rows] == [
        (at.date(), till["key"], "Tea", -1, 7),
        (at.date(), till["key"], name, -2, 14),
    ]
    database.close()


def test_what_a_table_refuses_among_the_rows_put_ends_the_transaction(
    postgresql_shop_url: str, names: Callable[[], list[str]]
) -> None:
    database = connect(postgresql_shop_url)
    one = {"name": "one", "failures": 1, "retry_at": datetime.now(UTC)}
    for wrong in (one | {"name": "x" * 129}, one | {"failures": None}, one):
        with pytest.raises(DBAPIError), database.sessions.begin() as session:
            session.insert(tables.sign_in_failures, [one, wrong])
    with pytest.raises(TypeError, match="time zone"), database.sessions.begin() as session:
        session.insert(tables.sign_in_failures, [one | {"retry_at": datetime.now()}])  # noqa: DTZ005 - which is refused
    assert names() == []
    database.close()


def test_whoever_reads_sees_the_books_as_of_one_moment(postgresql_shop_url: str) -> None:
    database = connect(postgresql_shop_url)
    sample_shop = open_shop(database)
    with database.reads() as session:
        before = verify.counted(session)
        sample_shop.issue()
        assert verify.counted(session) == before
        assert list(verify.violations(session)) == []
    assert sample_shop.ask(verify.counted) != before
    database.close()
