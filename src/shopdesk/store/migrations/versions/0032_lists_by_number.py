"""The number of its document beside each payment, an index of all numbers with what lists by number ask, the messages
of a document in their order, the customers that were erased, and the order of products by their keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from shopdesk.store import acts_sql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("payments", sa.Column("number", sa.String(length=40), server_default="", nullable=False))
    with _unguarded():
        op.execute(
            "UPDATE payments SET number = (SELECT d.number FROM documents d WHERE d.key = payments.document_key)"
        )
    is_erased = sa.text("erased_at IS NOT NULL")
    op.create_index(
        "ix_customers_erased", "customers", ["erased_at"], sqlite_where=is_erased, postgresql_where=is_erased
    )
    op.create_index("ix_products_key_sort_key", "products", ["key", "sort_key"])
    op.drop_index("ix_outbox_document_key", table_name="outbox")
    op.create_index("ix_outbox_document", "outbox", ["document_key", "created_at", "key"])
    op.create_index("ix_documents_numbered", "documents", ["number", "key", "customer_key", "date_on"])
    op.create_index("ix_payments_number", "payments", ["method", "number", "document_key", "paid_on"])
    if op.get_bind().dialect.name == "postgresql":
        acts_sql.install(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_products_key_sort_key", table_name="products")
    op.drop_index("ix_customers_erased", table_name="customers")
    op.drop_index("ix_documents_numbered", table_name="documents")
    op.drop_index("ix_outbox_document", table_name="outbox")
    op.create_index("ix_outbox_document_key", "outbox", ["document_key"])
    op.drop_index("ix_payments_number", table_name="payments")
    op.execute("ALTER TABLE payments DROP COLUMN number")


@contextmanager
def _unguarded() -> Iterator[None]:
    """Lift the guard that refuses every change of a payment."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE payments DISABLE TRIGGER keep_payments")
        yield
        op.execute("ALTER TABLE payments ENABLE TRIGGER keep_payments")
        return
    op.execute("DROP TRIGGER keep_payments_update")
    yield
    op.execute(
        "CREATE TRIGGER keep_payments_update BEFORE UPDATE ON payments FOR EACH ROW WHEN 1 "
        "BEGIN SELECT RAISE(ABORT, 'kept for ever: payments_update'); END"
    )
