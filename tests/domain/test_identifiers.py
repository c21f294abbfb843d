"""The numbers of a business, as people type them."""

import pytest

from shopdesk.domain.errors import Refused
from shopdesk.domain.identifiers import read_bic, read_iban, read_scheme_number, read_vat_number, spaced_iban


@pytest.mark.parametrize(
    ("typed", "iban"),
    [
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("ch93 0076 2011 6238 5295 7", "CH9300762011623852957"),
        (" BE68-5390-0754-7034 ", "BE68539007547034"),
        ("NO93 8601 1117 947", "NO9386011117947"),
        ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
    ],
)
def test_an_account_is_read_with_blanks_and_small_letters(typed: str, iban: str) -> None:
    assert read_iban(typed) == iban


@pytest.mark.parametrize(
    "typed", ["DE89 3704 0044 0532 0130 01", "DE89 3704 0044 0532 0130", "DE89", "4711", "DE8937040044053201300Ä", "É"]
)
def test_an_account_with_a_wrong_digit_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="is not an IBAN") as refused:
        read_iban(typed)
    assert refused.value.faults[0].field == "iban"


def test_every_single_digit_that_is_mistyped_is_found() -> None:
    right = "DE89370400440532013000"
    for at in range(2, len(right)):
        for digit in "0123456789":
            if digit != right[at]:
                with pytest.raises(Refused):
                    read_iban(right[:at] + digit + right[at + 1 :])


def test_an_account_is_shown_in_groups_of_four() -> None:
    assert spaced_iban("DE89370400440532013000") == "DE89 3704 0044 0532 0130 00"
    assert spaced_iban("") == ""


def test_the_code_of_a_bank_has_8_or_11_signs() -> None:
    assert read_bic("cobadeff xxx") == "COBADEFFXXX"
    assert read_bic("COBADEFF") == "COBADEFF"
    with pytest.raises(Refused, match="8 or 11"):
        read_bic("COBADE")


@pytest.mark.parametrize(
    ("typed", "number"),
    [("de 136 695 976", "DE136695976"), ("EL123456789", "EL123456789"), ("CHE-123.456.789", "CHE123456789")],
)
def test_a_vat_number_is_read_as_it_is_typed(typed: str, number: str) -> None:
    assert read_vat_number(typed) == number


@pytest.mark.parametrize("typed", ["136695976", "ZZ136695976", "DE", "DE1", "DE13669597ß"])
def test_a_vat_number_without_its_country_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="begins with the country"):
        read_vat_number(typed)


def test_an_address_in_a_network_has_a_known_scheme() -> None:
    assert read_scheme_number(" 0088 : 4012345000016") == "0088:4012345000016"
    for typed in ("4711:1", "0088:", "0088", "0088:a b"):
        with pytest.raises(Refused, match="not an address for e-invoices"):
            read_scheme_number(typed)
