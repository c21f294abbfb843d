"""Payments are rows: what a tender settles, what goes back, and what cash rounding adds (rules 8 and 9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Settlement, Tender, settle

FRANC = 5  # the smallest Swiss coin
CROWN = 100  # the smallest Swedish one


def cash(due: int, tendered: int, coin: int = 1) -> Settlement:
    return settle(due, Tender(method=Method.CASH, tendered=tendered), smallest_coin=coin)


def card(due: int, tendered: int, coin: int = 1) -> Settlement:
    return settle(due, Tender(method=Method.CARD, tendered=tendered), smallest_coin=coin)


def test_exact_cash_settles_what_is_due() -> None:
    assert cash(1250, 1250) == Settlement(amount=1250, tendered=1250, change=0, rounding=0)


def test_more_cash_than_due_gives_change() -> None:
    assert cash(1250, 2000) == Settlement(amount=1250, tendered=2000, change=750, rounding=0)


def test_less_than_due_is_a_part_payment() -> None:
    assert cash(1250, 1000) == Settlement(amount=1000, tendered=1000, change=0, rounding=0)
    assert card(1250, 1000) == Settlement(amount=1000, tendered=1000, change=0, rounding=0)


@pytest.mark.parametrize("method", [method for method in Method if method is not Method.CASH])
def test_only_cash_gives_change(method: Method) -> None:
    with pytest.raises(Refused, match="Only cash gives change") as refused:
        settle(1250, Tender(method=method, tendered=1251))
    assert refused.value.faults[0].field == "tendered"
    assert settle(1250, Tender(method=method, tendered=1250)).change == 0


@pytest.mark.parametrize(
    ("due", "tendered", "coin", "settlement"),
    [
        (1002, 1000, FRANC, Settlement(amount=1002, tendered=1000, change=0, rounding=-2)),
        (1003, 1005, FRANC, Settlement(amount=1003, tendered=1005, change=0, rounding=2)),
        (1003, 2000, FRANC, Settlement(amount=1003, tendered=2000, change=995, rounding=2)),
        (1003, 1000, FRANC, Settlement(amount=1000, tendered=1000, change=0, rounding=0)),
        (1249, 1200, CROWN, Settlement(amount=1249, tendered=1200, change=0, rounding=-49)),
        (1250, 2000, CROWN, Settlement(amount=1250, tendered=2000, change=700, rounding=50)),
        (-1003, -1005, FRANC, Settlement(amount=-1003, tendered=-1005, change=0, rounding=-2)),
        (2, 0, FRANC, Settlement(amount=2, tendered=0, change=0, rounding=-2)),
        (2, 5, FRANC, Settlement(amount=2, tendered=5, change=5, rounding=-2)),
        (-2, 0, FRANC, Settlement(amount=-2, tendered=0, change=0, rounding=2)),
    ],
)
def test_cash_is_rounded_to_the_smallest_coin(due: int, tendered: int, coin: int, settlement: Settlement) -> None:
    assert cash(due, tendered, coin) == settlement


def test_a_card_pays_to_the_cent_whatever_the_coins() -> None:
    assert card(1003, 1003, FRANC) == Settlement(amount=1003, tendered=1003, change=0, rounding=0)
    with pytest.raises(Refused, match="Only cash gives change"):
        card(1003, 1005, FRANC)


def test_a_refund_is_paid_out_in_full_or_in_part() -> None:
    assert cash(-1250, -1250) == Settlement(amount=-1250, tendered=-1250, change=0, rounding=0)
    assert card(-1250, -1000) == Settlement(amount=-1000, tendered=-1000, change=0, rounding=0)


@pytest.mark.parametrize("method", Method)
def test_no_more_is_refunded_than_is_owed(method: Method) -> None:
    with pytest.raises(Refused, match="You cannot refund more than the customer is owed"):
        settle(-1250, Tender(method=method, tendered=-1251))


@pytest.mark.parametrize(
    ("due", "tendered", "sentence"),
    [
        (0, 100, "There is nothing to pay here."),
        (0, 0, "There is nothing to pay here."),
        (100, 0, "The amount handed over must be more than 0."),
        (100, -100, "The amount handed over must be more than 0."),
        (-100, 100, "This is a refund to the customer. The amount must be less than 0."),
        (-100, 0, "This is a refund to the customer. The amount must be less than 0."),
    ],
)
def test_paying_nothing_or_the_wrong_way_is_refused(due: int, tendered: int, sentence: str) -> None:
    for method in (Method.CASH, Method.CARD):
        with pytest.raises(Refused) as refused:
            settle(due, Tender(method=method, tendered=tendered))
        assert str(refused.value) == sentence
        assert refused.value.faults[0].field == "tendered"


def test_two_cents_are_due_on_a_card_where_cash_would_be_nothing() -> None:
    with pytest.raises(Refused, match="must be more than 0"):
        card(2, 0, FRANC)
    assert card(2, 2, FRANC).amount == 2


@given(
    st.sampled_from(Method),
    st.integers(-(10**9), 10**9),
    st.integers(-(10**9), 10**9),
    st.sampled_from([1, FRANC, CROWN]),
)
def test_what_is_handed_over_less_the_change_is_what_is_settled_and_its_rounding(
    method: Method, due: int, tendered: int, coin: int
) -> None:
    try:
        settled = settle(due, Tender(method=method, tendered=tendered), smallest_coin=coin)
    except Refused:
        return
    assert settled.tendered == tendered
    assert settled.tendered - settled.change == settled.amount + settled.rounding
    assert abs(settled.amount) <= abs(due)
    assert settled.amount * due >= 0
    assert 0 <= settled.change <= max(tendered, 0)
    assert 2 * abs(settled.rounding) <= (coin if method is Method.CASH and coin > 1 else 0)


def test_cash_between_what_is_due_and_its_rounding_settles_no_more_than_is_due() -> None:
    settled = cash(98, 99, CROWN)
    assert (settled.amount, settled.rounding, settled.change) == (98, 1, 0)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**8), max_size=6), st.sampled_from([1, FRANC, CROWN]))
def test_part_payments_settle_a_document_to_the_cent(due: int, notes: list[int], coin: int) -> None:
    open_still = due
    for note in notes:
        if open_still:
            open_still -= cash(open_still, note, coin).amount
    if open_still:
        open_still -= card(open_still, open_still).amount
    assert open_still == 0
