"""A till's role on PostgreSQL can sell, and cannot rewrite the books, whatever SQL it sends."""

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.queries import verify
from shopdesk.store import backup_log, roles, upgrade
from shopdesk.store.backup_log import BackupKind, BackupRecord
from shopdesk.store.database import Database, connect
from shopdesk.store.tables import metadata
from shopdesk.usecases import accounts, documents, shop
from support.shops import SampleShop, open_shop

ROLE = "till_of_a_test"


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
    sample_shop.do(shop.close_day)
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
    assert sample_shop.ask(backup_log.last) == made


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET by_name = 'Eve'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "DELETE FROM documents",
        "UPDATE documents SET gross_minor = 1, net_minor = 1, tax_minor = 0",
        "UPDATE document_lines SET item = 'Gold'",
        "DELETE FROM document_lines",
        "DELETE FROM payments",
        "UPDATE payments SET amount_minor = 1",
        "DELETE FROM backups",
        "CREATE TABLE mine (a int)",
        "DROP TABLE journal",
        "ALTER TABLE journal DISABLE TRIGGER ALL",
        "DROP TRIGGER keep_journal ON journal",
        "UPDATE alembic_version SET version_num = '0000'",
        "SET session_replication_role = replica",
    ],
)
def test_raw_sql_of_a_till_is_refused(till: Database, statement: str) -> None:
    sample_shop = open_shop(till, signs_in=True)
    sample_shop.seal_at_issue()
    sample_shop.issue()
    with pytest.raises(DBAPIError), till.engine.begin() as connection:
        connection.execute(text(statement))
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_every_table_has_its_rights_and_a_role_is_a_plain_name() -> None:
    granted = {
        statement.split(" ON ")[1].split(" TO ")[0] for statement in roles.statements("till") if " ON " in statement
    }
    assert {table.name for table in metadata.sorted_tables} - granted == {"credentials"}
    with pytest.raises(Refused):
        list(roles.statements('till"; DROP TABLE journal; --'))
