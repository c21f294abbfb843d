"""The journal's rows that a PostgreSQL server makes: one chain with those of the program, byte for byte."""

import sys
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import Role
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import document_snapshots, journal
from shopdesk.store.database import Database, connect
from shopdesk.store.document_snapshots import canonical, format_instant
from shopdesk.store.session import Session
from shopdesk.store.tables import journal as rows
from shopdesk.store.tables import tills
from support.shops import SampleShop, open_shop

_APPEND = text(
    "SELECT * FROM shopdesk_acts.append_journal(:till, :by, :lender, :act, :at, :detail, "
    "_changes => :changes, _values => :values)"
)


@pytest.fixture
def server_shop(postgresql_shop_url: str) -> Any:
    with closing(connect(postgresql_shop_url)) as database:
        yield open_shop(database)


def append(shop: SampleShop, **given: Any) -> Any:
    usual = {"till": shop.by.till.key, "by": shop.by.staff.key, "lender": None, "act": "setting", "at": shop.now}
    parts = {"detail": "", "changes": "[]", "values": "[]"}
    with shop.database.engine.begin() as connection:
        return connection.execute(_APPEND, usual | parts | given).one()


def last_row(database: Database) -> Any:
    with database.engine.connect() as connection:
        return connection.execute(select(rows).order_by(rows.c.seq.desc()).limit(1)).one()


def test_rows_of_the_server_and_of_the_program_make_one_chain(server_shop: SampleShop) -> None:
    manager = server_shop.staff(Role.MANAGER, name="Ben")
    server_shop.issue()
    before = last_row(server_shop.database)
    made = append(server_shop, lender=manager.key, detail="a “b” \\ /", changes='[["a","","c"]]')
    server_shop.issue()
    assert (made.seq, made.previous_at) == (before.seq + 1, before.at)
    assert server_shop.ask(lambda session: list(verify.violations(session))) == []
    with server_shop.database.engine.connect() as connection:
        row = connection.execute(select(rows).where(rows.c.seq == made.seq)).one()
    assert (row.by_name, row.lender_name, row.version) == ("Ada", "Ben", document_snapshots.CHANGES_VERSION)
    told = {
        "act": "setting",
        "at": format_instant(row.at),
        "by": str(row.by_key),
        "by_name": "Ada",
        "changes": [["a", "", "c"]],
        "detail": "a “b” \\ /",
        "document": None,
        "lender": "Ben",
        "seq": made.seq,
        "till": str(row.till_key),
        "values": [],
        "version": 2,
    }
    assert row.snapshot == canonical(told)
    assert document_snapshots.unpacked(row.snapshot) == row.snapshot


def test_the_server_escapes_every_character_as_the_program_does(server_shop: SampleShop) -> None:
    for first in range(1, sys.maxunicode, 0x10000):
        points = range(first, min(first + 0x10000, sys.maxunicode + 1))
        detail = "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)  # but lone surrogates
        append(server_shop, detail=detail)
        row = last_row(server_shop.database)
        assert canonical({"detail": detail})[1:-1] in row.snapshot
    assert server_shop.ask(lambda session: list(journal.violations(session))) == []


def test_a_changed_row_of_the_server_is_named(server_shop: SampleShop) -> None:
    made = append(server_shop, changes='[["name","A","B"]]')
    with server_shop.database.engine.connect() as connection:
        connection.execute(text("ALTER TABLE journal DISABLE TRIGGER USER"))
        for damage, named in (
            ("replace(convert_from(snapshot, 'UTF8'), '\"B\"', '\"C\"')::bytea", "its hash does not match"),
            ("convert_to('{', 'UTF8')", "its snapshot cannot be read"),
        ):
            with connection.begin_nested() as damaged:
                connection.execute(text(f"UPDATE journal SET snapshot = {damage} WHERE seq = {made.seq}"))
                found = list(journal.violations(Session(connection)))
                damaged.rollback()
            assert any(named in one for one in found), found


def test_a_till_that_is_none_and_a_person_who_is_none_make_no_row(server_shop: SampleShop) -> None:
    for given in ({"till": new_key()}, {"by": new_key()}):
        with pytest.raises(DBAPIError, match="no such till or account"):
            append(server_shop, **given)
    with server_shop.database.engine.connect() as connection:
        assert connection.execute(select(tills.c.journal_seq)).scalar_one() == last_row(server_shop.database).seq
