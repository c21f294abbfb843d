"""The headings by which other programs' files are known, and the fields of a product or a customer that they fill.

To add a program: add its headings here, with the source, and a file of its shape to ``test_import_headings.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shopdesk.usecases.import_file import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program's files. ``signs`` are headings that together only its files have.

    ``columns`` maps its headings to fields; the first that a file has fills the field. ``decimal`` is the decimal mark
    of the program, which decides where the column itself does not, as long as the file has the program's ``separator``
    (a spreadsheet that saves it again may change both). ``with_tax`` is True or False where its prices always include
    tax or never do. ``code_from`` and ``name_from`` are the fields that stand in for an empty code or name, ``path`` is
    what is between the steps of a category.
    """

    name: str
    signs: frozenset[str]
    columns: Mapping[str, str]
    decimal: str = ""
    separator: str = ","
    with_tax: bool | None = None
    code_from: tuple[str, ...] = ("barcode",)
    name_from: str = ""
    path: str = ""


def plain(heading: Cell) -> str:
    """Return a heading as it is compared: composed, casefolded, without the star of a required column."""
    text = unicodedata.normalize("NFKC", str(heading)).replace("’", "'")
    return " ".join(text.casefold().strip().rstrip("*").split())


TAX_COLUMN = re.compile(r"tax - \"?(?P<name>.*?)\"? ?\((?P<rate>\d+(?:[.,]\d+)?) ?%\)", re.IGNORECASE)
"""A column of Square or Loyverse that says for one tax whether an item has it: “Tax - NJ Sales Tax (6.625%)”."""

_SHOP_COLUMN = re.compile(r"(?P<what>price|available for sale) \[.*\]")
"""A column of Loyverse for one of several shops: ``Price [Main Street]``."""


_CURRENCY = re.compile(r" ?[(\[](?:[a-z]{3}|[$€£¥₹])[)\]]$")
"""The currency in a heading: “Price (EUR)”."""


def field_of(heading: Cell, columns: Mapping[str, str]) -> str:
    """Return the field that a column fills, or an empty text."""
    name = plain(heading)
    if found := _SHOP_COLUMN.fullmatch(name):
        name = found["what"]
    return columns.get(name) or columns.get(_CURRENCY.sub("", name), "")


def program_of(headings: Sequence[Cell], programs: Sequence[Program]) -> Program | None:
    """Return the program that wrote a file with these headings, or None."""
    names = {_SHOP_COLUMN.sub(r"\g<what>", plain(heading)) for heading in headings}
    return next((program for program in programs if program.signs <= names), None)


# --- products -------------------------------------------------------------------------------------------------------

# What is exported here is read again: see ``file_head`` in ``ui/catalogue/products_model.py``.
PRICE_WITH_TAX, PRICE_WITHOUT_TAX = "price_with_tax", "price_without_tax"
_OUR_PRODUCTS = {
    "product_id": "code",
    "barcode": "barcode",
    "name": "name",
    "department": "department",
    "category": "category",
    "price": "price",
    PRICE_WITH_TAX: "price",
    PRICE_WITHOUT_TAX: "price",
    "tax": "tax",
    "tax_rate": "tax_rate",
    "on_sale": "on_sale",
}
_CODES_OF_PRODUCTS = {"unit_code": "unit"}
"""Columns with the codes of a standard, which another program fills with words of its own."""

# Words that price lists have. A list in other words is matched by hand, and remembered.
_PRODUCTS = _OUR_PRODUCTS | {
    "code": "code",
    "sku": "code",
    "product code": "code",
    "item code": "code",
    "item no.": "code",
    "item number": "code",
    "reference": "code",
    "ean": "barcode",
    "ean13": "barcode",
    "gtin": "barcode",
    "upc": "barcode",
    "isbn": "barcode",
    "product": "name",
    "product name": "name",
    "item": "name",
    "item name": "name",
    "title": "name",
    "description": "name",
    "unit price": "price",
    "selling price": "price",
    "sales price": "price",
    "retail price": "price",
    "regular price": "price",
    "price excl. tax": "price",
    "price incl. tax": "price",
    "price tax excluded": "price",
    "price tax included": "price",
    "tax rate": "tax_rate",
    "vat": "tax_rate",
    "vat rate": "tax_rate",
    "on sale": "on_sale",
    "active": "on_sale",
}
WITH_TAX = {
    PRICE_WITH_TAX: True,
    "price tax included": True,
    "price incl. tax": True,
    PRICE_WITHOUT_TAX: False,
    "price tax excluded": False,
    "price excl. tax": False,
}
"""Headings that say whether a price includes tax."""

PRODUCT_PROGRAMS = (
    Program(
        name="shopdesk",
        signs=frozenset({"product_id", "on_sale"}),
        columns=_OUR_PRODUCTS | _CODES_OF_PRODUCTS,
        decimal=".",
    ),
    # woocommerce/woocommerce: includes/export/class-wc-product-csv-exporter.php, sample-data/sample_products.csv
    Program(
        name="WooCommerce",
        signs=frozenset({"type", "sku", "name", "published", "regular price"}),
        columns={
            "sku": "code",
            "id": "handle",
            "type": "type",
            "gtin, upc, ean, or isbn": "barcode",
            "name": "name",
            "published": "on_sale",
            "tax status": "tax_status",
            "tax class": "tax",
            "regular price": "price",
            "categories": "category",
        },
        code_from=("barcode", "handle"),
        path=" > ",
    ),
    # shopifypartners/product-csvs: apparel.csv; help.shopify.com: manual/products/import-export/using-csv
    Program(
        name="Shopify",
        signs=frozenset({"handle", "title", "variant price"}),
        columns={
            "handle": "handle",
            "title": "name",
            "type": "category",
            "product category": "department",
            "option1 value": "option1",
            "option2 value": "option2",
            "option3 value": "option3",
            "variant sku": "code",
            "variant price": "price",
            "variant taxable": "taxable",
            "variant barcode": "barcode",
            "status": "on_sale",
        },
        decimal=".",
        code_from=("barcode", "handle"),
    ),
    # squareup.com/help: article 5153 (import items); headings of real files in public tests of importers
    Program(
        name="Square",
        signs=frozenset({"token", "item name"}),
        columns={
            "item name": "name",
            "variation name": "option1",
            "sku": "code",
            "category": "category",
            "categories": "category",
            "reporting category": "category",
            "gtin": "barcode",
            "price": "price",
            "token": "handle",
        },
        decimal=".",
        code_from=("barcode", "handle"),
    ),
    # help.loyverse.com: importing and exporting items; the head of a real export in public tests of importers
    Program(
        name="Loyverse",
        signs=frozenset({"handle", "sku", "name", "cost"}),
        columns={
            "handle": "handle",
            "sku": "code",
            "name": "name",
            "category": "category",
            "option 1 value": "option1",
            "option 2 value": "option2",
            "option 3 value": "option3",
            "barcode": "barcode",
            "available for sale": "on_sale",
            "price": "price",
            "default price": "price",
        },
        decimal=".",
        code_from=("barcode", "handle"),
    ),
    # PrestaShop/PrestaShop: docs/csv_import/products_import.csv
    Program(
        name="PrestaShop",
        signs=frozenset({"active (0/1)", "name", "price tax excluded"}),
        columns={
            "product id": "handle",
            "active (0/1)": "on_sale",
            "name": "name",
            "categories (x,y,z...)": "category",
            "price tax excluded": "price",
            "tax rules id": "tax",
            "reference #": "code",
            "ean13": "barcode",
            "upc": "barcode2",
        },
        decimal=".",
        separator=";",
        with_tax=False,
        code_from=("barcode", "barcode2", "handle"),
    ),
    # odoo/odoo: addons/product/models/product_template.py (technical names and labels)
    Program(
        name="Odoo",
        signs=frozenset({"default_code", "list_price"}),
        columns={
            "default_code": "code",
            "name": "name",
            "list_price": "price",
            "barcode": "barcode",
            "categ_id": "category",
            "categ_id/id": "",
            "taxes_id": "tax",
            "taxes_id/name": "tax",
            "sale_ok": "on_sale",
        },
        decimal=".",
        path=" / ",
    ),
    Program(
        name="Odoo",
        signs=frozenset({"internal reference", "sales price"}),
        columns={
            "internal reference": "code",
            "name": "name",
            "sales price": "price",
            "barcode": "barcode",
            "product category": "category",
            "customer taxes": "tax",
            "sales taxes": "tax",
            "can be sold": "on_sale",
            "sales": "on_sale",
        },
        decimal=".",
        path=" / ",
    ),
    # frappe/erpnext: erpnext/stock/doctype/item/item.json (labels)
    Program(
        name="ERPNext",
        signs=frozenset({"item code", "item group"}),
        columns={
            "item code": "code",
            "id": "handle",
            "item name": "name",
            "item group": "category",
            "standard selling rate": "price",
            "disabled": "retired",
            "barcode (barcodes)": "barcode",
            "item tax template (taxes)": "tax",
        },
        decimal=".",
        code_from=("handle", "barcode"),
    ),
    # frappe/books: schemas/app/Item.json; its importer looks for the keys in the third of three heading lines
    Program(
        name="Frappe Books",
        signs=frozenset({"item.name", "item.rate"}),
        columns={
            "item.name": "name",
            "item.itemcode": "code",
            "item.barcode": "barcode",
            "item.itemgroup": "category",
            "item.rate": "price",
            "item.tax": "tax",
        },
        decimal=".",
        code_from=("barcode", "name"),
    ),
    # invoiceninja/invoiceninja: app/Export/CSV/BaseExport.php (product_report_keys), lang/en/texts.php
    Program(
        name="Invoice Ninja",
        signs=frozenset({"product", "notes", "price"}),
        columns={
            "product": "code",
            "notes": "name",
            "price": "price",
            "tax name 1": "tax",
            "tax rate 1": "tax_rate",
        },
        decimal=".",
        name_from="code",
    ),
    Program(
        name="Invoice Ninja",
        signs=frozenset({"product_key", "price"}),
        columns={
            "product_key": "code",
            "notes": "name",
            "price": "price",
            "tax_name1": "tax",
            "tax_rate1": "tax_rate",
        },
        decimal=".",
        name_from="code",
    ),
)

PRODUCT_COLUMNS = _PRODUCTS
"""The headings of a price list that no known program wrote."""

# --- customers ------------------------------------------------------------------------------------------------------

_OUR_CUSTOMERS = {
    "customer_id": "id",
    "name": "name",
    "email": "email",
    "phone": "phone",
    "address": "address",
    "tax_number": "tax_id",
    "language": "language",
    "note": "note",
    "preferred_channel": "preferred_channel",
    "sms_consent_on": "sms_consent_on",
}
_CODES_OF_CUSTOMERS = {
    "country_code": "country_code",
    "vat_number": "vat_number",
    "buyer_reference": "reference",
    "electronic_address": "electronic_address",
}
_CUSTOMERS = _OUR_CUSTOMERS | {
    "customer": "name",
    "customer name": "name",
    "full name": "name",
    "first name": "first_name",
    "last name": "last_name",
    "surname": "last_name",
    "company": "company",
    "company name": "company",
    "e-mail": "email",
    "email address": "email",
    "e-mail address": "email",
    "phone number": "phone",
    "telephone": "phone",
    "mobile": "phone2",
    "street": "street",
    "street address": "street",
    "address 1": "street",
    "address 2": "street2",
    "zip": "postal_code",
    "zip code": "postal_code",
    "postal code": "postal_code",
    "postcode": "postal_code",
    "city": "city",
    "state": "state",
    "country": "country",
    "tax number": "tax_id",
    "tax id": "tax_id",
    "vat number": "tax_id",
    "notes": "note",
}

CUSTOMER_PROGRAMS = (
    Program(
        name="shopdesk", signs=frozenset({"customer_id", "tax_number"}), columns=_OUR_CUSTOMERS | _CODES_OF_CUSTOMERS
    ),
    # Written by shopdesk 0.2, in English.
    Program(
        name="shopdesk",
        signs=frozenset({"name", "e-mail", "tax number", "note"}),
        columns={
            "name": "name",
            "e-mail": "email",
            "phone": "phone",
            "address": "address",
            "tax number": "tax_id",
            "language": "language",
            "note": "note",
        },
    ),
    # help.shopify.com: manual/customers/import-export-customers; heads of real exports in public tests of importers
    Program(
        name="Shopify",
        signs=frozenset({"first name", "last name", "email", "accepts email marketing"}),
        columns={
            "first name": "first_name",
            "last name": "last_name",
            "email": "email",
            "default address company": "company",
            "default address address1": "street",
            "default address address2": "street2",
            "default address city": "city",
            "default address province code": "state",
            "default address country code": "country",
            "default address zip": "postal_code",
            "company": "company",
            "address1": "street",
            "address2": "street2",
            "city": "city",
            "province code": "state",
            "country code": "country",
            "zip": "postal_code",
            "phone": "phone",
            "default address phone": "phone2",
            "note": "note",
        },
    ),
    # squareup.com/help: article 6632 (import customers online)
    Program(
        name="Square",
        signs=frozenset({"first name", "email address", "phone number", "memo"}),
        columns={
            "first name": "first_name",
            "last name": "last_name",
            "surname": "last_name",
            "company name": "company",
            "email address": "email",
            "phone number": "phone",
            "street address 1": "street",
            "street address 2": "street2",
            "city": "city",
            "state": "state",
            "postal code": "postal_code",
            "memo": "note",
        },
    ),
    # help.loyverse.com: importing and exporting customers; heads of real exports in public tests of importers
    Program(
        name="Loyverse",
        signs=frozenset({"customer name", "email", "phone", "total visits"}),
        columns={
            "customer name": "name",
            "email": "email",
            "phone": "phone",
            "address": "street",
            "city": "city",
            "region": "state",
            "postal code": "postal_code",
            "country": "country",
            "note": "note",
        },
    ),
    # PrestaShop/PrestaShop: docs/csv_import/customers_import.csv
    Program(
        name="PrestaShop",
        signs=frozenset({"active (0/1)", "email", "last name", "first name"}),
        columns={"email": "email", "last name": "last_name", "first name": "first_name"},
    ),
    # odoo/odoo: odoo/addons/base/models/res_partner.py (technical names)
    Program(
        name="Odoo",
        signs=frozenset({"name", "email", "street", "vat"}),
        columns={
            "name": "name",
            "email": "email",
            "phone": "phone",
            "mobile": "phone2",
            "street": "street",
            "street2": "street2",
            "zip": "postal_code",
            "city": "city",
            "state_id": "state",
            "country_id": "country",
            "vat": "tax_id",
            "comment": "note",
        },
    ),
    # frappe/erpnext: erpnext/selling/doctype/customer/customer.json (labels)
    Program(
        name="ERPNext",
        signs=frozenset({"customer name", "customer group"}),
        columns={
            "customer name": "name",
            "email id": "email",
            "mobile no": "phone",
            "primary address": "address",
            "tax id": "tax_id",
            "customer details": "note",
        },
    ),
    # frappe/books: schemas/app/Party.json
    Program(
        name="Frappe Books",
        signs=frozenset({"party.name", "party.email"}),
        columns={
            "party.name": "name",
            "party.email": "email",
            "party.phone": "phone",
            "party.taxid": "tax_id",
            "address.addressline1": "street",
            "address.addressline2": "street2",
            "address.city": "city",
            "address.state": "state",
            "address.country": "country",
            "address.postalcode": "postal_code",
        },
    ),
    # invoiceninja/invoiceninja: app/Export/CSV/BaseExport.php (client_report_keys), lang/en/texts.php
    Program(
        name="Invoice Ninja",
        signs=frozenset({"name", "street", "apt/suite", "vat number"}),
        columns={
            "name": "name",
            "first name": "first_name",
            "last name": "last_name",
            "email": "email",
            "phone": "phone",
            "street": "street",
            "apt/suite": "street2",
            "city": "city",
            "state/province": "state",
            "postal code": "postal_code",
            "country": "country",
            "vat number": "tax_id",
            "private notes": "note",
        },
    ),
)

CUSTOMER_COLUMNS = _CUSTOMERS
"""The headings of an address list that no known program wrote."""
