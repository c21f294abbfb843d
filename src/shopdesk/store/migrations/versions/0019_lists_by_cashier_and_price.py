"""Documents of one cashier, and products by price, each from an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    newest = [sa.text("issued_at DESC"), sa.text('"key" DESC')]
    op.create_index("ix_documents_issued_by", "documents", ["issued_by_key", *newest])
    op.create_index("ix_products_price", "products", ["price_centi", "sort_key", "key"])


def downgrade() -> None:
    op.drop_index("ix_products_price", table_name="products")
    op.drop_index("ix_documents_issued_by", table_name="documents")
