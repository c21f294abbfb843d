"""A shop moves: nobody sells into the old database meanwhile or after, and a failure leaves all as it was."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.errors import Refused
from shopdesk.domain.message import DeliveryStatus
from shopdesk.queries import verify
from shopdesk.store import roles, shop_move, upgrade
from shopdesk.store.database import Database, connect
from shopdesk.store.tables import outbox, shop
from support.disks import SmallDisk
from support.shops import SampleShop, open_shop

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


@pytest.fixture(params=["to the server", "to a file"])
def both(
    request: pytest.FixtureRequest, sqlite_shop_url: str, postgresql_shop_url: str
) -> Iterator[tuple[SampleShop, Database]]:
    """An open shop and an empty database of the other kind."""
    databases = [connect(sqlite_shop_url), connect(postgresql_shop_url)]
    source, target = databases if request.param == "to the server" else databases[::-1]
    sample_shop = open_shop(source)
    sample_shop.issue()
    yield sample_shop, target
    for database in databases:
        database.close()


def nothing() -> None:
    pass


def has_shop(database: Database) -> bool:
    upgrade.open_ready(database)
    with database.reads() as session:
        return session.execute(select(shop.c.id)).first() is not None


def move(sample_shop: SampleShop, target: Database, **how: Any) -> int:
    given: dict[str, Any] = {"place": "its new place", "switch": nothing, "now": NOW}
    return shop_move.move(sample_shop.database, target, **(given | how))


def test_after_a_move_the_new_place_sells_and_the_old_one_says_where_the_shop_went(
    both: tuple[SampleShop, Database],
) -> None:
    sample_shop, target = both
    assert move(sample_shop, target) > 0
    there = SampleShop(target, sample_shop.by, sample_shop.now)
    there.issue()
    assert there.ask(lambda session: list(verify.violations(session))) == []
    assert (
        sample_shop.ask(lambda session: list(verify.violations(session))) == []
    )  # it stays as it was, to be looked at
    sentence = "This shop was moved to its new place on 2026-11-26 09:30 UTC"
    with pytest.raises(DBAPIError, match=sentence):
        sample_shop.issue()
    with pytest.raises(Refused, match=sentence):
        upgrade.open_ready(sample_shop.database)
    upgrade.open_ready(sample_shop.database, may_be_moved=True)


def test_nobody_can_sell_while_the_shop_is_moved(both: tuple[SampleShop, Database]) -> None:
    sample_shop, target = both
    said: list[str] = []

    def try_to_sell(done: int, total: int) -> None:
        if done == total and not said:
            said.append(_refusal(sample_shop.database))

    move(sample_shop, target, progress=try_to_sell)
    assert "lock" in said[0]


def _refusal(database: Database) -> str:
    """What another program hears that writes to this database and does not wait."""
    sale = "UPDATE documents SET note = 'sold meanwhile'"
    if database.path is not None:
        with closing(sqlite3.connect(database.path, timeout=0)) as file, pytest.raises(sqlite3.Error) as refused:
            file.execute(sale)
        return str(refused.value)
    with closing(connect(database.engine.url)) as other, other.engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = 1")
        with pytest.raises(DBAPIError) as refused_there:
            connection.exec_driver_sql(sale)
    return str(refused_there.value)


_MORTAL = """
import os, signal, sys
from datetime import UTC, datetime
from shopdesk.store import database, shop_move
def die(done, total):
    if done > total // 2:
        os.kill(os.getpid(), signal.SIGKILL)
source, target = map(database.connect, sys.argv[1:])
shop_move.move(source, target, place="there", switch=print, now=datetime.now(UTC), progress=die)
"""


def test_killed_half_way_the_old_shop_goes_on_and_the_target_is_empty(both: tuple[SampleShop, Database]) -> None:
    sample_shop, target = both
    urls = [one.engine.url.render_as_string(hide_password=False) for one in (sample_shop.database, target)]
    killed = subprocess.run([sys.executable, "-c", _MORTAL, *urls], check=False, capture_output=True)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b"")
    assert not has_shop(target)
    sample_shop.issue()
    assert move(sample_shop, target) > 0


@pytest.mark.parametrize("at", ["while copying", "when switching"])
def test_a_move_that_is_given_up_leaves_the_old_shop_selling_and_the_target_empty(
    both: tuple[SampleShop, Database], at: str
) -> None:
    sample_shop, target = both

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(sample_shop, target, **{"progress" if at == "while copying" else "switch": stop})
    assert not has_shop(target)
    sample_shop.issue()
    upgrade.open_ready(sample_shop.database)
    assert move(sample_shop, target) > 0


def test_a_move_whose_old_server_goes_at_the_last_moment_is_one_and_says_so(
    postgresql_shop_url: str, sqlite_shop_url: str
) -> None:
    server, file = connect(postgresql_shop_url), connect(sqlite_shop_url)
    sample_shop = open_shop(server)

    def cut() -> None:
        with server.engine.connect() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            connection.execute(text(f"{others} AND datname = current_database()"))

    with pytest.raises(shop_move.NotClosed) as told:
        move(sample_shop, file, switch=cut)
    assert told.value.rows > 0
    assert str(told.value) == (
        "The old database may still accept sales: The database server ended the connection. Do not use it any more."
    )
    assert has_shop(file)
    server.close()
    file.close()


def test_a_move_whose_old_disk_is_full_at_the_last_moment_is_one_and_says_so(
    postgresql_shop_url: str, sqlite_shop_url: str, small_disk: SmallDisk
) -> None:
    path = small_disk.path / "shop.db"
    shutil.copy(sqlite_shop_url.removeprefix("sqlite:///"), path)
    with closing(connect(f"sqlite:///{path}")) as file, closing(connect(postgresql_shop_url)) as server:
        sample_shop = open_shop(file)
        with pytest.raises(shop_move.NotClosed, match=r"shop\.db cannot grow: the disk is full\. Do not use"):
            move(sample_shop, server, switch=small_disk.fill)
        small_disk.free()
        assert has_shop(server)


def test_a_shop_does_not_move_while_a_message_is_on_its_way(both: tuple[SampleShop, Database]) -> None:
    sample_shop, target = both
    with sample_shop.database.sessions.begin() as session:
        session.execute(update(outbox).values(state=DeliveryStatus.SENDING.value, lease_until=NOW.replace(hour=10)))
    with pytest.raises(Refused, match="message is being sent"):
        move(sample_shop, target)
    sample_shop.issue()


def test_a_tills_role_cannot_close_the_server_for_the_others(postgresql_shop_url: str, sqlite_shop_url: str) -> None:
    owner = connect(postgresql_shop_url)
    sample_shop = open_shop(owner)
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE ROLE till_that_moves LOGIN"))
        for statement in roles.statements("till_that_moves"):
            connection.execute(text(statement))
    till, file = connect(owner.engine.url.set(username="till_that_moves")), connect(sqlite_shop_url)
    with pytest.raises(DBAPIError, match="permission denied"):
        move(SampleShop(till, sample_shop.by, sample_shop.now), file)
    assert not has_shop(file)
    sample_shop.issue()
    till.close()
    file.close()
    with owner.engine.begin() as connection:
        connection.execute(text("DROP OWNED BY till_that_moves"))
        connection.execute(text("DROP ROLE till_that_moves"))
    owner.close()


def test_a_database_with_somebody_elses_tables_is_left_alone(postgresql_url: str) -> None:
    database = connect(postgresql_url)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name text)"))
    with pytest.raises(Exception, match="belongs to another program"):
        upgrade.open_ready(database)
    database.close()
