"""How the table writes what it knows and shows what was typed, so that both read back as the same value.

The one thing to know: what is *written* into a cell (``row_of``, ``price``) is typed text, without group marks; what is
*shown* of a cell is that text made handsome when it can be read, and exactly as typed when it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from uuid import UUID

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Line
from shopdesk.domain.draft import Form, Row, read_discount
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Marks, read_percent, read_price, read_quantity
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Shop, ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import Discount, PercentOff
from shopdesk.render import words

NOTHING = "–"


class Column(IntEnum):
    """The columns of the table, as they stand."""

    ITEM = 0
    QUANTITY = 1
    UNIT_PRICE = 2
    DISCOUNT = 3
    TAX = 4
    AMOUNT = 5

    @property
    def field(self) -> str:
        """The name of the field in ``Row`` and in ``Fault``; the amount is nobody's to type."""
        return self.name.lower()


LAST_TYPED = Column.TAX


@dataclass(frozen=True, slots=True)
class Notation:
    """A shop's currency, rates, language and marks."""

    shop: Shop
    marks: Marks

    @property
    def _language(self) -> str:
        return self.shop.language

    # --- values as typed text ---

    def quantity(self, thousandths: int) -> str:
        """A quantity as one types it."""
        return self._plain(words.quantity(thousandths, self._language))

    def price(self, hundredths: int) -> str:
        """A unit price as one types it."""
        return self._plain(words.price(hundredths, self.shop.currency, self._language))

    def amount(self, minor: int) -> str:
        """An amount as one types it."""
        return self._plain(words.amount(minor, self.shop.currency, self._language))

    def discount(self, discount: Discount | None) -> str:
        """A discount as one types it."""
        if discount is None:
            return ""
        if isinstance(discount, PercentOff):
            return self._percent(discount.milli)
        return self.amount(discount.minor)

    def tax(self, rate: TaxRate) -> str:
        """A rate as one types it; by its name where two rates of the shop have the same percentage."""
        alike = [tax for tax in self.shop.taxes if tax.rate.milli == rate.milli]
        if len(alike) > 1:
            return next((tax.name for tax in alike if tax.rate == rate), alike[0].name)
        return self._percent(rate.milli)

    def rates(self) -> list[str]:
        """The shop's rates as one types them, without the sign."""
        return [self.tax(tax.rate).removesuffix(" %") for tax in self.shop.taxes]

    def row_of(self, line: Line) -> Row:
        """The row that reads as this line; a line of a credit note has its quantity negated."""
        return Row(
            item=line.item,
            quantity=self.quantity(abs(line.quantity)),
            unit_price=self.price(line.unit_price),
            discount=self.discount(line.discount),
            tax=self.tax(line.tax),
            product_key=line.product_key,
        )

    def row_with(self, row: Row, product: Product) -> Row:
        """The row with a product taken: its name, its price, its tax; the quantity stays."""
        tax = next((tax for tax in self.shop.taxes if tax.key == product.tax_key), None)
        return replace(
            row,
            item=product.name,
            unit_price=self.price(product.price),
            tax=self.tax(tax.rate) if tax is not None else "",
            product_key=product.key,
        )

    def form_of(self, document: Document, *, key: UUID) -> Form:
        """The form that reads as this document, to correct it."""
        return Form(
            key=key,
            kind=document.kind,
            customer=_called(document.buyer),
            customer_key=document.buyer.key,
            on=document.date_on.isoformat(),
            due=document.due_on.isoformat() if document.due_on else "",
            discount=self.discount(document.discount),
            note=document.note,
            rows=tuple(self.row_of(line) for line in document.lines) or (Row(),),
            edits=document.key,
            revision=document.revision,
        )

    def more(self, row: Row, thousandths: int) -> Row | None:
        """The row with so much more of it, or None when its quantity cannot be read."""
        try:
            before = read_quantity(row.quantity, self.marks) if row.quantity.strip() else 1000
            text = self.quantity(before + thousandths)
            read_quantity(text, self.marks)
        except Refused:
            return None
        return replace(row, quantity=text)

    # --- typed text as it is shown ---

    def shown(self, row: Row, column: Column) -> str:
        """What stands in a cell while nobody types there. Amounts are the reading's to say."""
        if column is Column.ITEM:
            return " ".join(row.item.split())
        if row.is_blank or column is Column.AMOUNT:
            return ""
        typed: str = getattr(row, column.field)
        try:
            return self._handsome(column, typed.strip())
        except Refused:
            return " ".join(typed.split())

    def _handsome(self, column: Column, typed: str) -> str:
        currency = self.shop.currency
        if column is Column.QUANTITY:
            return words.quantity(read_quantity(typed or "1", self.marks), self._language)
        if column is Column.UNIT_PRICE:
            return words.price(read_price(typed, self.marks, currency), currency, self._language) if typed else ""
        if column is Column.DISCOUNT:
            discount = read_discount(typed, self.marks, currency)
            if isinstance(discount, PercentOff):
                return words.percent(discount.milli, self._language)
            return words.amount(discount.minor, currency, self._language) if discount else NOTHING
        if not typed:
            return self.rate(self.shop.default_tax.rate)
        if any(tax.name == typed for tax in self.shop.taxes):
            return typed
        return words.percent(read_percent(typed, self.marks), self._language)

    def shown_amount(self, minor: int) -> str:
        """An amount as the table and the totals show it."""
        return words.amount(minor, self.shop.currency, self._language)

    def rate(self, rate: TaxRate) -> str:
        """A rate as the table and the totals show it."""
        return words.percent(rate.milli, self._language)

    def _percent(self, milli: int) -> str:
        return f"{self.quantity(milli)} %"  # both are thousandths

    def _plain(self, written: str) -> str:
        return written.replace(self.marks.group, "")


def shop_for(document: Document, shop: Shop) -> Shop:
    """The shop as a correction of this document is read: in its currency, its kind of prices, with its rates too."""
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
