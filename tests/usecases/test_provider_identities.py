"""Signing in through a provider, on both databases: who somebody is, only (issuer, subject) says."""

from datetime import UTC, datetime

import pytest

from shopdesk.domain.account import AccountStatus, Identity, Role, Staff
from shopdesk.domain.errors import Refused
from shopdesk.store import accounts as kept
from shopdesk.store.database import Database
from shopdesk.usecases import accounts, provider_identities
from shopdesk.usecases.accounts import SignInRefused
from support.shops import SampleShop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSWORD = "four words in a row"
GITHUB = Identity(issuer="https://github.com", subject="583231", label="GitHub", name="Ada Lovelace")


def sign_in(database: Database, identity: Identity) -> Staff | SignInRefused:
    with database.sessions.begin() as session:
        return provider_identities.sign_in(session, identity, now=NOW)


def test_the_first_identity_owns_the_shop_and_the_next_one_waits(database: Database) -> None:
    first = sign_in(database, GITHUB)
    assert isinstance(first, Staff)
    assert (first.role, first.status, first.has_password) == (Role.OWNER, AccountStatus.ACTIVE, False)
    assert sign_in(database, GITHUB) == first
    other = sign_in(database, Identity(issuer="https://github.com", subject="2", label="GitHub", name="Ada Lovelace"))
    assert isinstance(other, Staff)
    assert (other.status, other.user_name) == (AccountStatus.WAITING, "ada.lovelace@github2")


def test_the_same_subject_at_another_provider_is_somebody_else(database: Database) -> None:
    first = sign_in(database, GITHUB)
    second = sign_in(database, Identity(issuer="https://elsewhere.example", subject="583231", label="Else"))
    assert first != second


@pytest.mark.parametrize("verified", [False, True])
def test_somebody_with_the_owners_address_gets_nothing(sample_shop: SampleShop, verified: bool) -> None:
    attacker = Identity(
        issuer="https://evil.example", subject="1", label="Evil", email="shop@example.org", email_verified=verified
    )
    got = sign_in(sample_shop.database, attacker)
    assert isinstance(got, Staff)
    assert got.key != sample_shop.by.staff.key
    assert (got.role, got.status) == (Role.CASHIER, AccountStatus.WAITING)


def test_an_identity_is_linked_only_after_the_password_and_can_be_unlinked(sample_shop: SampleShop) -> None:
    with sample_shop.database.sessions.begin() as session:
        ben = accounts.register(session, accounts.NewAccount(user_name="ben", name="Ben", password=PASSWORD), now=NOW)
    sample_shop.do(accounts.let_in, ben.key, role=Role.CASHIER)
    his = sample_shop.as_(ben)
    with pytest.raises(Refused, match="password"):
        his.do(provider_identities.link, GITHUB, password="not this one at all")
    his.do(provider_identities.link, GITHUB, password=PASSWORD)
    got = sign_in(sample_shop.database, GITHUB)
    assert isinstance(got, Staff)
    assert got.key == ben.key
    his.do(provider_identities.unlink, issuer=GITHUB.issuer, subject=GITHUB.subject)
    stranger = sign_in(sample_shop.database, GITHUB)
    assert isinstance(stranger, Staff)
    assert stranger.key != ben.key


def test_an_identity_that_has_an_account_cannot_be_linked_to_another(sample_shop: SampleShop) -> None:
    sign_in(sample_shop.database, GITHUB)
    with sample_shop.database.sessions.begin() as session:
        ben = accounts.register(session, accounts.NewAccount(user_name="ben", name="Ben", password=PASSWORD), now=NOW)
    with pytest.raises(Refused, match="already"):
        sample_shop.as_(ben).do(provider_identities.link, GITHUB, password=PASSWORD)


def test_the_only_way_in_cannot_be_unlinked(database: Database) -> None:
    owner = sign_in(database, GITHUB)
    assert isinstance(owner, Staff)
    from shopdesk.domain.account import Actor
    from shopdesk.domain.shop import Till
    from shopdesk.row_keys import new_key

    by = Actor(owner, Till(new_key(), "A"))
    with database.sessions.begin() as session, pytest.raises(Refused, match="only way"):
        provider_identities.unlink(session, issuer=GITHUB.issuer, subject=GITHUB.subject, by=by, now=NOW)


def test_somebody_blocked_stays_out_through_a_provider_too(sample_shop: SampleShop) -> None:
    got = sign_in(sample_shop.database, GITHUB)
    assert isinstance(got, Staff)
    sample_shop.do(accounts.block, got.key)
    assert isinstance(sign_in(sample_shop.database, GITHUB), SignInRefused)


@pytest.mark.parametrize("name", ["", "\u202e\x00\n", "\u540d" * 300])
def test_odd_names_from_a_provider_make_usable_accounts(database: Database, name: str) -> None:
    got = sign_in(database, Identity(issuer="https://id.example", subject="1", label="My ID", name=name))
    assert isinstance(got, Staff)
    assert got.name
    with database.reads() as session:
        assert kept.credentials(session, got.user_name) is not None
