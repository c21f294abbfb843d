"""A standby takes over in the middle of a sale: the till goes on there, and nothing that was acknowledged is lost."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import DatabaseUnavailable
from shopdesk.queries import statistics, verify
from shopdesk.store import upgrade
from shopdesk.store.change_feed import EVERYTHING, ChangeFeed
from shopdesk.store.database import connect, parse
from shopdesk.store.error_text import explain
from shopdesk.store.tables import documents as table
from shopdesk.usecases import documents
from support.postgresql import Pair
from support.shops import SampleShop, open_shop


@pytest.fixture
def sample_shop(server_pair: Pair) -> Iterator[SampleShop]:
    """Somebody at a till that knows both servers."""
    with closing(connect(parse(server_pair.url()))) as database:
        upgrade.open_ready(database)
        yield open_shop(database)


def test_a_till_goes_on_at_the_standby_in_the_middle_of_a_sale_and_nothing_acknowledged_is_lost(
    sample_shop: SampleShop, server_pair: Pair
) -> None:
    drafts = [sample_shop.draft(DraftRow("Milk", "1", f"{1 + number}.00")) for number in range(40)]
    acknowledged: dict[UUID, str] = {}
    told: set[str] = set()
    enough, heard_again = threading.Event(), threading.Event()

    def sell() -> None:
        for draft in drafts:
            while draft.key not in acknowledged:  # as somebody does who presses Save again
                try:
                    acknowledged[draft.key] = sample_shop.do(documents.issue, draft).number
                except DBAPIError as error:
                    told.add(str(explain(error)))
            if len(acknowledged) == 15:
                enough.set()

    def heard(tables: frozenset[str]) -> None:
        if tables == EVERYTHING:  # told when the connection was lost and is there again
            heard_again.set()

    notices = ChangeFeed(sample_shop.database.engine, heard=heard)
    notices.start()
    seller = threading.Thread(target=sell)
    seller.start()
    assert enough.wait(30)
    server_pair.primary.kill()
    server_pair.standby.ask("SELECT pg_promote()")
    seller.join(30)
    assert not seller.is_alive()
    assert heard_again.wait(30)
    notices.close()
    assert "None" not in told  # whatever it was told meanwhile was in words

    with sample_shop.database.reads() as session:
        rows = session.execute(select(table.c.draft_key, table.c.number)).all()
        assert list(verify.violations(session)) == []
    assert {row.draft_key: row.number for row in rows} == acknowledged
    assert len(rows) == 40
    assert max(row.number for row in rows).endswith("-000040")  # none was left out, none was given twice


def test_while_nobody_is_in_charge_that_is_said_and_nothing_is_written(
    sample_shop: SampleShop, server_pair: Pair
) -> None:
    draft = sample_shop.draft()
    server_pair.primary.kill()
    with pytest.raises(DBAPIError):
        sample_shop.do(documents.issue, draft)
    with pytest.raises(DBAPIError) as caught:
        sample_shop.do(documents.issue, draft)
    told = explain(caught.value)
    assert isinstance(told, DatabaseUnavailable)
    assert told.what == "No database server accepts changes right now."
    assert told.is_unreachable
    server_pair.standby.ask("SELECT pg_promote()")
    assert sample_shop.do(documents.issue, draft).number.endswith("-000001")


def test_a_standby_that_is_behind_says_up_to_when_it_knows_the_books(
    sample_shop: SampleShop, server_pair: Pair
) -> None:
    before = datetime.now(UTC)
    sample_shop.issue()
    written = server_pair.primary.ask("SELECT pg_current_wal_lsn()::text")
    while not server_pair.standby.ask("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written):
        pass  # what was acknowledged is on its disk, and a moment later in its tables
    with closing(connect(server_pair.standby.url("postgres"))) as standby:
        server_pair.standby.ask("SELECT pg_wal_replay_pause()")
        sample_shop.issue()
        with standby.reads() as session:
            moment = statistics.as_of(session)
        assert moment is not None
        assert before <= moment <= datetime.now(UTC)
        server_pair.standby.ask("SELECT pg_wal_replay_resume()")
        assert sample_shop.ask(statistics.as_of) is None  # the one in charge is never behind
