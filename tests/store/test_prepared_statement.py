"""What is handed straight to the driver is what SQLAlchemy would have sent and read, on both databases."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uuid_utils
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from shopdesk.domain.account import Actor
from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Draft, Kind
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.row_keys import new_key
from shopdesk.store import accounts as store_accounts
from shopdesk.store import shop as store_shop
from shopdesk.store import tables
from shopdesk.store.database import Database, connect
from shopdesk.store.prepared_statement import prepared
from shopdesk.store.session import Session
from shopdesk.usecases import documents
from support.shops import SampleShop, open_shop

_TILLS = select(tables.tills).order_by(tables.tills.c.name)
_ALL = (select(tables.accounts), select(tables.shop), select(tables.journal), select(tables.documents), _TILLS)


def issue(database: Database, drafts: list[Draft], now: datetime) -> None:
    with database.reads() as session:
        by = Actor(store_accounts.everyone(session)[0], store_shop.all_tills(session)[0])
    for draft in drafts:
        with database.sessions.begin() as session:
            documents.issue(session, draft, by=by, now=now, contact=Contact(name="Ada", email="ada@example.org"))


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def same_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the same keys from now on, one after the other."""
    number = iter(range(1, 1_000_000))
    monkeypatch.setattr(uuid_utils, "uuid7", lambda: UUID(int=next(number)))


def test_documents_have_the_same_bytes_as_those_that_sqlalchemy_writes(
    sqlite_shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(connect(sqlite_shop_url)) as database:
        shop = open_shop(database)
        drafts = [shop.draft(), shop.draft()]
    shutil.copyfile(tmp_path / "shop.db", tmp_path / "other.db")
    heard: list[str] = []
    for name in ("shop.db", "other.db"):
        same_keys(monkeypatch)
        with closing(connect(f"sqlite:///{tmp_path / name}")) as database:
            if name == "other.db":
                event.listen(database.engine, "before_cursor_execute", lambda *given: heard.append(given[2]))
            issue(database, [drafts[0]], shop.now)
            issue(database, [drafts[1]], datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert any("INSERT INTO documents" in statement for statement in heard)  # SQLAlchemy wrote the other one
    assert dump(tmp_path / "shop.db") == dump(tmp_path / "other.db")


@pytest.fixture
def session(sample_shop: SampleShop) -> Iterator[Session]:
    sample_shop.issue()
    with sample_shop.database.reads() as session:
        yield session


def test_rows_are_read_as_sqlalchemy_reads_them(session: Session) -> None:
    for statement in _ALL:
        expected: list[Any] = list(session.execute(statement).all())
        found = session.fetch(statement)
        assert [tuple(row) for row in found] == [tuple(row) for row in expected]
        assert [row._asdict() for row in found] == [row._asdict() for row in expected]
        assert expected


def test_what_is_read_first_begins_the_transaction(sample_shop: SampleShop) -> None:
    with sample_shop.database.reads() as session:
        before = session.fetch(_TILLS)
        with sample_shop.database.sessions.begin() as other:
            store_shop.set_till_preferences(other, sample_shop.by.till.key, TillPreferences(default_kind=Kind.INVOICE))
        assert session.connection.in_transaction()
        assert session.fetch(_TILLS) == before


def test_an_error_of_the_driver_is_one_of_sqlalchemy(sample_shop: SampleShop) -> None:
    with sample_shop.database.reads() as session:
        (row,) = session.fetch(_TILLS)
    with sample_shop.database.reads() as session, pytest.raises(IntegrityError):
        session.insert(tables.tills, [row._asdict()])


def test_a_whole_number_that_is_none_is_refused(sample_shop: SampleShop) -> None:
    wrong: Any = {"till_key": new_key(), "kind": "receipt", "year": 2026, "last": 0.5}
    with sample_shop.database.reads() as session, pytest.raises(TypeError, match="whole number"):
        session.insert(tables.series, [wrong])


def test_a_statement_whose_text_depends_on_its_parameters_is_refused(session: Session) -> None:
    several = select(tables.tills).where(tables.tills.c.name.in_(["A", "B"]))
    with pytest.raises(TypeError, match="depends on its parameters"):
        prepared(several, session.connection.dialect)


def test_what_is_read_ahead_is_what_would_be_read_and_is_read_once(sample_shop: SampleShop) -> None:
    asked = (store_accounts.asked(sample_shop.by.staff.key), store_shop.asked())
    with sample_shop.database.sessions.begin() as session:
        expected = [session.fetch(*one) for one in asked]
        session.read_ahead(*asked)
        assert [session.fetch(*one) for one in asked] == expected
        store_shop.set_till_preferences(session, sample_shop.by.till.key, TillPreferences(default_kind=Kind.INVOICE))
        assert [session.fetch(*one) for one in asked] == expected


def test_rows_read_ahead_are_dropped_by_a_statement_that_may_change_them(sample_shop: SampleShop) -> None:
    till = sample_shop.by.till.key
    with sample_shop.database.sessions.begin() as session:
        session.read_ahead((_TILLS, {}))
        store_shop.set_till_preferences(session, till, TillPreferences(default_kind=Kind.INVOICE))
        (row,) = session.fetch(_TILLS)
        assert row.default_kind == "invoice"


def test_a_query_read_ahead_that_fails_takes_the_transaction_back(sample_shop: SampleShop) -> None:
    wrong = select(func.no_such_function())

    def fail(session: Session, **_: Any) -> None:
        store_shop.set_till_preferences(session, sample_shop.by.till.key, TillPreferences(default_kind=Kind.INVOICE))
        session.read_ahead((wrong, {}), store_shop.asked())
        session.fetch(wrong)

    with pytest.raises(DBAPIError):
        sample_shop.do(fail)
    (row,) = sample_shop.ask(lambda session: session.fetch(_TILLS))
    assert row.default_kind == "receipt"
