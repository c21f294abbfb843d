"""What somebody else changed is told row by row, and fields that two people changed apart stand together."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.conflict import LineChange, MergeConflict, compare_lines, merge
from shopdesk.domain.document import Line
from shopdesk.domain.money import Currency
from shopdesk.domain.shop import Seller, Shop
from shopdesk.domain.tax import TaxRate

RATE = TaxRate.percent(16)
MILK = Line(item="Milk", quantity=2000, unit_price=8900, tax=RATE)
TEA = Line(item="Tea", quantity=1000, unit_price=35000, tax=RATE)
BREAD = Line(item="Bread", quantity=1000, unit_price=20000, tax=RATE)


def test_rows_are_told_as_changed_added_and_removed() -> None:
    more_milk = replace(MILK, quantity=3000)
    assert compare_lines((MILK, TEA), (BREAD, more_milk)) == (
        LineChange(None, BREAD),
        LineChange(MILK, more_milk),
        LineChange(TEA, None),
    )


def test_a_row_that_only_moved_is_no_change() -> None:
    assert compare_lines((MILK, TEA, MILK), (TEA, MILK, MILK)) == ()


def test_of_two_rows_of_one_item_only_the_one_that_differs_is_told() -> None:
    dearer = replace(MILK, unit_price=9900)
    assert compare_lines((MILK, MILK), (MILK, dearer)) == (LineChange(MILK, dearer),)


lines = st.lists(
    st.builds(
        Line,
        item=st.sampled_from(["Milk", "Tea", "Bread"]),
        quantity=st.integers(1, 3).map(lambda count: count * 1000),
        unit_price=st.sampled_from([100, 200]),
        tax=st.just(RATE),
    ),
    max_size=6,
).map(tuple)


@given(before=lines, after=lines)
def test_the_changes_lead_from_what_was_to_what_is(before: tuple[Line, ...], after: tuple[Line, ...]) -> None:
    changes = compare_lines(before, after)
    rows = list(before)
    for change in changes:
        if change.before is not None:
            rows.remove(change.before)
    rows += [change.after for change in changes if change.after is not None]
    assert sorted(map(repr, rows)) == sorted(map(repr, after))
    assert all(change.before != change.after for change in changes)


@dataclass(frozen=True)
class Thing:
    name: str
    phone: str = ""
    count: int = 0


BASE = Thing("Ada", "1", 1)


def test_what_two_people_changed_in_different_fields_stands_together() -> None:
    assert merge(BASE, replace(BASE, name="Ada L."), replace(BASE, phone="2")) == Thing("Ada L.", "2", 1)


def test_the_same_change_by_both_is_no_collision() -> None:
    assert merge(BASE, replace(BASE, phone="2"), replace(BASE, phone="2")) == replace(BASE, phone="2")


def test_a_field_that_both_changed_is_told_and_mine_waits_for_a_second_yes() -> None:
    theirs = replace(BASE, phone="3", count=3)
    with pytest.raises(MergeConflict) as collided:
        merge(BASE, replace(BASE, name="Ada L.", phone="2"), theirs)
    assert [fault.field for fault in collided.value.faults] == ["phone"]
    assert collided.value.joined == Thing("Ada L.", "2", 3)
    assert merge(theirs, collided.value.joined, collided.value.theirs) == Thing("Ada L.", "2", 3)


def test_two_people_may_change_the_shops_address_and_its_phone_at_once() -> None:
    seller = Seller(name="Corner Shop", address="High Street 1", phone="1")
    shop = Shop(seller=seller, currency=Currency.of("USD"), prices_include_tax=True, taxes=())
    moved = replace(shop, seller=replace(seller, address="Low Street 2"))
    called = replace(shop, seller=replace(seller, phone="2"), due_days=30)
    assert merge(shop, moved, called) == replace(called, seller=replace(called.seller, address="Low Street 2"))
