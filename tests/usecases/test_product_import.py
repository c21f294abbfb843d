"""A file of products: what importing it would do, line by line, and all of it or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shopdesk.domain.account import Role
from shopdesk.domain.errors import Refused
from shopdesk.domain.product import Product
from shopdesk.queries import products as asked
from shopdesk.usecases import products
from shopdesk.usecases.products import ImportCheck, Verdict
from support.shops import Counter

HEAD = b"product_id,name,department,category,brand,price\n"
MILK = b"1,Fluid milk,DAIRY,MILK,National,0.89\n"
BREAD = b'2,"Bread, brown",BAKERY,BREAD,Private,1.5\n'


def check(counter: Counter, file: bytes) -> ImportCheck:
    return counter.do(products.check_import, file)


def import_all(counter: Counter, file: bytes) -> ImportCheck:
    return counter.do(products.import_all, file)


def by_code(counter: Counter, code: str) -> Product:
    found = counter.ask(asked.by_code, code)
    assert found is not None
    return found


def everything(counter: Counter) -> tuple[Product, ...]:
    return counter.ask(asked.page, text="", after=None)


def test_products_of_a_file_are_stored_and_found(counter: Counter) -> None:
    done = import_all(counter, HEAD + MILK + BREAD)
    assert done.count(Verdict.NEW) == 2
    bread = by_code(counter, "2")
    assert (bread.name, bread.department, bread.category, bread.price) == ("Bread, brown", "BAKERY", "BREAD", 15_000)
    assert [product.code for product in counter.ask(asked.suggest, "milk flu")] == ["1"]


def test_a_dry_run_writes_nothing(counter: Counter) -> None:
    dry = check(counter, HEAD + MILK)
    assert dry.is_good
    assert everything(counter) == ()


def test_a_column_that_nothing_is_taken_from_is_named(counter: Counter) -> None:
    assert check(counter, HEAD + MILK).ignored == ("brand",)


def test_each_line_has_its_verdict_and_its_reason(counter: Counter) -> None:
    import_all(counter, HEAD + MILK + BREAD)
    dry = check(
        counter,
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
    )
    assert [(line.number, line.verdict) for line in dry.lines] == [
        (2, Verdict.SAME),
        (3, Verdict.CHANGED),
        (4, Verdict.NEW),
        *((number, Verdict.WRONG) for number in range(5, 11)),
    ]
    assert [line.why for line in dry.lines[3:]] == [
        "Line 4 has the same code.",
        "A product needs a code.",
        "The price is missing.",
        "“cheap” is not a price. Type it like 1234.56.",
        "A price cannot be negative. To take something back, use a credit note.",
        "The line has 2 columns, but the header has 6.",
    ]
    assert not dry.is_good


def test_one_wrong_line_keeps_all_others_out(counter: Counter) -> None:
    with pytest.raises(Refused, match="1 line has an error, so nothing was imported"):
        import_all(counter, HEAD + MILK + b"2,,,,,1.00\n")
    assert everything(counter) == ()


def test_a_known_product_changes_and_keeps_what_the_file_does_not_tell(counter: Counter) -> None:
    import_all(counter, HEAD + MILK)
    before = counter.do(products.save, replace(by_code(counter, "1"), barcode="4001"))
    done = import_all(counter, b"code;name;price\n1;Whole milk;0,95\n")
    after = by_code(counter, "4001")
    assert (after.key, after.name, after.price) == (before.key, "Whole milk", 9500)
    assert done.lines[0].before == before
    assert counter.ask(asked.suggest, "whole") == (after,)


def test_codes_that_only_look_different_are_one(counter: Counter) -> None:
    import_all(counter, HEAD + "caf\u00e9,Coffee,,,,1\n".encode())
    dry = check(counter, HEAD + " cafe\u0301 ,Coffee,,,,1\n".encode())
    assert [line.verdict for line in dry.lines] == [Verdict.SAME]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "must name the columns. Missing: “product_id”, “name”, “price”"),
        (b"product_id,name\n1,Milk\n", "Missing: “price”"),
        (b"product_id,code,name,price\n", "two columns"),
        (b"\xff\xfe1\x00", "not a UTF-8 text file"),
        (HEAD + b'1,"Milk,DAIRY,MILK,National,0.89\n', "not valid CSV"),
    ],
)
def test_a_file_that_is_no_table_of_products_says_why(counter: Counter, file: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check(counter, file)


def test_a_file_of_a_head_alone_has_nothing_to_import(counter: Counter) -> None:
    assert not check(counter, HEAD).is_good


def test_a_cashier_imports_nothing(counter: Counter) -> None:
    cashier = counter.as_(counter.staff(Role.CASHIER))
    with pytest.raises(Refused, match="may not change products"):
        import_all(cashier, HEAD + MILK)


def test_a_thousand_products_are_stored_and_changed_in_parts(counter: Counter) -> None:
    lines = [f"{number},Thing {number},,,,1.00\n" for number in range(1100)]
    import_all(counter, HEAD + "".join(lines).encode())
    done = import_all(counter, HEAD + "".join(lines).replace("1.00", "2.00").encode())
    assert done.count(Verdict.CHANGED) == 1100
    assert by_code(counter, "1099").price == 20_000
