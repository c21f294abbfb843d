"""A file of products: what importing it would do, line by line, and all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from shopdesk.domain.account import Actor
from shopdesk.domain.errors import Refused
from shopdesk.domain.product import Product
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import products as asked
from shopdesk.queries import shop as the_shop
from shopdesk.store.database import Database
from shopdesk.usecases import accounts, products, shop
from shopdesk.usecases.products import ImportCheck, Verdict

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HEAD = b"product_id,name,department,category,brand,price\n"
MILK = b"1,Fluid milk,DAIRY,MILK,National,0.89\n"
BREAD = b'2,"Bread, brown",BAKERY,BREAD,Private,1.5\n'


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.sessions.begin() as session:
        yield session


@pytest.fixture
def owner(session: Session) -> Actor:
    staff = accounts.register(session, user_name="ada", name="Ada", email="", password="four words in a row", now=NOW)
    shop.set_up(
        session,
        shop_name="Corner",
        country="US",
        currency="USD",
        prices_include_tax=True,
        default_tax=TaxRate.percent(16),
        language="en",
        till_name="A",
        by_staff=staff,
        now=NOW,
    )
    till = the_shop.till(session, "A")
    assert till is not None
    return Actor(staff, till)


def check(session: Session, file: bytes, by: Actor) -> ImportCheck:
    return products.check_import(session, file, by=by, now=NOW)


def import_all(session: Session, file: bytes, by: Actor) -> ImportCheck:
    return products.import_all(session, file, by=by, now=NOW)


def by_code(session: Session, code: str) -> Product:
    found = asked.by_code(session, code)
    assert found is not None
    return found


def test_products_of_a_file_are_stored_and_found(session: Session, owner: Actor) -> None:
    done = import_all(session, HEAD + MILK + BREAD, owner)
    assert done.count(Verdict.NEW) == 2
    bread = by_code(session, "2")
    assert (bread.name, bread.department, bread.category, bread.price) == ("Bread, brown", "BAKERY", "BREAD", 15_000)
    assert [product.code for product in asked.suggest(session, "milk flu")] == ["1"]


def test_a_dry_run_writes_nothing(session: Session, owner: Actor) -> None:
    dry = check(session, HEAD + MILK, owner)
    assert dry.is_good
    assert asked.page(session, text="", after=None) == ()


def test_a_column_that_nothing_is_taken_from_is_named(session: Session, owner: Actor) -> None:
    assert check(session, HEAD + MILK, owner).ignored == ("brand",)


def test_each_line_has_its_verdict_and_its_reason(session: Session, owner: Actor) -> None:
    import_all(session, HEAD + MILK + BREAD, owner)
    dry = check(
        session,
        HEAD
        + MILK
        + b"2,Bread,BAKERY,BREAD,Private,1.60\n"
        + b"3,Eggs,DAIRY,EGGS,National,2.00\n"
        + b"3,More eggs,DAIRY,EGGS,National,2.00\n"
        + b",No code,,,,1.00\n"
        + b"5,No price,,,,\n"
        + b"6,A word for a price,,,,cheap\n"
        + b"7,A price below nothing,,,,-1\n"
        + b"8,Too few columns\n",
        owner,
    )
    assert [(line.number, line.verdict) for line in dry.lines] == [
        (2, Verdict.SAME),
        (3, Verdict.CHANGED),
        (4, Verdict.NEW),
        *((number, Verdict.WRONG) for number in range(5, 11)),
    ]
    assert [line.why for line in dry.lines[3:]] == [
        "Line 4 has the same code.",
        "A product needs a code of its own.",
        "The price is missing.",
        "“cheap” is not a price. Type it like 1234.56.",
        "A price cannot be negative. To take something back, use a credit note.",
        "It has 2 columns, the head has 6.",
    ]
    assert not dry.is_good


def test_one_wrong_line_keeps_all_others_out(session: Session, owner: Actor) -> None:
    with pytest.raises(Refused, match="1 line is wrong, so nothing was imported"):
        import_all(session, HEAD + MILK + b"2,,,,,1.00\n", owner)
    assert asked.page(session, text="", after=None) == ()


def test_a_known_product_changes_and_keeps_what_the_file_does_not_tell(session: Session, owner: Actor) -> None:
    import_all(session, HEAD + MILK, owner)
    before = products.save(session, replace(by_code(session, "1"), barcode="4001"), by=owner, now=NOW)
    done = import_all(session, b"code;name;price\n1;Whole milk;0,95\n", owner)
    after = by_code(session, "4001")
    assert (after.key, after.name, after.price) == (before.key, "Whole milk", 9500)
    assert done.lines[0].before == before
    assert asked.suggest(session, "whole") == (after,)


def test_codes_that_only_look_different_are_one(session: Session, owner: Actor) -> None:
    import_all(session, HEAD + "caf\u00e9,Coffee,,,,1\n".encode(), owner)
    dry = check(session, HEAD + " cafe\u0301 ,Coffee,,,,1\n".encode(), owner)
    assert [line.verdict for line in dry.lines] == [Verdict.SAME]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "must name the columns; “product_id”, “name”, “price” cannot"),
        (b"product_id,name\n1,Milk\n", "“price” cannot be found"),
        (b"product_id,code,name,price\n", "two columns"),
        (b"\xff\xfe1\x00", "not a text file in UTF-8"),
        (HEAD + b'1,"Milk,DAIRY,MILK,National,0.89\n', "no line of a CSV file"),
    ],
)
def test_a_file_that_is_no_table_of_products_says_why(session: Session, owner: Actor, file: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check(session, file, owner)


def test_a_file_of_a_head_alone_has_nothing_to_import(session: Session, owner: Actor) -> None:
    assert not check(session, HEAD, owner).is_good


def test_a_cashier_imports_nothing(session: Session, owner: Actor) -> None:
    staff = accounts.register(session, user_name="bob", name="Bob", email="", password="six words in a row", now=NOW)
    accounts.let_in(session, staff.key, role=staff.role, by=owner, now=NOW)
    with pytest.raises(Refused, match="may not change products"):
        import_all(session, HEAD + MILK, Actor(staff, owner.till))


def test_a_thousand_products_are_stored_and_changed_in_parts(session: Session, owner: Actor) -> None:
    lines = [f"{number},Thing {number},,,,1.00\n" for number in range(1100)]
    import_all(session, HEAD + "".join(lines).encode(), owner)
    done = import_all(session, HEAD + "".join(lines).replace("1.00", "2.00").encode(), owner)
    assert done.count(Verdict.CHANGED) == 1100
    assert by_code(session, "1099").price == 20_000
