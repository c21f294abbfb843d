"""Documents of a period, of an item, by a method of payment and in a state, each from an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    behind = ["issued_by_key", "kind", "state", "gross_minor"]
    op.drop_index("ix_documents_sales", table_name="documents")
    op.drop_index("ix_documents_date_on", table_name="documents")
    op.create_index("ix_documents_dated", "documents", ["date_on", "issued_at", "key", *behind])
    op.drop_index("ix_documents_issued_at_key", table_name="documents")
    op.create_index("ix_documents_issued", "documents", ["issued_at", "key", "customer_key"])
    op.drop_index("ix_documents_customer", table_name="documents")
    op.create_index("ix_documents_customer", "documents", ["customer_key", "issued_at", "key", "date_on"])
    is_not_issued = sa.text("state <> 'issued'")
    op.create_index(
        "ix_documents_not_issued",
        "documents",
        ["state", "issued_at", "key"],
        sqlite_where=is_not_issued,
        postgresql_where=is_not_issued,
    )
    is_merged = sa.text("merged_into IS NOT NULL")
    op.drop_index("ix_customers_merged_into", table_name="customers")
    op.create_index(
        "ix_customers_merged", "customers", ["merged_into"], sqlite_where=is_merged, postgresql_where=is_merged
    )
    op.create_index("ix_document_lines_item", "document_lines", ["item", "document_key"])
    op.create_index("ix_payments_method", "payments", ["method", "paid_on", "document_key"])


def downgrade() -> None:
    op.drop_index("ix_payments_method", table_name="payments")
    op.drop_index("ix_document_lines_item", table_name="document_lines")
    op.drop_index("ix_customers_merged", table_name="customers")
    op.create_index("ix_customers_merged_into", "customers", ["merged_into"])
    op.drop_index("ix_documents_not_issued", table_name="documents")
    op.drop_index("ix_documents_issued", table_name="documents")
    op.drop_index("ix_documents_dated", table_name="documents")
    newest = [sa.text("issued_at DESC"), sa.text("key DESC")]
    op.create_index("ix_documents_issued_at_key", "documents", newest)
    op.drop_index("ix_documents_customer", table_name="documents")
    op.create_index("ix_documents_customer", "documents", ["customer_key", *newest])
    op.create_index("ix_documents_date_on", "documents", ["date_on", *newest])
    behind = ["date_on", "issued_by_key", "issued_at", "kind", "state", "gross_minor"]
    op.create_index("ix_documents_sales", "documents", behind)
