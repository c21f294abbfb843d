"""Finished days are added to the sums of months and years while the program runs, one after another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from shopdesk.app.sums_scheduler import SumsScheduler
from shopdesk.background import Background
from shopdesk.domain.draft import DraftRow
from shopdesk.store import period_sums
from shopdesk.store.tables import day_cashiers
from support.qtbot import QtBot
from support.shops import SampleShop


def test_all_days_before_today_are_added_one_after_another(sample_shop: SampleShop, qtbot: QtBot) -> None:
    for past in (9, 4, 0):
        sample_shop.now = datetime.now(UTC) - timedelta(days=past)
        sample_shop.issue(DraftRow("Tea", "1", "5"))
    background = Background(sample_shop.database.sessions, sample_shop.database.reads)
    scheduler = SumsScheduler(background, parent=background)
    scheduler.check()
    qtbot.waitUntil(lambda: sample_shop.ask(period_sums.before) == datetime.now(UTC).astimezone().date())
    days = select(func.count(day_cashiers.c.day.distinct()))
    assert sample_shop.ask(lambda session: session.execute(days).scalar()) == 2
    scheduler.close()
    background.close()
    background.deleteLater()
