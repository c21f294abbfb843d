"""A product of the catalogue, as the editor suggests it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product. ``price`` is in hundredths of a minor unit; ``tax_key`` is None for the shop's default."""

    key: UUID
    code: str
    name: str
    price: int
    barcode: str = ""
    department: str = ""
    category: str = ""
    tax_key: UUID | None = None
    is_retired: bool = False
