"""The form of the database: each way to a version makes the same form, and every change behind the program is named."""

import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shopdesk.doctor import database as doctor
from shopdesk.doctor import runner
from shopdesk.doctor.check import CheckState
from shopdesk.domain.errors import Unavailable
from shopdesk.queries import verify
from shopdesk.store import acts_sql, schema, shop_move, upgrade
from shopdesk.store.database import Database, connect
from shopdesk.store.migrations.suspended_triggers import triggers_suspended
from support.shops import SampleShop, open_shop


@pytest.fixture
def empty(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables, of the same kind."""
    is_file = database.path is not None
    opened = connect(f"sqlite:///{tmp_path / 'empty.db'}" if is_file else request.getfixturevalue("postgresql_url"))
    yield opened
    opened.close()


def test_the_form_beside_the_migrations_is_what_they_make(database: Database) -> None:
    with database.engine.connect() as connection:
        made = schema.read(connection)
    file = schema.expected_file(database.engine.dialect.name)
    if "WRITE_SCHEMA" in os.environ:
        file.write_text(schema.as_text(made), "utf-8")
    assert schema.as_text(made) == file.read_text("utf-8")


def test_a_shop_that_went_down_and_up_has_the_form_of_a_new_one_at_every_step(
    database: Database, empty: Database
) -> None:
    """With documents, sealed ones too, in between."""
    sample_shop = sealed_shop(database)
    new = {}
    for version in versions():
        upgrade.migrate(empty, version)
        new[version] = form(empty)
    for version in reversed(versions()[:-1]):
        upgrade.migrate(database, version)
        assert form(database) == new[version], version
    for version in versions()[1:]:
        upgrade.migrate(database, version)
        assert form(database) == new[version], version
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_guards_are_put_back_exactly_after_a_table_was_made_anew(database: Database) -> None:
    """Alembic's batch mode alone drops triggers, DESC and the rest of an index, and fails on ``documents``."""
    sample_shop = sealed_shop(database)
    before = form(database)
    with upgrade.migrating(database) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with triggers_suspended(connection, "documents", "document_lines"):
            connection.execute(text("UPDATE document_lines SET item = item || ''"))
            adds_up = sa.CheckConstraint("net_minor + tax_minor = gross_minor", "ck_documents_adds_up")
            anew: Literal["always", "never"] = "always" if connection.dialect.name == "sqlite" else "never"
            with operations.batch_alter_table("documents", recreate=anew, table_args=(adds_up,)) as batch:
                batch.add_column(sa.Column("extra", sa.Integer()))
    after = form(database)
    assert after.pop("column documents.extra")
    assert after == before
    with pytest.raises(DBAPIError, match="kept for ever"), database.engine.begin() as connection:
        connection.execute(text("UPDATE document_lines SET item = 'Gold'"))
    sample_shop.issue()
    assert sample_shop.ask(lambda session: list(verify.book_violations(session))) == []


def test_a_migration_that_loses_what_others_refer_to_is_refused_whole(database: Database) -> None:
    sample_shop = sealed_shop(database)
    with (
        pytest.raises((Unavailable, DBAPIError)),
        upgrade.migrating(database) as connection,
        triggers_suspended(connection, "documents"),
    ):
        connection.execute(text("DELETE FROM documents"))
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []
    assert sample_shop.ask(verify.counted)[0] == 2
    with pytest.raises(DBAPIError), database.engine.begin() as connection:  # foreign keys are enforced again
        connection.execute(text("DELETE FROM tills"))


def sealed_shop(database: Database) -> SampleShop:
    """A shop with two documents, the last one sealed."""
    sample_shop = open_shop(database)
    sample_shop.issue()
    sample_shop.seal_at_issue()
    sample_shop.issue()
    return sample_shop


def versions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    return list(reversed(steps))


def form(database: Database) -> schema.Form:
    with database.engine.connect() as connection:
        return schema.read(connection)


MISLEADING = (
    "CREATE TEMPORARY TABLE documents (key uuid, sealed_at timestamptz)",
    "CREATE SCHEMA mine; CREATE TABLE mine.documents (key uuid, sealed_at timestamptz); SET search_path = mine, public",
)


@pytest.mark.parametrize("mislead", MISLEADING)
def test_no_table_of_a_session_misleads_the_guards(postgresql_shop_url: str, mislead: str) -> None:
    with closing(connect(postgresql_shop_url)) as database:
        sample_shop = open_shop(database)
        sample_shop.seal_at_issue()
        sample_shop.issue()
        for table in ("document_lines", "document_taxes"):
            with database.engine.connect() as connection:
                for statement in mislead.split("; "):
                    connection.exec_driver_sql(statement)
                with pytest.raises(DBAPIError, match="kept for ever"):
                    connection.execute(text(f"DELETE FROM public.{table}"))
        parts = {f"function shopdesk_acts.{one.name}" for one in acts_sql.FUNCTIONS if one.is_part}
        for function, definition in form(database).items():
            is_on_its_own = function.startswith("function ") and function.partition("(")[0] not in parts
            assert not is_on_its_own or "search_path=pg_catalog, pg_temp" in definition


def test_the_closed_database_of_a_moved_shop_has_a_pinned_path_too(
    postgresql_shop_url: str, sqlite_shop_url: str
) -> None:
    with closing(connect(postgresql_shop_url)) as source, closing(connect(sqlite_shop_url)) as target:
        shop_move.move(source, target, place="there", switch=lambda: None, now=open_shop(source).now)
        assert "search_path=pg_catalog, pg_temp" in form(source)["function shopdesk_moved()"]


SQLITE_CHANGES = [
    ("DROP TRIGGER keep_journal_update", "lost its trigger keep_journal_update on journal"),
    ("CREATE TRIGGER evil AFTER INSERT ON payments BEGIN SELECT 1; END", "unknown trigger evil on payments"),
    ("ALTER TABLE documents RENAME COLUMN note TO notes", "lost its column documents.note"),
    ("ALTER TABLE accounts ADD COLUMN plain TEXT", "unknown column accounts.plain"),
    ("DROP INDEX ix_journal_document_key_at", "lost its index ix_journal_document_key_at on journal"),
    ("ALTER TABLE backups RENAME TO copies", "lost its table backups"),
    (
        (
            "PRAGMA writable_schema=ON; "
            "UPDATE sqlite_master SET sql = replace(sql, ' + tax_minor = gross_minor', ' > 0'); "
            "PRAGMA writable_schema=RESET"
        ),
        "constraint ck_documents_adds_up on documents was changed",
    ),
    (
        (
            "DROP TRIGGER keep_payments_update; "
            "CREATE TRIGGER keep_payments_update BEFORE UPDATE ON payments BEGIN SELECT 1; END"
        ),
        "trigger keep_payments_update on payments was changed",
    ),
]
POSTGRESQL_CHANGES = [
    ("DROP TRIGGER keep_journal ON journal", "lost its trigger keep_journal on journal"),
    ("ALTER TABLE journal DISABLE TRIGGER keep_journal", "trigger keep_journal on journal was changed"),
    ("ALTER TABLE payments DISABLE TRIGGER ALL", "check of foreign keys on payments was changed"),
    (
        "CREATE TRIGGER evil AFTER INSERT ON payments EXECUTE FUNCTION shopdesk_refuse_always()",
        "unknown trigger evil on payments",
    ),
    (
        (
            "CREATE OR REPLACE FUNCTION shopdesk_refuse_always() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$"
        ),
        "function shopdesk_refuse_always() was changed",
    ),
    ("ALTER FUNCTION shopdesk_refuse_sealed_part() RESET search_path", "shopdesk_refuse_sealed_part() was changed"),
    ("ALTER TABLE documents RENAME COLUMN note TO notes", "lost its column documents.note"),
    ("ALTER TABLE accounts ADD COLUMN plain TEXT", "unknown column accounts.plain"),
    ("ALTER TABLE documents DROP CONSTRAINT ck_documents_adds_up", "lost its constraint ck_documents_adds_up"),
    ("ALTER TABLE payments DROP CONSTRAINT fk_payments_by_key_accounts", "lost its constraint fk_payments_by_key"),
    ("DROP INDEX ix_journal_document_key_at", "lost its index ix_journal_document_key_at on journal"),
    ("ALTER TABLE backups RENAME TO copies", "lost its table backups"),
    ("ALTER TABLE backups SET UNLOGGED", "table backups was changed"),
    ("CREATE RULE quiet AS ON UPDATE TO tills DO INSTEAD NOTHING", "unknown rule quiet on tills"),
    ("ALTER TABLE journal ENABLE ROW LEVEL SECURITY", "table journal was changed"),
    ("ALTER TABLE products ALTER COLUMN name DROP NOT NULL", "column products.name was changed"),
    (
        (
            "CREATE OR REPLACE FUNCTION shopdesk_acts.is_owner() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER "
            "SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN true; END $$"
        ),
        "function shopdesk_acts.is_owner() was changed",
    ),
    ("GRANT EXECUTE ON FUNCTION shopdesk_acts.forgive TO PUBLIC", "shopdesk_acts.forgive(_account uuid) was changed"),
    (
        "CREATE FUNCTION shopdesk_acts.mine() RETURNS void LANGUAGE sql AS $$ $$",
        "unknown function shopdesk_acts.mine()",
    ),
    ("DROP TRIGGER count_tries ON credentials", "lost its trigger count_tries on credentials"),
]


@pytest.mark.parametrize(("change", "said"), SQLITE_CHANGES)
def test_every_change_of_a_files_form_is_named(sqlite_shop_url: str, change: str, said: str) -> None:
    check_named(sqlite_shop_url, change, said)


@pytest.mark.parametrize(("change", "said"), POSTGRESQL_CHANGES)
def test_every_change_of_a_servers_form_is_named(postgresql_shop_url: str, change: str, said: str) -> None:
    check_named(postgresql_shop_url, change, said)


def check_named(url: str, change: str, said: str) -> None:
    with closing(connect(url)) as database:
        open_shop(database)
        with database.engine.connect() as connection:
            assert list(schema.differences(connection)) == []
        with database.engine.begin() as connection:
            for statement in change.split("; ") if "BEGIN" not in change else re.split(r"; (?=CREATE)", change):
                connection.execute(text(statement))
        with database.reads() as session:
            found = list(verify.form_violations(session))
        assert any(said in fault for fault in found), found


def test_what_is_not_the_shops_own_is_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
        connection.execute(text("CREATE VIEW sums AS SELECT count(*) FROM documents"))
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        assert list(schema.differences(connection)) == []


def test_a_shop_whose_own_row_is_gone_is_named(database: Database) -> None:
    sample_shop = open_shop(database)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM shop"))
    assert any("own row is missing" in one for one in sample_shop.ask(lambda session: list(verify.violations(session))))


def test_the_doctor_names_a_changed_form(database: Database, tmp_path: Path) -> None:
    open_shop(database)
    with database.engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_journal_document_key_at"))
    url = database.engine.url.render_as_string(hide_password=False)
    installation = runner.load_installation(tmp_path, {"SHOPDESK_DATABASE_URL": url}, printers=tuple, qt="6")
    result = doctor.schema(installation)
    assert (result.state, "lost its index" in result.text) == (CheckState.FAIL, True)


def test_the_doctor_says_where_a_moved_shop_is(postgresql_shop_url: str, sqlite_shop_url: str, tmp_path: Path) -> None:
    with closing(connect(sqlite_shop_url)) as source, closing(connect(postgresql_shop_url)) as target:
        shop_move.move(source, target, place="there", switch=lambda: None, now=open_shop(source).now)
    installation = runner.load_installation(
        tmp_path, {"SHOPDESK_DATABASE_URL": sqlite_shop_url}, printers=tuple, qt="6"
    )
    assert "there" in doctor.schema(installation).text
