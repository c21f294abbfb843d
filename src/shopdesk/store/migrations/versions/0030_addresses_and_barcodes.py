"""E-mail addresses compared by the domain that DNS knows, and barcodes in groups or without their first zero as GTINs.

The values are made by the program's own functions, as in 0005: whatever they become, those of one program match.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from shopdesk.domain.barcode import gtin
from shopdesk.domain.email_address import comparable
from shopdesk.store.columns import UuidKey

revision = "0030"
down_revision = "0029"

_CUSTOMERS = sa.table(
    "customers", sa.column("key", UuidKey()), sa.column("email", sa.String()), sa.column("email_folded", sa.String())
)
_PRODUCTS = sa.table(
    "products", sa.column("key", UuidKey()), sa.column("barcode", sa.String()), sa.column("gtin", sa.String())
)
_AT_ONCE = 1000


def upgrade() -> None:
    _fill(_CUSTOMERS, "email", "email_folded", comparable)
    _fill(_PRODUCTS, "barcode", "gtin", gtin)


def downgrade() -> None:
    pass


def _fill(table: sa.TableClause, typed: str, compared: str, form: Callable[[str], str]) -> None:
    """Fill a column that is compared from the one that was typed, where it has changed."""
    connection, columns = op.get_bind(), table.c
    found = connection.execute(sa.select(columns.key, columns[typed], columns[compared]).where(columns[typed] != ""))
    rows = [{"which": key, "form": new} for key, text, before in found if (new := form(text)) != before]
    change = sa.update(table).where(columns.key == sa.bindparam("which")).values({compared: sa.bindparam("form")})
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(change, rows[start : start + _AT_ONCE])
