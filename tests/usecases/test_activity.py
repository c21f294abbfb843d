"""What the journal holds beside documents: people, passwords, PINs, prices, taxes, settings; on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from shopdesk.domain.account import Identity, NotAllowed, Role
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.product import Product
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import activity, verify
from shopdesk.queries import shop as ask_shop
from shopdesk.queries.activity import ActivityEntry
from shopdesk.row_keys import new_key
from shopdesk.store import accounts as kept
from shopdesk.store import document_snapshots
from shopdesk.store.tables import journal
from shopdesk.usecases import accounts, password_hashing, pins, products, provider_identities
from shopdesk.usecases import shop as do_shop
from support.shops import SampleShop

OLD, NEW, PIN, PEPPER = "four words in a row", "five other words in a row", "25801470", b"pepper"


def entries(sample_shop: SampleShop) -> list[ActivityEntry]:
    """Return all changes, oldest first."""
    return list(reversed(sample_shop.ask(activity.page, by=sample_shop.by)))


def changes(sample_shop: SampleShop) -> list[tuple[Activity, Change]]:
    return [(one.act, one.change) for one in entries(sample_shop)]


def verified(sample_shop: SampleShop) -> bool:
    return sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_every_act_on_people_is_in_the_journal_of_the_acting_till(sample_shop: SampleShop) -> None:
    with sample_shop.database.sessions.begin() as session:
        ben = accounts.register(
            session, accounts.NewAccount(user_name="ben", name="Ben", password=OLD), now=sample_shop.now
        )
    who = "Ben (ben)"
    sample_shop.do(accounts.let_in, ben.key, role=Role.CASHIER)
    sample_shop.do(accounts.let_in, ben.key, role=Role.MANAGER)  # pressed twice
    sample_shop.do(accounts.set_role, ben.key, role=Role.MANAGER)
    sample_shop.do(accounts.set_role, ben.key, role=Role.MANAGER)  # nothing changes
    sample_shop.do(accounts.block, ben.key)
    sample_shop.do(accounts.unblock, ben.key)
    sample_shop.do(accounts.reset_password, ben.key, new=OLD)
    as_ben = sample_shop.as_(ben)
    as_ben.do(accounts.change_password, old=OLD, new=NEW)
    as_ben.do(pins.set_pin, PIN, password=NEW, pepper=PEPPER)
    as_ben.do(pins.remove_pin)
    as_ben.do(pins.remove_pin)
    identity = Identity(issuer="https://id.example", subject="7", label="Example")
    as_ben.do(provider_identities.link, identity, password=NEW)
    as_ben.do(provider_identities.unlink, issuer=identity.issuer, subject=identity.subject)
    assert sorted(changes(sample_shop), key=str) == sorted(
        [
            (Activity.REGISTERED, Change(who, "", "waiting")),
            (Activity.APPROVED, Change(who, "waiting", "cashier")),
            (Activity.ROLE, Change(who, "cashier", "manager")),
            (Activity.BLOCKED, Change(who, "active", "blocked")),
            (Activity.UNBLOCKED, Change(who, "blocked", "active")),
            (Activity.PASSWORD, Change(who)),
            (Activity.PASSWORD, Change(who)),
            (Activity.PIN, Change(who, "none", "set")),
            (Activity.PIN, Change(who, "set", "removed")),
            (Activity.PROVIDER, Change(who, "", "Example")),
            (Activity.PROVIDER, Change(who, "Example", "")),
        ],
        key=str,
    )
    own, approved = entries(sample_shop)[:2]
    assert (own.by_name, own.till) == ("Ben", "A")
    assert (approved.by_name, approved.till, approved.approver_name) == (sample_shop.by.staff.name, "A", "")
    assert verified(sample_shop)


def test_no_secret_and_no_hash_is_in_the_journal(sample_shop: SampleShop) -> None:
    with sample_shop.database.sessions.begin() as session:
        kept.change(session, sample_shop.by.staff.key, password_hash=password_hashing.hash_password(OLD))
    sample_shop.do(accounts.change_password, old=OLD, new=NEW)
    sample_shop.do(pins.set_pin, PIN, password=NEW, pepper=PEPPER)
    snapshots = sample_shop.ask(lambda session: list(session.execute(select(journal.c.snapshot)).scalars()))
    assert len(snapshots) == 3  # the first tells that the shop was set up
    for snapshot in snapshots:
        text = document_snapshots.unpacked(snapshot).decode()
        assert not any(secret in text for secret in (OLD, NEW, PIN, "pepper", "argon2", "$"))


def test_prices_are_journaled_also_by_an_import_of_many(sample_shop: SampleShop) -> None:
    tea = Product(key=new_key(), code="1", name="Tea", price=12_345)
    sample_shop.do(products.save, tea)
    sample_shop.do(products.save, replace(tea, name="Green tea"))  # no other price
    sample_shop.do(products.save, replace(tea, price=20_000), base=tea)
    sample_shop.do(products.import_all, b"code,name,price\n1,Tea,3.00\n2,Cake,4.50\n")
    told = changes(sample_shop)
    assert told[:2] == [
        (Activity.PRICE, Change("Tea (1)", "", "1.2345")),
        (Activity.PRICE, Change("Green tea (1)", "1.2345", "2.00")),
    ]
    assert set(told[2:]) == {
        (Activity.PRICE, Change("Tea (1)", "2.00", "3.00")),
        (Activity.PRICE, Change("Cake (2)", "", "4.50")),
    }
    lines = "".join(f"x{count},Item {count},1.00\n" for count in range(1, 1101))
    sample_shop.do(products.import_all, f"code,name,price\n{lines}".encode())
    rows = sample_shop.ask(lambda session: list(session.execute(select(journal.c.seq)).scalars()))
    assert len(rows) == 1 + 3 + 3  # the shop was set up; 1,100 changes in three rows
    seen: list[ActivityEntry] = []
    while found := sample_shop.ask(activity.page, by=sample_shop.by, after=seen[-1] if seen else None, limit=333):
        seen += found
    assert len({one.key for one in seen}) == len(seen) == 1104
    assert verified(sample_shop)


def test_taxes_and_settings_are_journaled(sample_shop: SampleShop) -> None:
    shop = sample_shop.ask(ask_shop.current)
    assert shop is not None
    sample_shop.do(do_shop.change, shop)  # nothing changes
    assert changes(sample_shop) == []
    raised = tuple(replace(tax, rate=TaxRate.percent(19)) if tax.is_default else tax for tax in shop.taxes)
    sample_shop.change_shop(
        due_days=30, cashier_discount_milli=12_500, seller=replace(shop.seller, phone="+12025550123"), taxes=raised
    )
    assert set(changes(sample_shop)) == {
        (Activity.TAX, Change("Standard", "Standard, 16 %, default", "Standard, 19 %, default")),
        (Activity.SETTING, Change("due_days", "14", "30")),
        (Activity.SETTING, Change("cashier_discount_milli", "20 %", "12.5 %")),
        (Activity.SETTING, Change("phone", "", "+12025550123")),
    }
    sample_shop.issue()  # the chain goes on with documents
    assert verified(sample_shop)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CASHIER])
def test_only_the_owner_sees_them(sample_shop: SampleShop, role: Role) -> None:
    them = sample_shop.as_(sample_shop.staff(role))
    with pytest.raises(NotAllowed):
        them.ask(activity.page, by=them.by)
