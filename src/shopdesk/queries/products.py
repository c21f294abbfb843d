"""Queries about products: one indexed query per scan."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_

from shopdesk.domain.product import Product
from shopdesk.queries.keyset import rows_after
from shopdesk.store import products as kept
from shopdesk.store import search
from shopdesk.store.session import Session
from shopdesk.store.tables import products


def suggest(session: Session, text: str, limit: int = 8) -> tuple[Product, ...]:
    """Return products on sale whose name or code has words that begin like these."""
    keys = search.keys_matching(kept.SEARCH, text)
    if keys is None:
        return ()
    statement = kept.SELECT.where(products.c.key.in_(keys), products.c.is_retired.is_(False))
    return tuple(kept.to_product(row) for row in session.execute(statement.order_by(products.c.name).limit(limit)))


def by_code(session: Session, code: str) -> Product | None:
    """Return the product on sale with this barcode or code; a barcode takes precedence."""
    written = code.strip()
    if not written:
        return None
    statement = kept.SELECT.where(
        or_(products.c.barcode == written, products.c.code == written), products.c.is_retired.is_(False)
    )
    found = sorted(session.execute(statement.limit(20)), key=lambda row: row.barcode != written)
    return kept.to_product(found[0]) if found else None


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
    keys = search.keys_matching(kept.SEARCH, text)
    if keys is not None:
        statement = statement.where(products.c.key.in_(keys))
    is_code = order is ProductOrder.CODE
    columns = (products.c.code,) if is_code else (products.c.name, products.c.key)
    if after is not None:
        here, last = rows_after(columns, (after.code,) if is_code else (after.name, after.key))
        statement = statement.where(here < last if descending else here > last)
    ordered = [column.desc() if descending else column.asc() for column in columns]
    rows = session.execute(statement.order_by(*ordered).limit(limit))
    return tuple(kept.to_product(row) for row in rows)
