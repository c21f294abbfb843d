"""Tills hear of each other's changes, and begin to hear again after the server was away."""

import threading
from collections.abc import Callable

from sqlalchemy import text

from shopdesk.store.database import connect, parse
from shopdesk.store.notices import EVERYTHING, Notices


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


def told(ear: Ear, teller: Notices, tables: frozenset[str]) -> bool:
    """Tell again and again until it is heard: the other end may just be connecting."""
    for _ in range(100):
        teller.tell(tables)
        with ear._news:
            if ear._news.wait_for(lambda: any(tables <= heard for heard in ear.heard), timeout=0.2):
                return True
    return False


def test_a_change_at_one_till_is_heard_at_the_other_and_not_at_home(postgresql_shop_url: str) -> None:
    here, there = Ear(), Ear()
    first = Notices(parse(postgresql_shop_url), heard=here)
    second = Notices(parse(postgresql_shop_url), heard=there)
    first.start()
    second.start()
    try:
        assert told(there, first, frozenset({"documents", "outbox"}))
        assert told(here, second, frozenset({"customers"}))
        assert not any("documents" in heard for heard in here.heard)
    finally:
        first.close()
        second.close()


def test_a_till_whose_connection_was_cut_takes_everything_as_changed_and_hears_again(postgresql_shop_url: str) -> None:
    here, there = Ear(), Ear()
    first = Notices(parse(postgresql_shop_url), heard=here)
    second = Notices(parse(postgresql_shop_url), heard=there)
    first.start()
    second.start()
    try:
        assert told(there, first, frozenset({"documents"}))
        database = connect(postgresql_shop_url)
        with database.engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        database.close()
        assert there.wait_until(lambda heard: EVERYTHING in heard)
        there.heard.clear()
        assert told(there, first, frozenset({"products"}))
    finally:
        first.close()
        second.close()
