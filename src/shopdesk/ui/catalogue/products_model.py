"""The list of products, and its columns in an exported file."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QObject

from shopdesk.domain.money import Currency
from shopdesk.domain.product import Product, TileColour
from shopdesk.domain.shop import Shop, ShopTax
from shopdesk.message_catalogues import mark
from shopdesk.queries.products import ProductOrder
from shopdesk.render.export import Cell
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.usecases.import_headings import PRICE_WITH_TAX, PRICE_WITHOUT_TAX

TILE_COLOURS = {
    TileColour.GREY: mark("Grey"),
    TileColour.RED: mark("Red"),
    TileColour.ORANGE: mark("Orange"),
    TileColour.GREEN: mark("Green"),
    TileColour.TEAL: mark("Teal"),
    TileColour.BLUE: mark("Blue"),
    TileColour.VIOLET: mark("Violet"),
    TileColour.PINK: mark("Pink"),
}
"""The names of the colours of tiles."""


class ProductsModel(PagedModel[Product]):
    """All products, sorted by name; retired ones are marked."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        price = tr("Price, {currency}", currency=context.shop.currency.code)
        columns: tuple[ColumnOf[Product], ...] = (
            ColumnOf(
                title=tr("Code"),
                text=lambda row: row.code,
                width=104,
                tip=lambda row: row.barcode or row.code,
                rank=1,
                key="code",
                order=ProductOrder.CODE,
            ),
            ColumnOf(title=tr("Name"), text=_name, tip=_detail, key="name", order=ProductOrder.NAME),
            ColumnOf(
                title=tr("Department"),
                text=lambda row: row.department,
                tip=_detail,
                width=112,
                rank=3,
                key="department",
                order=ProductOrder.DEPARTMENT,
            ),
            ColumnOf(
                title=tr("Tax"),
                text=lambda row: context.format.percent(tax_of(row, context.shop).rate.milli),
                tip=lambda row: tax_of(row, context.shop).name,
                width=72,
                is_number=True,
                rank=2,
                key="tax",
                order=ProductOrder.TAX,
            ),
            ColumnOf(
                title=price,
                text=lambda row: context.format.price(row.price),
                width=104,
                is_number=True,
                key="price",
                order=ProductOrder.PRICE,
            ),
        )
        super().__init__(context, columns, descending=False, parent=parent)


def tax_of(row: Product, shop: Shop) -> ShopTax:
    """Return the tax of a product: its own, also a retired one, or the shop's default."""
    return row.tax or next((tax for tax in shop.taxes if tax.key == row.tax_key), shop.default_tax)


def _name(row: Product) -> str:
    return tr("{name} (not on sale)", name=row.name) if row.is_retired else row.name


def _detail(row: Product) -> str:
    return " · ".join(filter(None, (row.name, row.department, row.category)))


def file_head(*, with_tax: bool | None = None) -> tuple[str, ...]:
    """Return the column names of an exported list, which are those that the import reads.

    ``with_tax`` tells whether the prices include tax, for a shop where they do not.
    """
    price = {None: "price", True: PRICE_WITH_TAX, False: PRICE_WITHOUT_TAX}[with_tax]
    return ("product_id", "barcode", "name", "department", "category", price, "tax", "tax_rate", "on_sale", "unit_code")


def file_row(row: Product, currency: Currency) -> tuple[Cell, ...]:
    """Return a product as a row of an exported list, with its exact price in major units."""
    price = Decimal(row.price).scaleb(-currency.digits - 2)
    least = price.quantize(Decimal(1).scaleb(-currency.digits))
    shown = least if least == price else price.normalize()
    tax, rate = (row.tax.name, row.tax.rate.decimal) if row.tax else ("", "")  # empty: the shop's default
    on_sale = "no" if row.is_retired else "yes"
    return (row.code, row.barcode, row.name, row.department, row.category, shown, tax, rate, on_sale, row.unit.value)
