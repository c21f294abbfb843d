"""Products in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, union_all, update

from shopdesk.domain.barcode import gtin, read_barcode
from shopdesk.domain.collation import sort_key
from shopdesk.domain.document import Line
from shopdesk.domain.errors import Refused
from shopdesk.domain.price_change import ProductChoice
from shopdesk.domain.product import Product, TileColour, comparable_barcode
from shopdesk.domain.search_words import SearchWords, of_product
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.unit import Unit
from shopdesk.store import few_values, search
from shopdesk.store.held_rows import held
from shopdesk.store.session import Asked, Session
from shopdesk.store.tables import products, tax_rates
from shopdesk.store.unindexed import unindexed

T = TypeVar("T")

SEARCH = "product"
_OF_TAX = ("name", "rate_milli", "category", "is_default")
SELECT = select(products, *(tax_rates.c[name].label(f"tax_{name}") for name in _OF_TAX)).outerjoin(
    tax_rates, tax_rates.c.key == products.c.tax_key
)
"""Products with their own taxes, for ``to_product``."""
_AT_ONCE = 500
"""Codes or keys per statement: both databases limit the number of parameters."""
_IS_ON_SALE = products.c.is_retired.is_(False)
_MEASURED = select(products.c.key, products.c.unit).where(
    few_values.among(products.c.key), products.c.unit != Unit.PIECE.value
)
_PRICES = select(products.c.key, products.c.price_centi).where(few_values.among(products.c.key))
_PRICES_BY_TEXT = union_all(
    *(
        select(column.label("text"), products.c.price_centi).where(few_values.among(column), _IS_ON_SALE)
        for column in (products.c.name, products.c.code, products.c.barcode)
    )
)
_ONE_FROM = select(products.c.key).where(products.c.price_centi >= bindparam("price"), _IS_ON_SALE).limit(1)


def require_free_code(session: Session, product: Product) -> None:
    """Raise Refused if another product has the code of this one."""
    taken = select(products.c.name).where(products.c.code == product.code, products.c.key != product.key)
    if other := session.execute(taken).scalar():
        raise Refused(
            sentence("The code {code} is already used by “{other}”.", code=product.code, other=other), field="code"
        )


def save(session: Session, product: Product, *, language: str) -> None:
    """Insert a product, or update the one with this key; ``language`` is the shop's, which decides the order."""
    row = to_row(product, language)
    changed = update(products).where(products.c.key == product.key).values(revision=products.c.revision + 1, **row)
    if session.execute(changed.returning(products.c.key)).first() is None:
        session.execute(insert(products), row | {"key": product.key})
    search.save_words(session, SEARCH, product.key, searched(product))


def by_key(session: Session, key: UUID, *, for_update: bool = False) -> Product:
    """Return a product; ``for_update`` locks it. Raises Refused if it does not exist."""
    product = find(session, key, for_update=for_update)
    if product is None:
        raise Refused(sentence("This product no longer exists."))
    return product


def find(session: Session, key: UUID, *, for_update: bool = False) -> Product | None:
    """Return a product, or None; ``for_update`` locks it."""
    statement = SELECT.where(products.c.key == key)
    rows = held(session, products, statement) if for_update else session.execute(statement).all()
    return to_product(rows[0]) if rows else None


def add_all(session: Session, new: Sequence[Product], *, language: str) -> None:
    """Insert many products, whose keys and codes must be new: a whole catalogue in a second."""
    for some in _parts(new):
        session.execute(insert(products), [to_row(product, language) | {"key": product.key} for product in some])
        search.add_words(session, SEARCH, [(product.key, searched(product)) for product in some])


def change_all(session: Session, changed: Sequence[Product], *, language: str) -> None:
    """Update many products by key; their codes must be unchanged."""
    change = update(products).where(products.c.key == bindparam("which"))
    change = change.values(revision=products.c.revision + 1)
    for some in _parts(changed):
        session.execute(change, [to_row(product, language) | {"which": product.key} for product in some])
        search.delete_words(session, [product.key for product in some])
        search.add_words(session, SEARCH, [(product.key, searched(product)) for product in some])


def with_codes(session: Session, codes: Sequence[str], *, for_update: bool = False) -> dict[str, Product]:
    """Return the products with these codes, by code, including retired ones; ``for_update`` locks them."""
    found: dict[str, Product] = {}
    for some in _parts(codes):
        statement = SELECT.where(products.c.code.in_(some)).order_by(products.c.key)
        rows = held(session, products, statement) if for_update else session.execute(statement).all()
        found.update((row.code, to_product(row)) for row in rows)
    return found


def own_prices(session: Session, lines: Sequence[Line]) -> list[int]:
    """Return each line's price in the catalogue, in hundredths of a minor unit; 0 where it is no product on sale.

    A line is the product it was chosen as, and that with the item's text as its code, barcode or name; of several, the
    cheapest of that text counts.
    """
    by_key, by_text = _asked_prices(lines)
    chosen = {row.key: row.price_centi for asked in by_key for row in session.fetch(*asked)}
    named: dict[str, int] = {}
    for asked in by_text:
        for row in session.fetch(*asked):
            named[row.text] = min(row.price_centi, named.get(row.text, row.price_centi))
    return [max(chosen.get(line.product_key, 0) if line.product_key else 0, named.get(line.item, 0)) for line in lines]


def asked_prices(lines: Sequence[Line]) -> list[Asked]:
    """Return the queries of ``own_prices``, to be read ahead."""
    by_key, by_text = _asked_prices(lines)
    return by_key + by_text


def _asked_prices(lines: Sequence[Line]) -> tuple[list[Asked], list[Asked]]:
    return few_values.asked(_PRICES, _keys_of(lines)), few_values.asked(
        _PRICES_BY_TEXT, list(dict.fromkeys(line.item for line in lines))
    )


def _keys_of(lines: Sequence[Line]) -> list[UUID]:
    return list(dict.fromkeys(line.product_key for line in lines if line.product_key))


def asked_units(lines: Sequence[Line]) -> list[Asked]:
    """Return the queries of ``with_units``, to be read ahead."""
    return few_values.asked(_MEASURED, _keys_of(lines))


def with_units(session: Session, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines with the units of their products; one without a product is counted in pieces."""
    units = {row.key: Unit(row.unit) for asked in asked_units(lines) for row in session.fetch(*asked)}
    return tuple(replace(line, unit=units[line.product_key]) if line.product_key in units else line for line in lines)


def are_all_cheaper(session: Session, price: int) -> bool:
    """Return True if every product on sale is cheaper than a price (hundredths of a minor unit), and one has a price.

    Stops at the first dearer one: of a usual price, at the first row.
    """

    def is_there(at_least: int) -> bool:
        return bool(session.fetch(_ONE_FROM, {"price": at_least}))

    return not is_there(price + 1) and is_there(1)


def matching(text: str) -> ColumnElement[bool] | None:
    """Return the products with words that begin like these, or with a barcode in any of its forms; None for all."""
    keys = search.keys_matching(SEARCH, text)
    if keys is None:
        return None
    named, code = products.c.key.in_(keys), read_barcode(text)
    return or_(named, products.c.gtin.in_(code.gtins)) if code.is_certain else named


def keys_matching(text: str) -> search.Keys | None:
    """Return the keys of the products that ``matching`` finds; None for all."""
    keys = search.keys_matching(SEARCH, text)
    code = read_barcode(text)
    if keys is None or not code.is_certain:
        return keys
    scanned = select(products.c.key).where(products.c.gtin.in_(code.gtins))
    return select(union_all(keys, scanned).subquery().c.key)


def is_found(text: str) -> ColumnElement[bool]:
    """Return the condition of ``matching`` for a query that looks at products one by one."""
    named, code = search.is_found(SEARCH, text, products.c.key), read_barcode(text)
    return or_(named, unindexed(products.c.gtin).in_(code.gtins)) if code.is_certain else named


def chosen(choice: ProductChoice) -> list[ColumnElement[bool]]:
    """Return the conditions for the products of a choice."""
    wanted = []
    if choice.text.strip() and (found := matching(choice.text)) is not None:
        wanted.append(found)
    if choice.department is not None:
        wanted.append(products.c.department == choice.department)
    if choice.keys:
        wanted.append(products.c.key.in_(choice.keys))
    return wanted


def each_chosen(
    session: Session, choice: ProductChoice, *, for_update: bool = False
) -> Iterator[list[tuple[Product, int]]]:
    """Yield the products of a choice with their revisions, by key, some at a time; ``for_update`` locks them."""
    statement = SELECT.where(*chosen(choice)).order_by(products.c.key).limit(_AT_ONCE * 2)
    rest = statement
    while rows := held(session, products, rest) if for_update else session.execute(rest).all():
        yield [(to_product(row), row.revision) for row in rows]
        rest = statement.where(products.c.key > rows[-1].key)


class ProductsState:
    """Stands for products with their revisions, added in one order: another text when one of them has changed."""

    def __init__(self) -> None:
        self._hash = sha256()

    def add(self, some: Sequence[tuple[Product, int]]) -> None:
        """Add the next products."""
        for product, revision in some:
            self._hash.update(product.key.bytes + revision.to_bytes(8, "big"))

    @property
    def text(self) -> str:
        """The state of all that were added."""
        return self._hash.hexdigest()


def set_prices(session: Session, changed: Sequence[Product]) -> None:
    """Set the prices and taxes of many products by key; nothing that search or order need changes with them."""
    change = update(products).where(products.c.key == bindparam("which"))
    change = change.values(price_centi=bindparam("price"), tax_key=bindparam("tax"), revision=products.c.revision + 1)
    for some in _parts(changed):
        session.execute(change, [{"which": one.key, "price": one.price, "tax": one.tax_key} for one in some])


def taxes_in_order(session: Session) -> list[UUID | None]:
    """Return the keys of all taxes by their rates; None, the shop's default, comes after the tax that it is."""
    order = (tax_rates.c.rate_milli, tax_rates.c.position, tax_rates.c.key)
    found: list[UUID | None] = []
    for key, is_default, is_retired in session.execute(
        select(tax_rates.c.key, tax_rates.c.is_default, tax_rates.c.is_retired).order_by(*order)
    ):
        found += [key, None] if is_default and not is_retired else [key]
    return found


def same_article(session: Session, product: Product) -> tuple[Product, ...]:
    """Return the other products on sale with the barcode of this one, in any of its forms."""
    article = gtin(product.barcode)
    if not product.barcode or product.is_retired:
        return ()
    same = products.c.gtin == article if article else products.c.barcode == product.barcode
    statement = SELECT.where(same, products.c.key != product.key, _IS_ON_SALE)
    return tuple(to_product(row) for row in session.execute(statement.order_by(products.c.name).limit(20)))


def on_sale_with_barcodes(session: Session, barcodes: Sequence[str]) -> dict[str, list[Product]]:
    """Return the products on sale with these barcodes (as they are compared), by barcode."""
    found: dict[str, list[Product]] = {}
    for some in _parts(sorted(set(barcodes))):
        is_one = or_(products.c.gtin.in_(some), products.c.barcode.in_(some))
        for row in session.execute(SELECT.where(is_one, _IS_ON_SALE)):
            found.setdefault(comparable_barcode(row.barcode), []).append(to_product(row))
    return found


def _parts(many: Sequence[T]) -> Iterator[Sequence[T]]:
    return (many[start : start + _AT_ONCE] for start in range(0, len(many), _AT_ONCE))


def searched(product: Product) -> SearchWords:
    """Return the words that a product is found by."""
    return of_product(product.name, product.code, product.barcode)


def to_row(product: Product, language: str) -> dict[str, Any]:
    """Return the columns of a product, without its key."""
    return {
        "sort_key": sort_key(product.name, language),
        "code": product.code,
        "barcode": product.barcode,
        "gtin": gtin(product.barcode),
        "name": product.name,
        "department": product.department,
        "category": product.category,
        "price_centi": product.price,
        "tax_key": product.tax_key,
        "is_retired": product.is_retired,
        "tile_colour": product.tile_colour.value if product.tile_colour else "",
        "tile_page": product.tile_page,
        "tile_order": product.tile_order,
        "unit": product.unit.value,
    }


def to_product(row: Any) -> Product:
    """Return the product of a row."""
    return Product(
        key=row.key,
        code=row.code,
        name=row.name,
        price=row.price_centi,
        barcode=row.barcode,
        department=row.department,
        category=row.category,
        tax_key=row.tax_key,
        is_retired=row.is_retired,
        tile_colour=TileColour(row.tile_colour) if row.tile_colour else None,
        tile_page=row.tile_page,
        tile_order=row.tile_order,
        unit=Unit(row.unit),
        tax=_to_tax(row) if row.tax_key is not None else None,
    )


def _to_tax(row: Any) -> ShopTax:
    rate = TaxRate(row.tax_rate_milli, Category(row.tax_category))
    return ShopTax(key=row.tax_key, name=row.tax_name, rate=rate, is_default=row.tax_is_default)
