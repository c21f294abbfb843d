"""A shop with all that e-invoices need, and an invoice of it."""

from dataclasses import replace
from typing import Any

from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.document import Document, Kind, Line
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Shop, ShopTax
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.unit import Unit
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.usecases import customers, documents, products
from support.shops import SampleShop

EXEMPT = TaxRate(0, Category.EXEMPT)
REASON = "§ 4 Nr. 21 UStG"
BUYER = Customer(
    key=new_key(),
    name="Café Ada",
    country="FR",
    vat_number="fr 40 303 265 045",
    reference="PO 4711",
    electronic_address="0009:30326504500017",
)


def shop_of(sample_shop: SampleShop) -> Shop:
    found = sample_shop.ask(ask_shop.current)
    assert found is not None
    return found


def equip(sample_shop: SampleShop, **changes: Any) -> Shop:
    """Give the shop VAT number, account and an exempt rate with its reason, as they are typed."""
    shop = shop_of(sample_shop)
    seller = replace(
        shop.seller,
        vat_number="DE 136 695 976",
        registration="HRB 12345",
        contact="Ada",
        iban="de89 3704 0044 0532 0130 00",
        bic="cobadeffxxx",
        bank="Commerzbank",
    )
    exempt = ShopTax(key=new_key(), name="Lessons", rate=EXEMPT, reason=f"  {REASON} ")
    return sample_shop.change_shop(seller=replace(seller, **changes), taxes=(*shop.taxes, exempt))


def sell(sample_shop: SampleShop, **buyer_has: Any) -> Document:
    """Issue an invoice for 350 grams of cheese and a lesson."""
    shop = equip(sample_shop)
    cheese = Product(key=new_key(), code="1", name="Cheese", price=20_0000, unit=Unit.KILOGRAM)
    sample_shop.do(products.save, cheese)
    buyer = sample_shop.do(customers.save, replace(BUYER, **buyer_has))
    draft = sample_shop.draft(kind=Kind.INVOICE)
    lines = (
        Line(item="Cheese", quantity=350, unit_price=20_0000, tax=shop.default_tax.rate, product_key=cheese.key),
        Line(item="Lesson", quantity=1000, unit_price=30_0000, tax=EXEMPT),
    )
    return sample_shop.do(documents.issue, replace(draft, lines=lines, buyer=Buyer.of(buyer)))
