"""The meaning of a scan: a document, or a product with what the code says about this piece of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select

from shopdesk.domain.barcode import Barcode, read_barcode, with_check_digit
from shopdesk.domain.element_string import read_element_string
from shopdesk.domain.errors import Refused
from shopdesk.domain.in_store_code import read_in_store_code
from shopdesk.domain.keyboard_layout import codes_meant
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT, rounded
from shopdesk.domain.product import Product
from shopdesk.queries import products
from shopdesk.store import shop
from shopdesk.store.session import Session
from shopdesk.store.tables import documents

_NUMBERED = select(documents.c.key).where(documents.c.number == bindparam("number"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedItem:
    """A scanned product. ``quantity`` (thousandths) and ``price`` (hundredths of a minor unit) are the label's own."""

    product: Product
    quantity: int | None = None
    price: int | None = None
    batch: str = ""
    expires_on: date | None = None

    @property
    def is_plain(self) -> bool:
        """True if the code says no more than which product it is."""
        return self == ScannedItem(product=self.product)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanMeaning:
    """The meaning of a scan: the key of a document, or an item."""

    document_key: UUID | None = None
    item: ScannedItem | None = None
    is_garbled: bool = False
    """True if the scanner is set to another keyboard layout than the computer."""


def meaning(session: Session, code: Barcode) -> ScanMeaning | None:
    """Return the meaning of a code as read, or None.

    In this order: a document's number, a GS1 element string, a label of the shop's own pattern, a product. A code that
    is none of them is tried as one of a scanner with another keyboard layout.
    """
    found = _meaning(session, code)
    if found is None and not code.is_certain and not code.is_number:
        others = (read_barcode(text) for text in codes_meant(code.text))
        found = next((one for other in others if (one := _meaning(session, other)) is not None), None)
        return replace(found, is_garbled=True) if found is not None else None
    return replace(found, is_garbled=code.is_garbled) if found is not None else None


def _meaning(session: Session, code: Barcode) -> ScanMeaning | None:
    document = session.fetch_value(_NUMBERED, {"number": code.text.upper()})
    if document is not None:
        return ScanMeaning(document_key=document)
    item = _by_element_string(session, code) if code.is_element_string else _item(session, code)
    return ScanMeaning(item=item) if item is not None else None


def _item(session: Session, code: Barcode) -> ScannedItem | None:
    found = products.scanned(session, code)
    if found is None or found.barcode != code.text:
        label = _by_label(session, code)
        if label is not None:
            return label
    return ScannedItem(product=found) if found is not None else None


def _by_element_string(session: Session, code: Barcode) -> ScannedItem | None:
    said = read_element_string(code.text)
    product = products.scanned(session, read_barcode(said.gtin)) if said is not None else None
    if said is None or product is None:
        return None
    price = said.price_in(shop.current(session).currency)
    measured = said.weight if said.weight is not None else said.count and said.count * QUANTITY_UNIT
    item = ScannedItem(product=product, quantity=measured, batch=said.batch, expires_on=said.expires_on)
    return _priced(item, price) if price is not None else item


def _by_label(session: Session, code: Barcode) -> ScannedItem | None:
    patterns = shop.current(session).in_store_codes
    if not patterns or not code.gtins:
        return None
    try:
        said = read_in_store_code(code.gtins[0][1:], patterns)
    except Refused:  # from an older program, or typed into the database
        return None
    if said is None:
        return None
    names = (said.item, said.item.lstrip("0"), with_check_digit(said.blank))
    product = next((found for name in names if name and (found := products.by_code(session, name))), None)
    if product is None:
        return None
    item = ScannedItem(product=product, quantity=said.weight)
    return _priced(item, said.price) if said.price is not None else item


def _priced(item: ScannedItem, minor: int) -> ScannedItem:
    """Return the item at what its label costs: as a quantity at the product's price, else as one piece at its own."""
    price = item.product.price
    if price > 0:
        quantity = rounded(minor * PRICE_PER_MINOR * QUANTITY_UNIT, price)
        if quantity and rounded(quantity * price, QUANTITY_UNIT * PRICE_PER_MINOR) == minor:
            return replace(item, quantity=quantity)
    return replace(item, quantity=QUANTITY_UNIT, price=minor * PRICE_PER_MINOR)
