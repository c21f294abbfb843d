"""Cash as it is typed and counted, the coins and notes of currencies, and where a difference may come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.cash_difference import MOST_PROPOSALS, Cause, Proposal, ShiftEntries, explain
from shopdesk.domain.denominations import denominations
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency, Money, NumberSymbols
from shopdesk.domain.payment import Method
from shopdesk.domain.shift import MOST_PIECES, check_cash, check_pieces, read_cash, read_pieces

EUR = Currency.of("EUR")
GERMAN = NumberSymbols(decimal=",", group=".")


@pytest.mark.parametrize(
    ("text", "amount"), [("150", 150_00), ("1.234,50", 1234_50), ("0", 0), ("20 EUR", 20_00), ("eur 20,5", 20_50)]
)
def test_cash_is_read_with_or_without_the_code_of_the_currency(text: str, amount: int) -> None:
    assert read_cash(text, EUR, GERMAN, field="opening") == Money(amount, EUR)


@pytest.mark.parametrize("text", ["", "viel", "12,345", "1 000 000 000 000 000 000"])
def test_what_is_no_amount_is_refused_beside_the_field(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_cash(text, EUR, GERMAN, field="opening")
    assert refused.value.faults[0].field == "opening"


@pytest.mark.parametrize(("text", "why"), [("-1", "cannot be negative"), ("20 USD", "counts in EUR, not in USD")])
def test_a_negative_amount_and_a_foreign_currency_each_have_their_sentence(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check_cash(read_cash(text, EUR, GERMAN, field="opening"), EUR, 1, field="opening")


def test_pieces_are_whole_numbers_and_each_that_is_none_has_its_fault() -> None:
    assert read_pieces({5000: "2", 200: "", 100: " 17 ", 1: "0"}) == ((5000, 2), (100, 17))
    with pytest.raises(Refused) as refused:
        read_pieces({5000: "two", 200: "3", 100: "1.5", 1: "-4", 2: "1234567"})
    assert [fault.field for fault in refused.value.faults] == ["5000", "100", "1", "2"]


def test_what_no_drawer_holds_is_refused() -> None:
    assert check_pieces([(200, 3), (1, 7)]) == 607
    for pieces in ([(200, -1)], [(200, MOST_PIECES + 1)], [(0, 1)]):
        with pytest.raises(Refused):
            check_pieces(pieces)


@pytest.mark.parametrize(
    ("code", "coin", "first", "last"),
    [
        ("EUR", 1, (200_00, 100_00), 1),
        ("CHF", 5, (1000_00, 200_00), 5),
        ("EUR", 5, (200_00, 100_00), 5),
        ("JPY", 1, (10_000, 5_000), 1),
        ("KWD", 5, (20_000, 10_000), 5),
        ("XAF", 1, (50_000, 20_000), 1),
    ],
)
def test_the_pieces_of_a_currency_are_its_own_the_largest_first(
    code: str, coin: int, first: tuple[int, int], last: int
) -> None:
    pieces = denominations(Currency.of(code), smallest_coin=coin)
    assert (pieces[:2], pieces[-1]) == (first, last)
    assert list(pieces) == sorted(set(pieces), reverse=True)


ENTRIES = ShiftEntries(
    payments=[("R-1", Method.CASH, 12_30), ("R-2", Method.CARD, 45_60), ("C-1", Method.CARD, -5_00)],
    open=[("I-1", 77_70)],
    moved=[-50_00, 21_00],
    opening=150_00,
    left_before=130_00,
    pieces=[(20_00, 21), (5_00, 3)],
)


@pytest.mark.parametrize(
    ("difference", "proposal"),
    [
        (-12_30, Proposal(cause=Cause.NOT_CASH, amount=12_30, number="R-1", method=Method.CASH)),
        (-12_30, Proposal(cause=Cause.TWICE, amount=12_30, number="R-1", method=Method.CASH)),
        (-12_30, Proposal(cause=Cause.REFUND, amount=12_30, number="R-1", method=Method.CASH)),
        (12_30, Proposal(cause=Cause.NOT_ENTERED, amount=12_30, number="R-1", method=Method.CASH)),
        (45_60, Proposal(cause=Cause.WAS_CASH, amount=45_60, number="R-2", method=Method.CARD)),
        (-5_00, Proposal(cause=Cause.WAS_CASH, amount=5_00, number="C-1", method=Method.CARD)),
        (77_70, Proposal(cause=Cause.NOT_PAID, amount=77_70, number="I-1")),
        (-20_00, Proposal(cause=Cause.FLOAT, amount=150_00, right=130_00)),
        (-45_00, Proposal(cause=Cause.FLOAT_DIGITS, amount=150_00, right=105_00)),
        (100_00, Proposal(cause=Cause.WRONG_WAY, amount=50_00)),
        (-9_00, Proposal(cause=Cause.MOVED_DIGITS, amount=21_00, right=12_00)),
        (5_00, Proposal(cause=Cause.PIECE, amount=5_00)),
        (180_00, Proposal(cause=Cause.PIECE_DIGITS, amount=20_00, right=12)),
    ],
)
def test_each_usual_mistake_is_found(difference: int, proposal: Proposal) -> None:
    assert proposal in explain(difference, ENTRIES)


def test_a_difference_that_nothing_explains_and_none_at_all_have_no_proposals() -> None:
    assert explain(0, ENTRIES) == explain(3_33, ENTRIES) == ()


@given(st.integers(1, 10**6), st.lists(st.integers(1, 999), min_size=1, max_size=5))
def test_a_payment_entered_as_card_is_always_proposed(amount: int, others: list[int]) -> None:
    paid = [*(("R-9", Method.CASH, other) for other in others), ("R-1", Method.CARD, amount)]
    found = explain(amount, ShiftEntries(payments=paid))
    assert Cause.WAS_CASH in {one.cause for one in found}
    assert len(found) <= MOST_PROPOSALS
