"""``tills``: a shop on a PostgreSQL server with two tills, each with a role of its own, whose people act by tokens."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import make_url, text

from shopdesk.domain.account import Actor, Role, Staff
from shopdesk.store import roles
from shopdesk.store.database import Database, connect
from shopdesk.usecases import accounts, shop
from shopdesk.usecases.accounts import NewAccount, SignInRefused
from support.shops import PASSWORD, SampleShop, open_shop

_BY_ACTS_ONLY = (
    *("accounts", "credentials", "identities", "sign_in_failures", "shop", "tax_rates", "outbox", "customers"),
    *("products", "tills", "import_layouts", "backups", "drafts", "draft_rows", "shifts", "shift_counts"),
    *("cash_movements", "day_closes", "print_jobs"),
)


@dataclass
class TwoTills:
    """A shop on a server with a role for each of two tills: Ada, the owner, is at the first, Ben at the second."""

    superuser: Database
    ada: SampleShop
    ben: SampleShop

    def rows(self) -> list[Any]:
        """Everything that only acts may change, and the tries that are counted."""
        with self.superuser.engine.connect() as connection:
            found = [connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2")).all() for name in _BY_ACTS_ONLY]
            tries = text("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
            return [*found, connection.execute(tries).all()]


@pytest.fixture
def tills(postgresql_shop_url: str) -> Iterator[TwoTills]:
    superuser = connect(postgresql_shop_url)
    names = ("till_of_ada", "till_of_ben")
    with superuser.engine.begin() as connection:
        for name in names:
            connection.execute(text(f"DROP ROLE IF EXISTS {name}"))
            connection.execute(text(f"CREATE ROLE {name} LOGIN"))
            roles.grant(connection, name)
    first, second = (connect(make_url(postgresql_shop_url).set(username=name)) for name in names)
    ada = open_shop(first, signs_in=True)
    with second.sessions.begin() as session:
        newcomer = NewAccount(user_name="ben", name="Ben", password=PASSWORD)
        waiting = accounts.register(session, newcomer, now=ada.now)
        owner = accounts.sign_in(session, user_name="ada", password=PASSWORD, now=ada.now)
        assert isinstance(owner, Staff)
        till_b = shop.add_till(session, "B", by_staff=owner, now=ada.now)
        accounts.sign_out(session, owner.token)
    ada.do(accounts.let_in, waiting.key, role=Role.CASHIER)
    yield TwoTills(superuser, ada, SampleShop(second, Actor(waiting, till_b), ada.now))
    for database in (first, second):
        database.close()
    with superuser.engine.begin() as connection:
        for name in names:
            connection.execute(text(f"DROP OWNED BY {name}"))
            connection.execute(text(f"DROP ROLE {name}"))
    superuser.close()


def sign_in(at: SampleShop, user_name: str, password: str = PASSWORD) -> Staff | SignInRefused:
    with at.database.sessions.begin() as session:
        return accounts.sign_in(session, user_name=user_name, password=password, now=at.now)


def signed_in(at: SampleShop, user_name: str, password: str = PASSWORD) -> SampleShop:
    staff = sign_in(at, user_name, password)
    assert isinstance(staff, Staff)
    return at.as_(staff)


def call(at: SampleShop, statement: str, **given: Any) -> Any:
    with at.database.engine.begin() as connection:
        return connection.execute(text(statement), given).first()
