"""A product of the catalogue, as the editor suggests it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from shopdesk.domain.barcode import gtin
from shopdesk.domain.clean_text import clean
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.unit import Unit


class TileColour(StrEnum):
    """The colours of tiles; the values are stored."""

    GREY = "grey"
    RED = "red"
    ORANGE = "orange"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    VIOLET = "violet"
    PINK = "pink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product. ``price`` is in hundredths of a minor unit; ``tax_key`` is None for the shop's default.

    ``tax`` is the tax of that key, also a retired one, as it was read; it is not stored and not compared.
    With a ``tile_colour`` the editor shows it as a tile, on the page ``tile_page`` or else on that of its department,
    the lowest ``tile_order`` first.
    """

    key: UUID
    code: str
    name: str
    price: int
    barcode: str = ""
    department: str = ""
    category: str = ""
    tax_key: UUID | None = None
    is_retired: bool = False
    tile_colour: TileColour | None = None
    tile_page: str = ""
    tile_order: int = 0
    unit: Unit = Unit.PIECE
    tax: ShopTax | None = field(default=None, compare=False)


MAX_CODE_LENGTH = 64
_LAST_TILE = 9999
_AS_FLOAT = re.compile(r"\d+([.,]\d+E\+?|E\+)\d+", re.IGNORECASE)
_DESTROYED = sentence(
    "A spreadsheet made the number {code} of this code, and its last digits are lost. Export the list again, and set "
    "the column to Text before you open it."
)


def cleaned(product: Product) -> Product:
    """Return a product with clean texts. Raise Refused with one error for each wrong field."""
    cleaned = replace(
        product,
        code=clean(product.code, max_length=MAX_CODE_LENGTH, field="code"),
        barcode=clean(product.barcode, max_length=MAX_CODE_LENGTH, field="barcode"),
        name=clean(product.name, max_length=500, field="name"),
        department=clean(product.department, max_length=100, field="department"),
        category=clean(product.category, max_length=100, field="category"),
        tile_page=clean(product.tile_page, max_length=100, field="tile_page"),
    )
    codes = {"code": cleaned.code, "barcode": cleaned.barcode}
    faults = [
        FieldError(_DESTROYED.filled(code=code), field) for field, code in codes.items() if _AS_FLOAT.fullmatch(code)
    ]
    if not cleaned.name:
        faults.append(FieldError(sentence("A product needs a name."), "name"))
    if not cleaned.code:
        faults.append(FieldError(sentence("A product needs a code."), "code"))
    if cleaned.price < 0:
        faults.append(FieldError(sentence("A price cannot be negative."), "price"))
    if not 0 <= cleaned.tile_order <= _LAST_TILE:
        text = sentence("The place of a tile is a number from 0 to {last}.", last=_LAST_TILE)
        faults.append(FieldError(text, "tile_order"))
    if faults:
        raise Refused(faults)
    return cleaned


def comparable_barcode(barcode: str) -> str:
    """Return a barcode as it is compared: UPC-A, UPC-E, EAN and GTIN-14 of one article are one."""
    return gtin(barcode) or barcode
