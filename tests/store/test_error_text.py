"""What a database could not do is said in words, with what to do about it."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from shopdesk.domain.errors import DatabaseUnavailable, Unavailable
from shopdesk.store.database import Database, connect
from shopdesk.store.error_text import explain
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
    database.close()


def test_a_database_that_is_not_there(postgresql: Server) -> None:
    database = connect(postgresql.url("nowhere"))
    told = _fault(database, _one)
    assert told.what == "The database does not exist on this server."
    assert told.is_unreachable
    database.close()


def test_a_person_the_server_does_not_know(postgresql: Server) -> None:
    database = connect(postgresql.url("postgres").replace("postgres@", "nobody@"))
    told = _fault(database, _one)
    assert told.what == "The database server refused the user name or password."
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
    ("said", "what", "is_gone"),
    [
        ("FATAL:  the database system is starting up", "The database server is starting.", True),
        ("FATAL:  the database system is not yet accepting connections", "The database server is starting.", True),
        ("FATAL:  the database system is shutting down", "The database server is shutting down.", True),
        ('FATAL:  password authentication failed for user "till"', "refused the user name or password", True),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.7", user "till"', "refused the user name", True),
        ("fe_sendauth: no password supplied", "refused the user name or password", True),
        ("FATAL:  sorry, too many clients already", "no connection left for this till", True),
        ("could not translate host name \"db.example\" to address", "be found by its host name", True),
        ("failed to resolve host 'db.example': [Errno -2] Name or service not known", "by its host name", True),
        ("SSL error: certificate verify failed", "A secure connection to the database server", True),
        ('server certificate for "db" does not match host name "db.example"', "A secure connection", True),
        ("server does not support SSL, but SSL was required", "A secure connection", True),
        ("consuming input failed: SSL error: unexpected eof while reading", "connection to the database server", True),
        ("SSL SYSCALL error: EOF detected", "The connection to the database server was lost.", True),
        ("the server is silent: connection given up", "The database server does not answer.", True),
        ("connection timeout expired", "The database server does not answer.", True),
        ("Verbindung zum Server fehlgeschlagen", "The database server cannot be reached.", True),
    ],
)  # fmt: skip
def test_what_the_server_or_the_network_says_at_the_door(said: str, what: str, is_gone: bool) -> None:
    told = explain(OperationalError("SELECT 1", {}, psycopg.OperationalError(said)))
    assert isinstance(told, DatabaseUnavailable)
    assert what in told.what
    assert told.advice
    assert told.is_unreachable is is_gone


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (psycopg.errors.DiskFull(), "The database server's disk is full."),
        (psycopg.errors.OutOfMemory(), "The database server is out of resources."),
        (psycopg.errors.IoError(), "The database server has a disk problem."),
        (psycopg.errors.QueryCanceled(), "The database server cancelled the request."),
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


def test_a_file_that_cannot_be_opened_is_gone_and_a_busy_one_is_not(tmp_path: Path) -> None:
    database = connect("sqlite:////nowhere/shop.db")
    assert _fault(database, _one).is_unreachable
    database.close()
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = 5
    told = explain(OperationalError("SELECT 1", {}, busy))
    assert isinstance(told, DatabaseUnavailable)
    assert not told.is_unreachable
