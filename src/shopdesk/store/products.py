"""Products as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shopdesk.domain.errors import Refused
from shopdesk.domain.product import Product
from shopdesk.store import search
from shopdesk.store.tables import products

SEARCH = "product"


def save(session: Session, product: Product) -> None:
    """Write a new product, or change the one of this key. Refuses a code another product has."""
    taken = select(products.c.name).where(products.c.code == product.code, products.c.key != product.key)
    if other := session.execute(taken).scalar():
        raise Refused(f"The code {product.code} belongs to “{other}” already.", field="code")
    row = to_row(product)
    changed = update(products).where(products.c.key == product.key).values(revision=products.c.revision + 1, **row)
    if session.execute(changed.returning(products.c.key)).first() is None:
        session.execute(insert(products), row | {"key": product.key})
    search.keep_words(session, SEARCH, product.key, *searched(product))


def searched(product: Product) -> tuple[str, ...]:
    """The texts a product is found by."""
    return product.name, product.code, product.barcode


def to_row(product: Product) -> dict[str, Any]:
    """The columns of a product but its key."""
    return {
        "code": product.code,
        "barcode": product.barcode,
        "name": product.name,
        "department": product.department,
        "category": product.category,
        "price_centi": product.price,
        "tax_key": product.tax_key,
        "is_retired": product.is_retired,
    }


def to_product(row: Any) -> Product:
    """The value of a row."""
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
    )
