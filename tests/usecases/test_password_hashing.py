"""How passwords are kept, how long a wrong one takes, and which ones everybody would guess."""

import unicodedata
from typing import Any

import pytest
from argon2 import low_level

from shopdesk.domain.account import MIN_PASSWORD_LENGTH, check_password
from shopdesk.domain.errors import Refused
from shopdesk.usecases import password_hashing

pytestmark = pytest.mark.usefixtures("full_hashes")

GOOD = "a kettle, two larks & 7 stairs"


def test_a_password_matches_its_own_hash_and_no_other() -> None:
    kept = password_hashing.hash_password(GOOD)
    assert password_hashing.matches(kept, GOOD)
    for wrong in ("", GOOD[:-1], GOOD + " ", GOOD.upper(), GOOD + "\0"):
        assert not password_hashing.matches(kept, wrong)


def test_a_hash_has_its_parameters_and_a_salt_of_its_own() -> None:
    first, second = password_hashing.hash_password(GOOD), password_hashing.hash_password(GOOD)
    assert first.startswith("$argon2id-sha256$v=19$m=47104,t=1,p=1$")
    assert first != second
    assert GOOD not in first


def test_letters_match_however_the_keyboard_composes_them() -> None:
    composed = unicodedata.normalize("NFC", "zażółć gęślą jaźń")
    apart = unicodedata.normalize("NFD", composed)
    assert composed != apart
    assert password_hashing.matches(password_hashing.hash_password(composed), apart)


@pytest.mark.parametrize("odd", ["\ud800" * 20, "\0" * 20, "🗝" * 20, "x" * 1024])
def test_any_character_counts(odd: str) -> None:
    assert password_hashing.matches(password_hashing.hash_password(odd), odd)


@pytest.mark.parametrize("kept", ["", "no hash", "$argon2id-sha256$v=19$m=47104,t=1,p=1$broken"])
def test_what_is_no_hash_matches_nothing(kept: str) -> None:
    assert not password_hashing.matches(kept, GOOD)
    assert not password_hashing.matches(kept, "")


def test_nothing_matches_the_decoy_and_it_is_like_any_hash() -> None:
    decoy = password_hashing.decoy()
    assert not password_hashing.matches(decoy, GOOD)
    assert not password_hashing.matches(decoy, "")
    assert not password_hashing.needs_rehash(decoy)
    assert len(decoy) == len(password_hashing.hash_password(GOOD))


def test_an_unknown_user_takes_as_much_work_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[tuple[object, ...]] = []
    hash_raw = low_level.hash_secret_raw

    def watched(secret: bytes, salt: bytes, **parameters: Any) -> bytes:
        work.append((len(salt), *sorted(parameters.items())))
        return hash_raw(secret, salt, **parameters)

    monkeypatch.setattr(low_level, "hash_secret_raw", watched)
    for kept in (password_hashing.hash_password(GOOD), password_hashing.decoy(), ""):
        work.clear()
        assert not password_hashing.matches(kept, "wrong")
        assert work == [
            (
                16,
                ("hash_len", 32),
                ("memory_cost", 47104),
                ("parallelism", 1),
                ("time_cost", 1),
                ("type", low_level.Type.ID),
            )
        ]


def test_older_parameters_are_noticed() -> None:
    kept = password_hashing.hash_password(GOOD)
    assert not password_hashing.needs_rehash(kept)
    assert password_hashing.needs_rehash(kept.replace("t=1", "t=2"))
    assert password_hashing.needs_rehash(kept.replace("m=47104", "m=19456"))


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password1234567",
        "PASSWORD12345678",
        "qwertyuiop12345",
        "iloveyouiloveyou",
        "monkeymonkeymonkey",
        "correcthorsebatterystaple",
        "correct horse battery staple",
        "1q2w3e4r5t6y7u8i9o0p",
        "123456789012345",
        "dragondragondragon",
        "thequickbrownfox",
    ],
)
def test_what_everybody_would_guess_is_refused(password: str) -> None:
    with pytest.raises(Refused, match="easy to guess"):
        check_password(password, user_name="ada", common=password_hashing.common())


@pytest.mark.parametrize("password", [GOOD, "larks over seven stairs", "zażółć gęślą jaźń", "kettle kettle lark 9"])
def test_a_few_words_in_a_row_are_fine(password: str) -> None:
    check_password(password, user_name="ada", common=password_hashing.common())


def test_the_list_has_only_what_a_password_could_be() -> None:
    common = password_hashing.common()
    assert 20_000 < len(common) < 40_000
    assert all(len(word) >= MIN_PASSWORD_LENGTH and word == word.casefold() for word in common)
