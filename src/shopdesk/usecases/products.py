"""What is done to products."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.errors import Fault, Refused
from shopdesk.domain.product import Product
from shopdesk.domain.text import clean
from shopdesk.store import products
from shopdesk.usecases.rights import allowed


def save(session: Session, product: Product, *, by: Actor, now: datetime) -> Product:
    """Store a new product, or change one. Raises Refused with a fault for each field that is wrong."""
    allowed(session, by, Right.CATALOGUE)
    del now
    cleaned = replace(
        product,
        code=clean(product.code, most=64, field="code"),
        barcode=clean(product.barcode, most=64, field="barcode"),
        name=clean(product.name, most=500, field="name"),
        department=clean(product.department, most=100, field="department"),
        category=clean(product.category, most=100, field="category"),
    )
    faults = []
    if not cleaned.name:
        faults.append(Fault("A product needs a name.", "name"))
    if not cleaned.code:
        faults.append(Fault("A product needs a code of its own.", "code"))
    if cleaned.price < 0:
        faults.append(Fault("A price cannot be negative.", "price"))
    if faults:
        raise Refused(faults)
    products.save(session, cleaned)
    return cleaned
