"""Seven days, four weeks, twelve months: the worked tables, and what holds whatever the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.backup_retention import expired, is_due

moments = st.integers(0, 3 * 366 * 24).map(lambda hours: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


def days(*numbers: str) -> list[datetime]:
    return [datetime.fromisoformat(f"{number}T12:00Z") for number in numbers]


@pytest.mark.parametrize(
    ("made", "today", "goes"),
    [
        # nothing, one, and a week's worth: all stay
        ([], "2026-11-26", []),
        (["2026-11-26"], "2026-11-26", []),
        ([f"2026-11-{day}" for day in range(20, 27)], "2026-11-26", []),
        # the eighth day goes unless it ends a week (Sunday the 15th) or a month
        ([f"2026-11-{day}" for day in range(14, 27)], "2026-11-26", [f"2026-11-{day}" for day in (14, 16, 17, 18, 19)]),
        # closed for two months: the last seven days that have a backup stay
        ([f"2026-09-{day:02}" for day in range(1, 8)] + ["2026-11-26"], "2026-11-26", ["2026-09-01"]),
        # the year's turn: week 53 goes over it, and January is a month of its own
        (
            [f"2026-12-{day}" for day in range(21, 32)] + [f"2027-01-{day:02}" for day in range(1, 6)],
            "2027-01-05",
            [f"2026-12-{day}" for day in (21, 22, 23, 24, 25, 26, 28, 29)],
        ),
        # thirteen months: the oldest goes
        (
            [f"2025-{month:02}-28" for month in range(11, 13)] + [f"2026-{month:02}-28" for month in range(1, 12)],
            "2026-11-28",
            ["2025-11-28"],
        ),
        # a clock that stood in 2099 for an hour costs nothing and drops nothing
        (["2099-01-01", "2026-11-25", "2026-11-26"], "2026-11-26", []),
    ],
)
def test_the_worked_table(made: list[str], today: str, goes: list[str]) -> None:
    assert expired(days(*made), today=date.fromisoformat(today)) == set(days(*goes))


def test_of_several_on_one_day_the_newest_stays() -> None:
    morning, evening = (datetime(2026, 11, 26, hour, tzinfo=UTC) for hour in (9, 18))
    assert expired([evening, morning], today=evening.date()) == {morning}


def test_two_years_of_daily_backups_leave_seven_days_four_weeks_and_twelve_months() -> None:
    kept: set[datetime] = set()
    for number in range(730):
        at = datetime(2025, 1, 1, 12, tzinfo=UTC) + timedelta(days=number)
        kept.add(at)
        kept -= expired(kept, today=at.date())
    newest = max(kept)
    assert {newest - timedelta(days=back) for back in range(7)} <= kept
    assert len({at.isocalendar()[:2] for at in kept if newest - at < timedelta(weeks=4)}) >= 4
    assert len({(at.year, at.month) for at in kept}) == 12
    assert len(kept) <= 23


@given(st.sets(moments, max_size=60), moments)
def test_the_newest_is_never_dropped_and_a_second_look_drops_no_more(made: set[datetime], now: datetime) -> None:
    goes = expired(made, today=now.date())
    past = {at for at in made if at.date() <= now.date()}
    assert not past or max(past) not in goes
    assert goes <= past
    assert expired(made - goes, today=now.date()) == set()
    assert len(past - goes) <= 23


@pytest.mark.parametrize(
    ("made", "due"),
    [([], True), (["2026-11-25T12:01Z"], False), (["2026-11-25T12:00Z"], True), (["2099-01-01T00:00Z"], True)],
)
def test_a_backup_is_due_when_none_is_younger_than_a_day(made: list[str], due: bool) -> None:
    assert is_due([datetime.fromisoformat(at) for at in made], now=datetime(2026, 11, 26, 12, tzinfo=UTC)) is due
