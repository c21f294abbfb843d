"""The format of the cells of the items table; every text in it reads back as the same value.

The text *in* a cell (``row_of``, ``price``) is as a user would type it, without group
separators; the text *shown* is that text formatted if it can be read, else as typed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from uuid import UUID

from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.document import Document, Kind, Line
from shopdesk.domain.draft import DraftForm, DraftRow, read_discount, usual_due
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import NumberSymbols, read_percent, read_price, read_quantity
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Shop, ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import Discount, PercentOff
from shopdesk.render import formatting

NOTHING = "–"


class ItemColumn(IntEnum):
    """The columns of the table, in order."""

    ITEM = 0
    QUANTITY = 1
    UNIT_PRICE = 2
    DISCOUNT = 3
    TAX = 4
    AMOUNT = 5

    @property
    def field(self) -> str:
        """The name of the field in ``DraftRow`` and in ``FieldError``; the amount has none, it is not typed."""
        return self.name.lower()


LAST_TYPED = ItemColumn.TAX


@dataclass(frozen=True, slots=True)
class CellFormat:
    """The cell format of a shop: its currency, tax rates, language and number symbols."""

    shop: Shop
    symbols: NumberSymbols

    @property
    def _language(self) -> str:
        return self.shop.locale

    # --- values as typed ---

    def quantity(self, thousandths: int) -> str:
        """Return a quantity in thousandths as typed text."""
        return self._plain(formatting.quantity(thousandths, self._language))

    def price(self, hundredths: int) -> str:
        """Return a unit price in hundredths of a minor unit as typed text."""
        return self._plain(formatting.price(hundredths, self.shop.currency, self._language))

    def amount(self, minor: int) -> str:
        """Return an amount in minor units as typed text."""
        return self._plain(formatting.amount(minor, self.shop.currency, self._language))

    def discount(self, discount: Discount | None) -> str:
        """Return a discount as typed text; empty for none."""
        if discount is None:
            return ""
        if isinstance(discount, PercentOff):
            return self._percent(discount.milli)
        return self.amount(discount.minor)

    def tax(self, rate: TaxRate) -> str:
        """Return a tax rate as typed text; its name if two rates of the shop have the same percentage."""
        alike = [tax for tax in self.shop.taxes if tax.rate.milli == rate.milli]
        if len(alike) > 1:
            return next((tax.name for tax in alike if tax.rate == rate), alike[0].name)
        return self._percent(rate.milli)

    def rates(self) -> list[str]:
        """Return the shop's tax rates as typed text, without the per cent sign."""
        return [self.tax(tax.rate).removesuffix(" %") for tax in self.shop.taxes]

    def row_of(self, line: Line) -> DraftRow:
        """Return the row of a line. The quantity is positive, also for a credit note."""
        return DraftRow(
            item=line.item,
            quantity=self.quantity(abs(line.quantity)),
            unit_price=self.price(line.unit_price),
            discount=self.discount(line.discount),
            tax=self.tax(line.tax),
            product_key=line.product_key,
        )

    def row_with(self, row: DraftRow, product: Product) -> DraftRow:
        """Return the row with name, price and tax of a product; keep its quantity."""
        tax = next((tax for tax in self.shop.taxes if tax.key == product.tax_key), None)
        return replace(
            row,
            item=product.name,
            unit_price=self.price(product.price),
            tax=self.tax(tax.rate) if tax is not None else "",
            product_key=product.key,
        )

    def form_of(self, document: Document, *, key: UUID) -> DraftForm:
        """Return the form of an issued document, to correct it.

        A sealed one is replaced by a new document, with the date of its own issue. A due date on the shop's terms
        stays on them.
        """
        is_usual = document.due_on == usual_due(document.kind, document.date_on, self.shop.due_days)
        return DraftForm(
            key=key,
            kind=document.kind,
            customer=_called(document.buyer),
            customer_key=document.buyer.key,
            on="" if document.is_sealed else document.date_on.isoformat(),
            due=document.due_on.isoformat() if document.due_on and not is_usual else "",
            discount=self.discount(document.discount),
            note=document.note,
            rows=tuple(self.row_of(line) for line in document.lines) or (DraftRow(),),
            edits=document.key,
            revision=document.revision,
        )

    def copy_of(self, document: Document, customer: Customer | None, *, key: UUID, kind: Kind) -> DraftForm:
        """Return a new form with the rows, prices, discount and note of a document, dated on the day of its issue."""
        return DraftForm(
            key=key,
            kind=kind,
            customer=customer.name if customer else "",
            customer_key=customer.key if customer else None,
            discount=self.discount(document.discount),
            note="" if document.corrects else document.note,  # the note of a credit note is the number it credits
            rows=tuple(self.row_of(line) for line in document.lines) or (DraftRow(),),
            origin=document.key,
        )

    def todays_price(self, row: DraftRow, price: int) -> str:
        """Return today's price of a row's product as shown text if the row has another one, else an empty text."""
        try:
            is_same = read_price(row.unit_price, self.symbols, self.shop.currency) == price
        except Refused:
            return ""
        return "" if is_same else formatting.price(price, self.shop.currency, self._language)

    def add_quantity(self, row: DraftRow, thousandths: int) -> DraftRow | None:
        """Return the row with its quantity increased, or None if the quantity cannot be read or gets too large."""
        try:
            before = read_quantity(row.quantity, self.symbols) if row.quantity.strip() else 1000
            text = self.quantity(before + thousandths)
            read_quantity(text, self.symbols)
        except Refused:
            return None
        return replace(row, quantity=text)

    # --- typed text as shown ---

    def shown(self, row: DraftRow, column: ItemColumn) -> str:
        """Return the text shown in a cell that is not being edited; empty for the amount, which the model computes."""
        if column is ItemColumn.ITEM:
            return " ".join(row.item.split())
        if row.is_blank or column is ItemColumn.AMOUNT:
            return ""
        typed: str = getattr(row, column.field)
        try:
            return self._formatted(column, typed.strip())
        except Refused:
            return " ".join(typed.split())

    def _formatted(self, column: ItemColumn, typed: str) -> str:
        currency = self.shop.currency
        if column is ItemColumn.QUANTITY:
            return self.quantity(read_quantity(typed or "1", self.symbols))
        if column is ItemColumn.UNIT_PRICE:
            return (
                formatting.price(read_price(typed, self.symbols, currency), currency, self._language) if typed else ""
            )
        if column is ItemColumn.DISCOUNT:
            discount = read_discount(typed, self.symbols, currency)
            if isinstance(discount, PercentOff):
                return formatting.percent(discount.milli, self._language)
            return formatting.amount(discount.minor, currency, self._language) if discount else NOTHING
        if not typed:
            return self.rate(self.shop.default_tax.rate)
        if any(tax.name == typed for tax in self.shop.taxes):
            return typed
        return formatting.percent(read_percent(typed, self.symbols), self._language)

    def shown_amount(self, minor: int) -> str:
        """Format an amount in minor units as the table and the totals show it."""
        return formatting.amount(minor, self.shop.currency, self._language)

    def rate(self, rate: TaxRate) -> str:
        """Format a tax rate as the table and the totals show it."""
        return formatting.percent(rate.milli, self._language)

    def _percent(self, milli: int) -> str:
        return f"{self.quantity(milli)} %"  # both are thousandths

    def _plain(self, written: str) -> str:
        return written.replace(self.symbols.group, "")


def shop_for(document: Document, shop: Shop) -> Shop:
    """Return the shop with the document's currency, kind of prices and tax rates, to read a correction of it."""
    known = {tax.rate for tax in shop.taxes}
    rates = sorted({line.tax for line in document.lines} - known)
    retired = tuple(ShopTax(key=UUID(int=at), name=f"{rate.decimal:f} %", rate=rate) for at, rate in enumerate(rates))
    return replace(
        shop,
        currency=document.currency,
        prices_include_tax=document.prices_include_tax,
        taxes=(*shop.taxes, *retired),
    )


def _called(buyer: Buyer) -> str:
    if buyer.key is None and buyer.email and buyer.name != buyer.email:
        return f"{buyer.name} <{buyer.email}>"
    return buyer.name
