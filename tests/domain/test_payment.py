"""Payments are rows: what a tender settles, what goes back, and what cash rounding adds (rules 8 and 9)."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import (
    Method,
    Payment,
    PaymentPart,
    Settlement,
    Tender,
    paid_out,
    settle,
    settle_all,
    settle_difference,
)
from shopdesk.domain.totals import cash_rounding

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


def test_a_split_payment_gives_change_from_cash_alone_and_rounds_only_the_rest() -> None:
    tenders = (Tender(method=Method.CASH, tendered=1000), Tender(method=Method.CARD, tendered=500))
    first, second = settle_all(1203, tenders, smallest_coin=FRANC)
    assert second == Settlement(amount=500, tendered=500, change=0, rounding=0)
    assert first == Settlement(amount=703, tendered=1000, change=295, rounding=2)
    assert settle_all(-1203, tuple(replace(one, tendered=-one.tendered) for one in tenders[1:])) == (
        Settlement(amount=-500, tendered=-500, change=0, rounding=0),
    )
    with pytest.raises(Refused, match="Only cash gives change"):
        settle_all(400, tenders[1:])
    with pytest.raises(Refused, match="settle it already"):
        settle_all(500, tenders)


def test_cash_refunded_in_parts_is_rounded_as_one_refund_would_be() -> None:
    """1.02 paid with 1.00 comes back in three parts of 0.34: 0.35, 0.35 and 0.30."""
    moved = [paid(Method.CASH, 102, rounding=-2)]
    parts: list[PaymentPart] = []
    for _ in range(3):
        part = paid_out(moved, -34, Method.CASH, smallest_coin=FRANC)
        parts.append(part)
        moved.append(replace(moved[0], amount=part.amount, tendered=part.moved, rounding=part.rounding))
    assert sum(part.moved for part in parts) == -100
    assert all(part.moved % FRANC == 0 for part in parts)
    assert paid_out(moved, -34, Method.CARD, smallest_coin=FRANC).moved == -34


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
    payable = due + cash_rounding(due, coin) if method is Method.CASH else due
    assert settled.tendered == (payable if tendered == due else tendered)
    if method is Method.CASH:
        assert (settled.tendered - settled.change) % coin == 0
    assert settled.tendered - settled.change == settled.amount + settled.rounding
    assert abs(settled.amount) <= abs(due)
    assert settled.amount * due >= 0
    assert 0 <= settled.change <= max(tendered, 0)
    assert 2 * abs(settled.rounding) <= (coin if method is Method.CASH and coin > 1 else 0)


@pytest.mark.parametrize(("due", "tendered", "coin"), [(98, 99, CROWN), (1003, 1001, FRANC), (-1003, -1002, FRANC)])
def test_cash_that_no_coins_make_is_refused(due: int, tendered: int, coin: int) -> None:
    with pytest.raises(Refused, match="There are no coins for this amount") as refused:
        cash(due, tendered, coin)
    assert refused.value.faults[0].field == "tendered"
    assert card(due, tendered if abs(tendered) <= abs(due) else due, coin).rounding == 0


@pytest.mark.parametrize(
    ("due", "coin", "handed"), [(1003, FRANC, 1005), (1002, FRANC, 1000), (2, FRANC, 0), (-1003, FRANC, -1005)]
)
def test_exactly_what_is_due_stands_for_what_coins_make_of_it(due: int, coin: int, handed: int) -> None:
    assert cash(due, due, coin) == Settlement(amount=due, tendered=handed, change=0, rounding=handed - due)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**8), max_size=6), st.sampled_from([1, FRANC, CROWN]))
def test_part_payments_settle_a_document_to_the_cent(due: int, notes: list[int], coin: int) -> None:
    open_still = due
    for note in notes:
        if open_still:
            open_still -= cash(open_still, note * coin, coin).amount
    if open_still:
        open_still -= card(open_still, open_still).amount
    assert open_still == 0


# --- corrections and deletions --------------------------------------------------------------------------------------


def paid(method: Method, amount: int, rounding: int = 0) -> Payment:
    return Payment(
        key=UUID(int=1),
        method=method,
        amount=amount,
        tendered=amount + rounding,
        change=0,
        rounding=rounding,
        at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        by_name="Ada",
    )


CASH, CARD, TRANSFER = Method.CASH, Method.CARD, Method.TRANSFER


@pytest.mark.parametrize(
    ("received", "difference", "coin", "parts"),
    [
        # one method: as it was paid
        ([(CASH, 1000, 0)], -252, 1, [(CASH, -252, 0)]),
        ([(CARD, 1000, 0)], -252, FRANC, [(CARD, -252, 0)]),
        ([(CARD, 1000, 0)], 252, FRANC, [(CARD, 252, 0)]),
        # cash: what is in the drawer is what coins make of the new total
        ([(CASH, 1003, 2)], -252, FRANC, [(CASH, -252, -3)]),  # 10.05 - 2.55 = 7.50, and 7.51 is rounded to it
        ([(CASH, 1002, -2)], 2, FRANC, [(CASH, 2, 3)]),  # 10.04 is rounded to 10.05
        ([(CASH, 1002, -2)], -2, FRANC, [(CASH, -2, 2)]),
        ([(CASH, 1249, -49)], 1, CROWN, [(CASH, 1, 99)]),
        ([(CASH, 1003, 2)], -1003, FRANC, [(CASH, -1003, -2)]),  # all of it comes back, rounding too
        ([(CASH, 2, -2)], -2, FRANC, [(CASH, -2, 2)]),
        ([(CASH, 1003, 0)], -1003, FRANC, [(CASH, -1003, -2)]),  # paid before the shop rounded
        ([(CASH, -1003, -2)], 1003, FRANC, [(CASH, 1003, 2)]),  # a refund that is taken back
        # split payments: the last first, and none gives more than came in by it
        ([(CASH, 900, 0), (CARD, 100, 0)], -500, FRANC, [(CARD, -100, 0), (CASH, -400, 0)]),
        ([(CARD, 900, 0), (CASH, 103, 2)], -200, FRANC, [(CASH, -103, -2), (CARD, -97, 0)]),
        ([(CASH, 400, 0), (CARD, 300, 0), (CASH, 300, 0)], -1000, 1, [(CASH, -700, 0), (CARD, -300, 0)]),
        ([(CARD, 300, 0), (CASH, 700, 0)], 250, FRANC, [(CASH, 250, 0)]),
        # a card sale, of which a part was refunded in cash
        ([(CARD, 1000, 0), (CASH, -200, 0)], -800, FRANC, [(CARD, -800, 0)]),
        ([(CARD, 1000, 0), (CASH, -200, 0)], -300, FRANC, [(CARD, -300, 0)]),
        ([(CARD, 1000, 0), (CASH, -200, 0)], 300, FRANC, [(CASH, 300, 0)]),
        ([(CARD, 1000, 0), (CASH, -1000, 0)], -500, FRANC, [(CARD, -500, 0)]),
        # nothing was paid, or nothing is left to settle
        ([], 500, FRANC, [(CASH, 500, 0)]),
        ([], 0, FRANC, []),
        ([(TRANSFER, 500, 0)], 0, FRANC, []),
    ],
)
def test_a_difference_is_settled_as_it_was_paid(
    received: list[tuple[Method, int, int]], difference: int, coin: int, parts: list[tuple[Method, int, int]]
) -> None:
    payments = [paid(*one) for one in received]
    settled = settle_difference(payments, difference, smallest_coin=coin)
    assert [(part.method, part.amount, part.rounding) for part in settled] == parts


@given(
    st.lists(st.tuples(st.sampled_from([CASH, CARD, TRANSFER]), st.integers(-(10**6), 10**6)), max_size=6),
    st.integers(-(10**7), 10**7),
    st.sampled_from([1, FRANC, CROWN]),
    st.sampled_from([1, FRANC, CROWN]),
)
def test_every_difference_is_settled_in_coins_and_to_the_cent(
    received: list[tuple[Method, int]], difference: int, coin_then: int, coin: int
) -> None:
    payments = [
        paid(method, amount, cash_rounding(amount, coin_then) if method is CASH else 0) for method, amount in received
    ]
    parts = settle_difference(payments, difference, smallest_coin=coin)
    assert sum(part.amount for part in parts) == difference
    assert len({part.method for part in parts}) == len(parts)
    for part in parts:
        assert part.amount * difference > 0
        assert part.moved * difference >= 0
        assert part.moved % coin == 0 if part.method is CASH else part.rounding == 0


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=8), st.sampled_from([FRANC, 10, 50, CROWN]))
def test_after_any_corrections_the_drawer_has_what_coins_make_of_the_total(
    first: int, totals: list[int], coin: int
) -> None:
    payments = [paid(CASH, first, cash_rounding(first, coin))]
    for total in totals:
        difference = total - sum(payment.amount for payment in payments)
        payments += [
            paid(part.method, part.amount, part.rounding)
            for part in settle_difference(payments, difference, smallest_coin=coin)
        ]
        assert sum(payment.tendered for payment in payments) == total + cash_rounding(total, coin)
