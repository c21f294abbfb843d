"""Queries about products: one indexed query per scan."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from shopdesk.domain.barcode import Barcode, read_barcode
from shopdesk.domain.collation import sort_key
from shopdesk.domain.product import Product
from shopdesk.queries.keyset import rows_after
from shopdesk.store import products as kept
from shopdesk.store import search, shop
from shopdesk.store.session import Session
from shopdesk.store.tables import products

_IN_ORDER = (products.c.sort_key, products.c.key)


def suggest(session: Session, text: str, limit: int = 8) -> tuple[Product, ...]:
    """Return products on sale whose name or code has words that begin like these."""
    found = _matching(text)
    if found is None:
        return ()
    statement = kept.SELECT.where(found, products.c.is_retired.is_(False))
    return tuple(kept.to_product(row) for row in session.execute(statement.order_by(*_IN_ORDER).limit(limit)))


def _matching(text: str) -> ColumnElement[bool] | None:
    """Return the products with words that begin like these, or with a barcode in any of its forms; None for all."""
    keys = search.keys_matching(kept.SEARCH, text)
    if keys is None:
        return None
    named, code = products.c.key.in_(keys), read_barcode(text)
    return or_(named, products.c.gtin.in_(code.gtins)) if code.is_certain else named


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
    statement = kept.SELECT
    found = _matching(text)
    if found is not None:
        statement = statement.where(found)
    is_code = order is ProductOrder.CODE
    columns = (products.c.code,) if is_code else _IN_ORDER
    if after is not None:
        name = (sort_key(after.name, shop.language(session)), after.key)
        here, last = rows_after(columns, (after.code,) if is_code else name)
        statement = statement.where(here < last if descending else here > last)
    ordered = [column.desc() if descending else column.asc() for column in columns]
    rows = session.execute(statement.order_by(*ordered).limit(limit))
    return tuple(kept.to_product(row) for row in rows)
