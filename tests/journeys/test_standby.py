"""The server dies while somebody sells: the till says so, waits for the standby to take over, and goes on there."""

from __future__ import annotations

from contextlib import closing

import pytest
from pytestqt.qtbot import QtBot

from shopdesk import background
from shopdesk.domain.draft import Row
from shopdesk.queries import documents, verify
from shopdesk.store.database import connect, parse
from support.postgresql import Pair
from support.sales import sell
from support.windows import Begin


def test_a_window_goes_on_at_the_standby_without_being_asked(
    begin: Begin, pair: Pair, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "LOOK_AGAIN_MS", 100)
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", pair.url())
    till = begin()
    till.open_shop()
    first = sell(till, Row("Milk", "2", "0.89"))
    till.rest()
    pair.primary.kill()
    till.main._background.look()
    till.find_text("None of the database's servers is in charge.")
    with qtbot.waitSignal(till.main._background.returned):
        pair.standby.ask("SELECT pg_promote()")
    second = sell(till, Row("Bread", "1", "2.00"))
    till.rest()
    with closing(connect(parse(pair.url()))) as database, database.reads() as session:
        assert [one.number for one in documents.recent(session, 5)] == [second.number, first.number]
        assert list(verify.faults(session)) == []
