"""Who gets in, on both databases."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from shopdesk.domain.account import FORGOTTEN_AFTER, LONGEST_WAIT, MOST_FAILURES, AccountStatus, Role, Staff
from shopdesk.domain.errors import Refused
from shopdesk.queries import accounts as ask
from shopdesk.queries import verify
from shopdesk.store import accounts as kept
from shopdesk.store.database import Database
from shopdesk.store.tables import sign_in_failures
from shopdesk.usecases import accounts, password_hashing
from shopdesk.usecases.accounts import SignInRefused
from support.shops import SampleShop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSWORD = "four words in a row"


def register(database: Database, user_name: str = "ada", password: str = PASSWORD, email: str = "") -> Staff:
    with database.sessions.begin() as session:
        return accounts.register(
            session, accounts.NewAccount(user_name=user_name, name="Ada", email=email, password=password), now=NOW
        )


def sign_in(database: Database, user_name: str, password: str, now: datetime = NOW) -> Staff | SignInRefused:
    with database.sessions.begin() as session:
        return accounts.sign_in(session, user_name=user_name, password=password, now=now)


def test_the_first_account_owns_the_shop_and_the_second_waits(database: Database) -> None:
    first, second = register(database), register(database, "ben")
    assert (first.role, first.status) == (Role.OWNER, AccountStatus.ACTIVE)
    assert (second.role, second.status) == (Role.CASHIER, AccountStatus.WAITING)


def test_a_user_name_is_taken_whatever_its_case(database: Database) -> None:
    register(database)
    with pytest.raises(Refused, match="taken"):
        register(database, "ADA")


def test_every_wrong_field_of_a_registration_gets_its_sentence(database: Database) -> None:
    with database.sessions.begin() as session, pytest.raises(Refused) as refused:
        accounts.register(
            session, accounts.NewAccount(user_name="a b", name="", email="ada@", password="short"), now=NOW
        )
    assert {fault.field for fault in refused.value.faults} == {"user_name", "name", "email", "password"}


def test_the_right_password_gets_in_whatever_the_case_of_the_name(database: Database) -> None:
    owner = register(database)
    assert sign_in(database, " Ada ", PASSWORD) == owner


def test_the_accents_of_a_name_may_be_typed_apart(database: Database) -> None:
    owner = register(database, "José")
    assert sign_in(database, "JOSE\u0301", PASSWORD) == owner
    with pytest.raises(Refused, match="taken"):
        register(database, "jose\u0301")


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(database: Database) -> None:
    register(database)
    wrong_password = sign_in(database, "ada", "not this one at all")
    wrong_name = sign_in(database, "eve", PASSWORD)
    assert isinstance(wrong_password, SignInRefused)
    assert wrong_password == wrong_name


def test_failing_again_and_again_makes_the_next_try_wait_for_names_that_exist_and_names_that_do_not(
    database: Database,
) -> None:
    register(database)
    for name in ("ada", "eve"):
        for _ in range(3):
            sign_in(database, name, "wrong wrong wrong")
        waiting = sign_in(database, name, PASSWORD)
        assert isinstance(waiting, SignInRefused)
        assert "Try again in" in waiting.text
    later = NOW + timedelta(minutes=1)
    assert isinstance(sign_in(database, "ada", PASSWORD, later), Staff)
    assert isinstance(sign_in(database, "ada", "wrong wrong wrong", later), SignInRefused)
    assert isinstance(sign_in(database, "ada", PASSWORD, later), Staff)  # success began the count anew


def test_a_hundred_failures_close_the_account_until_the_owner_gives_a_new_password(sample_shop: SampleShop) -> None:
    database = sample_shop.database
    ben = register(database, "ben")
    with database.sessions.begin() as session:
        kept.hold_failures(session, "ben", at=NOW)
        kept.record_failures(session, "ben", count=MOST_FAILURES - 1, retry_at=NOW)
    sign_in(database, "ben", "wrong wrong wrong")
    at = NOW + timedelta(hours=1)
    refused = sign_in(database, "ben", PASSWORD, at)
    assert isinstance(refused, SignInRefused)
    assert "owner" in refused.text
    sample_shop.do(accounts.reset_password, ben.key, new="quite another phrase")
    assert sign_in(database, "ben", "quite another phrase", at) == replace(ben, must_change_password=True)


def test_a_person_whom_the_owner_adds_chooses_a_password_before_anything_else(sample_shop: SampleShop) -> None:
    given = password_hashing.readable_password()
    account = accounts.NewAccount(user_name="grace", name="Grace", password=given)
    added = sample_shop.do(accounts.add_person, account, role=Role.MANAGER)
    grace = sign_in(sample_shop.database, "grace", given)
    assert grace == added
    assert isinstance(grace, Staff)
    assert (grace.role, grace.status, grace.must_change_password) == (Role.MANAGER, AccountStatus.ACTIVE, True)
    till = sample_shop.as_(grace)
    with pytest.raises(Refused, match="Choose a password of your own first"):
        till.issue()
    with pytest.raises(Refused, match="Choose another password than the one you were given"):
        till.do(accounts.change_password, old=given, new=given)
    till.do(accounts.change_password, old=given, new="four words of mine")
    till.issue()
    grace = sign_in(sample_shop.database, "grace", "four words of mine")
    assert isinstance(grace, Staff)
    assert not grace.must_change_password
    with pytest.raises(Refused) as refused:
        sample_shop.do(accounts.add_person, replace(account, name=" ", password="short"), role=Role.CASHIER)
    assert [fault.field for fault in refused.value.faults] == ["name", "password"]
    with pytest.raises(Refused, match="taken"):
        sample_shop.do(accounts.add_person, account, role=Role.CASHIER)
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_no_wait_is_longer_than_the_longest_though_the_clock_was_a_year_ahead(database: Database) -> None:
    owner = register(database)
    for minute in range(12):
        sign_in(database, "ada", "wrong wrong wrong", NOW + timedelta(days=365, hours=minute))
    refused = sign_in(database, "ada", PASSWORD)
    assert isinstance(refused, SignInRefused)
    assert "Try again in 15 minutes" in refused.text
    assert sign_in(database, "ada", PASSWORD, NOW + LONGEST_WAIT) == owner


def test_mistakes_are_forgotten_by_their_own_age_and_not_by_somebody_elses(database: Database) -> None:
    owner = register(database)
    day = FORGOTTEN_AFTER
    for name in ("ada", "eve"):
        with database.sessions.begin() as session:
            kept.hold_failures(session, name, at=NOW)
            kept.record_failures(session, name, count=MOST_FAILURES, retry_at=NOW)
    refused = sign_in(database, "ada", PASSWORD, NOW + day)
    assert isinstance(refused, SignInRefused)
    assert "Ask the owner" in refused.text
    sign_in(database, "zoe", "wrong wrong wrong", NOW + day * 365)  # a clock far ahead
    refused = sign_in(database, "ada", PASSWORD, NOW + day)
    assert isinstance(refused, SignInRefused)
    assert sign_in(database, "ada", PASSWORD, NOW + day + timedelta(seconds=1)) == owner
    with database.reads() as session:  # names without an account do not stay for ever
        assert list(session.execute(select(sign_in_failures.c.name)).scalars()) == ["zoe"]


def test_somebody_who_waits_is_let_in_with_a_role_and_somebody_blocked_stays_out(sample_shop: SampleShop) -> None:
    ben = register(sample_shop.database, "ben")
    let_in = sample_shop.do(accounts.let_in, ben.key, role=Role.MANAGER)
    assert (let_in.status, let_in.role) == (AccountStatus.ACTIVE, Role.MANAGER)
    sample_shop.do(accounts.block, ben.key)
    refused = sign_in(sample_shop.database, "ben", PASSWORD)
    assert isinstance(refused, SignInRefused)
    assert "blocked" in refused.text
    sample_shop.do(accounts.unblock, ben.key)
    assert isinstance(sign_in(sample_shop.database, "ben", PASSWORD), Staff)


def test_the_last_owner_can_be_neither_demoted_nor_blocked(sample_shop: SampleShop) -> None:
    key = sample_shop.by.staff.key
    with pytest.raises(Refused, match="owner"):
        sample_shop.do(accounts.set_role, key, role=Role.CASHIER)
    with pytest.raises(Refused, match="owner"):
        sample_shop.do(accounts.block, key)
    other = sample_shop.staff(Role.MANAGER)
    sample_shop.do(accounts.set_role, other.key, role=Role.OWNER)
    assert sample_shop.do(accounts.set_role, key, role=Role.CASHIER).role is Role.CASHIER


def test_only_the_owner_sees_and_changes_people(sample_shop: SampleShop) -> None:
    manager = sample_shop.as_(sample_shop.staff(Role.MANAGER))
    waiting = register(sample_shop.database, "eve")
    with pytest.raises(Refused):
        manager.do(accounts.let_in, waiting.key, role=Role.OWNER)
    with pytest.raises(Refused):
        manager.ask(ask.everyone, by=manager.by)
    assert len(sample_shop.ask(ask.everyone, by=sample_shop.by)) == 3


def test_a_password_changes_only_after_the_old_one(sample_shop: SampleShop) -> None:
    ben = register(sample_shop.database, "ben")
    sample_shop.do(accounts.let_in, ben.key, role=Role.CASHIER)
    his = sample_shop.as_(ben)
    with pytest.raises(Refused) as refused:
        his.do(accounts.change_password, old="wrong wrong wrong", new="another long phrase")
    assert refused.value.faults[0].field == "old_password"
    his.do(accounts.change_password, old=PASSWORD, new="another long phrase")
    assert isinstance(sign_in(sample_shop.database, "ben", "another long phrase"), Staff)


def test_a_hash_of_weaker_parameters_is_made_anew_at_the_next_sign_in(sample_shop: SampleShop) -> None:
    ben = register(sample_shop.database, "ben")
    salt = f"$argon2id-sha256$v=19$m=8,t=1,p=1${'A' * 22}"
    digest = hashlib.sha256(password_hashing.proof(salt, PASSWORD)).digest()
    weak = f"{salt}${base64.b64encode(digest).decode().rstrip('=')}${'A' * 22}"
    with sample_shop.database.sessions.begin() as session:
        kept.change(session, ben.key, password_hash=weak)
    assert isinstance(sign_in(sample_shop.database, "ben", PASSWORD), Staff)
    with sample_shop.database.reads() as session:
        stronger = kept.credentials_of(session, ben.key).password_hash
    assert stronger is not None
    assert not password_hashing.needs_rehash(stronger)


def test_who_has_no_password_sets_one_only_when_their_provider_vouches_for_them(sample_shop: SampleShop) -> None:
    from shopdesk.domain.account import Identity
    from shopdesk.usecases import provider_identities

    theirs = Identity(issuer="https://github.com", subject="583231", label="GitHub", name="Ben")
    with sample_shop.database.sessions.begin() as session:
        ben = provider_identities.sign_in(session, theirs, now=NOW)
        provider_identities.sign_in(session, replace(theirs, subject="2", name="Eve"), now=NOW)
    assert isinstance(ben, Staff)
    sample_shop.do(accounts.let_in, ben.key, role=Role.CASHIER)
    his = sample_shop.as_(ben)
    for vouched in (None, replace(theirs, subject="2"), replace(theirs, issuer="https://elsewhere.example")):
        with pytest.raises(Refused, match="it is you"):
            his.do(accounts.change_password, old="", new="another long phrase", vouched=vouched)
    his.do(accounts.change_password, old="", new="another long phrase", vouched=theirs)
    assert isinstance(sign_in(sample_shop.database, ben.user_name, "another long phrase"), Staff)
