"""Products in the order of their departments and taxes, and those that are shown as tiles in the editor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_IS_TILE = sa.text("tile_colour <> ''")


def upgrade() -> None:
    for name, length in (("tile_colour", 10), ("tile_page", 100)):
        op.add_column("products", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    op.add_column("products", sa.Column("tile_order", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_products_department_sort_key_key", "products", ["department", "sort_key", "key"])
    op.create_index("ix_products_tax_key_sort_key_key", "products", ["tax_key", "sort_key", "key"])
    op.create_index("ix_products_tiles", "products", ["tile_order"], sqlite_where=_IS_TILE, postgresql_where=_IS_TILE)


def downgrade() -> None:
    for name in ("tiles", "tax_key_sort_key_key", "department_sort_key_key"):
        op.drop_index(f"ix_products_{name}", table_name="products")
    for name in ("tile_order", "tile_page", "tile_colour"):
        op.execute(f"ALTER TABLE products DROP COLUMN {name}")
