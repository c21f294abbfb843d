"""The acts on lists: the same on both databases, and on PostgreSQL by functions only, which ask who acts."""

import json
import re
from contextlib import closing
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import RIGHTS, NotAllowed, Right, Role, Staff
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.price_change import PriceChange, ProductChoice
from shopdesk.domain.product import Product, TileColour
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.queries import health, price_previews, verify
from shopdesk.queries import products as ask_products
from shopdesk.row_keys import new_key
from shopdesk.store import document_snapshots, tables
from shopdesk.store.database import connect
from shopdesk.usecases import customers, drafts, pins, products, shop
from shopdesk.usecases.price_changes import change_prices
from shopdesk.usecases.statements_by_mail import send_statement
from support.shops import PASSWORD, SampleShop, open_shop
from support.tills import TwoTills, call, signed_in

PEPPER, PIN = b"a till's own pepper", "2580"
ADA = Customer(key=UUID(int=1), name="Ada Ålund", email="Ada@Example.org", phone="+12025550123", note="tea\n“milk”")
GRACE = Customer(key=UUID(int=2), name="Grace", email="grace@example.org")
TEA = Product(key=UUID(int=3), code="1", name="Tea \\ “green”", price=12_345, barcode="4006381333931")
MILK = Product(key=UUID(int=4), code="2", name="Milk", price=0, department="Dairy", tile_colour=TileColour.GREEN)
CUSTOMER_FILE = b"name,email,phone\nGrace Hopper,grace@example.org,\nMary,,+12025550199\n"
PRODUCT_FILE = b'code,name,price\n1,Tea,"0,50"\n3,Salt,"1,00"\n'
DRAFT = DraftForm(key=UUID(int=5), kind=Kind.INVOICE, customer="Ada", rows=(DraftRow("Milk", "2", "0.89"), DraftRow()))


def act(shop_: SampleShop) -> None:
    """Do each act on lists once at least."""
    shop_.do(customers.save, ADA)
    shop_.do(customers.save, GRACE)
    shop_.do(customers.save, replace(ADA, phone="+12025550124"), base=ADA)
    layout = shop_.do(customers.check_import, CUSTOMER_FILE).layout
    shop_.do(customers.import_all, CUSTOMER_FILE, layout=layout)
    grace = replace(GRACE, name="Grace Hopper")
    ada = replace(ADA, email="Ada@Example.org", phone="+12025550124")
    shop_.do(customers.merge, replace(ada, tax_id="7"), grace, base=ada)
    shop_.do(products.save, TEA)
    shop_.do(products.save, MILK)
    (standard, *_) = shop_.change_shop(language="sv").taxes
    shop_.do(products.save, replace(TEA, tax_key=standard.key), base=TEA)
    layout = shop_.do(products.check_import, PRODUCT_FILE).layout
    shop_.do(products.import_all, PRODUCT_FILE, layout=layout)
    choice, change = ProductChoice(), PriceChange(amount=500, changes_tax=True)
    said = shop_.ask(price_previews.check, choice=choice, change=change, by=shop_.by)
    assert shop_.do(change_prices, choice, change, state=said.state) == 2
    shop_.do(shop.set_preferences, TillPreferences(default_kind=Kind.INVOICE, keys={"issue": ("F9",)}))
    with shop_.database.sessions.begin() as session:
        shop.add_till(session, "C", by_staff=shop_.by.staff, now=shop_.now)
    shop_.do(drafts.save_draft, DRAFT, changed=None)
    shop_.do(drafts.save_draft, replace(DRAFT, rows=(DraftRow("Tea"), DraftRow())), changed=frozenset({0}))
    gone = replace(DRAFT, key=UUID(int=6))
    shop_.do(drafts.save_draft, gone, changed=None)
    shop_.do(drafts.discard, gone.key)
    shop_.do(send_statement, ADA.key, since=shop_.today, until=shop_.today)
    shop_.do(customers.erase, ADA.key)


LISTS = (
    tables.tax_rates,
    *(tables.customers, tables.products, tables.search_words, tables.tills, tables.import_layouts, tables.drafts),
    *(tables.draft_rows, tables.outbox, tables.journal),
)


def stored(shop_: SampleShop) -> dict[str, list[Any]]:
    """Return all rows of the lists, with a running number for each random key."""
    numbers: dict[str, str] = {}
    running = count()

    def plain(value: Any) -> Any:
        if isinstance(value, UUID) and value.int > 9:
            return numbers.setdefault(value.hex, f"key {next(running)}")
        return value

    found = {}
    with shop_.database.engine.connect() as connection:
        for table in LISTS:
            order = [one for one in table.primary_key if one.name != "key"] or [table.c[0]]
            if table in {tables.products, tables.tills, tables.tax_rates}:
                order = [table.c.name]
            rows = connection.execute(select(table).order_by(*order)).all()
            left_out = {"hash", "journal_hash", "snapshot", "message_id", "layout"}
            found[table.name] = [
                {name: plain(value) for name, value in row._mapping.items() if name not in left_out} for row in rows
            ]
        snapshots = connection.execute(select(tables.journal.c.snapshot).order_by(tables.journal.c.seq)).scalars()
        texts = [document_snapshots.unpacked(snapshot).decode() for snapshot in snapshots]
    for key, number in numbers.items():
        texts = [one.replace(key, number).replace(str(UUID(key)), number) for one in texts]
    found["contents"] = [one for one in map(json.loads, texts) if one["act"] != "opened"]  # it has no order
    return found


def test_both_databases_store_the_same_of_the_same_acts(sqlite_shop_url: str, postgresql_shop_url: str) -> None:
    found = []
    for url in (sqlite_shop_url, postgresql_shop_url):
        with closing(connect(url)) as database:
            opened = open_shop(database)
            act(opened)
            assert opened.ask(lambda session: list(verify.violations(session))) == []
            found.append(stored(opened))
    on_file, on_server = found
    for name, rows in on_file.items():
        assert on_server[name] == rows, name


def test_a_till_that_may_write_no_list_does_all_of_it(tills: TwoTills) -> None:
    ada = tills.ada
    assert ada.ask(health.excessive_rights) == []
    act(ada)
    ben = signed_in(tills.ben, "ben")
    ben.do(customers.save, replace(GRACE, key=new_key(), email=""))
    ben.do(drafts.save_draft, DRAFT, changed=None)
    ben.do(drafts.discard, DRAFT.key)
    ben.issue(customer="Mary <mary@example.org>")
    assert ben.ask(lambda session: list(verify.violations(session))) == []


def test_a_loan_is_for_one_act_however_many_calls_it_needs(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    ada.do(pins.set_pin, PIN, password=PASSWORD, pepper=PEPPER)
    with ben.database.sessions.begin() as session:
        lent = pins.approve(session, "ada", PIN, right=Right.CATALOGUE, pepper=PEPPER)
    assert isinstance(lent, Staff)
    with_loan = ben.as_(ben.by.staff, approver=lent)
    many = "".join(f"{at},Item {at},1.00\n" for at in range(10, 1_110))
    with_loan.do(products.import_all, b"code,name,price\n" + many.encode())
    with pytest.raises(NotAllowed, match="does not allow this") as refused:
        with_loan.do(products.save, TEA)
    assert refused.value.right is Right.CATALOGUE
    told = "SELECT count(*), min(lender_name), max(by_name) FROM journal WHERE act = 'price'"
    with tills.superuser.engine.connect() as connection:
        assert connection.execute(text(told)).one() == (3, "Ada", "Ben")
    assert ben.ask(lambda session: list(verify.violations(session))) == []


def test_the_server_knows_the_rights_of_each_role(postgresql_shop_url: str) -> None:
    may = text("SELECT shopdesk_acts.may(:role, :right)")
    with closing(connect(postgresql_shop_url)) as database, database.engine.connect() as connection:
        for role in Role:
            found = {one for one in Right if connection.execute(may, {"role": role.value, "right": one.value}).scalar()}
            assert found == RIGHTS[role]
        assert not connection.execute(may, {"role": "", "right": Right.SELL.value}).scalar()


def test_a_name_of_a_till_is_given_once(tills: TwoTills) -> None:
    with pytest.raises(Refused, match="already a till B"), tills.ada.database.sessions.begin() as session:
        shop.add_till(session, "B", by_staff=tills.ada.by.staff, now=tills.ada.now)


_WHO = "_token => :token, _lent => NULL, _lender => NULL, _actor => :ben, _till => :till"
_ADA = "_token => :token, _lent => NULL, _lender => NULL, _actor => :ada, _till => :till"
_ELSEWHERE = "_token => :token, _lent => NULL, _lender => NULL, _actor => :ben, _till => :till_a"
_NOBODY = "_token => NULL, _lent => NULL, _lender => NULL, _actor => :ada, _till => :till"
_PRICES = "_prices => '[]', _taxes => '[]', _at => NULL"
_CHEAP = """_rows => '[{"key": "00000000-0000-0000-0000-000000000003", "price_centi": 1}]'"""
_ONE = """'[{"key": "00000000-0000-0000-0000-000000000001", "name": "E"}]'"""
HOSTILE = {
    "a price changed": "UPDATE products SET price_centi = 1",
    "a name changed": "UPDATE products SET name = 'Coffee'",
    "a product added": "INSERT INTO products (key, code, name, price_centi, is_retired) "
    "VALUES (gen_random_uuid(), '9', 'Air', 1, false)",
    "a product removed": "DELETE FROM products",
    "a customer changed": "UPDATE customers SET phone = '+12025550199'",
    "a customer added": "INSERT INTO customers (key, name, created_at) VALUES (gen_random_uuid(), 'Eve', now())",
    "a customer removed": "DELETE FROM customers",
    "a till added": "INSERT INTO tills (key, name, created_at, journal_hash) "
    "VALUES (gen_random_uuid(), 'Z', now(), decode(repeat('00', 32), 'hex'))",
    "a till renamed": "UPDATE tills SET name = 'Z'",
    "a till's keys changed": "UPDATE tills SET shortcuts = '{}'",
    "a layout changed": "UPDATE import_layouts SET layout = ''",
    "a layout added": "INSERT INTO import_layouts VALUES ('products', 'x', '{}', now())",
    "a backup invented": "INSERT INTO backups VALUES (gen_random_uuid(), 'dump', now(), 'A', '/nowhere', 1)",
    "a draft changed": "UPDATE drafts SET note = 'Eve'",
    "rows of a draft changed": "UPDATE draft_rows SET unit_price = '0.01'",
    "a customer held": "SELECT FROM customers FOR UPDATE",
    "products locked": "LOCK TABLE products IN SHARE ROW EXCLUSIVE MODE",
    "cheap by an act": f"SELECT shopdesk_acts.set_prices({_WHO}, {_CHEAP}, {_PRICES})",
    "cheap in the owner's name": f"SELECT shopdesk_acts.set_prices({_ADA}, {_CHEAP}, {_PRICES})",
    "cheap without a token": f"SELECT shopdesk_acts.set_prices({_NOBODY}, {_CHEAP}, {_PRICES})",
    "a product by an act": f"SELECT shopdesk_acts.save_products({_WHO}, {_CHEAP}, {_PRICES})",
    "a customer without a token": f"SELECT shopdesk_acts.save_customers({_NOBODY}, _rows => {_ONE}, _at => NULL)",
    "a customer erased": f"SELECT shopdesk_acts.erase_customer({_WHO}, _key => :customer, _at => NULL)",
    "customers merged": f"SELECT shopdesk_acts.merge_customers({_WHO}, _kept => '{{}}', _other => :customer, "
    "_at => NULL)",
    "names in disorder": f"SELECT shopdesk_acts.sort_again({_WHO}, _table => 'products', _rows => {_ONE})",
    "a till by an act": "SELECT shopdesk_acts.add_till(:token, :ben, gen_random_uuid(), 'Z', NULL)",
    "a till in the owner's name": "SELECT shopdesk_acts.add_till(:token, :ada, gen_random_uuid(), 'Z', NULL)",
    "keys by an act": f"SELECT shopdesk_acts.set_till_preferences({_WHO}, _kind => 'receipt', _shortcuts => '', "
    "_changes => '[]', _at => NULL)",
    "a layout by an act": f"SELECT shopdesk_acts.save_import_layout({_WHO}, _subject => 'products', "
    "_headings => 'x', _layout => '{}', _at => NULL)",
    "a draft discarded without a token": f"SELECT shopdesk_acts.discard_draft({_NOBODY}, _key => :draft)",
    "a draft at another till": f"SELECT shopdesk_acts.discard_draft({_WHO}, _key => :draft)".replace(
        ":till", ":till_a"
    ),
    "words of a list": "SELECT shopdesk_acts.index_words('customer', '[]')",
    "customers put": f"SELECT shopdesk_acts.put_customers({_ONE}, now())",
    "prices told": "SELECT shopdesk_acts.journal_prices(:till, :ada, NULL, now(), '[]', '[[\"x\"]]', '[]')",
}


def test_raw_sql_of_a_cashier_changes_no_list(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    ada.do(customers.save, ADA)
    ada.do(products.save, TEA)
    ada.do(drafts.save_draft, DRAFT, changed=None)
    ada.do(products.import_all, PRODUCT_FILE, layout=ada.do(products.check_import, PRODUCT_FILE).layout)
    ben.do(drafts.discard, new_key())  # the token is that of till B from now on
    given = {
        "token": ben.by.staff.token,
        "ben": ben.by.staff.key,
        "till": ben.by.till.key,
        "ada": ada.by.staff.key,
        "till_a": ada.by.till.key,
        "customer": ADA.key,
        "draft": DRAFT.key,
    }
    before = tills.rows()
    came = {}
    for what, statement in HOSTILE.items():
        names = set(re.findall(r":(\w+)", statement)) & given.keys()
        with pytest.raises(DBAPIError) as refused:
            call(ben, statement, **{name: given[name] for name in names})
        came[what] = getattr(refused.value.orig, "sqlstate", None)
    assert {what: code for what, code in came.items() if code not in {"42501", "SD001", "SD003"}} == {}
    assert tills.rows() == before
    assert ada.ask(lambda session: list(verify.violations(session))) == []


def test_two_prices_at_once_come_one_after_the_other(tills: TwoTills) -> None:
    """A till's role cannot lock a row itself: an act holds it until the transaction ends."""
    ada = tills.ada
    ada.do(products.save, TEA)
    with ada.database.sessions.begin() as session:
        products.save(session, replace(TEA, price=1), base=TEA, by=ada.by, now=ada.now)
        waits = text("SELECT FROM products WHERE key = :key FOR NO KEY UPDATE NOWAIT")
        with tills.superuser.engine.connect() as connection, pytest.raises(DBAPIError, match="could not obtain lock"):
            connection.execute(waits, {"key": TEA.key})
    assert ada.ask(ask_products.get, TEA.key).price == 1
