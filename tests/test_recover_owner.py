"""The last owner always has a way back in: by a command, with the backups' phrase or as the database's owner."""

import io
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from shopdesk import cli, daily_backup
from shopdesk.domain.account import MOST_FAILURES, AccountStatus, Role, Staff
from shopdesk.domain.activity import Activity
from shopdesk.domain.errors import Refused
from shopdesk.queries import activity, verify
from shopdesk.store import accounts as kept
from shopdesk.store import roles
from shopdesk.store.database import connect
from shopdesk.usecases import accounts
from support.backup_keys import LOCK, PHRASE
from support.shops import SampleShop, open_shop

NEW = "eight purple kettles sing"


def recover(sample_shop: SampleShop, user_name: str = "ada") -> Staff:
    sample_shop.now += timedelta(seconds=1)
    with sample_shop.database.sessions.begin() as session:
        return accounts.recover_owner(session, user_name, new=NEW, now=sample_shop.now)


def sign_in(sample_shop: SampleShop) -> object:
    with sample_shop.database.sessions.begin() as session:
        return accounts.sign_in(session, user_name="ada", password=NEW, now=sample_shop.now)


def test_an_owner_who_is_locked_out_blocked_or_demoted_comes_back_and_the_journal_tells_it(
    sample_shop: SampleShop,
) -> None:
    ada = sample_shop.by.staff
    with sample_shop.database.sessions.begin() as session:
        kept.hold_failures(session, "ada", at=sample_shop.now)
        kept.record_failures(session, "ada", count=MOST_FAILURES, retry_at=sample_shop.now)
        kept.change(session, ada.key, standing=AccountStatus.BLOCKED.value, role=Role.CASHIER.value)
    staff = recover(sample_shop)
    assert (staff.role, staff.status) == (Role.OWNER, AccountStatus.ACTIVE)
    assert sign_in(sample_shop) == staff
    (entry,) = sample_shop.ask(activity.page, by=sample_shop.by)
    assert (entry.act, entry.change.subject) == (Activity.RECOVERED, "Ada (ada)")
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_only_an_owner_comes_back_so(sample_shop: SampleShop) -> None:
    sample_shop.staff(Role.MANAGER)
    with pytest.raises(Refused, match=r"not an owner\. Owners: ada"):
        recover(sample_shop, "ben")
    with pytest.raises(Refused, match="no account"):
        recover(sample_shop, "eve")


@pytest.fixture
def command(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the command, with these lines of input, on a database."""
    home.mkdir(mode=0o700, exist_ok=True)

    def run(url: str, *lines: str) -> int:
        monkeypatch.setenv("SHOPDESK_DATABASE_URL", url)
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return cli.main(["recover-owner", "ada"])

    return run


def test_with_the_phrase_of_the_backups_and_not_without(
    home: Path, sqlite_shop_url: str, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(connect(sqlite_shop_url)) as database:
        shop = open_shop(database)
        shop.now = datetime.now(UTC)
        LOCK.write(home / daily_backup.KEY_FILE)
        assert command(sqlite_shop_url, "another phrase", NEW) == 1
        assert "pass phrase" in capsys.readouterr().err
        assert command(sqlite_shop_url, PHRASE, "short") == 1
        assert command(sqlite_shop_url, PHRASE, NEW) == 0
        assert isinstance(sign_in(shop), Staff)


def test_on_a_server_as_its_owner_and_not_as_a_till(
    postgresql_shop_url: str, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    till = "till_that_recovers"
    with closing(connect(postgresql_shop_url)) as database:
        shop = open_shop(database)
        shop.now = datetime.now(UTC)
        with database.engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE {till} LOGIN"))
            roles.grant(connection, till)
        as_till = make_url(postgresql_shop_url).set(username=till).render_as_string(hide_password=False)
        assert command(as_till, NEW) == 1
        assert "owner of the database" in capsys.readouterr().err
        assert command(postgresql_shop_url, NEW) == 0
        assert isinstance(sign_in(shop), Staff)
        with database.engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {till}"))
            connection.execute(text(f"DROP ROLE {till}"))
