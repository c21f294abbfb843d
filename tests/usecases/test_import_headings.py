"""The files of other programs, in their shapes: which line is which product, at what price and with which tax."""

# ruff: noqa: E501 - lines of other programs' files

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.store.database import connect
from shopdesk.usecases import customers, products
from shopdesk.usecases.imports import Verdict
from support.shops import SampleShop, open_shop

Known = tuple[str, str, int]


def taxes_of(shop: SampleShop) -> tuple[ShopTax, ...]:
    found = shop.ask(ask_shop.current)
    assert found is not None
    return found.taxes


@pytest.fixture
def shop(sqlite_shop_url: str) -> Iterator[SampleShop]:
    """A shop in euros, prices with tax, at 19, 7 and 0 %."""
    database = connect(sqlite_shop_url)
    opened = open_shop(database, country="DE", currency="EUR", language="en", default_tax=TaxRate.percent(19))
    taxes = taxes_of(opened)
    opened.change_shop(taxes=(*taxes, ShopTax(key=new_key(), name="Reduced", rate=TaxRate.percent(7))))
    yield opened
    database.close()


def imported(shop: SampleShop, text: str) -> list[Known]:
    """Code, name and price of what a file adds, and what it skips or refuses as (verdict, reason, 0)."""
    check = shop.do(products.check_import, text.encode())
    return [
        (line.product.code, line.product.name, line.product.price)
        if line.product is not None
        else (line.verdict.value, line.why, 0)
        for line in check.lines
    ]


def tax_of(shop: SampleShop, text: str, line: int = 0) -> int | None:
    """The rate of the product in a line, None for the shop's default."""
    product = shop.do(products.check_import, text.encode()).lines[line].product
    assert product is not None
    taxes = {tax.key: tax.rate.milli for tax in taxes_of(shop)}
    return taxes[product.tax_key] if product.tax_key else None


def test_a_heading_may_name_the_currency_and_star_what_is_required(shop: SampleShop) -> None:
    assert imported(shop, "SKU *;Name *;Price (EUR)\n1;Tea;1,50\n") == [("1", "Tea", 15_000)]
    assert imported(shop, "sku;NAME;unit price [€]\n1;Tea;1,50\n") == [("1", "Tea", 15_000)]


WOO = """ID,Type,SKU,"GTIN, UPC, EAN, or ISBN",Name,Published,"Tax status","Tax class","Sale price","Regular price",Categories,Parent
44,variable,vneck,,V-Neck,1,taxable,,,,Clothing > Shirts,
46,simple,hoodie,4006381333931,Hoodie,1,taxable,,40,45,"Clothing > Hoodies, Sale",
47,simple,,,"Gift, card",-1,none,,,"12,50",,
76,variation,vneck-red,,V-Neck - Red,1,taxable,parent,,20,,vneck
87,grouped,set,,Set,1,taxable,,,,,
"""


def test_woocommerce(shop: SampleShop) -> None:
    check = shop.do(products.check_import, WOO.encode())
    assert check.layout.program == "WooCommerce"
    hoodie = check.lines[1].product
    assert hoodie is not None
    assert (hoodie.barcode, hoodie.department, hoodie.category) == ("4006381333931", "Clothing", "Hoodies")
    assert imported(shop, WOO) == [
        ("skipped", "A group of products has no price of its own.", 0),
        ("hoodie", "Hoodie", 450_000),
        ("47", "Gift, card", 125_000),
        ("vneck-red", "V-Neck - Red", 200_000),
        ("skipped", "A group of products has no price of its own.", 0),
    ]
    assert [tax_of(shop, WOO, line) for line in (1, 2, 3)] == [None, 0, None]
    card = check.lines[2].product
    assert card is not None
    assert card.is_retired
    assert check.lines[2].why == "It is not on sale."


SHOPIFY = """Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Variant Taxable,Variant Barcode,Image Src,Status
blue-shirt,Blue Shirt,"<p>Cotton,
with ""buttons""</p>",V,Tops,men,true,Title,Default Title,,,,50,true,,https://x/1.jpg,active
varsity,Varsity Top,,V,Tops,women,true,Size,Small,Colour,Red,VT-S,60.00,true,'4006381333931,https://x/2.jpg,draft
varsity,,,,,,,,Large,,Red,,61.50,false,,,
varsity,,,,,,,,,,,,,,,https://x/3.jpg,
"""


def test_shopify(shop: SampleShop) -> None:
    assert imported(shop, SHOPIFY) == [
        ("blue-shirt", "Blue Shirt", 500_000),
        ("VT-S", "Varsity Top – Small – Red", 600_000),
        ("varsity-Large-Red", "Varsity Top – Large – Red", 615_000),
        ("skipped", "There is no product in this line.", 0),
    ]
    found = [line.product for line in shop.do(products.check_import, SHOPIFY.encode()).lines if line.product]
    assert [(one.category, one.barcode, one.is_retired) for one in found] == [
        ("Tops", "", False),
        ("Tops", "4006381333931", True),
        ("Tops", "", True),
    ]
    assert [tax_of(shop, SHOPIFY, line) for line in range(3)] == [None, None, 0]


SQUARE = """Token,Item Name,Variation Name,SKU,Description,Categories,Price,GTIN,Tax - Reduced (7%),Tax - VAT (19%)
tok1,Coffee,Large,SQ-1,Fresh,Hot drinks,€3.50,,Y,N
tok2,Sandwich,Regular,,,Food,"€4,250.00",04006381333931,N,Y
tok3,Gift,Regular,SQ-3,,Food,variable,,N,N
tok4,Tea,Regular,SQ-4,,Food,£2.00,,N,N
tok5,Milk,Regular,SQ-5,,Food,2,,N,N
"""


def test_square(shop: SampleShop) -> None:
    assert imported(shop, SQUARE) == [
        ("SQ-1", "Coffee – Large", 35_000),
        ("04006381333931", "Sandwich", 42_500_000),
        ("skipped", "Its price is typed at each sale. Add it by hand.", 0),
        ("wrong", "“£2.00” is not in EUR, the currency of this shop.", 0),
        ("SQ-5", "Milk", 20_000),
    ]
    assert [tax_of(shop, SQUARE, line) for line in (0, 1, 4)] == [7000, 19_000, 0]


LOYVERSE = """Handle,SKU,Name,Category,Description,Sold by weight,Option 1 name,Option 1 value,Cost,Barcode,Track stock,Available for sale [Main],Price [Main],In stock [Main],"Tax - ""Reduced"" (7%)"
coke,10001,Coke,Drinks,,N,Size,300ml,0.80,5449000000996,Y,Y,1.40,24,N
coke,10002,,,,,,500ml,1.00,,Y,N,1.80,8,N
bananas,10003,Bananas,Produce,,Y,,,0.40,,N,Y,0.89,,Y
"""


def test_loyverse(shop: SampleShop) -> None:
    assert imported(shop, LOYVERSE) == [
        ("10001", "Coke – 300ml", 14_000),
        ("10002", "Coke – 500ml", 18_000),
        ("10003", "Bananas", 8_900),
    ]
    lines = shop.do(products.check_import, LOYVERSE.encode()).lines
    assert [line.product is not None and line.product.is_retired for line in lines] == [False, True, False]
    assert [tax_of(shop, LOYVERSE, line) for line in (0, 2)] == [0, 7000]


def test_a_file_with_a_price_for_each_of_several_shops_is_asked_about(shop: SampleShop) -> None:
    several = LOYVERSE.replace("In stock [Main]", "Price [Harbour]")
    with pytest.raises(Exception, match="Which column is “Price”"):
        imported(shop, several)


PRESTASHOP = """Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Tax rules ID;Reference #;EAN13;UPC
1;1;iPod Nano;iPods;100;;RP-1;1234567890123;
2;0;Folio;Accessories;8.40;;;;012345678905
"""


def test_prestashop_prices_get_the_tax_that_they_are_without(shop: SampleShop) -> None:
    assert imported(shop, PRESTASHOP) == [("RP-1", "iPod Nano", 1_190_000), ("012345678905", "Folio", 100_000)]
    shop.change_shop(prices_include_tax=False)
    assert imported(shop, PRESTASHOP)[1] == ("012345678905", "Folio", 84_000)


def test_a_tax_that_only_the_owner_can_place_is_asked_about(shop: SampleShop) -> None:
    with pytest.raises(Exception, match="Which tax rates of this shop are “1”"):
        imported(shop, PRESTASHOP.replace("100;;RP-1", "100;1;RP-1"))


ODOO = """"default_code","name","list_price","barcode","categ_id","taxes_id","sale_ok"
"FURN_1","Desk","750.0","","All / Furniture / Office","Reduced 7%","True"
"'-X","Voucher","12.5","False","All","","False"
"""


def test_odoo_by_its_technical_names(shop: SampleShop) -> None:
    assert imported(shop, ODOO.replace('"False","All"', '"","All"')) == [
        ("FURN_1", "Desk", 7_500_000),
        ("-X", "Voucher", 125_000),
    ]
    assert tax_of(shop, ODOO) == 7000
    lines = shop.do(products.check_import, ODOO.encode()).lines
    first = lines[0].product
    assert first is not None
    assert (first.department, first.category) == ("All", "Office")


def test_odoo_by_its_labels(shop: SampleShop) -> None:
    labels = ODOO.replace('"default_code","name","list_price"', '"Internal Reference","Name","Sales Price"')
    labels = labels.replace(
        '"barcode","categ_id","taxes_id","sale_ok"', '"Barcode","Product Category","Sales Taxes","Sales"'
    )
    assert imported(shop, labels)[0] == ("FURN_1", "Desk", 7_500_000)


ERPNEXT = """ID,Item Code,Item Name,Item Group,Standard Selling Rate,Disabled,Barcode (Barcodes),Item Tax Template (Taxes)
SKU001,SKU001,Chair,Furniture,1250.5,0,4006381333931,Reduced 7%
,,,,,,4006381333948,
SKU002,SKU002,Table,Furniture,80,1,,
"""


def test_erpnext(shop: SampleShop) -> None:
    assert imported(shop, ERPNEXT) == [
        ("SKU001", "Chair", 12_505_000),
        ("skipped", "There is no product in this line.", 0),
        ("SKU002", "Table", 800_000),
    ]
    assert tax_of(shop, ERPNEXT) == 7000


FRAPPE = """Item,,,,
Item Name,Rate,Tax,Type,Barcode
Item.name,Item.rate,Item.tax,Item.itemType,Item.barcode
Dog biscuits,1.25,,Product,4006381333931
Cat milk,3,,Product,
"""


def test_frappe_books_has_its_headings_in_the_third_line(shop: SampleShop) -> None:
    assert imported(shop, FRAPPE) == [("4006381333931", "Dog biscuits", 12_500), ("Cat milk", "Cat milk", 30_000)]


def test_invoice_ninja(shop: SampleShop) -> None:
    text = "Product,Notes,Cost,Price,Quantity,Tax Rate 1,Tax Name 1\nhour,Work by the hour,0,75.5,1,7,Reduced\nkm,,0,0.3,1,0,\n"
    assert imported(shop, text) == [("hour", "Work by the hour", 755_000), ("km", "km", 3000)]
    assert tax_of(shop, text) == 7000


# --- customers ---


@pytest.mark.parametrize(
    ("program", "text", "wanted"),
    [
        (
            "Shopify",
            "First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,Default Address City,Default Address Zip,Default Address Country Code,Phone,Note\nAda,Lovelace,ada@example.org,yes,Engines,1 Street,London,W1,GB,'+442079460958,Likes tea\n",
            ("Ada Lovelace", "ada@example.org", "+442079460958", "Engines\n1 Street\nW1 London\nGB", "", "Likes tea"),
        ),
        (
            "Square",
            "First Name,Last Name,Company Name,Email Address,Phone Number,Street Address 1,City,Postal Code,Memo\n,,Engines Ltd,office@example.org,,1 Street,London,W1,\n",
            ("Engines Ltd", "office@example.org", "", "1 Street\nW1 London", "", ""),
        ),
        (
            "Loyverse",
            "Customer ID,Customer name,Email,Phone,Total visits,Address\n1,Ada,,030 1234567,3,55 Parkdale\n",
            ("Ada", "", "+49301234567", "55 Parkdale", "", ""),
        ),
        (
            "PrestaShop",
            "Customer ID;Active (0/1);Email *;Last Name *;First Name *\n1;1;Peter.Pan@example.org;Pan;Peter\n",
            ("Peter Pan", "Peter.Pan@example.org", "", "", "", ""),
        ),
        (
            "Odoo",
            '"name","email","phone","street","zip","city","vat"\n"Ada","ada@example.org","","1 Street","10115","Berlin","DE1"\n',
            ("Ada", "ada@example.org", "", "1 Street\n10115 Berlin", "DE1", ""),
        ),
        (
            "ERPNext",
            "ID,Customer Name,Customer Group,Email Id,Mobile No,Tax ID\nC1,Ada,All,ada@example.org,,DE1\n",
            ("Ada", "ada@example.org", "", "", "DE1", ""),
        ),
        (
            "Frappe Books",
            "Party,,\nName,Email,Phone\nParty.name,Party.email,Party.phone\nAda,ada@example.org,\n",
            ("Ada", "ada@example.org", "", "", "", ""),
        ),
        (
            "Invoice Ninja",
            "Name,Street,Apt/Suite,City,Postal code,VAT number,First Name,Last Name,Email\nEngines,1 Street,,Berlin,10115,DE1,Ada,Lovelace,ada@example.org\n",
            ("Engines", "ada@example.org", "", "1 Street\n10115 Berlin", "DE1", ""),
        ),
        (
            "",
            "Full name;E-mail;Mobile;Street;Zip;City\nAda;ada@example.org;;1 Street;10115;Berlin\n",
            ("Ada", "ada@example.org", "", "1 Street\n10115 Berlin", "", ""),
        ),
    ],
)
def test_customers_of_other_programs(
    shop: SampleShop, program: str, text: str, wanted: tuple[str, str, str, str, str, str]
) -> None:
    check = shop.do(customers.check_import, text.encode())
    (line,) = check.lines
    assert (check.layout.program, line.verdict, line.why) == (program, Verdict.NEW, "")
    found = line.customer
    assert found is not None
    assert (found.name, found.email, found.phone, found.address, found.tax_id, found.note) == wanted
