"""Queries about products: one indexed query per scan."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, func, or_, select

from shopdesk.domain.barcode import Barcode, read_barcode
from shopdesk.domain.collation import sort_key
from shopdesk.domain.product import Product
from shopdesk.queries.indexed_list import Condition, ListPosition, Seen
from shopdesk.queries.keyset import each_value
from shopdesk.store import products as kept
from shopdesk.store import shop
from shopdesk.store.session import Session
from shopdesk.store.tables import IS_TILE, products

_IN_ORDER = (products.c.sort_key, products.c.key)


def suggest(session: Session, text: str, limit: int = 8) -> tuple[Product, ...]:
    """Return products on sale whose name or code has words that begin like these."""
    parts = _found_by(text)
    if not parts:
        return ()
    place = ListPosition(key=products.c.key, columns=_IN_ORDER, descending=False, last=None, is_clustered=True)
    wanted = kept.SELECT.where(products.c.is_retired.is_(False))
    return tuple(map(kept.to_product, place.rows(session, wanted, parts, limit)))


def _found_by(text: str) -> list[Condition]:
    keys = kept.keys_matching(text)
    if keys is None:
        return []
    is_found = kept.is_found(text)
    return [Condition(holds=lambda _: is_found, keys=keys, is_costly=True)]


def by_code(session: Session, code: str) -> Product | None:
    """Return the product on sale with this barcode or code; a barcode takes precedence."""
    return scanned(session, read_barcode(code)) or _with_exactly(session, code.strip())


def scanned(session: Session, code: Barcode) -> Product | None:
    """Return the product on sale with a code as read: with this barcode, of the same article, or with this code."""
    if not code.text:
        return None
    columns = products.c
    statement = kept.SELECT.where(
        or_(columns.barcode == code.text, columns.gtin.in_(code.gtins), columns.code == code.text),
        columns.is_retired.is_(False),
    )

    def rank(row: Any) -> tuple[int, str]:
        if row.barcode == code.text:
            return 0, row.name
        is_same = row.gtin in code.gtins
        if is_same and code.is_certain:
            return 1 + code.gtins.index(row.gtin), row.name
        return (10 if row.code == code.text else 20), row.name

    found = min(session.execute(statement.limit(20)), key=rank, default=None)
    return kept.to_product(found) if found is not None else None


def _with_exactly(session: Session, text: str) -> Product | None:
    """Return the product on sale whose barcode or code is a text that reads like one with marks around it."""
    if not text or read_barcode(text).text == text:
        return None
    statement = kept.SELECT.where(
        or_(products.c.barcode == text, products.c.code == text), products.c.is_retired.is_(False)
    )
    found = session.execute(statement.limit(1)).first()
    return kept.to_product(found) if found is not None else None


def todays_prices(session: Session, keys: Sequence[UUID]) -> dict[UUID, int]:
    """Return the prices of these products that are on sale, by key, in hundredths of a minor unit."""
    columns = products.c
    rows = session.execute(
        select(columns.key, columns.price_centi).where(columns.key.in_(set(keys)), columns.is_retired.is_(False))
    )
    return {row.key: row.price_centi for row in rows}


def get(session: Session, key: UUID) -> Product:
    """Return one product. Raise Refused when there is none."""
    return kept.by_key(session, key)


class ProductOrder(StrEnum):
    """The orders of the list of products; each is that of an index."""

    NAME = "name"
    CODE = "code"
    DEPARTMENT = "department"
    TAX = "tax"
    PRICE = "price"


def page(
    session: Session,
    *,
    text: str,
    after: Product | None,
    limit: int = 200,
    order: ProductOrder = ProductOrder.NAME,
    descending: bool = False,
) -> tuple[Product, ...]:
    """Return the next rows of the list, by name, retired ones too, after the last one shown."""
    parts = _found_by(text)
    if order in _GROUPED:
        return _by_group(session, parts, order, after=after, limit=limit, descending=descending)
    last: tuple[Any, ...] | None = None
    if after is not None:
        name = (sort_key(after.name, shop.language(session)), after.key)
        last = {ProductOrder.CODE: (after.code,), ProductOrder.PRICE: (after.price, *name)}.get(order, name)
    place = ListPosition(
        key=products.c.key, columns=_COLUMNS[order], descending=descending, last=last, is_clustered=True
    )
    return tuple(map(kept.to_product, place.rows(session, kept.SELECT, parts, limit)))


_COLUMNS: dict[ProductOrder, tuple[Column[Any], ...]] = {
    ProductOrder.NAME: _IN_ORDER,
    ProductOrder.CODE: (products.c.code,),
    ProductOrder.PRICE: (products.c.price_centi, *_IN_ORDER),
}
_GROUPED = {ProductOrder.DEPARTMENT: products.c.department, ProductOrder.TAX: products.c.tax_key}


def _by_group(
    session: Session,
    parts: Sequence[Condition],
    order: ProductOrder,
    *,
    after: Product | None,
    limit: int,
    descending: bool,
) -> tuple[Product, ...]:
    """Return the next rows department by department or tax by tax, each by name.

    There are few groups, and each is one look into the index of its column. So departments come in the order of the
    shop's language, and taxes in that of their rates, which no index of the products has.
    """
    column = _GROUPED[order]
    language = shop.language(session)
    groups: list[Any]
    here: Any
    if order is ProductOrder.TAX:
        groups, here = kept.taxes_in_order(session), after.tax_key if after else None
    else:
        groups, here = departments(session), after.department if after else None
        if after is not None and here not in groups:  # its last product has just left it
            groups = sorted([*groups, here], key=lambda name: (sort_key(name, language), name))
    if descending:
        groups.reverse()
    rows: list[Any] = []
    for group in groups[groups.index(here) if after is not None else 0 :]:
        last = (sort_key(after.name, language), after.key) if after is not None and group == here else None
        place = ListPosition(key=products.c.key, columns=_IN_ORDER, descending=descending, last=last, order=order)
        rows += place.rows(session, kept.SELECT, [*parts, _in_group(column, group, order)], limit - len(rows))
        if len(rows) == limit:
            break
    return tuple(kept.to_product(row) for row in rows)


def _in_group(column: ColumnElement[Any], group: Any, order: ProductOrder) -> Condition:
    def holds(seen: Seen) -> ColumnElement[bool]:
        return seen(column).is_(None) if group is None else seen(column) == group

    return Condition(holds=holds, leads=frozenset({order}))


def departments(session: Session) -> list[str]:
    """Return the departments that products have, in the order of the shop's language; "" is that of those without."""
    language = shop.language(session)
    return sorted(map(str, session.execute(_DEPARTMENTS).scalars()), key=lambda name: (sort_key(name, language), name))


_DEPARTMENTS = each_value(products.c.department)


MOST_TILES = 500
"""The most tiles that are shown: more than a person finds."""


def tiles(session: Session) -> tuple[Product, ...]:
    """Return the products on sale that are shown as tiles, in their order."""
    statement = kept.SELECT.where(IS_TILE, products.c.is_retired.is_(False))
    rows = session.execute(statement.order_by(products.c.tile_order, *_IN_ORDER).limit(MOST_TILES))
    return tuple(kept.to_product(row) for row in rows)


def department_of(item: ColumnElement[str]) -> ColumnElement[str]:
    """Return the department that the product of an item's name has today; "" for none: documents name none."""
    found = select(products.c.department).where(products.c.name == item)
    return func.coalesce(found.order_by(products.c.is_retired, products.c.key).limit(1).scalar_subquery(), "")
