"""A till's role on PostgreSQL can sell, and cannot rewrite the books, whatever SQL it sends."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Table, make_url, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import Role
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.product import Product
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import acts_books, backup_log, roles, upgrade
from shopdesk.store.backup_log import BackupKind, BackupRecord
from shopdesk.store.database import Database, connect
from shopdesk.store.session import Session
from shopdesk.store.tables import documents as issued
from shopdesk.store.tables import journal as rows
from shopdesk.store.tables import metadata, payments
from shopdesk.usecases import accounts, documents, products, shifts, shop
from shopdesk.usecases.day_close import close_day
from support.shops import PASSWORD, SampleShop, open_shop

ROLE = "till_of_a_test"


def but(table: Table, *names: str) -> str:
    """The columns of a table but for some."""
    return ", ".join(column.name for column in table.c if column.name not in names)


_BUT_KEYS = but(issued, "key", "draft_key", "number")
_BUT_KEY = but(payments, "key")
_BUT_SEQ = but(rows, "seq")
_BUT_TILL = but(rows, "till_key")


@pytest.fixture
def till(postgresql_shop_url: str) -> Iterator[Database]:
    """The shop's database as the till's role sees it."""
    owner = connect(postgresql_shop_url)
    with owner.engine.begin() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {ROLE}"))
        connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
        for statement in roles.statements(ROLE):
            connection.execute(text(statement))
    database = connect(make_url(postgresql_shop_url).set(username=ROLE))
    yield database
    database.close()
    with owner.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
        connection.execute(text(f"DROP ROLE {ROLE}"))
    owner.close()


def test_a_till_does_its_whole_work_with_its_own_role(till: Database) -> None:
    upgrade.open_ready(till)
    sample_shop: SampleShop = open_shop(till, signs_in=True)
    first = sample_shop.issue()
    sample_shop.do(documents.correct, first.key, sample_shop.draft(DraftRow("Milk", "3", "0.89")), revision=1)
    sample_shop.do(documents.delete, first.key)
    sample_shop.issue(DraftRow("Tea", "1", "1"))
    sample_shop.do(shifts.open_shift, Money(10_00, Currency.of("USD")))
    bank = {"is_out": True, "movement_key": new_key()}
    sample_shop.do(shifts.move_cash, Money(5_00, Currency.of("USD")), "Bank", **bank)
    sample_shop.do(shifts.count_shift, ((5_00, 1),))
    sample_shop.do(close_day)
    with till.sessions.begin() as session:
        accounts.sign_in(session, user_name="ada", password="not hers at all", now=sample_shop.now)
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_a_till_tells_of_backups_and_reads_of_them_after_an_upgrade_too(
    till: Database, postgresql_shop_url: str
) -> None:
    owner = connect(postgresql_shop_url)
    upgrade.migrate(owner, "0001")
    upgrade.migrate(owner, upgrade.HEAD)
    owner.close()
    sample_shop = open_shop(till, signs_in=True)
    made = BackupRecord(kind=BackupKind.DUMP, at=sample_shop.now, till="A", place="/backups/shop.dump", size=1_000)
    with till.sessions.begin() as session:
        backup_log.record(session, made)
    told = sample_shop.ask(backup_log.last)
    assert told is not None
    assert told == replace(made, at=told.at)  # the server's time


HOSTILE = {
    "UPDATE journal SET by_name = 'Eve'": "",
    "DELETE FROM journal": "",
    "TRUNCATE journal": "",
    "DELETE FROM documents": "",
    "UPDATE documents SET gross_minor = 1, net_minor = 1, tax_minor = 0 WHERE sealed_at IS NOT NULL": "",
    "UPDATE document_lines SET item = 'Gold'": "",
    "DELETE FROM document_lines": "",
    "DELETE FROM payments": "",
    "UPDATE payments SET amount_minor = 1": "",
    "DELETE FROM backups": "",
    "DELETE FROM day_closes": "",
    "UPDATE day_closes SET report = NULL": "",
    "UPDATE shifts SET opening_minor = 0": "",
    "DELETE FROM cash_movements": "",
    "UPDATE shift_counts SET counted_minor = expected_minor": "",
    "DELETE FROM accounts": "",
    "DELETE FROM day_sales": "",
    "CREATE TABLE mine (a int)": "",
    "CREATE TEMPORARY TABLE documents (key uuid, sealed_at timestamptz)": "",
    "DROP TABLE journal": "",
    "ALTER TABLE journal DISABLE TRIGGER ALL": "",
    "DROP TRIGGER keep_journal ON journal": "",
    "UPDATE alembic_version SET version_num = '0000'": "",
    "SET session_replication_role = replica": "",
    # people
    "UPDATE accounts SET role = 'owner' WHERE key = :own": "",
    "UPDATE accounts SET role = 'cashier', standing = 'blocked' WHERE key = :owner": "",
    "UPDATE accounts SET password_mark = 'planted' WHERE key = :owner": "",
    "UPDATE credentials SET password_hash = 'planted' WHERE account_key = :owner": "",
    "UPDATE credentials SET pin_hash = 'planted' WHERE account_key = :owner": "",
    "SELECT password_hash FROM credentials": "",
    "UPDATE sign_in_failures SET failures = 0": "",
    "UPDATE accounts SET user_name = 'eve', user_name_folded = 'ada' WHERE key = :own": "",  # unique
    "INSERT INTO accounts (key, user_name, user_name_folded, name, role, standing, created_at) VALUES (:new, 'eve', "
    "'eve', 'Eve', 'owner', 'active', now())": "",
    "INSERT INTO identities VALUES ('https://id.example', 'eve', :owner, 'Id', now())": "",
    # settings, rates, prices
    "UPDATE shop SET cashier_discount_milli = 100000": "",
    "UPDATE shop SET seal = 'at_close'": "",
    "UPDATE shop SET name = 'Eve'": "",
    "UPDATE tax_rates SET rate_milli = 1000": "",
    "INSERT INTO tax_rates VALUES (:new, 'Mine', 0, 'Z', false, false, 9)": "",
    "UPDATE products SET price_centi = 1": "",
    "UPDATE products SET tax_key = (SELECT key FROM tax_rates WHERE rate_milli = 0)": "",
    "INSERT INTO products (key, code, name, price_centi, is_retired) VALUES (:new, '9', 'Air', 1, false)": "",
    "UPDATE products SET name = 'Coffee'": "",
    # books
    "UPDATE documents SET paid_minor = 0": "its payments add up to",
    "UPDATE documents SET state = 'corrected' WHERE sealed_at IS NOT NULL": "differs from its last journal entry",
    "UPDATE documents SET buyer_name = 'Eve' WHERE sealed_at IS NULL": "is stored otherwise than it was written",
    "UPDATE documents SET state = 'voided', voided_at = now() WHERE sealed_at IS NULL": "differs from its last",
    f"INSERT INTO documents ({_BUT_KEYS}, key, draft_key, number) SELECT {_BUT_KEYS}, :new, :new, 'R-A-2026-000009' "
    "FROM documents WHERE key = :sealed": "R-A-2026-000009: it is missing from the journal",
    f"INSERT INTO payments ({_BUT_KEY}, key) SELECT {_BUT_KEY}, :new FROM payments LIMIT 1": "its payments add up to",
    "INSERT INTO day_closes VALUES (:new, now(), '2026-12-31', :owner, 'Ada', 9)": "by Ada differs from the journal",
    "INSERT INTO day_closes VALUES (:new, now(), '2026-12-31', :owner, 'Ada', 9, 7, '{}')": "Z report 1",
    "INSERT INTO shifts VALUES (:till, 9, 0, now(), :owner, 'Ada', 1)": "its opening differs from the journal",
    "UPDATE series SET last = last + 1": "the counter is at",
    "UPDATE day_sales SET gross_minor = 0": "day_sales",
    "UPDATE day_payments SET amount_minor = amount_minor + 1": "what is still owed",
    "UPDATE customers SET email = 'eve@example.org'": "",
    "UPDATE customers SET phone = '+12025550123'": "",
    # the journal, tills
    f"INSERT INTO journal ({_BUT_SEQ}, seq) SELECT {_BUT_SEQ}, seq + 1 FROM journal WHERE (till_key, seq) IN "
    "(SELECT key, journal_seq FROM tills WHERE key = :till)": "its hash does not match",
    f"INSERT INTO journal ({_BUT_TILL}, till_key) SELECT {_BUT_TILL}, :other_till FROM journal WHERE seq = 1": "till B",
    "UPDATE tills SET journal_seq = 0, journal_hash = :zeros WHERE key = :till": "but 0 rows were written",
    "UPDATE tills SET name = 'Z' WHERE key = :till": "",
    "INSERT INTO tills (key, name, created_at, journal_hash) VALUES (:new, 'Z', now(), :zeros)": "",
    # messages
    "UPDATE outbox SET state = 'sent', sent_at = now(), next_at = NULL": "",
    "UPDATE outbox SET state = 'sent', sent_at = now(), next_at = NULL, attempts = 1, body = 'x'": "",
    "UPDATE outbox SET state = 'withdrawn'": "",
    "UPDATE outbox SET recipient = 'eve@example.org'": "",
    "UPDATE outbox SET journal_seq = 1": "",
    "INSERT INTO backups VALUES (:new, 'dump', now(), 'A', '/nowhere', 1)": "",
}
"""What a till's role may try by raw SQL: the database refuses it, or ``verify`` names it with these words."""

NEITHER = (
    "SELECT shopdesk_acts.record_backup(:new, 'dump', 'A', '/nowhere', 1, NULL)",
    "SELECT shopdesk_acts.hold('products', ARRAY(SELECT key FROM products))",
    (
        "DO $$ DECLARE worker CONSTANT uuid = gen_random_uuid(); message uuid; BEGIN "
        "message = shopdesk_acts.claim_message(worker, NULL, 'email'); "
        "PERFORM shopdesk_acts.save_body(message, worker, 'x'); "
        "PERFORM shopdesk_acts.record_delivery(message, worker, 'sent', '', NULL, NULL); END $$"
    ),
)
"""What the database lets a till do, and nothing tells: see ``docs/outside-the-chain.md``."""


def test_raw_sql_of_a_till_is_refused_or_named(till: Database) -> None:
    sample_shop = open_shop(till, signs_in=True)
    with till.sessions.begin() as session:
        newcomer = accounts.NewAccount(user_name="eve.own", name="Eve Own", password=PASSWORD)
        eve = accounts.register(session, newcomer, now=sample_shop.now)
    sample_shop.do(accounts.let_in, eve.key, role=Role.CASHIER)
    tea = Product(key=new_key(), code="1", name="Tea", price=12_345)
    sample_shop.do(products.save, tea)
    sample_shop.issue()
    sample_shop.seal_at_issue()
    sealed = sample_shop.issue()
    with till.sessions.begin() as session:
        other = shop.add_till(session, "B", by_staff=sample_shop.by.staff, now=sample_shop.now)
        accounts.sign_in(session, user_name="ada", password="not hers at all", now=sample_shop.now)
    given = {
        "own": eve.key,
        "owner": sample_shop.by.staff.key,
        "new": new_key(),
        "sealed": sealed.key,
        "till": sample_shop.by.till.key,
        "other_till": other.key,
        "zeros": bytes(32),
    }
    wrong = []
    with till.engine.connect() as connection:
        assert list(verify.violations(Session(connection))) == []
        for statement, said in (*HOSTILE.items(), *dict.fromkeys(NEITHER, "nothing").items()):
            one = text(statement)
            try:
                connection.execute(one.bindparams(**{name: given[name] for name in one.compile().params}))
                connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")  # statements without a result wait
            except DBAPIError:
                connection.rollback()
                if said == "nothing":
                    wrong.append((statement, said, ["refused"]))
                continue
            found = list(verify.book_violations(Session(connection))) or ["nothing"]
            connection.rollback()
            if not said or not any(said in fault for fault in found):
                wrong.append((statement, said, found))
    assert wrong == []


def test_a_row_of_the_journal_that_is_well_made_tells_what_its_writer_wants(till: Database) -> None:
    """In one's own name, of what one's role may: the words are believed, their values are compared."""
    sample_shop = open_shop(till, signs_in=True)
    closed = Change("name", "Corner Shop", "Eve's Shop")
    with till.sessions.begin() as session:
        acts_books.record_changes(session, Activity.SETTING, [closed], by=sample_shop.by, at=sample_shop.now)
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_every_table_has_its_rights_and_a_role_is_a_plain_name() -> None:
    granted = {
        statement.split(" ON ")[1].split(" TO ")[0] for statement in roles.statements("till") if " ON " in statement
    }
    assert {table.name for table in metadata.sorted_tables} - granted == {"credentials"}
    with pytest.raises(Refused):
        list(roles.statements('till"; DROP TABLE journal; --'))
