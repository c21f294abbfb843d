"""How the shop calculates: every rule and every worked table of the page "how it calculates", and its laws.

Amounts in the tables are written as on the page; ``priced`` and ``table`` turn them into minor units and back.
"""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency, rounded
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import (
    AmountOff,
    Discount,
    Group,
    PercentOff,
    PricedLine,
    Totals,
    calculate,
    cash_rounding,
    gross_lines,
    line_amount,
    split,
    taken_off,
)

EUR, JPY, KWD = Currency.of("EUR"), Currency.of("JPY"), Currency.of("KWD")


def priced(
    quantity: str, price: str, percent: str, *, currency: Currency = EUR, discount: Discount | None = None
) -> PricedLine:
    """``priced("3", "19.99", "16")``: three of 19.99 at 16 %."""
    hundredths = Decimal(price) * currency.scale * 100
    assert hundredths == int(hundredths)
    return PricedLine(int(Decimal(quantity) * 1000), int(hundredths), TaxRate.percent(percent), discount)


def shown(minor: int, currency: Currency = EUR) -> str:
    return f"{Decimal(minor).scaleb(-currency.digits):f}"


def parts(totals: Totals) -> list[Group | Totals]:
    return [*totals.groups, totals]


def table(totals: Totals, currency: Currency = EUR) -> dict[str, tuple[str, str, str]]:
    """The totals as the page prints them: rate -> (net, tax, gross)."""
    rates = [f"{Decimal(group.rate.milli) / 1000:f}" for group in totals.groups]
    return {
        name: (shown(part.net, currency), shown(part.tax, currency), shown(part.gross, currency))
        for name, part in zip([*rates, "all"], parts(totals), strict=True)
    }


# --- the worked tables ----------------------------------------------------------------------------------------------


def test_table_a_prices_without_tax_at_three_rates() -> None:
    lines = [priced("3", "19.99", "16"), priced("2", "4.25", "8"), priced("1", "120.00", "0")]
    assert table(calculate(lines, prices_include_tax=False)) == {
        "0": ("120.00", "0.00", "120.00"),
        "8": ("8.50", "0.68", "9.18"),
        "16": ("59.97", "9.60", "69.57"),
        "all": ("188.47", "10.28", "198.75"),
    }


def test_table_b_a_price_with_tax_is_reached_exactly() -> None:
    totals = calculate([priced("1", "500.00", "19")], prices_include_tax=True)
    assert table(totals)["all"] == ("420.17", "79.83", "500.00")


def test_table_c_tax_inside_prices_is_taken_from_the_sum_not_per_line() -> None:
    lines = [priced("1", "1.01", "19")] * 5
    assert table(calculate(lines, prices_include_tax=True))["all"] == ("4.24", "0.81", "5.05")
    each = calculate(lines[:1], prices_include_tax=True)
    assert shown(5 * each.tax) == "0.80"


def test_table_c_tax_on_top_of_prices_is_taken_from_the_sum_not_per_line() -> None:
    lines = [priced("1", "0.33", "19")] * 5
    assert table(calculate(lines, prices_include_tax=False))["all"] == ("1.65", "0.31", "1.96")
    each = calculate(lines[:1], prices_include_tax=False)
    assert shown(5 * each.tax) == "0.30"


def test_table_d_ten_per_cent_off_at_three_rates() -> None:
    lines = [priced("2", "24.95", "20"), priced("1", "9.99", "5"), priced("3", "1.15", "0")]
    totals = calculate(lines, prices_include_tax=False, discount=PercentOff(10_000))
    assert (shown(totals.sum), shown(totals.discount)) == ("63.34", "6.33")
    assert [shown(group.discount) for group in reversed(totals.groups)] == ["4.99", "1.00", "0.34"]
    assert table(totals) == {
        "0": ("3.11", "0.00", "3.11"),
        "5": ("8.99", "0.45", "9.44"),
        "20": ("44.91", "8.98", "53.89"),
        "all": ("57.01", "9.43", "66.44"),
    }


def test_table_e_weighed_goods_and_a_line_discount() -> None:
    lines = [priced("1.255", "3.99", "7"), priced("0.340", "12.50", "7", discount=PercentOff(15_000))]
    totals = calculate(lines, prices_include_tax=True)
    assert [shown(amount) for amount in totals.amounts] == ["5.01", "3.61"]
    assert shown(line_amount(replace(lines[1], discount=None))) == "4.25"
    assert shown(taken_off(425, PercentOff(15_000))) == "0.64"
    assert table(totals)["all"] == ("8.06", "0.56", "8.62")


def test_table_f_one_whole_unit_off_three_equal_groups() -> None:
    lines = [priced("1", "10.00", "20"), priced("1", "10.00", "10"), priced("1", "10.00", "0")]
    totals = calculate(lines, prices_include_tax=True, discount=AmountOff(100))
    assert [shown(group.discount) for group in reversed(totals.groups)] == ["0.33", "0.33", "0.34"]
    assert table(totals) == {
        "0": ("9.66", "0.00", "9.66"),
        "10": ("8.79", "0.88", "9.67"),
        "20": ("8.06", "1.61", "9.67"),
        "all": ("26.51", "2.49", "29.00"),
    }


def test_table_g_a_currency_without_cents() -> None:
    lines = [priced("3", "198", "10", currency=JPY), priced("1", "105", "8", currency=JPY)]
    totals = calculate(lines, prices_include_tax=True)
    assert table(totals, JPY)["all"] == ("637", "62", "699")


def test_table_h_a_currency_of_three_decimals() -> None:
    totals = calculate([priced("2", "1.2345", "5", currency=KWD)], prices_include_tax=False)
    assert table(totals, KWD)["all"] == ("2.469", "0.123", "2.592")


def test_table_i_a_hundred_per_cent_off_goes_through() -> None:
    totals = calculate([priced("1", "12.34", "19")], prices_include_tax=True, discount=PercentOff(100_000))
    assert table(totals)["all"] == ("0.00", "0.00", "0.00")


# --- the rules, one by one ------------------------------------------------------------------------------------------


def test_rule_1_amounts_are_whole_minor_units_of_the_currency() -> None:
    assert [(currency.digits, currency.scale) for currency in (JPY, EUR, KWD)] == [(0, 1), (2, 100), (3, 1000)]


def test_rule_1_a_unit_price_may_have_two_decimals_more_than_the_currency() -> None:
    assert shown(line_amount(priced("1000", "0.0125", "0"))) == "12.50"


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("1", "0.0049", "0.00"), ("1", "0.005", "0.01"), ("0.5", "0.01", "0.01"), ("0.001", "4.99", "0.00")],
)
def test_rule_2_half_a_cent_is_rounded_up(quantity: str, price: str, amount: str) -> None:
    assert shown(line_amount(priced(quantity, price, "0"))) == amount


def test_rule_2_half_a_cent_is_rounded_away_from_zero_on_both_sides() -> None:
    assert [rounded(number, 2) for number in (5, 3, 1, -1, -3, -5)] == [3, 2, 1, -1, -2, -3]


def test_rule_2_the_denominator_of_a_rounding_is_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        rounded(1, 0)


def test_rule_2_a_line_discount_is_an_amount_or_a_percentage_of_the_rounded_line() -> None:
    # 3 × 0.335 = 1.005 → 1.01; half of it is 0.505 → 0.51, where half of the unrounded 1.005 would be 0.50.
    assert shown(line_amount(priced("3", "0.335", "0", discount=PercentOff(50_000)))) == "0.50"
    assert shown(line_amount(priced("3", "0.335", "0", discount=AmountOff(51)))) == "0.50"


def test_rule_2_a_discount_never_exceeds_its_line() -> None:
    assert line_amount(priced("1", "1.00", "0", discount=AmountOff(100))) == 0
    with pytest.raises(Refused, match="more than the amount"):
        line_amount(priced("1", "1.00", "0", discount=AmountOff(101)))
    with pytest.raises(Refused, match="more than the amount"):
        line_amount(priced("1", "0", "0", discount=AmountOff(1)))


@pytest.mark.parametrize("discount", [AmountOff(-1), PercentOff(-1), PercentOff(100_001)])
def test_rule_2_a_discount_that_would_raise_the_price_is_refused(discount: Discount) -> None:
    with pytest.raises(Refused) as refused:
        taken_off(1000, discount)
    assert refused.value.faults[0].field == "discount"


def test_rule_2_a_discount_on_nothing_takes_nothing() -> None:
    assert [taken_off(0, discount) for discount in (None, PercentOff(100_000), AmountOff(0))] == [0, 0, 0]


def test_rule_3_equal_rates_of_different_categories_are_groups_of_their_own() -> None:
    exempt = PricedLine(1000, 10_000, TaxRate(0, Category.EXEMPT))
    totals = calculate([priced("1", "1.00", "0"), exempt, priced("1", "2.00", "0")], prices_include_tax=False)
    assert [(group.rate.category, group.sum) for group in totals.groups] == [
        (Category.EXEMPT, 100),
        (Category.ZERO, 300),
    ]


def test_rule_4_a_tie_goes_to_the_larger_group_then_to_the_lower_rate() -> None:
    low, high = TaxRate.percent(5), TaxRate.percent(20)
    # Both remainders are one half: 3 × 1 / 6 and 3 × 5 / 6.
    assert split(3, {low: 1, high: 5}) == {low: 0, high: 3}
    assert split(3, {low: 5, high: 1}) == {low: 3, high: 0}
    assert split(1, {low: 1, high: 1}) == {low: 1, high: 0}


def test_rule_4_a_group_of_nothing_gets_no_part_of_the_discount() -> None:
    lines = [priced("1", "10.00", "20"), priced("1", "0", "5"), priced("1", "5.00", "0", discount=PercentOff(100_000))]
    totals = calculate(lines, prices_include_tax=True, discount=AmountOff(999))
    assert [(group.sum, group.discount, group.gross) for group in totals.groups] == [
        (0, 0, 0),
        (0, 0, 0),
        (1000, 999, 1),
    ]


def test_rule_4_a_discount_on_a_document_of_nothing_takes_nothing() -> None:
    totals = calculate([priced("1", "0", "19")], prices_include_tax=True, discount=PercentOff(10_000))
    assert (totals.discount, totals.gross) == (0, 0)
    with pytest.raises(Refused, match="more than the amount"):
        calculate([priced("1", "0", "19")], prices_include_tax=True, discount=AmountOff(1))


def test_rule_4_groups_that_stand_against_each_other_still_share_a_discount_to_the_cent() -> None:
    one, other = TaxRate.percent(5), TaxRate.percent(20)
    # 10.00 sold and 4.00 given back: of 0.60 off 6.00, the first group bears 1.00 and the second gives 0.40 back.
    assert split(60, {one: 1000, other: -400}) == {one: 100, other: -40}


def test_rule_5_prices_without_tax_get_the_tax_on_top() -> None:
    assert table(calculate([priced("1", "10.00", "8.875")], prices_include_tax=False)) == {
        "8.875": ("10.00", "0.89", "10.89"),
        "all": ("10.00", "0.89", "10.89"),
    }


def test_rule_6_a_shelf_price_of_500_is_always_500() -> None:
    for percent in ("0", "5", "7", "8.875", "10", "16", "19", "20", "25", "100"):
        assert shown(calculate([priced("1", "500.00", percent)], prices_include_tax=True).gross) == "500.00"


def test_rule_7_an_empty_document_sums_to_nothing() -> None:
    totals = calculate([], prices_include_tax=True)
    assert totals == Totals(amounts=(), sum=0, discount=0, groups=(), net=0, tax=0, gross=0)


@pytest.mark.parametrize(
    ("due", "step", "added"),
    [
        (1002, 5, -2),
        (1003, 5, 2),
        (1000, 5, 0),
        (1002, 1, 0),
        (1250, 100, 50),
        (1249, 100, -49),
        (-1003, 5, -2),
        (2, 5, -2),
    ],
)
def test_rule_8_cash_is_rounded_to_the_smallest_coin(due: int, step: int, added: int) -> None:
    assert cash_rounding(due, step) == added
    assert (due + added) % step == 0


def test_rule_10_the_negated_lines_come_to_the_negated_totals() -> None:
    lines = [priced("3", "19.99", "16"), priced("1.255", "4.25", "8", discount=AmountOff(33)), priced("1", "1.01", "0")]
    for discount in (None, PercentOff(33_333), AmountOff(777)):
        for include in (False, True):
            there = calculate(lines, prices_include_tax=include, discount=discount)
            back = calculate(negated(lines), prices_include_tax=include, discount=discount)
            assert sums_to_nothing(there, back)


# --- the laws -------------------------------------------------------------------------------------------------------

RATES = [TaxRate.percent(percent) for percent in ("5", "7", "8", "8.875", "10", "16", "19", "20", "25", "100")]
RATES += [TaxRate(0, category) for category in Category]
CURRENCIES = st.sampled_from([JPY, EUR, KWD])
PERCENTS = st.integers(min_value=0, max_value=100_000).map(PercentOff)


def negated(lines: list[PricedLine]) -> list[PricedLine]:
    return [replace(line, quantity=-line.quantity) for line in lines]


def sums_to_nothing(there: Totals, back: Totals) -> bool:
    pairs = zip(there.groups, back.groups, strict=True)
    return all(
        a.rate == b.rate
        and a.sum + b.sum == a.discount + b.discount == a.net + b.net == a.tax + b.tax == a.gross + b.gross == 0
        for a, b in pairs
    )


@st.composite
def lines_of_a_document(draw: st.DrawFn) -> list[PricedLine]:
    """Up to twelve lines in one currency; prices reach from a hundredth of a minor unit to many thousands."""
    currency = draw(CURRENCIES)
    lines = []
    for _ in range(draw(st.integers(min_value=1, max_value=12))):
        quantity = draw(st.one_of(st.integers(1, 20).map(lambda count: count * 1000), st.integers(1, 99_999)))
        price = draw(
            st.one_of(st.integers(0, 5000).map(lambda minor: minor * 100), st.integers(0, 10**5 * currency.scale))
        )
        line = PricedLine(quantity, price, draw(st.sampled_from(RATES)))
        off = draw(st.one_of(st.none(), PERCENTS, st.integers(0, line_amount(line)).map(AmountOff)))
        lines.append(replace(line, discount=off))
    return lines


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[PricedLine], bool, Discount | None]:
    """Lines, whether their prices include tax, and a discount that the document can bear."""
    lines = draw(lines_of_a_document())
    total = sum(line_amount(line) for line in lines)
    discount = draw(st.one_of(st.none(), PERCENTS, st.integers(0, total).map(AmountOff)))
    return lines, draw(st.booleans()), discount


def half_up(exact: Fraction) -> int:
    """Rounding by Python's own decimal arithmetic, to compare ours with."""
    quotient = Context(prec=80).divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return int(quotient.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=Context(prec=80)))


@given(documents())
def test_net_and_tax_are_gross_in_each_group_and_in_the_whole(
    document: tuple[list[PricedLine], bool, Discount | None],
) -> None:
    lines, include, discount = document
    totals = calculate(lines, prices_include_tax=include, discount=discount)
    assert all(part.net + part.tax == part.gross for part in parts(totals))
    for name in ("sum", "discount", "net", "tax", "gross"):
        assert sum(getattr(group, name) for group in totals.groups) == getattr(totals, name)
    assert sum(totals.amounts) == totals.sum
    assert (totals.gross if include else totals.net) == totals.sum - totals.discount


@given(documents())
def test_every_number_is_the_exact_fraction_rounded_half_up(
    document: tuple[list[PricedLine], bool, Discount | None],
) -> None:
    lines, include, discount = document
    totals = calculate(lines, prices_include_tax=include, discount=discount)
    for line, amount in zip(lines, totals.amounts, strict=True):
        full = half_up(Fraction(line.quantity * line.unit_price, 100_000))
        match line.discount:
            case PercentOff(milli):
                assert amount == full - half_up(Fraction(full * milli, 100_000))
            case AmountOff(minor):
                assert amount == full - minor
            case None:
                assert amount == full
    if isinstance(discount, PercentOff):
        assert totals.discount == half_up(Fraction(totals.sum * discount.milli, 100_000))
    for group in totals.groups:
        percent = Fraction(group.rate.milli, 1000)
        share = percent / (100 + percent) if include else percent / 100
        assert group.tax == half_up((group.sum - group.discount) * share)


@given(documents())
def test_no_amount_of_a_sale_is_below_zero(document: tuple[list[PricedLine], bool, Discount | None]) -> None:
    lines, include, discount = document
    totals = calculate(lines, prices_include_tax=include, discount=discount)
    assert min(totals.amounts) >= 0
    assert all(min(part.discount, part.net, part.tax, part.gross) >= 0 for part in parts(totals))


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(
    document: tuple[list[PricedLine], bool, Discount | None], random: Random
) -> None:
    lines, include, discount = document
    shuffled = list(lines)
    random.shuffle(shuffled)
    one = calculate(lines, prices_include_tax=include, discount=discount)
    other = calculate(shuffled, prices_include_tax=include, discount=discount)
    assert replace(one, amounts=()) == replace(other, amounts=())


@given(documents())
def test_a_document_and_its_negation_sum_to_zero_in_every_group(
    document: tuple[list[PricedLine], bool, Discount | None],
) -> None:
    lines, include, discount = document
    there = calculate(lines, prices_include_tax=include, discount=discount)
    back = calculate(negated(lines), prices_include_tax=include, discount=discount)
    assert sums_to_nothing(there, back)
    # The same holds when the discount is given back as the amount it came to.
    as_amount = calculate(negated(lines), prices_include_tax=include, discount=AmountOff(there.discount))
    assert as_amount == back


@given(
    st.integers(-(10**9), 10**9),
    st.dictionaries(st.sampled_from(RATES), st.integers(0, 10**9), min_size=1),
    st.booleans(),
)
def test_the_parts_of_a_split_sum_to_the_whole_and_are_within_one_unit_of_their_share(
    amount: int, sums: dict[TaxRate, int], given_back: bool
) -> None:
    if given_back:
        sums = {rate: -share for rate, share in sums.items()}
    whole = sum(sums.values())
    if not whole:
        return
    shares = split(amount, sums)
    assert shares.keys() == sums.keys()
    assert sum(shares.values()) == amount
    assert all(abs(shares[rate] - Fraction(amount * sums[rate], whole)) < 1 for rate in sums)


@given(st.integers(-(10**6), 10**6), st.dictionaries(st.sampled_from(RATES), st.integers(-(10**6), 10**6), min_size=1))
def test_a_split_adds_up_whatever_the_signs_of_the_groups(amount: int, sums: dict[TaxRate, int]) -> None:
    shares = split(amount, sums)
    whole = sum(sums.values())
    assert sum(shares.values()) == (amount if whole else 0)
    assert not whole or all(abs(shares[rate] - Fraction(amount * sums[rate], whole)) < 1 for rate in sums)


def test_what_a_line_brought_in_is_after_the_document_discount_and_with_tax() -> None:
    lines = [priced("2", "24.95", "20"), priced("1", "9.99", "5"), priced("3", "1.15", "0"), priced("1", "0.10", "20")]
    totals = calculate(lines, prices_include_tax=False, discount=PercentOff(10_000))
    assert [shown(gross) for gross in gross_lines(totals, lines)] == ["53.89", "9.44", "3.11", "0.11"]


@given(documents())
def test_what_the_lines_brought_in_sums_to_the_gross_of_each_group_and_back(
    document: tuple[list[PricedLine], bool, Discount | None],
) -> None:
    lines, include, discount = document
    totals = calculate(lines, prices_include_tax=include, discount=discount)
    brought_in = gross_lines(totals, lines)
    for group in totals.groups:
        assert sum(one for one, line in zip(brought_in, lines, strict=True) if line.tax == group.rate) == group.gross
    back = calculate(negated(lines), prices_include_tax=include, discount=discount)
    assert gross_lines(back, negated(lines)) == tuple(-one for one in brought_in)
