"""What a database could not do is said in words, with what to do about it; at the start in the same as later."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from shopdesk.domain.errors import DatabaseCorrupt, DatabaseUnavailable, PasswordRefused, Unavailable
from shopdesk.store import upgrade
from shopdesk.store.database import Database, connect
from shopdesk.store.error_text import SqliteCode, SqlState, describe, explain
from shopdesk.store.session import Session
from support.postgresql import Server
from support.proxy import Proxy

Work = Callable[[Session], object]


def _fault(database: Database, work: Work) -> DatabaseUnavailable:
    """What comes of it, in words."""
    with pytest.raises(DBAPIError) as caught, database.sessions.begin() as session:
        work(session)
    told = explain(caught.value)
    assert isinstance(told, DatabaseUnavailable)
    return told


def _at_start(database: Database) -> Unavailable:
    """What the start says of it."""
    with pytest.raises(Unavailable) as caught:
        upgrade.open_ready(database)
    return caught.value


def _same_at_start(told: Unavailable, database: Database) -> bool:
    at_start = _at_start(database)
    return (type(at_start), at_start.what, at_start.advice) == (type(told), told.what, told.advice)


def _one(session: Session) -> object:
    return session.execute(text("SELECT 1")).scalar()


def _break_off(session: Session) -> None:
    _one(session)
    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_a_server_that_is_not_there(postgresql: Server, tmp_path: Path) -> None:
    database = connect(f"postgresql+psycopg://postgres@/shop?host={tmp_path}")
    told = _fault(database, _one)
    assert told.what == "The database server cannot be reached."
    assert told.is_unreachable
    assert _same_at_start(told, database)
    database.close()


def test_a_database_that_is_not_there(postgresql: Server) -> None:
    database = connect(postgresql.url("nowhere"))
    told = _fault(database, _one)
    assert told.what == "The database does not exist on this server."
    assert told.is_unreachable
    assert _same_at_start(told, database)
    database.close()


def test_a_person_the_server_does_not_know(postgresql: Server) -> None:
    database = connect(postgresql.url("postgres").replace("postgres@", "nobody@"))
    told = _fault(database, _one)
    assert told.what == "The database server refused the user name or password."
    assert isinstance(told, PasswordRefused)
    assert _same_at_start(told, database)
    database.close()


def test_a_connection_that_an_administrator_ends(postgresql: Server) -> None:
    database = connect(postgresql.url("postgres"))
    told = _fault(database, _break_off)
    assert told.what == "The database server ended the connection."
    assert told.is_unreachable
    database.close()


def test_a_server_that_is_killed(killable_server: Server) -> None:
    database = connect(killable_server.url("postgres"))

    def die(session: Session) -> None:
        _one(session)
        killable_server.kill()
        _one(session)

    told = _fault(database, die)
    assert told.what in {  # a process of it may have a last word after all
        "The connection to the database server was lost.",
        "The database server ended the connection.",
    }
    assert told.is_unreachable
    database.close()


def test_a_wire_that_is_cut(proxy: Proxy) -> None:
    database = connect(proxy.url("postgres"))

    def cut(session: Session) -> None:
        _one(session)
        proxy.cut_now()
        _one(session)

    assert _fault(database, cut).what == "The connection to the database server was lost."
    database.close()


def test_a_server_without_a_connection_left(killable_server: Server) -> None:
    """Its last three are for administrators; a till is none."""
    killable_server.ask("DROP ROLE IF EXISTS till")
    killable_server.ask("CREATE ROLE till LOGIN")
    address = killable_server.url("postgres").replace("postgres@", "till@")
    database = connect(address)
    with ExitStack() as others:
        for _ in range(8):
            others.enter_context(psycopg.connect(host=str(killable_server.folder), user="till", dbname="postgres"))
        told = _fault(database, _one)
        assert _same_at_start(told, database)
    assert told.what == "The database server has no connection left for this till."
    assert told.is_unreachable
    with database.sessions.begin() as session:
        assert _one(session) == 1
    database.close()


def test_a_server_that_can_only_be_read(postgresql: Server) -> None:
    database = connect(postgresql.url("postgres"))

    def write(session: Session) -> None:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text("CREATE TABLE things (name text)"))

    told = _fault(database, write)
    assert told.what == "The database is read-only right now."
    assert not told.is_unreachable
    database.close()


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("FATAL:  the database system is starting up", "The database server is starting."),
        ("FATAL:  the database system is not yet accepting connections", "The database server is starting."),
        ("FATAL:  the database system is shutting down", "The database server is shutting down."),
        ('FATAL:  password authentication failed for user "till"', "refused the user name or password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.7", user "till"', "not allow connections from this computer"),
        ('FATAL:  pg_hba.conf rejects connection for host "10.0.0.7", user "till"', "not allow connections from this"),
        ('FATAL:  role "till" is not permitted to log in', "refused the user name or password"),
        ('FATAL:  permission denied for database "shop"', "does not let this user open the database"),
        ("fe_sendauth: no password supplied", "refused the user name or password"),
        ("FATAL:  sorry, too many clients already", "no connection left for this till"),
        ("could not translate host name \"db.example\" to address", "be found by its host name"),
        ("failed to resolve host 'db.example': [Errno -2] Name or service not known", "by its host name"),
        ("SSL error: certificate verify failed", "certificate is not trusted on this computer"),
        ('root certificate file "/root.pem" does not exist', "the root certificate file is missing"),
        ('server certificate for "db" does not match host name "db.example"', "certificate is for another host name"),
        ("server does not support SSL, but SSL was required", "does not support encrypted connections"),
        ("SSL error: wrong version number", "A secure connection to the database server is not possible"),
        ("consuming input failed: SSL error: unexpected eof while reading", "connection to the database server"),
        ("SSL SYSCALL error: EOF detected", "The connection to the database server was lost."),
        ("the server is silent: connection given up", "The database server does not answer."),
        ("connection timeout expired", "The database server does not answer."),
        ("Verbindung zum Server fehlgeschlagen", "The database server cannot be reached."),
    ],
)  # fmt: skip
def test_what_the_server_or_the_network_says_at_the_door(said: str, what: str) -> None:
    told = explain(OperationalError("SELECT 1", {}, psycopg.OperationalError(said)))
    assert isinstance(told, DatabaseUnavailable)
    assert what in told.what
    assert told.advice
    assert told.is_unreachable


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (psycopg.errors.DiskFull(), "The database server's disk is full."),
        (psycopg.errors.OutOfMemory(), "The database server is out of resources."),
        (psycopg.errors.IoError(), "The database server has a disk problem."),
        (psycopg.errors.QueryCanceled(), "The database server cancelled the request."),
        (psycopg.errors.InsufficientPrivilege(), "The database does not let this user change its tables."),
    ],
)
def test_a_server_that_answers_but_cannot(error: psycopg.Error, what: str) -> None:
    told = explain(OperationalError("SELECT 1", {}, error))
    assert isinstance(told, DatabaseUnavailable)
    assert told.what == what
    assert not told.is_unreachable


def test_another_till_that_was_faster_is_no_absence() -> None:
    told = explain(OperationalError("SELECT 1", {}, psycopg.errors.DeadlockDetected()))
    assert isinstance(told, Unavailable)
    assert not isinstance(told, DatabaseUnavailable)


@pytest.mark.parametrize("error", [psycopg.errors.UniqueViolation(), psycopg.errors.UndefinedTable(), ValueError()])
def test_a_bug_is_not_put_into_words(error: Exception) -> None:
    assert explain(DBAPIError("SELECT 1", {}, error) if isinstance(error, psycopg.Error) else error) is None


def _of_sqlite(code: int | None) -> DBAPIError:
    cause = sqlite3.OperationalError("some words of SQLite")
    if code is not None:
        cause.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, cause)


_FILE = Path("/shops/shop.db")


@pytest.mark.parametrize("code", SqliteCode)
def test_a_fault_of_the_file_is_the_same_sentence_with_the_path_and_without(code: SqliteCode) -> None:
    told, with_path = explain(_of_sqlite(code)), describe(_of_sqlite(code), _FILE)
    assert isinstance(told, DatabaseUnavailable)
    assert with_path.what == told.what.replace("The shop's file", f"The shop's file {_FILE}")
    assert (type(with_path), with_path.advice) == (type(told), told.advice)


def test_a_file_that_cannot_be_opened_is_gone_and_a_busy_one_is_not(tmp_path: Path) -> None:
    database = connect("sqlite:////nowhere/shop.db")
    assert _fault(database, _one).is_unreachable
    database.close()
    told = explain(_of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT))  # an extended code of BUSY
    assert isinstance(told, DatabaseUnavailable)
    assert told.what == "The shop's file is in use by another program."
    assert not told.is_unreachable


def test_no_room_for_the_index_of_the_log_is_a_full_disk_and_other_faults_of_reading_are_not() -> None:
    told = [explain(_of_sqlite(code)) for code in (sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_READ)]
    assert "the disk is full" in str(told[0])
    assert "cannot be read or written" in str(told[1])


def test_a_damaged_file_can_be_restored_and_any_other_fault_of_it_cannot() -> None:
    restorable = {code for code in SqliteCode if isinstance(explain(_of_sqlite(code)), DatabaseCorrupt)}
    assert restorable == {SqliteCode.CORRUPT, SqliteCode.NOTADB}


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, None])
def test_an_unknown_fault_of_a_file_speaks_of_no_server(code: int | None) -> None:
    assert explain(_of_sqlite(code)) is None
    told = describe(_of_sqlite(code), _FILE)
    assert told.what == f"The shop's file {_FILE} reported an error: some words of SQLite."


def test_a_file_with_a_table_that_is_not_ours_says_at_the_start_what_sqlite_says(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as file:
        file.execute("CREATE TABLE alembic_version (other TEXT)")
    with closing(connect(f"sqlite:///{tmp_path / 'shop.db'}")) as database:
        assert _at_start(database).what.endswith("shop.db reported an error: no such column: version_num.")


def test_the_codes_have_the_names_that_the_databases_give_them() -> None:
    for code in SqliteCode:
        assert code == getattr(sqlite3, f"SQLITE_{code.name}")
    for state in SqlState:
        assert psycopg.errors.lookup(f"{state:0<5}").__name__ == state.name.title().replace("_", "")
