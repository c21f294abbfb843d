"""The shop's file is taken away, or another is put in its place, while the program has it open.

The one thing to know: the system lets a program go on writing into a file that has no name any more. Everything sold
from then on would be gone with the program, so nothing may be accepted.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from shopdesk.delivery import Mailer, deliver_next
from shopdesk.domain.errors import DatabaseUnavailable
from shopdesk.queries import documents, verify
from shopdesk.row_keys import new_key
from shopdesk.store import backup_file, upgrade
from shopdesk.store.database import connect
from support.shops import SampleShop, open_shop
from support.systems import IS_POSIX

pytestmark = pytest.mark.skipif(not IS_POSIX, reason="Windows lets nobody move or remove an open file")


@pytest.fixture
def folder(tmp_path: Path, sqlite_shop_url: str) -> Path:
    """Where the shop's file lies."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.move(sqlite_shop_url.removeprefix("sqlite:///"), folder / "shop.db")
    return folder


@pytest.fixture
def shop(folder: Path) -> Iterator[SampleShop]:
    """A shop with one document, open."""
    database = connect(f"sqlite:///{folder / 'shop.db'}")
    sample_shop = open_shop(database)
    sample_shop.issue()
    yield sample_shop
    database.close()


def refuses(sample_shop: SampleShop, words: str) -> None:
    for act in (sample_shop.issue, lambda: sample_shop.ask(documents.recent, 5)):
        with pytest.raises(DatabaseUnavailable, match=words) as refused:
            act()
        assert refused.value.is_unreachable


def holds(sample_shop: SampleShop) -> int:
    """How many documents there are, in books that hold."""
    with sample_shop.database.reads() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert list(verify.violations(session)) == []
        return verify.counted(session)[0]


def test_nothing_is_sold_into_a_file_that_was_deleted_and_no_empty_one_takes_its_place(
    shop: SampleShop, folder: Path
) -> None:
    shutil.rmtree(folder)
    refuses(shop, r"shop\.db is missing\. Put it back")
    folder.mkdir()
    refuses(shop, r"shop\.db is missing\. Put it back")
    with shop.database.reads.engine.connect() as first:
        first.invalidate()  # its place is taken by a new one, which must not make a new file
    refuses(shop, r"shop\.db is missing\. Put it back")
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_moved_away_and_back_goes_on(shop: SampleShop, folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    refuses(shop, "is missing")
    folder.with_name("elsewhere").rename(folder)
    shop.issue()
    assert holds(shop) == 2


def test_nothing_is_sold_into_a_file_that_another_one_replaced_and_both_stay_whole(
    shop: SampleShop, folder: Path
) -> None:
    backup_file.back_up(folder / "shop.db", folder / "copy.db")
    shop.issue()
    (folder / "shop.db").rename(folder / "before.db")
    (folder / "copy.db").rename(folder / "shop.db")
    refuses(shop, r"shop\.db was replaced by another file\. If this was intended, restart")
    shop.database.close()
    upgrade.open_ready(shop.database)  # as at the next start
    assert holds(shop) == 1
    shop.issue()
    assert holds(shop) == 2
    with closing(connect(f"sqlite:///{folder / 'before.db'}")) as before:
        assert holds(SampleShop(before, shop.by)) == 2


def test_the_right_file_is_put_back_and_it_goes_on(shop: SampleShop, folder: Path) -> None:
    backup_file.back_up(folder / "shop.db", folder / "copy.db")
    (folder / "shop.db").rename(folder / "before.db")
    (folder / "copy.db").rename(folder / "shop.db")
    refuses(shop, "replaced by another file")
    (folder / "before.db").replace(folder / "shop.db")
    shop.issue()
    assert holds(shop) == 2


def test_a_message_is_not_sent_while_nobody_can_note_it(shop: SampleShop, folder: Path) -> None:
    sent: list[bytes] = []

    def send(content: bytes, *, recipient: str) -> str:
        sent.append(content)
        return "250 OK"

    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(DatabaseUnavailable):
        deliver_next(shop.database, Mailer("shop@example.org", send), worker=new_key(), now=lambda: shop.now)
    assert sent == []
    folder.with_name("elsewhere").rename(folder)
    deliver_next(shop.database, Mailer("shop@example.org", send), worker=new_key(), now=lambda: shop.now)
    assert len(sent) == 1
