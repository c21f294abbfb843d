"""How long a message waits before it is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.message import backoff

SIX_HOURS = timedelta(hours=6)


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 30), (2, 60), (3, 120), (8, 3840), (10, 15_360), (11, 21_600), (12, 21_600), (1000, 21_600), (10**9, 21_600)],
)
def test_each_failed_attempt_doubles_the_wait_up_to_six_hours(attempts: int, seconds: int) -> None:
    assert backoff(attempts, jitter=0) == timedelta(seconds=seconds)


def test_chance_moves_the_wait_by_a_fifth_either_way() -> None:
    assert [backoff(1, jitter=jitter).total_seconds() for jitter in (-1, -0.5, 0, 1)] == [24, 27, 30, 36]
    assert backoff(100, jitter=1) == SIX_HOURS * 1.2


@given(st.integers(1, 10**6), st.floats(-1, 1))
def test_no_wait_is_shorter_than_24_seconds_or_longer_than_the_longest(attempts: int, jitter: float) -> None:
    assert timedelta(seconds=24) <= backoff(attempts, jitter=jitter) <= SIX_HOURS * 1.2
    assert backoff(attempts, jitter=jitter) <= backoff(attempts + 1, jitter=jitter)
