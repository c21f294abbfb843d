"""On a server the books change by functions only; and “the same a moment ago” by an index that has all it asks for."""

from __future__ import annotations

from alembic import op

from shopdesk.store import acts_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_index("ix_documents_same", "documents", ["customer_key", "gross_minor", "issued_at"])
    if op.get_bind().dialect.name == "postgresql":
        acts_sql.install(op.get_bind())


def downgrade() -> None:
    """Drop the index; the functions stay, which an older program does not call."""
    op.drop_index("ix_documents_same", table_name="documents")
