"""Who may do what, and what a user name and a password must be."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.account import (
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    AccountStatus,
    Actor,
    Right,
    Role,
    Staff,
    check_password,
    read_pin,
    read_user_name,
)
from shopdesk.domain.errors import Refused
from shopdesk.domain.shop import Till

TILL = Till(key=UUID(int=1), name="A")
COMMON = frozenset({"correct horse battery", "passwordpassword"})


def staff(role: Role, standing: AccountStatus = AccountStatus.ACTIVE) -> Staff:
    return Staff(key=UUID(int=2), user_name=role.value, name=role.value, role=role, status=standing)


# --- rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "owner", "manager", "cashier"),
    [
        (Right.SELL, True, True, True),
        (Right.DISCOUNT, True, True, False),
        (Right.CORRECT, True, True, True),
        (Right.DELETE, True, True, False),
        (Right.REFUND, True, True, False),
        (Right.CATALOGUE, True, True, False),
        (Right.STATISTICS, True, True, False),
        (Right.EXPORT, True, True, False),
        (Right.SETTINGS, True, False, False),
        (Right.PEOPLE, True, False, False),
    ],
)
def test_each_role_has_its_rights_and_no_other(right: Right, owner: bool, manager: bool, cashier: bool) -> None:
    assert [staff(role).may(right) for role in (Role.OWNER, Role.MANAGER, Role.CASHIER)] == [owner, manager, cashier]


@pytest.mark.parametrize("standing", [AccountStatus.WAITING, AccountStatus.BLOCKED])
def test_an_account_that_is_not_active_may_do_nothing(standing: AccountStatus) -> None:
    for role in Role:
        idle = staff(role, standing)
        assert not any(idle.may(right) for right in Right)
        assert not any(Actor(idle, TILL, approver=staff(Role.OWNER)).may(right) for right in Right)


def test_a_lent_right_is_the_lenders_own() -> None:
    cashier = staff(Role.CASHIER)
    assert not Actor(cashier, TILL).may(Right.REFUND)
    assert Actor(cashier, TILL, approver=staff(Role.MANAGER)).may(Right.REFUND)
    assert not Actor(cashier, TILL, approver=staff(Role.MANAGER)).may(Right.PEOPLE)
    assert not Actor(cashier, TILL, approver=staff(Role.OWNER, AccountStatus.BLOCKED)).may(Right.REFUND)


# --- user names and PINs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["ada", "Ada.Lovelace", "ada@example.org", "a-b_c+d", "فاطمة", "李小龍", "सीता", "สมชาย", "x" * 64, "42"],
)
def test_a_user_name_is_taken_as_it_is_typed(name: str) -> None:
    assert read_user_name(f" {name} ") == name


def test_a_user_name_is_the_same_however_its_accents_are_stored() -> None:
    assert read_user_name("Jose\u0301") == "José"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "\u0301\u0301",
        "x" * 65,
        "ada lovelace",
        "ada\nada",
        "ada\x00",
        "ad\u202ea",
        "👩",
        "a/b",
        "\ud800\ud800",
    ],
)
def test_what_is_no_user_name_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="2 to 64 letters") as refused:
        read_user_name(name)
    assert refused.value.faults[0].field == "user_name"


@pytest.mark.parametrize("pin", ["2580", "135790", "11223344", "1357"])
def test_a_pin_has_four_to_eight_digits(pin: str) -> None:
    assert read_pin(f" {pin} ") == pin


def test_a_pin_may_be_typed_in_the_digits_of_every_script() -> None:
    assert read_pin("٢٥٨٠") == read_pin("\u200f۲۵۸۰") == "2580"


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "١٢٣٤", "-123", "1111", "1234", "8765", "00000000"])
def test_a_pin_that_is_none_or_easy_to_guess_is_refused(pin: str) -> None:
    with pytest.raises(Refused) as refused:
        read_pin(pin)
    assert refused.value.faults[0].field == "pin"


# --- passwords (NIST SP 800-63B-4, 3.1.1.2) -------------------------------------------------------------------------


def is_accepted(password: str, user_name: str = "ada") -> bool:
    try:
        check_password(password, user_name=user_name, common=COMMON)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    "password",
    [
        "four words in a row",
        "onlylowercaseletters",
        "               spaces are characters",
        "صحيح حصان بطارية مشبك",
        "🐎🔋📎🧷" * 4 + "✓",
        "x" * 1000 + "abcde",
        "ada likes four words in a row",
    ],
)
def test_any_character_counts_and_none_is_demanded(password: str) -> None:
    assert is_accepted(password)


def test_a_password_has_fifteen_to_1024_characters() -> None:
    letters = "abcdefghijklmno"
    assert len(letters) == MIN_PASSWORD_LENGTH
    assert [is_accepted(letters), is_accepted(letters[:-1]), is_accepted("")] == [True, False, False]
    longest = (letters * 100)[:MAX_PASSWORD_LENGTH]
    assert [is_accepted(longest), is_accepted(longest + "x")] == [True, False]


@pytest.mark.parametrize(
    ("password", "user_name"),
    [
        ("passwordpassword", "ada"),
        ("PasswordPassword", "ada"),
        ("Correct Horse Battery", "ada"),
        ("aaaaaaaaaaaaaaaa", "ada"),
        ("abababababababab", "eve"),
        ("adaadaadaadaadaada", "ada"),
        ("AdaLovelace1815", "adalovelace"),
        ("ada.lovelace@example.org1", "ada.lovelace@example.org"),
    ],
)
def test_a_common_password_or_one_made_of_the_user_name_is_refused(password: str, user_name: str) -> None:
    assert not is_accepted(password, user_name)


def test_a_password_that_cannot_be_written_in_any_encoding_is_refused_in_words() -> None:
    with pytest.raises(Refused, match="invalid character"):
        check_password("four words in a row\ud800", user_name="ada", common=COMMON)


def test_a_password_is_judged_without_a_user_name_too() -> None:
    assert is_accepted("four words in a row", user_name="")


@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=10))
def test_any_password_is_judged_without_an_error_and_never_repeated(password: str, user_name: str) -> None:
    try:
        check_password(password, user_name=user_name, common=COMMON)
    except Refused as refused:
        sentence = str(refused)
        assert len(password) < MIN_PASSWORD_LENGTH or password not in sentence
    else:
        password.encode()
        assert len(password) >= MIN_PASSWORD_LENGTH
