"""The form of the database: each way to a version makes the same form, and every change behind the program is named."""

import os
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

from shopdesk.domain.errors import Unavailable
from shopdesk.queries import verify
from shopdesk.store import schema, shop_move, upgrade
from shopdesk.store.database import Database, connect
from shopdesk.store.guards import guards_off
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
        with guards_off(connection, "documents", "document_lines"):
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
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_a_migration_that_loses_what_others_refer_to_is_refused_whole(database: Database) -> None:
    sample_shop = sealed_shop(database)
    with (
        pytest.raises((Unavailable, DBAPIError)),
        upgrade.migrating(database) as connection,
        guards_off(connection, "documents"),
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
        for function, definition in form(database).items():
            assert not function.startswith("function ") or "search_path=pg_catalog, pg_temp" in definition


def test_the_closed_database_of_a_moved_shop_has_a_pinned_path_too(
    postgresql_shop_url: str, sqlite_shop_url: str
) -> None:
    with closing(connect(postgresql_shop_url)) as source, closing(connect(sqlite_shop_url)) as target:
        shop_move.move(source, target, place="there", switch=lambda: None, now=open_shop(source).now)
        assert "search_path=pg_catalog, pg_temp" in form(source)["function shopdesk_moved()"]
