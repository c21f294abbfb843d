"""Dates read as people type them, in the order and the words of their language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.render import formatting
from shopdesk.ui.base import date_input

LANGUAGES = ["en", "en-IN", "de", "de-CH", "fr", "es", "sw", "ar", "he", "hi", "pl", "ja", "tr", "fa"]
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "language", "day"),
    [
        ("2026-11-22", "en", "2026-11-22"),
        ("22.11.2026", "de", "2026-11-22"),
        ("22.11.26", "de", "2026-11-22"),
        ("22.11.", "de", "2026-11-22"),
        ("22", "de", "2026-11-22"),
        ("1/2", "en-US", "2027-01-02"),
        ("1/2", "en-KE", "2027-02-01"),
        ("11/22/2026", "en", "2026-11-22"),
        ("22 Nov", "en", "2026-11-22"),
        ("22 Nov 2027", "sw", "2027-11-22"),
        ("22. Dezember", "de", "2026-12-22"),
        ("+14", "en", "2026-12-06"),
        ("-1", "en", "2026-11-21"),
        ("٢٢/١١/٢٠٢٦", "ar", "2026-11-22"),
        ("2026年11月22日", "ja", "2026-11-22"),
        ("1800-01-01", "en", "1800-01-01"),
        ("99/12/31", "de", "2099-12-31"),  # no month has 99 days: the year was first
        ("32-1-2", "en-US", "2032-01-02"),
        ("22/11", "en-US", "2026-11-22"),  # no year has 22 months: the day was first
        ("soon", "en", None),
        ("", "en", None),
        ("31.2.2026", "de", None),
        ("99999999999999999999", "en", None),
        ("1/2/3/4", "en", None),
        ("<22>", "en", None),
        ("4006381333", "en", None),  # a telephone number, or a code
        ("0000000022", "en", None),
        ("٠٠٠٠٠٠٠٠٢٢", "ar", None),
        ("0000000022.11.2026", "de", None),
        ("22112026", "de", None),
        ("२२.११.२०२६", "de", "2026-11-22"),
        ("２２/１１", "en-GB", "2026-11-22"),
        ("+١٤", "ar", "2026-12-06"),
        ("−1", "sv", "2026-11-21"),
        ("22.11.2026", "sv", "2026-11-22"),  # no day has the number 2026: the year was last
        ("22/11/2026", "fa", "2026-11-22"),
        ("26-11-22", "sv", "2026-11-22"),
        ("3 בינואר 2027", "he", "2027-01-03"),
    ],
)
def test_a_date_is_read_as_it_is_written(typed: str, language: str, day: str | None) -> None:
    assert date_input.read(typed, today=TODAY, language=language) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("today", "typed", "language", "day"),
    [
        ("2027-01-02", "31.12.", "de", "2026-12-31"),
        ("2026-12-31", "1.1.", "de", "2027-01-01"),
        ("2026-12-31", "Jan 1", "en", "2027-01-01"),
        ("2026-07-01", "1.1.", "de", "2026-01-01"),
        ("2027-06-01", "29 Feb", "en", "2028-02-29"),
        ("2026-06-01", "29 Feb", "en", None),
        ("2027-01-02", "31.12.27", "de", "2027-12-31"),
        ("0001-01-01", "31.12.", "de", "0001-12-31"),
        ("9999-12-31", "1.1.", "de", "9999-01-01"),
    ],
)
def test_a_day_and_a_month_are_the_nearest_such_day(today: str, typed: str, language: str, day: str | None) -> None:
    found = date_input.read(typed, today=date.fromisoformat(today), language=language)
    assert found == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize("language", [*"en de fr es pl sw ar he bg hu lv mk sv vi".split(), "en-US", "fr-CA"])
def test_a_date_is_read_as_the_program_writes_it(language: str) -> None:
    days = [date(2027, month, 28) for month in range(1, 13)]
    written = [formatting.day(day, language) for day in days]
    assert [date_input.read(text, today=TODAY, language=language) for text in written] == days


@given(text=st.text(max_size=30), language=st.sampled_from(LANGUAGES))
def test_any_text_is_a_date_or_none(text: str, language: str) -> None:
    assert date_input.read(text, today=TODAY, language=language) is None or text.strip()


@pytest.mark.parametrize(("days", "day"), [(14, "2026-12-06"), (-22, "2026-10-31"), (0, "2026-11-22")])
def test_days_are_counted_from_a_day(days: int, day: str) -> None:
    assert date_input.shifted(TODAY, days) == date.fromisoformat(day)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_end_of_the_calendar_stops_the_counting(day: date) -> None:
    assert date_input.shifted(day, 1 if day == date.max else -1) == day
