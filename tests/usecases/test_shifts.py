"""The shift of a till: its float, cash moved, the blind count, and where a difference may come from."""

from dataclasses import replace

import pytest

from shopdesk.domain.account import Actor, NotAllowed, Right, Role
from shopdesk.domain.cash_difference import Cause
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused, sentence_of
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.sentence import Localized
from shopdesk.domain.shift import ShiftCount
from shopdesk.queries import shifts as ask
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import shifts as kept
from shopdesk.usecases import documents, shifts
from shopdesk.usecases import shop as do_shop
from shopdesk.usecases.day_close import UNCOUNTED, close_day
from shopdesk.usecases.shifts import CountOutcome
from support.shops import SampleShop

USD = Currency.of("USD")


def cash(minor: int) -> Money:
    return Money(minor, USD)


def sell(shop: SampleShop, price: str, method: Method = Method.CASH) -> str:
    """Sell something of a price (in whole and hundredths), and return the number of the receipt."""
    draft = shop.draft(DraftRow("Tea", "1", price))
    tender = Tender(method=method, tendered=draft.totals().gross)
    return shop.do(documents.issue, draft, tenders=(tender,)).number


def count(shop: SampleShop, *pieces: tuple[int, int]) -> CountOutcome:
    return shop.do(shifts.count_shift, pieces)


def move(shop: SampleShop, minor: int, reason: str = "Bank", *, is_out: bool = True) -> None:
    shop.do(shifts.move_cash, cash(minor), reason, is_out=is_out, movement_key=new_key())


def at_till(shop: SampleShop, name: str) -> SampleShop:
    """Return the same person at another till."""
    with shop.database.sessions.begin() as session:
        till = do_shop.add_till(session, name, by_staff=shop.by.staff, now=shop.now)
    return SampleShop(shop.database, Actor(shop.by.staff, till), shop.now)


def test_a_count_compares_the_drawer_with_float_sales_and_moved_cash(sample_shop: SampleShop) -> None:
    sell(sample_shop, "99.00")  # before the shift
    shift = sample_shop.do(shifts.open_shift, cash(100_00))
    sell(sample_shop, "12.50")
    sell(sample_shop, "40.00", Method.CARD)
    move(sample_shop, 50_00)
    move(sample_shop, 5_25, "Change", is_out=False)
    result = count(sample_shop, (20_00, 3), (5_00, 1), (25, 11)).result
    assert (shift.number, result.cash, result.expected) == (1, 12_50, 67_75)
    assert result.count is not None
    assert (result.count.counted, result.count.difference) == (67_75, 0)
    assert [(one.amount, one.reason) for one in result.moved] == [(-50_00, "Bank"), (5_25, "Change")]
    assert faults(sample_shop) == []


def test_what_is_sold_between_shifts_or_at_another_till_belongs_to_no_shift_here(sample_shop: SampleShop) -> None:
    there = at_till(sample_shop, "B")
    sample_shop.do(shifts.open_shift, cash(0))
    sell(there, "7.00")
    sell(sample_shop, "3.00")
    assert count(sample_shop, (100, 3)).result.expected == 3_00
    sell(sample_shop, "4.00")
    sample_shop.do(shifts.open_shift, cash(3_00))
    assert count(sample_shop, (100, 3)).result.expected == 3_00
    assert faults(sample_shop) == []


def test_a_refund_and_a_payment_of_an_earlier_invoice_move_the_drawer_of_the_till_they_are_made_at(
    sample_shop: SampleShop,
) -> None:
    there = at_till(sample_shop, "B")
    invoice = there.issue(DraftRow("Desk", "1", "80.00"), kind=Kind.INVOICE)
    receipt = there.issue(DraftRow("Tea", "1", "30.00"), customer="")
    sample_shop.now = there.now
    sample_shop.do(close_day)
    sample_shop.do(shifts.open_shift, cash(0))
    sample_shop.do(documents.pay, invoice.key, Tender(method=Method.CASH, tendered=100_00), payment_key=new_key())
    sample_shop.do(documents.delete, receipt.key)
    assert count(sample_shop, (50_00, 1)).result.expected == 50_00
    assert faults(sample_shop) == []


def test_selling_needs_no_shift_but_moving_and_counting_cash_do(sample_shop: SampleShop) -> None:
    sell(sample_shop, "1.00")
    for act in (lambda: move(sample_shop, 1_00), lambda: count(sample_shop, (100, 1))):
        with pytest.raises(Refused, match="No shift is open at till A"):
            act()


def test_a_till_has_one_open_shift_and_numbers_go_on(sample_shop: SampleShop) -> None:
    sample_shop.do(shifts.open_shift, cash(10_00))
    with pytest.raises(Refused, match="already open at till A"):
        sample_shop.do(shifts.open_shift, cash(10_00))
    assert at_till(sample_shop, "B").do(shifts.open_shift, cash(5_00)).number == 1
    count(sample_shop, (10_00, 1))
    assert sample_shop.do(shifts.open_shift, cash(10_00)).number == 2
    assert faults(sample_shop) == []


@pytest.mark.parametrize(
    ("amount", "field", "why"),
    [
        (Money(-1_00, USD), "opening", "cannot be negative"),
        (Money(1_00, Currency.of("EUR")), "opening", "counts in USD, not in EUR"),
        (Money(10**15, USD), "opening", "too large"),
    ],
)
def test_a_float_that_cannot_be_is_refused_beside_its_field(
    sample_shop: SampleShop, amount: Money, field: str, why: str
) -> None:
    with pytest.raises(Refused, match=why) as refused:
        sample_shop.do(shifts.open_shift, amount)
    assert refused.value.faults[0].field == field


def test_cash_is_what_coins_make(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(smallest_coin=5)
    with pytest.raises(Refused, match="no coins"):
        sample_shop.do(shifts.open_shift, cash(10_03))
    sample_shop.do(shifts.open_shift, cash(10_05))
    with pytest.raises(Refused, match=r"no coin or note of 0\.01"):
        count(sample_shop, (1, 5))


def test_cash_is_moved_once_with_a_reason_and_by_who_may(sample_shop: SampleShop) -> None:
    sample_shop.do(shifts.open_shift, cash(50_00))
    key = new_key()
    for _ in range(2):
        sample_shop.do(shifts.move_cash, cash(20_00), "Bank", is_out=True, movement_key=key)
    for amount, reason, field in ((cash(0), "Bank", "amount"), (cash(1_00), " ", "reason")):
        with pytest.raises(Refused) as refused:
            sample_shop.do(shifts.move_cash, amount, reason, is_out=True, movement_key=new_key())
        assert refused.value.faults[0].field == field
    cashier, manager = sample_shop.staff(Role.CASHIER), sample_shop.staff(Role.MANAGER, name="Mia")
    with pytest.raises(NotAllowed) as lacking:
        move(sample_shop.as_(cashier), 1_00)
    assert lacking.value.right is Right.MOVE_CASH
    move(sample_shop.as_(cashier, approver=manager), 1_00)
    assert count(sample_shop, (1_00, 29)).result.expected == 29_00
    assert faults(sample_shop) == []


def test_a_count_is_repeated_only_by_who_may_move_cash_and_the_last_one_holds(sample_shop: SampleShop) -> None:
    cashier = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    cashier.do(shifts.open_shift, cash(20_00))
    first = count(cashier, (10_00, 3))
    assert count(cashier, (10_00, 3)) == first  # pressed twice
    with pytest.raises(NotAllowed):
        count(cashier, (10_00, 2))
    sell(cashier, "5.00")
    sample_shop.now = cashier.now
    assert sample_shop.ask(ask.till_state, sample_shop.by.till.key).can_recount
    again = count(sample_shop, (10_00, 2), (5_00, 1)).result
    assert again.count is not None
    assert (again.count.attempt, again.count.expected, again.count.difference) == (2, 25_00, 0)
    sample_shop.do(close_day)
    with pytest.raises(Refused, match="No shift is open"):
        count(sample_shop, (10_00, 1))
    assert faults(sample_shop) == []


def test_a_difference_proposes_the_entries_it_may_come_from(sample_shop: SampleShop) -> None:
    sample_shop.do(shifts.open_shift, cash(100_00))
    taken = sell(sample_shop, "12.30")
    carded = sell(sample_shop, "45.60", Method.CARD)
    sample_shop.issue(DraftRow("Desk", "1", "77.70"), kind=Kind.INVOICE)
    missing = count(sample_shop, (100_00, 1))
    assert [(one.cause, one.number) for one in missing.proposals] == [
        (Cause.NOT_CASH, taken), (Cause.TWICE, taken), (Cause.REFUND, taken),
    ]  # fmt: skip
    over = count(sample_shop, (50_00, 3), (5_00, 1), (1_00, 2), (25, 3), (10, 1), (5, 1))
    assert over.result.count is not None
    assert over.result.count.difference == 45_60
    assert [(one.cause, one.number, one.method) for one in over.proposals] == [(Cause.WAS_CASH, carded, Method.CARD)]
    paid = count(sample_shop, (100_00, 1), (50_00, 1), (20_00, 2))
    assert [one.cause for one in paid.proposals] == [Cause.NOT_PAID]


def test_who_closes_the_day_without_a_count_has_it_said_on_the_z_report(sample_shop: SampleShop) -> None:
    there = at_till(sample_shop, "B")
    there.do(shifts.open_shift, cash(30_00))
    sell(there, "6.00")
    sample_shop.now = there.now
    with pytest.raises(ConfirmationRequired, match="still open at till B") as asked:
        sample_shop.do(close_day)
    assert sample_shop.ask(kept.all_open)[0].till == "B"
    close = sample_shop.do(close_day, confirmed=frozenset({asked.value.answer}))
    assert asked.value.answer == UNCOUNTED
    (result,) = sample_shop.ask(ask.z_report, close.number, by=sample_shop.by).figures.shifts
    assert isinstance(result.count, ShiftCount)
    assert (result.count.counted, result.count.difference, result.count.expected) == (None, None, 36_00)
    assert faults(sample_shop) == []


def test_the_drawer_opened_without_a_sale_is_counted_on_the_report(sample_shop: SampleShop) -> None:
    sample_shop.do(shifts.note_drawer_opened, "Change")
    assert sample_shop.ask(ask.x_report, by=sample_shop.by, now=sample_shop.now).figures.drawer_openings == 1


def test_the_x_report_is_of_the_open_shift_and_changes_nothing(sample_shop: SampleShop) -> None:
    sell(sample_shop, "9.00")
    sample_shop.do(shifts.open_shift, cash(10_00))
    sell(sample_shop, "2.00")
    for _ in range(2):
        report = sample_shop.ask(ask.x_report, by=sample_shop.by, now=sample_shop.now)
        assert (report.number, report.figures.sales.amount, report.figures.shifts[0].expected) == (0, 2_00, 12_00)
    count(sample_shop, (10_00, 1), (1_00, 2))
    assert sample_shop.ask(ask.x_report, by=sample_shop.by, now=sample_shop.now).figures.sales.amount == 11_00
    cashier = replace(sample_shop.by, staff=sample_shop.staff(Role.CASHIER))
    with pytest.raises(NotAllowed):
        sample_shop.ask(ask.x_report, by=cashier, now=sample_shop.now)


def faults(shop: SampleShop) -> list[str]:
    return shop.ask(lambda session: list(verify.book_violations(session)))


def test_a_coin_that_there_is_not_is_named_as_the_windows_write_amounts(sample_shop: SampleShop) -> None:
    sample_shop.do(shifts.open_shift, Money(0, Currency.of("USD")))
    with pytest.raises(Refused, match=r"no coin or note of 0\.03 in USD") as refused:
        sample_shop.do(shifts.count_shift, ((3, 1),))
    amount = sentence_of(refused.value).values["amount"]
    assert isinstance(amount, Localized)
    assert amount.write("de") == "0,03"
