"""A file of products: what importing it would do, line by line, and all of it or nothing."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shopdesk.domain.account import Role
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Shop, ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.unit import Unit
from shopdesk.queries import products as asked
from shopdesk.queries import shop as ask_shop
from shopdesk.render.export import FileKind, writer
from shopdesk.row_keys import new_key
from shopdesk.store.database import Database
from shopdesk.ui.catalogue.products_model import file_head, file_row
from shopdesk.usecases import imports, products
from shopdesk.usecases.imports import ImportCheck, Verdict
from shopdesk.usecases.product_import import PRODUCTS, ProductLine
from support.shops import SampleShop, open_shop

HEAD = b"product_id,name,department,category,brand,price\n"
MILK = b"1,Fluid milk,DAIRY,MILK,National,0.89\n"
BREAD = b'2,"Bread, brown",BAKERY,BREAD,Private,1.5\n'


def check(sample_shop: SampleShop, file: bytes) -> ImportCheck[ProductLine]:
    return sample_shop.do(products.check_import, file)


def import_all(sample_shop: SampleShop, file: bytes) -> ImportCheck[ProductLine]:
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
        + b"8,Too few columns\n"
        + b"9,Too many columns,,,,1.00,x\n"
        + b",,,,,\n"
        + b"x,,,,,,\n",
    )
    assert [(line.number, line.verdict) for line in dry.lines] == [
        (2, Verdict.SAME),
        (3, Verdict.CHANGED),
        (4, Verdict.NEW),
        *((number, Verdict.WRONG) for number in (5, 6, 7, 8, 9, 10, 11, 13)),
    ]
    assert [line.why for line in dry.lines[3:]] == [
        "Line 4 has the same code.",
        "A product needs a code.",
        "The price is missing.",
        "“cheap” is not a price. Type it like 1234.56.",
        "A price cannot be negative. To take something back, use a credit note.",
        "The price is missing.",
        "The line has 7 columns, but the header has 6.",
        "The price is missing. A product needs a name.",
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
        (b"1,Milk,0.89\n", "Which column is “Name”.*“Price”.*“Code”"),
        (b"product_id,name\n1,Milk\n", "Which column is “Price”"),
        (b"product_id,code,name,price\n", "Which column is “Code”"),
        (b"\xff\xfe1\x00\x00\xd8", "letters of this file cannot be read"),
        (HEAD + b'1,"Milk,DAIRY,MILK,National,0.89\n', "not valid CSV"),
    ],
)
def test_a_file_that_is_no_table_of_products_says_why(sample_shop: SampleShop, file: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check(sample_shop, file)


@pytest.mark.parametrize(
    "file",
    [
        b"code;name;price\n1;Screw;0.125\n",
        b'code,name,price\n1,Screw,"0,125"\n',
        b"code\tname\tprice\n1\tScrew\t0,125\n",
    ],
)
def test_a_price_below_one_is_never_read_as_thousands_whatever_separates_the_columns(
    sample_shop: SampleShop, file: bytes
) -> None:
    (line,) = check(sample_shop, file).lines
    assert line.product is not None
    assert line.product.price == 1250


def test_a_file_of_a_head_alone_has_nothing_to_import(sample_shop: SampleShop) -> None:
    assert not check(sample_shop, HEAD).is_good


def test_a_cashier_imports_nothing(sample_shop: SampleShop) -> None:
    cashier = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    with pytest.raises(Refused, match="may not change products"):
        import_all(cashier, HEAD + MILK)


def shop_now(sample_shop: SampleShop) -> Shop:
    found = sample_shop.ask(ask_shop.current)
    assert found is not None
    return found


def with_taxes(sample_shop: SampleShop, **percents: str) -> dict[str, ShopTax]:
    """Give the shop more taxes; return all of them by name."""
    taxes = shop_now(sample_shop).taxes
    more = [ShopTax(key=new_key(), name=name, rate=TaxRate.percent(rate)) for name, rate in percents.items()]
    shop = sample_shop.change_shop(taxes=(*taxes, *more))
    return {tax.name: tax for tax in shop.taxes}


# --- prices ---


def prices(sample_shop: SampleShop, text: str) -> list[int | str]:
    """The price of each line, or what is wrong with it."""
    lines = check(sample_shop, f"code;name;price\n{text}".encode()).lines
    return [line.after.price if line.after else line.why for line in lines]


def test_one_price_decides_for_the_column_and_none_is_a_question(sample_shop: SampleShop) -> None:
    assert prices(sample_shop, "1;A;1.234\n2;B;12.50\n") == [12_340, 125_000]
    assert prices(sample_shop, "1;A;1.234\n2;B;12,50\n") == [12_340_000, 125_000]
    with pytest.raises(Refused, match=r"begins the decimals in “1\.234”") as asked:
        prices(sample_shop, "1;A;1.234\n2;B;2.500\n")
    assert [fault.field for fault in asked.value.faults] == ["decimal"]
    with pytest.raises(Refused, match="Some prices have a decimal point, others a decimal comma"):
        prices(sample_shop, "1;A;1.20\n2;B;2,50\n")


def test_the_answer_to_a_question_counts_and_is_remembered_for_the_same_headings(sample_shop: SampleShop) -> None:
    doubtful = b"Art;Bezeichnung;VK\n1;Tea;1.234\n"
    with pytest.raises(Refused, match=r"Which column is “Name”.*“Price”.*“Code”"):
        check(sample_shop, doubtful)
    file = imports.read(doubtful, PRODUCTS, language="en")
    layout, _ = sample_shop.ask(products.inspect_import, file, by=sample_shop.by, now=sample_shop.now)
    told = replace(layout.with_columns({"code": 0, "name": 1, "price": 2}), decimal=",")
    assert sample_shop.do(products.import_all, file, layout=told).count(Verdict.NEW) == 1
    file.close()
    assert by_code(sample_shop, "1").price == 12_340_000
    again = check(sample_shop, doubtful.replace(b"1.234", b"2.345"))
    assert [line.after.price for line in again.lines if line.after] == [23_450_000]
    # What a later file proves wins over what was told about an earlier one.
    proved = check(sample_shop, doubtful.replace(b"1.234", b"12.50"))
    assert [line.after.price for line in proved.lines if line.after] == [125_000]
    other = doubtful.replace(b"VK", b"EK")
    with pytest.raises(Refused, match="Which column"):
        check(sample_shop, other)


def test_signs_spaces_and_dashes_belong_to_a_price_and_another_currency_does_not(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(currency=Currency.of("CHF"))
    rows = "1;A;CHF 12.50\n2;B;Fr. 1'234.50\n3;C;12.-\n4;D;12.50\u00a0CHF\n5;E;€ 12.50\n6;F;12.50 EUR\n"
    assert prices(sample_shop, rows) == [
        125_000,
        12_345_000,
        120_000,
        125_000,
        "“€ 12.50” is not in CHF, the currency of this shop.",
        "“12.50 EUR” is not in CHF, the currency of this shop.",
    ]


def test_numbers_of_a_workbook_are_open_to_no_doubt(sample_shop: SampleShop) -> None:
    book = openpyxl.Workbook()
    for row in (["code", "name", "price"], ["1", "A", 1.234], [2, "B", 2.5], ["3", "C", "3.50"]):
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    lines = check(sample_shop, file.getvalue()).lines
    assert [(line.after.code, line.after.price) for line in lines if line.after] == [
        ("1", 12_340),
        ("2", 25_000),
        ("3", 35_000),
    ]


def test_prices_with_tax_become_prices_without_and_back(sample_shop: SampleShop) -> None:
    with_taxes(sample_shop, Reduced="7")
    file = b"code,name,price_without_tax,tax\n1,Tea,8.40,\n2,Book,10.00,Reduced\n"
    assert [line.after.price for line in check(sample_shop, file).lines if line.after] == [97_400, 107_000]
    sample_shop.change_shop(prices_include_tax=False)
    assert [line.after.price for line in check(sample_shop, file).lines if line.after] == [84_000, 100_000]
    gross = file.replace(b"without", b"with")
    assert [line.after.price for line in check(sample_shop, gross).lines if line.after] == [72_414, 93_458]


# --- taxes ---


def test_a_tax_is_found_by_name_and_rate_and_an_unknown_one_is_asked_about(sample_shop: SampleShop) -> None:
    taxes = with_taxes(sample_shop, Reduced="7", Books="5")
    text = (
        "code,name,price,tax,tax_rate\n"
        "1,A,1,Reduced,7\n2,B,1,,7\n3,C,1,7%,\n4,D,1,VAT 5 %,\n5,E,1,books,\n6,F,1,,\n7,G,1,No tax,\n8,H,1,standard,\n"
    )
    found = [line.after.tax_key for line in check(sample_shop, text.encode()).lines if line.after]
    reduced, books, none = taxes["Reduced"].key, taxes["Books"].key, taxes["No tax"].key
    assert found == [reduced, reduced, reduced, books, books, None, none, taxes["Standard"].key]
    with pytest.raises(Refused, match="Which tax rates of this shop are “luxury”, “33%”") as asked:
        check(sample_shop, text.encode() + b"9,I,1,luxury,\n10,J,1,,33\n")
    assert [fault.field for fault in asked.value.faults] == ["taxes"]


def test_a_retired_tax_of_a_product_comes_back(sample_shop: SampleShop) -> None:
    taxes = with_taxes(sample_shop, Old="9")
    sample_shop.do(products.save, Product(key=new_key(), code="1", name="Tea", price=10_000, tax_key=taxes["Old"].key))
    sample_shop.change_shop(taxes=tuple(tax for name, tax in taxes.items() if name != "Old"))
    (line,) = check(sample_shop, exported(sample_shop, FileKind.CSV)).lines
    assert (line.verdict, line.why) == (Verdict.SAME, "")
    other = check(sample_shop, exported(sample_shop, FileKind.CSV).replace(b"1,,Tea", b"2,,Tea"))
    assert [line.why for line in other.lines] == ["The shop has no tax “Old 9%”. Choose a rate for it under Columns."]


def test_the_arabic_sign_of_a_currency_belongs_to_the_price(database: Database) -> None:
    shop = open_shop(database, country="EG", currency="EGP", language="ar")
    prices = "\u200f12.50\xa0ج.م.\u200f", "١٢٫٥٠ ج.م.", "12.50 ج.م", "ج.م 12.50", "EGP 12.50", "E£12.50", "12.50"
    file = "code;name;price\n" + "".join(f"{at};Tea;{price}\n" for at, price in enumerate(prices))
    lines = check(shop, file.encode()).lines
    assert [line.product.price if line.product else line.why for line in lines] == [125_000] * len(prices)


# --- codes ---


def test_a_code_that_a_spreadsheet_destroyed_is_wrong(sample_shop: SampleShop) -> None:
    text = "code;name;price;barcode\n1;A;1,00;4,00638E+12\n4.00638E+12;B;1,00;\n3;C;1,00;4006381333931.0\n4;D;1,00;\n"
    lines = check(sample_shop, text.encode()).lines
    assert [line.verdict for line in lines] == [Verdict.WRONG, Verdict.WRONG, Verdict.NEW, Verdict.NEW]
    assert "A spreadsheet made the number 4,00638E+12 of this code" in lines[0].why
    assert lines[2].after is not None
    assert lines[2].after.barcode == "4006381333931"


def test_a_number_of_which_a_workbook_keeps_fifteen_digits_is_no_code(sample_shop: SampleShop) -> None:
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    assert workbook.active is not None
    for row in (("code", "name", "price"), (123_456_789_012_345_678, "A", 1), (123_456_789_012_345, "B", 1)):
        workbook.active.append(row)
    workbook.save(file)
    first, second = check(sample_shop, file.getvalue()).lines
    assert "its last digits are lost" in first.why
    assert second.product is not None
    assert second.product.code == "123456789012345"


def test_a_text_that_was_kept_from_a_spreadsheet_is_read_without_its_quotes(sample_shop: SampleShop) -> None:
    text = 'code;name;price;barcode\n="0012";A;1,00;"=""4006381333931"""\n13;"=""""";1,00;="12\n'
    lines = check(sample_shop, text.encode()).lines
    assert [(line.product.code, line.product.barcode) for line in lines if line.product] == [("0012", "4006381333931")]
    assert lines[1].why == "A product needs a name."
    sample_shop.do(products.save, Product(key=new_key(), code="1", name='="Tea"', price=10_000))
    for kind in (FileKind.CSV, FileKind.XLSX):
        assert [line.verdict for line in check(sample_shop, exported(sample_shop, kind)).lines] == [Verdict.SAME]


def test_a_row_in_which_nothing_shows_is_no_line(sample_shop: SampleShop) -> None:
    for last in ("\x1a", "\u200b;\u200b;\n"):
        text = f"code;name;price\n1;A;1,00\n{last}"
        assert [line.verdict for line in check(sample_shop, text.encode()).lines] == [Verdict.NEW]


def test_a_barcode_of_two_products_is_told_and_can_still_be_imported(sample_shop: SampleShop) -> None:
    sample_shop.do(products.save, Product(key=new_key(), code="0", name="Pen", price=1, barcode="012345678905"))
    text = b"code,name,price,barcode\n1,Ink,1,0012345678905\n2,Cap,2,4006381333931\n3,Lid,3,04006381333931\n"
    dry = check(sample_shop, text)
    assert [line.why for line in dry.lines] == [
        "“Pen” (0) has the same barcode.",
        "",
        "Line 3 has the same barcode.",
    ]
    assert (dry.warnings, dry.is_good) == (2, True)
    assert [line.number for line in dry.lines.page(verdict=None, after=None, limit=9, warned=True)] == [2, 4]
    assert import_all(sample_shop, text).count(Verdict.NEW) == 3
    assert [line.why for line in check(sample_shop, text.replace(b"4006381333931", b"5")).lines] == [
        "“Pen” (0) has the same barcode.",
        "",
        "",
    ]


# --- what is exported comes back ---


def exported(sample_shop: SampleShop, kind: FileKind) -> bytes:
    """The file that the products page makes of the whole list."""
    shop = shop_now(sample_shop)
    file = io.BytesIO()
    head = file_head(with_tax=shop.prices_include_tax)
    made = writer(kind, file, head, title="Products", made_at=datetime.fromisoformat("2026-01-01"))
    made.write(file_row(one, shop.currency) for one in everything(sample_shop))
    made.close()
    return file.getvalue()


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20) | st.sampled_from(
    ("-50 % voucher", "=1+1", "'n Tee", "'=1", "''-1", "＋x", "#N/A", "_x0041_", "1.5", "007", 'say "hi"', "a;b", "a,b")
)


@pytest.mark.parametrize("kind", FileKind)
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_names=st.lists(NAMES, min_size=1, max_size=4),
    price=st.integers(0, 10**9),
    barcode=st.sampled_from(("", "04006381333931", "-1", "12E+3x")),
    is_retired=st.booleans(),
    tax=st.sampled_from(("", "Reduced")),
)
def test_what_is_exported_comes_back_unchanged_here_and_the_same_in_another_shop(
    shop: SampleShop,
    kind: FileKind,
    currency: str,
    given_names: list[str],
    price: int,
    barcode: str,
    is_retired: bool,
    tax: str,
) -> None:
    with shop.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM search_words"))
        connection.execute(text("DELETE FROM products"))
    taxes = {one.name: one for one in shop_now(shop).taxes}
    if "Reduced" not in taxes:
        shop.change_shop(currency=Currency.of(currency))
        taxes = with_taxes(shop, Reduced="8.875")
    kept = []
    for at, name in enumerate(given_names):
        product = Product(
            key=new_key(),
            code=f"{at}{name}"[:64],
            name=name,
            price=price + at,
            barcode=barcode,
            department=name,
            category=name,
            is_retired=is_retired,
            tax_key=taxes[tax].key if tax else None,
        )
        with suppress(Refused):  # nothing that can be seen in its name
            kept.append(shop.do(products.save, product, confirmed=frozenset({products.SHARED_BARCODE})))
    if not kept:
        return
    file = exported(shop, kind)
    assert [line.verdict for line in check(shop, file).lines] == [Verdict.SAME] * len(kept)
    with shop.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM search_words"))
        connection.execute(text("DELETE FROM products"))
    import_all(shop, file)
    back = {one.code: one for one in everything(shop)}
    assert {one.code: replace(one, key=back[one.code].key) for one in kept} == back


def test_the_unit_of_a_product_is_exported_too_and_comes_back(sample_shop: SampleShop) -> None:
    tea = Product(key=new_key(), code="1", name="Tea", price=10_000, unit=Unit.KILOGRAM)
    sample_shop.do(products.save, tea)
    file = exported(sample_shop, FileKind.CSV)
    import_all(sample_shop, file.replace(b"1,,Tea", b"2,,Tea"))
    assert by_code(sample_shop, "2").unit is Unit.KILOGRAM
    (wrong,) = check(sample_shop, file.replace(b"KGM", b"kilo")).lines
    assert wrong.why == "“kilo” is no unit. Write it like KGM."
    (older,) = check(sample_shop, file.replace(b",unit_code", b"").replace(b",KGM", b"")).lines
    assert older.verdict is Verdict.SAME
    foreign = check(sample_shop, b"code,name,price,unit_code\n3,Rice,2.00,bag\n")
    assert ([line.verdict for line in foreign.lines], foreign.ignored) == ([Verdict.NEW], ("unit_code",))


def test_the_prices_of_an_export_become_those_of_a_shop_that_adds_the_tax(sample_shop: SampleShop) -> None:
    sample_shop.do(products.save, Product(key=new_key(), code="1", name="Tea", price=11_600))
    file = exported(sample_shop, FileKind.CSV)
    sample_shop.change_shop(prices_include_tax=False)
    import_all(sample_shop, file)
    assert by_code(sample_shop, "1").price == 10_000


def test_an_export_of_shopdesk_0_2_is_read_with_what_is_not_on_sale(sample_shop: SampleShop) -> None:
    old = b"product_id,barcode,name,department,category,price,on_sale\n1,,Tea,,,1.234,yes\n2,,Old,,,2.00,\n"
    import_all(sample_shop, old)
    assert [(one.name, one.price, one.is_retired) for one in everything(sample_shop)] == [
        ("Old", 20_000, True),
        ("Tea", 12_340, False),
    ]


# --- many ---


def test_a_thousand_products_are_stored_and_changed_in_parts(sample_shop: SampleShop) -> None:
    lines = [f"{number},Thing {number},,,,1.00\n" for number in range(1100)]
    import_all(sample_shop, HEAD + "".join(lines).encode())
    done = import_all(sample_shop, HEAD + "".join(lines).replace("1.00", "2.00").encode())
    assert done.count(Verdict.CHANGED) == 1100
    assert by_code(sample_shop, "1099").price == 20_000
