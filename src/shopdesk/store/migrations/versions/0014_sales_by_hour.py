"""Statistics by hour and by cashier from an index alone."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    columns = ["date_on", "issued_by_key", "issued_at", "kind", "state", "gross_minor"]
    op.create_index("ix_documents_sales", "documents", columns)


def downgrade() -> None:
    op.drop_index("ix_documents_sales", table_name="documents")
