"""Practice: a folder made of the shop, without its secrets and books, that nothing leaves."""

import io
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from shopdesk import paths, settings
from shopdesk.app import practice, single_instance
from shopdesk.domain.account import Role, Staff
from shopdesk.domain.customer import Customer
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.product import Product
from shopdesk.process_lock import acquire
from shopdesk.queries import accounts as ask_accounts
from shopdesk.queries import customers as ask_customers
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import products as ask_products
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.settings import Settings, TillSettings
from shopdesk.store.database import connect
from shopdesk.usecases import accounts, customers, papers, products
from support.shops import SampleShop, open_shop

CHOSEN = Settings(till=TillSettings(name="A", printer="Front desk", receipt_printer="tcp://192.0.2.7:9100"))
LEAKS = {
    "SHOPDESK_DATABASE_URL": "postgresql://shop@example.org/shop",
    "SHOPDESK_MAIL_HOST": "smtp.example.org",
    "SHOPDESK_BACKUP_FOLDER": "/mnt/backups",
    "SHOPDESK_TILL_RECEIPT_PRINTER": "tcp://192.0.2.7:9100",
    "SHOPDESK_UPDATE_ADDRESS": "https://example.org/newest.json",
}


def stocked(shop: SampleShop) -> None:
    """Fill a shop with what practice takes over and with what it must not."""
    shop.do(products.save, Product(key=new_key(), code="1001", name="Fluid milk", price=8900, barcode="4006381333931"))
    contact = {"email": "grace@example.org", "phone": "+12025550101", "address": "1 Navy Yard", "tax_id": "DE123456789"}
    shop.do(customers.save, Customer(key=new_key(), name="Grace Hopper", note="likes tea", **contact))
    shop.do(customers.save, Customer(key=new_key(), name="eve@example.org", email="eve@example.org"))
    shop.do(customers.save, Customer(key=new_key(), name="+12025550102", phone="+12025550102"))
    account = accounts.NewAccount(user_name="ben", name="Ben", email="ben@example.org", password="four words in a row")
    shop.do(accounts.add_person, account, role=Role.CASHIER)
    file = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(file, "PNG")
    shop.do(papers.set_logo, file.getvalue())
    shop.issue()


def test_practice_has_the_shops_products_and_people_and_none_of_its_books_addresses_and_secrets(
    sample_shop: SampleShop, tmp_path: Path
) -> None:
    stocked(sample_shop)
    folder = practice.prepare(tmp_path, sample_shop.database, CHOSEN)
    here = settings.load(folder, LEAKS)
    assert here == Settings(
        database=f"sqlite:///{folder / 'shopdesk.db'}",
        till=TillSettings(name="A"),
        is_till_named=True,
        is_practice=True,
    )
    with closing(connect(settings.database_url(str(folder / "shopdesk.db"), folder))) as database:
        (owner, ben) = SampleShop(database, sample_shop.by).ask(ask_accounts.everyone, by=sample_shop.by)
        there = SampleShop(database, sample_shop.as_(owner).by)
        assert (owner.name, owner.email, ben.name, ben.role) == ("Ada", "", "Ben", Role.CASHIER)
        assert [one.name for one in there.ask(ask_products.suggest, "milk")] == ["Fluid milk"]
        assert [one.name for one in there.ask(ask_products.suggest, "3931")] == ["Fluid milk"]
        (grace,) = there.ask(ask_customers.suggest, "Grace")
        assert grace == Customer(key=grace.key, name="Grace Hopper")
        assert [one.name for one in there.ask(ask_customers.page, text="", after=None)] == ["Ada", "Grace Hopper"]
        assert there.ask(ask_shop.logo).startswith(b"\x89PNG")
        assert there.ask(ask_documents.recent, 5) == ()
        assert there.issue(customer="").number == "R-A-2026-000001"
        for person in ("ada", "ben"):
            found = there.do(
                lambda session, by, now, person=person: accounts.sign_in(
                    session, user_name=person, password=paths.PRACTICE_PASSWORD, now=now
                )
            )
            assert isinstance(found, Staff)
            assert not found.must_change_password
    raw = b"".join(file.read_bytes() for file in folder.glob("shopdesk.db*"))
    for secret in (b"grace@", b"eve@", b"ben@", b"ada@", b"Navy Yard", b"2025550", b"DE1234", b"likes tea"):
        assert secret not in raw
    practice.prepare(tmp_path, sample_shop.database, CHOSEN)
    with closing(connect(settings.database_url(str(folder / "shopdesk.db"), folder))) as database:
        assert SampleShop(database, sample_shop.by).ask(ask_documents.recent, 5) == (), "it begins anew each time"


def test_a_running_practice_is_left_alone_and_a_folder_of_the_users_own_too(home: Path, tmp_path: Path) -> None:
    with closing(connect(settings.database_url("shop.db", tmp_path))) as database:
        from shopdesk.store import upgrade

        upgrade.open_ready(database)
        open_shop(database)
        folder = practice.prepare(tmp_path, database, CHOSEN)
        (folder / "typed.txt").write_text("kept")
        with acquire(folder / single_instance.LOCK):
            assert practice.prepare(tmp_path, database, CHOSEN) == folder
        assert (folder / "typed.txt").exists()
        (folder / paths.PRACTICE_MARK).unlink()
        with pytest.raises(Unavailable, match="holds other files"):
            practice.prepare(tmp_path, database, CHOSEN)
        assert (folder / "typed.txt").exists()
