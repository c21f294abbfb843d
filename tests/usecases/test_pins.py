"""The quick switch at the till, on both databases."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from shopdesk.domain.account import Right, Role, Staff
from shopdesk.domain.errors import Refused
from shopdesk.store import accounts as kept
from shopdesk.usecases import accounts, pins
from shopdesk.usecases.accounts import SignInRefused
from support.shops import SampleShop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSWORD, PEPPER = "four words in a row", b"a till's own pepper"


def somebody(sample_shop: SampleShop, name: str = "ben", role: Role = Role.CASHIER, pin: str = "2580") -> Staff:
    with sample_shop.database.sessions.begin() as session:
        staff = accounts.register(session, accounts.NewAccount(user_name=name, name=name, password=PASSWORD), now=NOW)
    staff = sample_shop.do(accounts.let_in, staff.key, role=role)
    sample_shop.as_(staff).do(pins.set_pin, pin, password=PASSWORD, pepper=PEPPER)
    return staff


def switch(
    sample_shop: SampleShop, key: UUID, pin: str, *, pepper: bytes = PEPPER, opened: frozenset[UUID] | None = None
) -> Staff | SignInRefused:
    with sample_shop.database.sessions.begin() as session:
        return pins.switch(session, key, pin, opened=frozenset({key}) if opened is None else opened, pepper=pepper)


def test_a_pin_switches_between_people_who_opened_the_till(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    got = switch(sample_shop, ben.key, "2580")
    assert isinstance(got, Staff)
    assert (got.key, got.has_pin) == (ben.key, True)
    assert isinstance(switch(sample_shop, ben.key, "2580", opened=frozenset()), SignInRefused)


def test_a_pin_is_the_same_in_the_digits_of_another_keyboard(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    assert isinstance(switch(sample_shop, ben.key, "٢٥٨٠"), Staff)


def test_five_wrong_pins_ask_for_the_password_which_makes_the_pin_good_again(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    for _ in range(5):
        assert isinstance(switch(sample_shop, ben.key, "0000"), SignInRefused)
    refused = switch(sample_shop, ben.key, "2580")
    assert isinstance(refused, SignInRefused)
    assert "password" in refused.text
    with sample_shop.database.sessions.begin() as session:
        accounts.sign_in(session, user_name="ben", password=PASSWORD, now=NOW)
    assert isinstance(switch(sample_shop, ben.key, "2580"), Staff)


def test_a_right_pin_forgives_the_wrong_ones_before(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    for _ in range(3):
        for _ in range(4):
            switch(sample_shop, ben.key, "0000")
        assert isinstance(switch(sample_shop, ben.key, "2580"), Staff)


def test_a_pin_is_worth_nothing_without_the_pepper(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    assert isinstance(switch(sample_shop, ben.key, "2580", pepper=b"another"), SignInRefused)
    with sample_shop.database.sessions.begin() as session:
        hashed, _ = kept.hold_pin(session, ben.key)
    assert hashed is not None
    assert "2580" not in hashed


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "0000", "1234", "9876", ""])
def test_a_pin_that_is_easy_to_guess_is_refused(sample_shop: SampleShop, pin: str) -> None:
    with pytest.raises(Refused) as refused:
        somebody(sample_shop, pin=pin)
    assert refused.value.faults[0].field == "pin"


def test_setting_a_pin_asks_for_the_password(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    with pytest.raises(Refused):
        sample_shop.as_(ben).do(pins.set_pin, "7391", password="wrong wrong wrong", pepper=PEPPER)


def test_a_manager_lends_a_right_by_pin_and_a_cashier_cannot(sample_shop: SampleShop) -> None:
    manager, cashier = somebody(sample_shop, "mia", Role.MANAGER), somebody(sample_shop)
    with sample_shop.database.sessions.begin() as session:
        lent = pins.approve(session, "mia", "2580", right=Right.DELETE, pepper=PEPPER)
        assert isinstance(lent, Staff)
        assert lent.key == manager.key
        assert isinstance(pins.approve(session, "mia", "0000", right=Right.DELETE, pepper=PEPPER), SignInRefused)
        assert isinstance(pins.approve(session, "ben", "2580", right=Right.DELETE, pepper=PEPPER), SignInRefused)
        assert isinstance(pins.approve(session, "mia", "2580", right=Right.SETTINGS, pepper=PEPPER), SignInRefused)
    document = sample_shop.issue()
    from shopdesk.usecases import documents

    gone = sample_shop.as_(cashier, approver=lent).do(documents.delete, document.key)
    assert gone.state.value == "voided"


def test_somebody_blocked_has_no_pin_any_more(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    sample_shop.do(accounts.block, ben.key)
    assert isinstance(switch(sample_shop, ben.key, "2580"), SignInRefused)


def test_a_pin_is_good_at_the_till_where_it_was_set_and_elsewhere_not_counted_as_wrong(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    for _ in range(7):
        refused = switch(sample_shop, ben.key, "2580", pepper=b"of another till")
        assert isinstance(refused, SignInRefused)
        assert "another till" in refused.text
        assert refused.needs_password
    assert isinstance(switch(sample_shop, ben.key, "2580"), Staff)


def test_a_pin_can_be_removed_and_there_is_none_without_a_password(sample_shop: SampleShop) -> None:
    ben = somebody(sample_shop)
    sample_shop.as_(ben).do(pins.remove_pin)
    refused = switch(sample_shop, ben.key, "2580")
    assert isinstance(refused, SignInRefused)
    assert "No PIN" in refused.text
    nobody = sample_shop.staff(Role.CASHIER, name="Nobody")
    with pytest.raises(Refused, match="password first"):
        sample_shop.as_(nobody).do(pins.set_pin, "2580", password="", pepper=PEPPER)


@pytest.mark.parametrize(
    ("role", "right", "lends"),
    [
        (Role.MANAGER, Right.DISCOUNT, True),
        (Role.MANAGER, Right.REFUND, True),
        (Role.MANAGER, Right.PEOPLE, False),
        (Role.OWNER, Right.PEOPLE, True),
    ],
)
def test_nobody_lends_a_right_that_is_not_theirs(
    sample_shop: SampleShop, role: Role, right: Right, lends: bool
) -> None:
    somebody(sample_shop, "mia", role)
    with sample_shop.database.sessions.begin() as session:
        lent = pins.approve(session, "mia", "2580", right=right, pepper=PEPPER)
    assert isinstance(lent, Staff) is lends


def test_a_lent_right_stands_in_the_journal_with_both_names(sample_shop: SampleShop) -> None:
    from shopdesk.domain.account import NotAllowed
    from shopdesk.domain.draft import DraftRow
    from shopdesk.queries import documents as asked
    from shopdesk.usecases import documents

    manager, cashier = somebody(sample_shop, "mia", Role.MANAGER), somebody(sample_shop)
    draft = sample_shop.draft(DraftRow("Tea", "1", "10", "50 %"))
    with pytest.raises(NotAllowed) as refused:
        sample_shop.as_(cashier).do(documents.issue, draft)
    assert refused.value.right is Right.DISCOUNT
    assert refused.value.faults[0].field == "discount"
    document = sample_shop.as_(cashier, approver=manager).do(documents.issue, draft)
    assert document.issued_by == "ben"
    entry = sample_shop.ask(asked.history, document.key)[0]
    assert (entry.by_name, entry.approver_name) == ("ben", "mia")
