"""Migrations: proven on both databases, up and down and with data; what is no shop's database is refused in words."""

import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import Actor
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.product import Product
from shopdesk.queries import customers as ask_customers
from shopdesk.queries import documents, shifts, verify
from shopdesk.queries import products as ask_products
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.store import accounts, backup_log, upgrade
from shopdesk.store.database import Database, connect
from shopdesk.store.postgresql import TimeoutConnection
from shopdesk.store.tables import metadata
from shopdesk.usecases import customers, products
from shopdesk.usecases import documents as acts
from shopdesk.usecases.day_close import close_day
from support import old_folder
from support.disks import SmallDisk
from support.shops import SampleShop, open_shop


def test_the_head_the_program_names_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [upgrade.HEAD]


def test_the_migrated_database_equals_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_every_step_goes_down_and_up_again(database: Database) -> None:
    upgrade.migrate(database, "base")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    upgrade.migrate(database, upgrade.HEAD)
    sample_shop = open_shop(database)
    sample_shop.issue()
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_each_step_keeps_the_shop_that_is_there(database: Database) -> None:
    sample_shop = open_shop(database)
    number = sample_shop.issue().number
    upgrade.migrate(database, "0001")
    with database.engine.connect() as connection:
        assert not inspect(connection).has_table("backups")
    upgrade.open_ready(database)
    assert [summary.number for summary in sample_shop.ask(documents.recent, 5)] == [number]
    assert sample_shop.ask(backup_log.last) is None
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_the_totals_of_an_older_shop_are_computed_again_so_that_they_add_up(database: Database) -> None:
    sample_shop = open_shop(database, prices_include_tax=False)
    sample_shop.change_shop(smallest_coin=5)
    rows = (DraftRow("Tea", "3", "0.33"), DraftRow("Milk", "1", "1.01", "1 %"), DraftRow("Tea", "1", "19.99"))
    sample_shop.issue(*rows, discount="10 %")
    sample_shop.do(acts.delete, sample_shop.issue(*rows, discount="0.50").key)
    sample_shop.seal_at_issue()
    sample_shop.do(acts.delete, sample_shop.issue(*rows, kind=Kind.INVOICE, discount="3 %").key)
    sample_shop.now += timedelta(days=1)
    sample_shop.issue(*rows, kind=Kind.CREDIT_NOTE)
    before_discounts = sum(one.totals.sum for one in counted(sample_shop))
    upgrade.migrate(database, "0002")
    with database.engine.connect() as connection:
        old = connection.execute(text("SELECT sum(amount_minor) FROM day_items")).scalar()
        assert old == before_discounts
        assert not inspect(connection).has_table("day_taxes")
    upgrade.open_ready(database)
    with database.engine.connect() as connection:
        new = connection.execute(text("SELECT sum(gross_minor) FROM day_items")).scalar()
    assert new == sum(one.totals.gross for one in counted(sample_shop)) != old
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_what_0_2_0_closed_has_no_report_and_the_first_one_begins_after_it(tmp_path: Path) -> None:
    """The folder that 0.2.0 left has a close with ten documents, and four that came after it."""
    old_folder.unpack(tmp_path)
    database = connect(f"sqlite:///{tmp_path / 'shopdesk.db'}")
    upgrade.open_ready(database)
    with database.reads() as session:
        ada = accounts.by_name(session, "ada")
        (till,) = ask_shop.tills(session)
    assert ada is not None
    shop = SampleShop(database, Actor(ada, till))
    state = shop.ask(shifts.till_state, till.key)
    assert state.last_close is not None
    issued = [shop.ask(documents.get, one.key) for one in shop.ask(documents.recent, 50)]
    assert {one.layout for one in issued} == {None}  # they print as they did
    assert (state.last_close.number, state.last_close.sealed) == (None, 10)
    assert shop.do(close_day).number == 1
    report = shop.ask(shifts.z_report, 1, by=shop.by)
    assert [(one.first, one.count) for one in report.figures.numbers] == [
        ("C-A-2026-000002", 2), ("I-A-2026-000004", 1), ("R-A-2026-000006", 1),
    ]  # fmt: skip
    assert (report.since, report.total_before) == (state.last_close.at, 0)
    assert shop.ask(lambda session: list(verify.book_violations(session))) == []
    database.close()


def test_names_of_an_older_shop_are_put_in_order_and_found_in_every_way(database: Database) -> None:
    sample_shop = open_shop(database, country="DE", language="de")
    for code, name in enumerate(("Zucker", "apple", "Äpfel")):
        product = Product(key=new_key(), code=f"AB-{code}", name=name, price=100, barcode=f"400638133393{code}")
        sample_shop.do(products.save, product)
        customer = Customer(key=new_key(), name=name, email=f"{name}@STRASSE.example", phone=f"+4930123456{code}")
        sample_shop.do(customers.save, customer)
    upgrade.migrate(database, "0003")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE customers SET email_folded = 'as it was folded then'"))
        connection.execute(text("DELETE FROM search_words"))
    upgrade.open_ready(database)
    pages: tuple[Callable[..., tuple[Any, ...]], ...] = (ask_customers.page, ask_products.page)
    for page in pages:
        assert [entry.name for entry in sample_shop.ask(page, text="", after=None)] == ["Äpfel", "apple", "Zucker"]
    assert [found.name for found in sample_shop.ask(ask_customers.suggest, "030 1234562")] == ["Äpfel"]
    assert [found.name for found in sample_shop.ask(ask_products.suggest, "3930")] == ["Zucker"]
    assert sample_shop.issue(customer="Äpfel@strasse.example").buyer.name == "Äpfel"


def test_the_barcodes_of_an_older_shop_are_compared_as_gtins_even_where_two_products_have_the_same(
    database: Database,
) -> None:
    sample_shop = open_shop(database)
    codes = (
        "012345678905",
        "0012345678905",
        "04252614",
        "73513537",
        " 4006381333931",
        "٤٠٠٦٣٨١٣٣٣٩٣١",
        "LBL1",
        "12",
        "",
    )
    for at, barcode in enumerate(codes):
        product = Product(key=new_key(), code=str(at), name=f"Item {at}", price=100, barcode=barcode)
        sample_shop.do(products.save, product, confirmed=frozenset({products.SHARED_BARCODE}))
    select = text("SELECT code, barcode, gtin FROM products ORDER BY code")
    with database.engine.connect() as connection:
        saved = connection.execute(select).all()
    upgrade.migrate(database, "0005")
    upgrade.open_ready(database)
    with database.engine.connect() as connection:
        assert connection.execute(select).all() == saved
    assert [row.gtin for row in saved][:3] == ["00012345678905", "00012345678905", "00042100005264"]


def test_addresses_and_barcodes_of_an_older_shop_are_compared_as_they_are_now(database: Database) -> None:
    sample_shop = open_shop(database)
    sample_shop.do(customers.save, Customer(key=new_key(), name="Ada", email="ada@bücher.example"))
    sample_shop.do(products.save, Product(key=new_key(), code="1", name="Tea", price=100, barcode="4 006381 333931"))
    sample_shop.do(products.save, Product(key=new_key(), code="2", name="Chanel № 5", price=100))
    upgrade.migrate(database, "0029")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE customers SET email_folded = email"))
        connection.execute(text("UPDATE products SET gtin = ''"))
        connection.execute(text("UPDATE search_words SET word = 'No' WHERE word = 'no'"))
    upgrade.open_ready(database)
    assert sample_shop.issue(customer="ada@xn--bcher-kva.example").buyer.name == "Ada"
    assert [found.code for found in sample_shop.ask(ask_products.suggest, "no 5")] == ["2"]
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT gtin FROM products WHERE code = '1'")).scalar() == "04006381333931"


def test_a_user_name_of_an_older_shop_is_compared_as_it_is_now(database: Database) -> None:
    sample_shop = open_shop(database)
    key, name = sample_shop.by.staff.key, "\u0938\u095c\u0915"  # one letter with its dot: NFC takes it apart
    upgrade.migrate(database, "0029")
    with database.engine.begin() as connection:
        as_it_was = text("UPDATE accounts SET user_name = :name, user_name_folded = :name")
        connection.execute(as_it_was, {"name": name})
    upgrade.open_ready(database)
    for typed in (name, unicodedata.normalize("NFC", name)):
        found = sample_shop.ask(accounts.by_name, typed)
        assert found is not None
        assert found.key == key


def test_payments_of_an_older_shop_get_the_numbers_of_their_documents_and_stay_guarded(database: Database) -> None:
    sample_shop = open_shop(database)
    numbers = [sample_shop.issue().number for _ in range(3)]
    upgrade.migrate(database, "0031")
    upgrade.open_ready(database)
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT number FROM payments ORDER BY number")).scalars().all()
        assert found == numbers
        with pytest.raises(DBAPIError, match="kept for ever"):
            connection.execute(text("UPDATE payments SET number = ''"))


def counted(sample_shop: SampleShop) -> list[Document]:
    """The documents that count in the sales."""
    found = [sample_shop.ask(documents.get, one.key) for one in sample_shop.ask(documents.recent, 50)]
    return [one for one in found if one.state is not State.VOIDED]


def test_opening_twice_changes_nothing(database: Database) -> None:
    sample_shop = open_shop(database)
    sample_shop.issue()
    upgrade.open_ready(database)
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="newer"):
        upgrade.open_ready(database)


def test_an_older_file_is_backed_up_before_it_is_migrated(tmp_path: Path, sqlite_shop_url: str) -> None:
    database = connect(sqlite_shop_url)
    open_shop(database).issue()
    upgrade.migrate(database, "0001")
    upgrade.open_ready(database)
    database.close()
    (kept,) = tmp_path.glob("shop.db.before-*")
    with closing(sqlite3.connect(kept)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert old.execute("SELECT count(*) FROM documents").fetchone() == (1,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is a letter, not a database, and it is long enough to look at", "not a shopdesk database"),
        (b"SQLite format 3\x00" + b"\xff" * 4096, "damaged|not a shopdesk database"),
    ],
)
def test_a_file_that_is_no_database_is_refused_in_words_and_left_alone(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "shop.db"
    path.write_bytes(content)
    database = connect(f"sqlite:///{path}")
    with pytest.raises((Refused, Unavailable), match=said):
        upgrade.open_ready(database)
    database.close()
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    database = connect(f"sqlite:///{path}")
    with pytest.raises(Unavailable, match="another program"):
        upgrade.open_ready(database)
    database.close()
    with closing(sqlite3.connect(path)) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["recipes"]


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="folder"):
        upgrade.open_ready(connect(f"sqlite:///{tmp_path}"))


def test_no_migration_imports_the_tables() -> None:
    for step in (Path(upgrade.__file__).parent / "migrations").rglob("*.py"):
        assert "store.tables import" not in step.read_text("utf-8")
        assert "store import tables" not in step.read_text("utf-8")


def test_two_programs_that_upgrade_at_once_take_turns(postgresql_url: str) -> None:
    program = (
        "import sys; from shopdesk.store import database, upgrade; upgrade.open_ready(database.connect(sys.argv[1]))"
    )
    database = connect(postgresql_url)
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": upgrade._ADVISORY_LOCK})
        programs = [subprocess.Popen([sys.executable, "-c", program, postgresql_url]) for _ in range(2)]
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while connection.execute(waiting).scalar_one() < 2:
            assert all(program.poll() is None for program in programs)
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
        connection.commit()
    assert [program.wait(timeout=60) for program in programs] == [0, 0]
    with database.engine.connect() as connection:
        assert upgrade.current_version(connection) == upgrade.HEAD
    sample_shop = open_shop(database)
    sample_shop.issue()
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []
    database.close()


def test_an_upgrade_may_take_longer_than_any_other_answer(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimeoutConnection, "timeout", 0.3)
    other, database = connect(postgresql_url), connect(postgresql_url)
    with ThreadPoolExecutor(1) as pool, other.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": upgrade._ADVISORY_LOCK})
        done = pool.submit(upgrade.open_ready, database)
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database() "
            "AND clock_timestamp() - query_start > interval '0.9 s'"
        )
        while not connection.execute(waiting).scalar_one():
            assert not done.done()
            connection.rollback()  # within a transaction the server tells the same again
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
        done.result()
    with database.engine.connect() as connection:
        assert upgrade.current_version(connection) == upgrade.HEAD
        own: object = connection.connection.dbapi_connection
        assert isinstance(own, TimeoutConnection)
        assert own.timeout == 0.3
    other.close()
    database.close()


def test_a_tills_role_cannot_upgrade_and_is_told_who_can(postgresql_url: str) -> None:
    owner = connect(postgresql_url)
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE ROLE till_of_an_old_shop LOGIN"))
        connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    till = connect(make_url(postgresql_url).set(username="till_of_an_old_shop"))
    with pytest.raises(Unavailable, match="as the owner of the database"):
        upgrade.open_ready(till)
    till.close()
    with owner.engine.begin() as connection:
        connection.execute(text("DROP ROLE till_of_an_old_shop"))
    owner.close()


def test_a_full_disk_is_said_the_old_form_stays_and_with_room_the_upgrade_goes_on(
    small_disk: SmallDisk, sqlite_shop_url: str
) -> None:
    with closing(connect(sqlite_shop_url)) as database:
        open_shop(database).issue()
        upgrade.migrate(database, "0001")
    path = small_disk.path / "shop.db"
    shutil.copy(sqlite_shop_url.removeprefix("sqlite:///"), path)
    with closing(connect(f"sqlite:///{path}")) as database:
        small_disk.fill()
        with pytest.raises(Unavailable, match=r"full.*[Ff]ree up some space"):
            upgrade.open_ready(database)
        small_disk.free()
        small_disk.fill(but=200_000)  # room for the log, not for the copy
        with pytest.raises(Unavailable, match=r"The backup to .* failed: .*full.*free up some space"):
            upgrade.open_ready(database)
        assert not list(small_disk.path.glob("*before*")) + list(small_disk.path.glob(".*"))
        with database.engine.connect() as connection:
            assert upgrade.current_version(connection) == "0001"
        small_disk.free()
        upgrade.open_ready(database)
        with database.reads() as session:
            assert list(verify.violations(session)) == []
            assert verify.counted(session) == (1, 2)
