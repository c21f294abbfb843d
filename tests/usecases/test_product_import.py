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
from support.shops import SampleShop

HEAD = b"product_id,name,department,category,brand,price\n"
MILK = b"1,Fluid milk,DAIRY,MILK,National,0.89\n"
BREAD = b'2,"Bread, brown",BAKERY,BREAD,Private,1.5\n'


def check(sample_shop: SampleShop, file: bytes) -> ImportCheck:
    return sample_shop.do(products.check_import, file)


def import_all(sample_shop: SampleShop, file: bytes) -> ImportCheck:
    return sample_shop.do(products.import_all, file)


def by_code(sample_shop: SampleShop, code: str) -> Product:
    found = sample_shop.ask(asked.by_code, code)
    assert found is not None
    return found


def everything(sample_shop: SampleShop) -> tuple[Product, ...]:
    return sample_shop.ask(asked.page, text="", after=None)


def test_products_of_a_file_are_stored_and_found(sample_shop: SampleShop) -> None:
    done = import_all(sample_shop, HEAD + MILK + BREAD)
    assert done.count(Verdict.NEW) == 2
    bread = by_code(sample_shop, "2")
    assert (bread.name, bread.department, bread.category, bread.price) == ("Bread, brown", "BAKERY", "BREAD", 15_000)
    assert [product.code for product in sample_shop.ask(asked.suggest, "milk flu")] == ["1"]


def test_a_dry_run_writes_nothing(sample_shop: SampleShop) -> None:
    dry = check(sample_shop, HEAD + MILK)
    assert dry.is_good
    assert everything(sample_shop) == ()


def test_a_column_that_nothing_is_taken_from_is_named(sample_shop: SampleShop) -> None:
    assert check(sample_shop, HEAD + MILK).ignored == ("brand",)


def test_each_line_has_its_verdict_and_its_reason(sample_shop: SampleShop) -> None:
    import_all(sample_shop, HEAD + MILK + BREAD)
    dry = check(
        sample_shop,
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


def test_one_wrong_line_keeps_all_others_out(sample_shop: SampleShop) -> None:
    with pytest.raises(Refused, match="1 line has an error, so nothing was imported"):
        import_all(sample_shop, HEAD + MILK + b"2,,,,,1.00\n")
    assert everything(sample_shop) == ()


def test_a_known_product_changes_and_keeps_what_the_file_does_not_tell(sample_shop: SampleShop) -> None:
    import_all(sample_shop, HEAD + MILK)
    before = sample_shop.do(products.save, replace(by_code(sample_shop, "1"), barcode="4001"))
    done = import_all(sample_shop, b"code;name;price\n1;Whole milk;0,95\n")
    after = by_code(sample_shop, "4001")
    assert (after.key, after.name, after.price) == (before.key, "Whole milk", 9500)
    assert done.lines[0].before == before
    assert sample_shop.ask(asked.suggest, "whole") == (after,)


def test_codes_that_only_look_different_are_one(sample_shop: SampleShop) -> None:
    import_all(sample_shop, HEAD + "caf\u00e9,Coffee,,,,1\n".encode())
    dry = check(sample_shop, HEAD + " cafe\u0301 ,Coffee,,,,1\n".encode())
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
def test_a_file_that_is_no_table_of_products_says_why(sample_shop: SampleShop, file: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check(sample_shop, file)


@pytest.mark.parametrize(
    ("file", "right"),
    [
        (b"code;name;price\n1;Screw;0.125\n", "0,125"),
        (b'code,name,price\n1,Screw,"0,125"\n', "0.125"),
        (b"code\tname\tprice\n1\tScrew\t0,125\n", "0.125"),
    ],
)
def test_a_price_below_one_with_the_other_mark_is_never_read_as_thousands(
    sample_shop: SampleShop, file: bytes, right: str
) -> None:
    (line,) = check(sample_shop, file).lines
    assert line.verdict is Verdict.WRONG
    assert line.why.endswith(f"is not a price. Type it like {right}.")


def test_a_file_of_a_head_alone_has_nothing_to_import(sample_shop: SampleShop) -> None:
    assert not check(sample_shop, HEAD).is_good


def test_a_cashier_imports_nothing(sample_shop: SampleShop) -> None:
    cashier = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    with pytest.raises(Refused, match="may not change products"):
        import_all(cashier, HEAD + MILK)


def test_a_thousand_products_are_stored_and_changed_in_parts(sample_shop: SampleShop) -> None:
    lines = [f"{number},Thing {number},,,,1.00\n" for number in range(1100)]
    import_all(sample_shop, HEAD + "".join(lines).encode())
    done = import_all(sample_shop, HEAD + "".join(lines).replace("1.00", "2.00").encode())
    assert done.count(Verdict.CHANGED) == 1100
    assert by_code(sample_shop, "1099").price == 20_000
