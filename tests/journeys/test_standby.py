"""The server dies while somebody sells: the till says so, waits for the standby to take over, and goes on there."""

from __future__ import annotations

from contextlib import closing

import pytest
from PySide6.QtWidgets import QLabel

from shopdesk import database_watch
from shopdesk.domain.draft import DraftRow
from shopdesk.queries import documents, verify
from shopdesk.store.database import connect, parse
from shopdesk.ui.base.pages import Page
from support.postgresql import Pair
from support.qtbot import QtBot
from support.sales import sell
from support.windows import Begin


def test_a_window_goes_on_at_the_standby_without_being_asked(
    begin: Begin, server_pair: Pair, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_watch, "PROBE_AGAIN_MS", 100)
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", server_pair.url())
    till = begin()
    till.open_shop()
    first = sell(till, DraftRow("Milk", "2", "0.89"))
    till.rest()
    server_pair.primary.kill()
    till.main._background.watch.probe()
    till.find_text("No database server accepts changes right now.")
    with qtbot.waitSignal(till.main._background.watch.reconnected):
        server_pair.standby.ask("SELECT pg_promote()")
    second = sell(till, DraftRow("Bread", "1", "2.00"))
    till.rest()
    with closing(connect(parse(server_pair.url()))) as database, database.reads() as session:
        assert [one.number for one in documents.recent(session, 5)] == [second.number, first.number]
        assert list(verify.violations(session)) == []


def test_statistics_are_read_from_the_standby_and_say_when_it_is_behind_or_away(
    begin: Begin, server_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", server_pair.primary.url("postgres"))
    monkeypatch.setenv("SHOPDESK_DATABASE_READ", server_pair.standby.url("postgres"))
    till = begin()
    till.open_shop()
    sell(till, DraftRow("Milk", "2", "0.89"))
    till.rest()
    server_pair.standby.ask("SELECT pg_wal_replay_pause()")
    sell(till, DraftRow("Bread", "1", "2.00"))
    till.rest()
    till.workspace.show_page(Page.STATISTICS)
    till.find_text("The standby server is behind: figures as of")
    till.rest()
    server_pair.standby.kill()
    till.main._background.announce(frozenset({"documents"}))
    till.find_text("The standby server does not respond. Statistics are read from the main server instead.")
    till.rest()
    assert not any("as of" in label.text() for label in till.main.findChildren(QLabel) if label.isVisible())
