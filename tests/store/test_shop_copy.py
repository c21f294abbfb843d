"""A shop moves from its file to PostgreSQL and back without losing a cent or a link of the chain."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.queries import documents, verify
from shopdesk.store import shop_copy, upgrade
from shopdesk.store.database import Database, connect
from shopdesk.usecases import documents as acts
from support.shops import open_shop


def copy(source: Database, target: Database, **kwargs: Any) -> int:
    with source.reads() as origin:
        return shop_copy.copy(origin, target, **kwargs)


def a_busy_shop(database: Database) -> None:
    sample_shop = open_shop(database)
    sample_shop.issue(kind=Kind.INVOICE)
    sample_shop.seal_at_issue()
    first = sample_shop.issue()
    sample_shop.do(acts.correct, first.key, sample_shop.draft(DraftRow("Milk", "3", "0.89")), revision=1)
    sample_shop.do(acts.delete, sample_shop.issue(DraftRow("Tea", "1", "9")).key)


def test_a_shop_goes_to_postgresql_and_back_and_verifies_there(
    tmp_path: Path, sqlite_shop_url: str, postgresql_shop_url: str
) -> None:
    file, server = connect(sqlite_shop_url), connect(postgresql_shop_url)
    a_busy_shop(file)
    steps: list[tuple[int, int]] = []
    done = copy(file, server, progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (done, done)
    back = connect(f"sqlite:///{tmp_path / 'back.db'}")
    upgrade.open_ready(back)
    assert copy(server, back) == done
    for database in (server, back):
        with database.reads() as session:
            assert list(verify.violations(session)) == []
            copied = [documents.get(session, summary.key) for summary in documents.recent(session, 50)]
        with file.reads() as session:
            assert copied == [documents.get(session, summary.key) for summary in documents.recent(session, 50)]
        with pytest.raises(DBAPIError, match="kept for ever"), database.engine.begin() as connection:
            connection.execute(text("UPDATE documents SET buyer_name = 'Eve' WHERE sealed_at IS NOT NULL"))
        database.close()
    file.close()


def test_a_shop_is_not_copied_over_another(sqlite_shop_url: str, postgresql_shop_url: str) -> None:
    file, server = connect(sqlite_shop_url), connect(postgresql_shop_url)
    a_busy_shop(file)
    open_shop(server, shop_name="Other")
    with pytest.raises(Refused, match="already has a shop"):
        copy(file, server)
    file.close()
    server.close()


class _EnoughError(Exception):
    pass


def test_a_copy_that_is_given_up_leaves_the_target_empty(sqlite_shop_url: str, postgresql_shop_url: str) -> None:
    file, server = connect(sqlite_shop_url), connect(postgresql_shop_url)
    a_busy_shop(file)

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise _EnoughError

    with pytest.raises(_EnoughError):
        copy(file, server, progress=stop)
    assert copy(file, server) > 0
    file.close()
    server.close()


def test_a_shop_is_copied_whose_clock_was_set_back_before_something_was_put_right(
    tmp_path: Path, sqlite_shop_url: str, postgresql_shop_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_copy, "_BATCH", 1)  # as when a thousand others were issued between
    file, server = connect(sqlite_shop_url), connect(postgresql_shop_url)
    sample_shop = open_shop(file)
    sample_shop.seal_at_issue()
    sold, other = sample_shop.issue(), sample_shop.issue()
    sample_shop.now -= timedelta(hours=3)
    sample_shop.do(acts.delete, sold.key)
    sample_shop.do(
        acts.correct, other.key, sample_shop.draft(DraftRow("Milk", "3", "0.89")), revision=1, was_sealed=True
    )
    back = connect(f"sqlite:///{tmp_path / 'back.db'}")
    upgrade.open_ready(back)
    copy(file, server)
    copy(server, back)
    for database in (server, back):
        with database.reads() as session:
            assert list(verify.violations(session)) == []
            copied = [documents.get(session, summary.key) for summary in documents.recent(session, 50)]
        assert copied == [sample_shop.ask(documents.get, document.key) for document in copied]
        database.close()
    file.close()
