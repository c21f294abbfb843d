"""``sample_shop``: an opened shop with its owner at till A, on each database, with short calls to do and to ask."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest

from shopdesk.domain.account import AccountStatus, Actor, Role, Staff
from shopdesk.domain.document import Document, Draft, Kind
from shopdesk.domain.draft import DraftForm, DraftRow, ParsedForm, parse
from shopdesk.domain.money import NumberSymbols
from shopdesk.domain.shop import Seal, Shop
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.store import accounts as store_accounts
from shopdesk.store.database import Database
from shopdesk.usecases import accounts, documents
from shopdesk.usecases import shop as do_shop
from shopdesk.usecases.accounts import NewAccount

T = TypeVar("T")

PASSWORD = "seven purple kettles sing"
"""The owner's, where the owner signs in."""

ROWS = (
    DraftRow("Milk", "2", "0.89"),
    DraftRow("Bread", "1", "3.50", "0.50"),
    DraftRow("Tomatoes", "0.350", "4.00", "10 %"),
)


@dataclass
class SampleShop:
    """A user at a till of a shop. ``now`` moves on by a second with each use case: no two have the same time."""

    database: Database
    by: Actor
    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def do(self, usecase: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a use case in its own transaction, as the actor."""
        self.now += timedelta(seconds=1)
        with self.database.sessions.begin() as session:
            return usecase(session, *args, **({"by": self.by, "now": self.now} | kwargs))

    def ask(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a query."""
        with self.database.reads() as session:
            return query(session, *args, **kwargs)

    @property
    def today(self) -> date:
        """The shop's local date."""
        return self.now.astimezone().date()

    def read(
        self, *rows: DraftRow, kind: Kind = Kind.RECEIPT, customer: str = "", discount: str = "", **fields: Any
    ) -> ParsedForm:
        """Parse rows as the editor does."""
        form = DraftForm(
            key=new_key(),
            kind=kind,
            customer=customer,
            discount=discount,
            rows=rows or ROWS,
            on=str(self.today),
            **fields,
        )
        shop = self.ask(ask_shop.current)
        assert shop is not None
        return parse(form, shop=shop, symbols=NumberSymbols(), today=self.today)

    def draft(self, *rows: DraftRow, **fields: Any) -> Draft:
        """Return a draft of these rows; they must be valid."""
        reading = self.read(*rows, **fields)
        assert reading.draft is not None, reading.faults
        return reading.draft

    def issue(self, *rows: DraftRow, customer: str = "Ada <ada@example.org>", **fields: Any) -> Document:
        """Issue a document of these rows."""
        reading = self.read(*rows, customer=customer, **fields)
        assert reading.draft is not None, reading.faults
        return self.do(
            documents.issue, reading.draft, contact=reading.contact, confirmed=frozenset({documents.SAME_AGAIN})
        )

    def seal_at_issue(self) -> None:
        """Set the shop to seal every document as it is issued."""
        self.change_shop(seal=Seal.AT_ISSUE)

    def change_shop(self, **fields: Any) -> Shop:
        """Change some of the shop's facts."""
        shop = self.ask(ask_shop.current)
        assert shop is not None
        return self.do(do_shop.change, replace(shop, **fields))

    def staff(self, role: Role, *, name: str = "Ben", status: AccountStatus = AccountStatus.ACTIVE) -> Staff:
        """Add another account to the shop."""
        member = Staff(key=new_key(), user_name=name.lower(), name=name, role=role, status=status)
        with self.database.sessions.begin() as session:
            store_accounts.add(session, member, password_hash=None, at=self.now)
            accounts.record_newcomer(session, member, now=self.now)
        return member

    def as_(self, staff: Staff, approver: Staff | None = None) -> "SampleShop":
        """Return the same till with another user."""
        return SampleShop(self.database, Actor(staff, self.by.till, approver), self.now)


def open_shop(database: Database, *, signs_in: bool = False, **facts: Any) -> SampleShop:
    """Open a shop as the first-run pages do; as a till's role, whose people act by a token, with ``signs_in``.

    There it is now: acts of a server have the server's time.
    """
    now = datetime.now(UTC) if signs_in else SampleShop.now
    at = now - timedelta(days=400)  # long before its first document
    owner = Staff(key=new_key(), user_name="ada", name="Ada", role=Role.OWNER, email="shop@example.org")
    with database.sessions.begin() as session:
        if signs_in:
            typed = NewAccount(user_name="ada", name="Ada", email=owner.email, password=PASSWORD)
            owner = accounts.register(session, typed, now=at)
        else:
            store_accounts.add(session, owner, password_hash=None, at=at)
    chosen: dict[str, Any] = {
        "shop_name": "Corner Shop",
        "country": "US",
        "currency": "USD",
        "prices_include_tax": True,
        "default_tax": TaxRate.percent(16),
        "language": "en",
    } | facts
    till_name = chosen.pop("till_name", "A")
    with database.sessions.begin() as session:
        do_shop.set_up(session, do_shop.ShopSetup(**chosen), till_name=till_name, by_staff=owner, now=at)
        (till,) = ask_shop.tills(session)
    return SampleShop(database, Actor(owner, till), now)


@pytest.fixture
def sample_shop(database: Database) -> SampleShop:
    """An opened shop with its owner at till A, on SQLite and on PostgreSQL."""
    return open_shop(database)
