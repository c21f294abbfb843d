"""The roles of a server: the script of ``compose.yaml`` makes them; the doctor tells who may do too much."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError

from shopdesk.doctor import database as doctor
from shopdesk.doctor.check import CheckResult, CheckState, Installation
from shopdesk.domain.account import Staff
from shopdesk.queries import verify
from shopdesk.settings import Settings
from shopdesk.store import roles, schema, upgrade
from shopdesk.store.database import Database, connect
from shopdesk.usecases import accounts
from support.postgresql import Server, running_server
from support.shops import open_shop

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "resources" / "server" / "roles.sh"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of its own: its roles are those of a shop."""
    if not shutil.which("psql"):
        pytest.skip("psql is not installed here")
    with running_server() as running:
        yield running


@pytest.fixture
def shop_url(server: Server) -> Iterator[URL]:
    """A new database as the server's administrator sees it, with no tables and no roles."""
    with server.database() as url:
        yield make_url(url)


def run_script(server: Server, url: URL) -> None:
    environ = {"PGHOST": str(server.folder), "POSTGRES_USER": "postgres", "POSTGRES_DB": str(url.database)}
    passwords = {"OWNER_PASSWORD": "own'er", "TILL_PASSWORD": 'ti"ll'}
    done = subprocess.run(
        ["bash", SCRIPT], env=dict(os.environ) | environ | passwords, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def role(database: Database) -> CheckResult:
    """What the doctor says of the rights of a database's role."""
    chosen = Settings(database=database.engine.url.render_as_string(hide_password=False))
    return doctor.rights(
        Installation(home=Path(), settings=chosen, trouble=None, now=lambda: datetime.now(UTC), printers=tuple, qt="6")
    )


def test_the_script_makes_an_owner_and_tills_who_do_their_whole_work_and_nothing_more(
    server: Server, shop_url: URL
) -> None:
    run_script(server, shop_url)
    run_script(server, shop_url)  # again changes nothing
    with closing(connect(shop_url.set(username="owner"))) as owner:
        upgrade.open_ready(owner)
        assert role(owner).state is CheckState.FAIL
    with closing(connect(shop_url.set(username="till"))) as till:
        upgrade.open_ready(till)
        assert role(till).state is CheckState.OK
        assert "owner" not in role(till).text  # the acts have a role of their own
        sample_shop = open_shop(till, signs_in=True)
        sample_shop.seal_at_issue()
        sample_shop.issue()
        assert sample_shop.ask(lambda session: list(verify.violations(session))) == []
        for hostile in (
            "UPDATE journal SET by_name = 'Eve'",
            "ALTER TABLE journal DISABLE TRIGGER ALL",
            "TRUNCATE journal",
            "CREATE TEMPORARY TABLE documents (key uuid, sealed_at timestamptz)",
            "CREATE TABLE mine (a int)",
            "SET ROLE owner",
            "SET ROLE shopdesk_acts",
            "SELECT pg_advisory_lock(1)",
            "SELECT lo_create(0)",
            "SET session_replication_role = replica",
            "ALTER ROLE till CREATEROLE",
            "DROP SCHEMA public CASCADE",
        ):
            with pytest.raises(DBAPIError), till.engine.begin() as connection:
                connection.execute(text(hostile))
        with closing(connect(shop_url.set(username="owner"))) as owner, owner.sessions.begin() as session:
            accounts.recover_owner(session, "ada", new="eight purple kettles sing", now=sample_shop.now)
        with till.sessions.begin() as session:
            password = "eight purple kettles sing"
            assert isinstance(accounts.sign_in(session, user_name="ada", password=password, now=sample_shop.now), Staff)


def test_the_script_takes_a_shop_of_a_superuser_over(server: Server, shop_url: URL) -> None:
    with closing(connect(shop_url)) as superuser:
        upgrade.open_ready(superuser)
        open_shop(superuser).issue()
        before = form(superuser)
    run_script(server, shop_url)
    with closing(connect(shop_url.set(username="owner"))) as owner:
        upgrade.migrate(owner, "0001")
        upgrade.open_ready(owner)
        assert form(owner) == before
    with closing(connect(shop_url.set(username="till"))) as till, till.reads() as session:
        assert list(verify.violations(session)) == []
        assert role(till).state is CheckState.OK


def form(database: Database) -> schema.Form:
    with database.engine.connect() as connection:
        return schema.read(connection)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ALTER ROLE odd SUPERUSER", "is a superuser"),
        ("ALTER TABLE payments OWNER TO odd", "owns the database or its tables"),
        ("ALTER FUNCTION shopdesk_refuse_always() OWNER TO odd", "owns the database or its tables"),
        ("GRANT owner TO odd", "owns the database or its tables"),
        ("ALTER SCHEMA public OWNER TO odd", "owns the database or its tables"),
        ("ALTER ROLE odd CREATEROLE", "may make itself a member"),
        ("GRANT postgres TO odd", "may make itself a member"),
        ("GRANT SET ON PARAMETER session_replication_role TO odd", "may turn the guards off"),
        ("GRANT TRUNCATE ON journal TO odd", "may empty tables"),
        ("GRANT TRIGGER ON documents TO odd", "add triggers"),
        ("GRANT pg_write_all_data TO odd", "may write all data"),
        ("GRANT UPDATE (role) ON accounts TO odd", "may change people, settings, lists or messages"),
        ("GRANT INSERT ON journal TO odd", "may write the books by itself"),
        (
            "GRANT EXECUTE ON FUNCTION shopdesk_acts.open_session TO PUBLIC",
            "may change people, settings, lists or messages",
        ),
        ("GRANT pg_execute_server_program TO odd", "files of the server"),
    ],
)
def test_the_doctor_fails_where_a_role_may_do_more_than_a_till(
    server: Server, shop_url: URL, given: str, said: str
) -> None:
    run_script(server, shop_url)
    with closing(connect(shop_url)) as superuser, closing(connect(shop_url.set(username="odd"))) as odd:
        upgrade.open_ready(superuser)
        with superuser.engine.begin() as connection:
            connection.execute(text("CREATE ROLE odd LOGIN IN ROLE shopdesk_tills"))
        try:
            assert role(odd).state is CheckState.OK
            with superuser.engine.begin() as connection:
                connection.execute(text(given))
            found = role(odd)
            assert (found.state, said in found.text) == (CheckState.FAIL, True), found
            assert "odd" not in found.plain
        finally:
            odd.close()
            with superuser.engine.begin() as connection:
                connection.execute(text("REASSIGN OWNED BY odd TO postgres"))
                connection.execute(text("DROP OWNED BY odd"))
                connection.execute(text("DROP ROLE odd"))


def test_the_composition_runs_the_script_with_the_passwords_it_needs() -> None:
    composed = (ROOT / "compose.yaml").read_text("utf-8")
    assert f"./{SCRIPT.relative_to(ROOT).as_posix()}:/docker-entrypoint-initdb.d/roles.sh:ro" in composed
    needed = set(re.findall(r"^\\getenv \w+ (\w+)", SCRIPT.read_text("utf-8"), re.MULTILINE))
    assert needed == {"OWNER_PASSWORD", "TILL_PASSWORD"}
    assert all(f"{name}=" in composed for name in needed)
    assert f"'{roles.GROUP}'" in SCRIPT.read_text("utf-8")
