"""A till's role on PostgreSQL changes people and settings by their functions only, and those ask who acts."""

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import MAX_PIN_FAILURES, Identity, Right, Role, Staff
from shopdesk.domain.errors import Refused
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import health, verify
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.store import accounts as kept
from shopdesk.store import upgrade
from shopdesk.store.database import Database, connect
from shopdesk.usecases import accounts, password_hashing, pins, provider_identities
from shopdesk.usecases.accounts import SignInRefused
from support.shops import PASSWORD, SampleShop, open_shop
from support.tills import TwoTills, call, sign_in, signed_in

PEPPER, PIN = b"a till's own pepper", "2580"
GITHUB = Identity(issuer="https://github.com", subject="583231", label="GitHub")


def test_people_and_settings_are_changed_by_tills_that_may_write_neither(tills: TwoTills) -> None:
    ada, ben = tills.ada, tills.ben
    assert ada.ask(health.excessive_rights) == []
    ada.change_shop(due_days=30)
    ada.do(accounts.set_role, ben.by.staff.key, role=Role.MANAGER)
    ada.do(accounts.block, ben.by.staff.key)
    assert isinstance(sign_in(ben, "ben"), SignInRefused)
    ada.do(accounts.unblock, ben.by.staff.key)
    ada.do(accounts.reset_password, ben.by.staff.key, new="four words in a row")
    ben = signed_in(ben, "ben", "four words in a row")
    ben.do(accounts.change_password, old="four words in a row", new=PASSWORD)
    ben.do(pins.set_pin, PIN, password=PASSWORD, pepper=PEPPER)
    ben.do(provider_identities.link, GITHUB, password=PASSWORD)
    ben.do(provider_identities.unlink, issuer=GITHUB.issuer, subject=GITHUB.subject)
    ben.do(pins.remove_pin)
    standard, *_ = ada.change_shop(due_days=31).taxes
    books = ShopTax(key=new_key(), name="Books", rate=TaxRate.percent(7), is_default=True)
    changed = ada.change_shop(taxes=(books, replace(standard, is_default=False)))
    assert ada.ask(ask_shop.current) == changed
    with pytest.raises(Refused, match="needs an owner"):
        ada.do(accounts.set_role, ada.by.staff.key, role=Role.CASHIER)
    ben.issue()
    assert ada.ask(lambda session: list(verify.violations(session))) == []


FORGED = "$argon2id-sha256$v=19$m=8,t=1,p=1$" + "A" * 22 + "$" + "B" * 43 + "$" + "C" * 22
_MINE = "_token => :own, _actor => :ben, _till => :till, _lent => NULL"
_SHOP = "_shop => '{}', _taxes => '[]'"

HOSTILE = {
    "own role to owner": "UPDATE accounts SET role = 'owner' WHERE key = :ben",
    "an account added": "INSERT INTO accounts (key, user_name, user_name_folded, name, role, standing, created_at) "
    "VALUES (gen_random_uuid(), 'eve', 'eve', 'Eve', 'owner', 'active', now())",
    "a hash planted": "UPDATE credentials SET password_hash = :forged WHERE account_key = :ada",
    "a hash added": "INSERT INTO credentials (account_key, password_hash) VALUES (:ada, :forged)",
    "hashes read": "SELECT password_hash FROM credentials",
    "PINs read": "SELECT pin_hash FROM credentials",
    "hashes copied": "COPY credentials TO STDOUT",
    "an identity linked to the owner": "INSERT INTO identities VALUES ('https://id', '1', :ada, 'Id', now())",
    "identities removed": "DELETE FROM identities",
    "wrong tries forgotten": "DELETE FROM sign_in_failures",
    "wrong tries reset": "SELECT setval('shopdesk_acts.tries_' || replace(:ada_text, '-', ''), 0)",
    "the owner locked out": "SELECT setval('shopdesk_acts.tries_' || replace(:ada_text, '-', ''), 100)",
    "tries read": "SELECT shopdesk_acts.counted('tries', :ada)",
    "tries set": "SELECT shopdesk_acts.set_failures('ada', 100, now())",
    "tries forgiven": "SELECT shopdesk_acts.forgive(:ben)",
    "the discount limit changed": "UPDATE shop SET cashier_discount_milli = 100000",
    "the seal changed": "UPDATE shop SET seal = 'at close'",
    "the shop removed": "DELETE FROM shop",
    "a tax rate changed": "UPDATE tax_rates SET rate_milli = 0",
    "a tax rate added": "INSERT INTO tax_rates VALUES (gen_random_uuid(), 'None', 0, 'Z', true, false, 0)",
    "tokens read": "SELECT * FROM shopdesk_acts.sessions",
    "a token added": "INSERT INTO shopdesk_acts.sessions VALUES ('x', :ada, NULL, session_user, '', false, 'infinity')",
    "a token prolonged": "UPDATE shopdesk_acts.sessions SET ends_at = 'infinity'",
    "the pepper read": "SELECT secret FROM shopdesk_acts.pepper",
    "a sign-in without a password": "SELECT shopdesk_acts.open_session(:ada, '', false)",
    "a password stored": "SELECT shopdesk_acts.store_password(:ada, :forged)",
    "an inner function called": "SELECT shopdesk_acts.add_account(:ben, 'e', 'e', 'E', '', NULL, now())",
    "no token": "SELECT shopdesk_acts.set_role(NULL, NULL, :ada, :till, :ben, 'owner')",
    "an invented token": "SELECT shopdesk_acts.set_role('\\x00', NULL, :ada, :till, :ben, 'owner')",
    "a cashier's token": f"SELECT shopdesk_acts.set_role({_MINE}, _account => :ben, _role => 'owner')",
    "a cashier's token in the owner's name": "SELECT shopdesk_acts.set_role(:own, NULL, :ada, :till, :ben, 'owner')",
    "a cashier's token as a loan": "SELECT shopdesk_acts.set_role(:own, :own, :ben, :till, :ben, 'owner')",
    "the token of another till": "SELECT shopdesk_acts.set_role(:other, NULL, :ada, :till_a, :ben, 'owner')",
    "the token of another till as a loan": "SELECT shopdesk_acts.set_role(:own, :other, :ben, :till, :ben, 'owner')",
    "an ended token": "SELECT shopdesk_acts.set_role(:ended, NULL, :ada, NULL, :ben, 'owner')",
    "own token at another till": "SELECT shopdesk_acts.remove_pin(:own, :ben, :till_a)",
    "a cashier lets in": f"SELECT shopdesk_acts.let_in({_MINE}, _account => :ben, _role => 'owner')",
    "a cashier blocks": f"SELECT shopdesk_acts.block({_MINE}, _account => :ada)",
    "a cashier gives a password": f"SELECT shopdesk_acts.reset_password({_MINE}, _account => :ada, _hash => :forged)",
    "a cashier changes settings": f"SELECT shopdesk_acts.save_shop({_MINE}, {_SHOP}, _is_new => false)",
    "a cashier sets up the shop": f"SELECT shopdesk_acts.save_shop({_MINE}, {_SHOP}, _is_new => true)",
    "the owner's password changed": "SELECT shopdesk_acts.change_password(:own, :ada, :till, :proof, :forged, now())",
    "an account of another spelling": "SELECT shopdesk_acts.register(:ben, 'ada', 'eve', 'A', '', :forged, now())",
    "no hash": "SELECT shopdesk_acts.register(:ben, 'eve', 'eve', 'A', '', 'plain', now())",
    "a function replaced": "CREATE OR REPLACE FUNCTION shopdesk_acts.is_owner() "
    "RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "a function changed": "ALTER FUNCTION shopdesk_acts.who SECURITY INVOKER",
    "a function dropped": "DROP FUNCTION shopdesk_acts.require_owner",
    "a function added": "CREATE FUNCTION shopdesk_acts.mine() RETURNS void LANGUAGE sql AS ''",
    "the trigger dropped": "DROP TRIGGER count_tries ON credentials",
    "a temporary table": "CREATE TEMPORARY TABLE accounts (key uuid)",
    "people locked": "LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE",
}

REFUSALS = {"42501", "SD001", "SD003", "SD004"}
"""No right to a table or function; and what the acts themselves refuse."""


def test_raw_sql_of_a_cashier_changes_nothing(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    ended = signed_in(ada, "ada").by.staff
    with ada.database.sessions.begin() as session:
        accounts.sign_out(session, ended.token)
    ben.do(pins.set_pin, PIN, password=PASSWORD, pepper=PEPPER)  # the token is that of till B from now on
    given = {
        "ada": ada.by.staff.key,
        "ada_text": str(ada.by.staff.key),
        "ben": ben.by.staff.key,
        "own": ben.by.staff.token,
        "other": ada.by.staff.token,
        "ended": ended.token,
        "till": ben.by.till.key,
        "till_a": ada.by.till.key,
        "forged": FORGED,
        "proof": bytes(32),
    }
    assert all(given.values())
    before = tills.rows()
    came = {}
    for what, statement in HOSTILE.items():
        with pytest.raises(DBAPIError) as refused:
            call(ben, statement, **{name: value for name, value in given.items() if f":{name}" in statement})
        came[what] = getattr(refused.value.orig, "sqlstate", None)
    assert {what: code for what, code in came.items() if code not in REFUSALS} == {}
    assert tills.rows() == before
    assert ada.ask(lambda session: list(verify.violations(session))) == []


def test_tables_of_a_session_and_its_path_mislead_no_act(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    database = str(tills.superuser.engine.url.database)
    with tills.superuser.engine.begin() as connection:
        connection.execute(text(f'GRANT TEMPORARY ON DATABASE "{database}" TO PUBLIC'))
    before = tills.rows()
    misleading = """
        CREATE TEMPORARY TABLE accounts AS SELECT * FROM public.accounts;
        UPDATE accounts SET role = 'owner';
        CREATE TEMPORARY TABLE sessions (token_hash bytea);
        CREATE FUNCTION pg_temp.pg_has_role(name, oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
        SET LOCAL search_path = pg_temp, pg_catalog, public;
    """
    given = {"own": ben.by.staff.token, "ben": ben.by.staff.key, "till": ben.by.till.key}
    with ben.database.engine.connect() as connection:
        for statement in filter(str.strip, misleading.split(";\n")):
            connection.execute(text(statement))
        with pytest.raises(DBAPIError, match="Only the owner"):
            connection.execute(text("SELECT shopdesk_acts.set_role(:own, NULL, :ben, :till, :ben, 'owner')"), given)
    assert tills.rows() == before


def test_a_rollback_undoes_no_wrong_password_and_no_wrong_pin(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    ben.do(pins.set_pin, PIN, password=PASSWORD, pepper=PEPPER)
    outcomes = []
    for _ in range(5):
        with ben.database.engine.connect() as connection:
            tried = text("SELECT outcome FROM shopdesk_acts.sign_in('ada', :proof, NULL, true, '1990-01-01')")
            outcomes.append(connection.execute(tried, {"proof": bytes(32)}).scalar())
    assert outcomes == ["wrong"] * 3 + ["wait"] * 2
    refused = sign_in(tills.ada, "ada")
    assert isinstance(refused, SignInRefused)
    assert "Try again in" in refused.text
    for left in range(MAX_PIN_FAILURES - 1, -2, -1):
        with ben.database.engine.connect() as connection:
            tried = text("SELECT outcome, left_over FROM shopdesk_acts.try_pin(:ben, :proof, '')")
            answer = connection.execute(tried, {"ben": ben.by.staff.key, "proof": bytes(32)}).one()
            assert answer == (("wrong", left) if left >= 0 else ("many", None))


def test_who_is_blocked_or_signed_out_acts_no_more(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    other = signed_in(tills.ben, "ben")
    with ben.database.sessions.begin() as session:
        accounts.sign_out(session, other.by.staff.token)
    with pytest.raises(Refused, match="has ended"):
        other.do(pins.remove_pin)
    ben.do(pins.remove_pin)
    ada.do(accounts.block, ben.by.staff.key)
    with pytest.raises(Refused, match="has ended"):
        ben.do(pins.remove_pin)
    ada.do(accounts.unblock, ben.by.staff.key)
    with pytest.raises(Refused, match="has ended"):
        ben.do(pins.remove_pin)
    with tills.superuser.engine.begin() as connection:
        connection.execute(text("UPDATE shopdesk_acts.sessions SET ends_at = now()"))
    with pytest.raises(Refused, match="has ended"):
        ada.change_shop(due_days=1)


def test_the_owners_pin_lends_one_act(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    ada.do(pins.set_pin, PIN, password=PASSWORD, pepper=PEPPER)
    with ben.database.sessions.begin() as session:
        lent = pins.approve(session, "ada", PIN, right=Right.SETTINGS, pepper=PEPPER)
        other = pins.approve(session, "ada", PIN, right=Right.PEOPLE, pepper=PEPPER)
        switched = pins.switch(session, ada.by.staff.key, PIN, opened=frozenset({ada.by.staff.key}), pepper=PEPPER)
    assert isinstance(lent, Staff)
    assert isinstance(other, Staff)
    assert isinstance(switched, Staff)
    with pytest.raises(Refused, match="has ended"):
        ben.as_(lent).change_shop(due_days=5)  # a loan is no sign-in
    with pytest.raises(Refused, match="Only the owner"):
        ben.as_(ben.by.staff, approver=other).change_shop(due_days=5)  # it lends another right
    with_loan = ben.as_(ben.by.staff, approver=lent)
    with_loan.change_shop(due_days=5)
    with pytest.raises(Refused, match="Only the owner"):
        with_loan.change_shop(due_days=6)
    ben.as_(switched).change_shop(due_days=7)


def test_a_providers_word_is_not_enough_for_people_and_settings(tills: TwoTills) -> None:
    ada = tills.ada
    ada.do(provider_identities.link, GITHUB, password=PASSWORD)
    with tills.ben.database.sessions.begin() as session:
        claimed = provider_identities.sign_in(session, GITHUB, now=ada.now)
        stranger = provider_identities.sign_in(session, replace(GITHUB, subject="2", name="Eve"), now=ada.now)
    assert isinstance(claimed, Staff)
    assert isinstance(stranger, Staff)
    assert claimed.key == ada.by.staff.key
    false = tills.ben.as_(claimed)
    unlink = {"issuer": GITHUB.issuer, "subject": GITHUB.subject}
    for forged in (
        lambda: false.change_shop(due_days=1),
        lambda: false.do(accounts.set_role, tills.ben.by.staff.key, role=Role.OWNER),
        lambda: false.do(pins.remove_pin),
        lambda: false.do(provider_identities.unlink, **unlink),
    ):
        with pytest.raises(Refused, match="provider’s word"):
            forged()
    # Who has just come by a provider proves it by being new: the account's first password can be set at once.
    ada.do(accounts.let_in, stranger.key, role=Role.CASHIER)
    eve = tills.ben.as_(stranger)
    theirs = replace(GITHUB, subject="2", name="Eve")
    eve.do(accounts.change_password, old="", new="another long phrase", vouched=theirs)
    assert isinstance(sign_in(eve, stranger.user_name, "another long phrase"), Staff)


def test_passwords_and_pins_of_an_older_version_are_good_as_they_are(database: Database) -> None:
    from argon2 import PasswordHasher

    older = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
    peppered = pins._peppered(PIN, PEPPER)
    upgrade.migrate(database, "0009")
    key = new_key()
    with database.engine.begin() as connection:
        given = {"key": key if database.path is None else key.bytes, "password": older.hash(PASSWORD)}
        connection.execute(
            text(
                "INSERT INTO accounts (key, user_name, user_name_folded, name, role, standing, password_hash, "
                "pin_hash, created_at) VALUES (:key, 'ada', 'ada', 'Ada', 'owner', 'active', :password, :pin, :at)"
            ),
            given | {"pin": f"{pins._till_mark(PEPPER)}:{older.hash(peppered)}", "at": "2026-01-01T00:00:00.000000Z"},
        )
    upgrade.open_ready(database)
    with database.sessions.begin() as session:
        ada = accounts.sign_in(session, user_name="Ada", password=PASSWORD, now=SampleShop.now)
        assert isinstance(ada, Staff)
        assert (ada.key, ada.has_password, ada.has_pin) == (key, True, True)
        assert isinstance(pins.switch(session, key, PIN, opened=frozenset({key}), pepper=PEPPER), Staff)
        stored = kept.credentials_of(session, key).password_hash
    assert stored is not None
    assert not password_hashing.needs_rehash(stored)


def test_an_upgrade_takes_the_tills_older_rights_away(postgresql_shop_url: str) -> None:
    till = "till_before_acts"
    with closing(connect(postgresql_shop_url)) as superuser:
        upgrade.migrate(superuser, "0009")
        with superuser.engine.begin() as connection:
            connection.execute(text(f"DROP ROLE IF EXISTS {till}"))
            connection.execute(text(f"CREATE ROLE {till} LOGIN"))
            connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {till}"))
        upgrade.open_ready(superuser)
        with closing(connect(make_url(postgresql_shop_url).set(username=till))) as opened:
            with opened.reads() as session:
                assert health.excessive_rights(session) == []
            open_shop(opened, signs_in=True).issue()
        with superuser.engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {till}"))
            connection.execute(text(f"DROP ROLE {till}"))
