"""Tills hear of each other's changes, and begin to hear again after the server was away."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from shopdesk.store import upgrade
from shopdesk.store.change_feed import EVERYTHING, ChangeFeed
from shopdesk.store.database import connect


class Ear:
    """Collects what one till heard, and waits for it."""

    def __init__(self) -> None:
        self.heard: list[frozenset[str]] = []
        self._news = threading.Condition()

    def __call__(self, tables: frozenset[str]) -> None:
        with self._news:
            self.heard.append(tables)
            self._news.notify_all()

    def wait_until(self, holds: Callable[[list[frozenset[str]]], bool]) -> bool:
        with self._news:
            return self._news.wait_for(lambda: holds(self.heard), timeout=20)


@pytest.fixture
def engine(postgresql_shop_url: str) -> Iterator[Engine]:
    """The shop's database, as a till has it open."""
    database = connect(postgresql_shop_url)
    yield database.engine
    database.close()


def told(ear: Ear, teller: ChangeFeed, tables: frozenset[str]) -> bool:
    """Tell again and again until it is heard: the other end may just be connecting."""
    for _ in range(100):
        teller.notify(tables)
        with ear._news:
            if ear._news.wait_for(lambda: any(tables <= heard for heard in ear.heard), timeout=0.2):
                return True
    return False


def test_a_change_at_one_till_is_heard_at_the_other_and_not_at_home(engine: Engine) -> None:
    here, there = Ear(), Ear()
    first = ChangeFeed(engine, heard=here)
    second = ChangeFeed(engine, heard=there)
    first.start()
    second.start()
    try:
        assert told(there, first, frozenset({"documents", "outbox"}))
        assert told(here, second, frozenset({"customers"}))
        assert not any("documents" in heard for heard in here.heard)
    finally:
        first.close()
        second.close()


def test_a_till_whose_connection_was_cut_takes_everything_as_changed_and_hears_again(
    postgresql_shop_url: str, engine: Engine
) -> None:
    here, there = Ear(), Ear()
    first = ChangeFeed(engine, heard=here)
    second = ChangeFeed(engine, heard=there)
    first.start()
    second.start()
    try:
        assert told(there, first, frozenset({"documents"}))
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert there.wait_until(lambda heard: EVERYTHING in heard)
        there.heard.clear()
        assert told(there, first, frozenset({"products"}))
    finally:
        first.close()
        second.close()


def test_a_till_hears_at_once_that_another_upgraded_the_database(engine: Engine) -> None:
    is_outdated, here = threading.Event(), Ear()
    till = ChangeFeed(engine, heard=here, outdated=is_outdated.set)
    other = ChangeFeed(engine, heard=Ear())
    till.start()
    other.start()
    try:
        assert told(here, other, frozenset({"documents"}))
        assert not is_outdated.is_set()
        with engine.begin() as connection:  # as a migration of a newer program ends
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            said = {"channel": upgrade.CHANNEL, "said": f"upgrade {upgrade.VERSION_TABLE}"}
            connection.execute(text("SELECT pg_notify(:channel, :said)"), said)
        assert is_outdated.wait(timeout=5)  # the next look at the clock would come later than that
    finally:
        till.close()
        other.close()


def test_a_till_that_was_away_while_another_upgraded_sees_it_when_it_is_back(engine: Engine) -> None:
    is_outdated = threading.Event()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    till = ChangeFeed(engine, heard=Ear(), outdated=is_outdated.set)
    till.start()
    try:
        assert is_outdated.wait(timeout=20)
    finally:
        till.close()


def test_many_notices_in_a_row_are_handed_on_together(engine: Engine) -> None:
    here = Ear()
    till, teller = ChangeFeed(engine, heard=here), ChangeFeed(engine, heard=Ear())
    till.start()
    teller.start()
    try:
        assert told(here, teller, frozenset({"documents"}))
        here.heard.clear()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for at in range(500):
                connection.execute(text(f"SELECT pg_notify('{upgrade.CHANNEL}', 'somebody table{at}')"))
        assert here.wait_until(lambda heard: len(frozenset().union(*heard)) == 500)
        assert len(here.heard) < 20
    finally:
        till.close()
        teller.close()


def test_two_programs_that_work_as_one_till_are_told(engine: Engine) -> None:
    told = threading.Event()
    first, second = (ChangeFeed(engine, heard=Ear(), doubled=lambda _: told.set(), patience=1.0) for _ in range(2))
    first.start()
    second.start()
    try:
        first.set_till("A")
        second.set_till("B")
        assert _are_claimed(engine, 2)
        assert not told.is_set()
        second.set_till("A")
        assert told.wait(timeout=20)
    finally:
        first.close()
        second.close()


def _are_claimed(engine: Engine, count: int) -> bool:
    """Wait until so many names of tills are held on the server."""
    held = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(held).scalar_one() != count:
            pass
    return True
