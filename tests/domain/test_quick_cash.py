"""The cash that customers hand over: exact, and the next notes of the currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.money import Currency
from shopdesk.domain.quick_cash import quick_amounts


@pytest.mark.parametrize(
    ("due", "code", "coin", "amounts"),
    [
        (6420, "USD", 1, (6420, 6500, 7000, 8000)),
        (183, "EUR", 1, (183, 500, 1000, 2000)),
        (1203, "CHF", 5, (1205, 2000, 5000, 10_000)),
        (5000, "GBP", 1, (5000, 6000, 10_000, 20_000)),
        (1980, "JPY", 1, (1980, 2000, 5000, 10_000)),
        (1_234_500, "USD", 1, (1_234_500, 1_300_000, 1_400_000, 1_500_000)),
        (2, "CHF", 5, (2, 1000, 2000, 5000)),
        (0, "USD", 1, ()),
        (-500, "USD", 1, ()),
    ],
)
def test_the_next_notes_are_offered(due: int, code: str, coin: int, amounts: tuple[int, ...]) -> None:
    assert quick_amounts(due, Currency.of(code), smallest_coin=coin) == amounts


@given(st.integers(1, 10**12), st.sampled_from(["USD", "EUR", "JPY", "KWD", "HUF", "CHF"]))
def test_every_amount_pays_it_and_each_is_more_than_the_one_before(due: int, code: str) -> None:
    amounts = quick_amounts(due, Currency.of(code))
    assert amounts[0] == due
    assert list(amounts) == sorted(set(amounts))
    assert 2 <= len(amounts) <= 4
