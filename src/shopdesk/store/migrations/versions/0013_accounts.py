"""Accounts of customers: their open documents by an index, and statements in the outbox, which have no document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import UuidKey
from shopdesk.store.migrations.suspended_triggers import triggers_suspended

revision = "0013"
down_revision = "0012"

_UNPAID = sa.text("state = 'issued' AND kind <> 'quote' AND gross_minor <> paid_minor")


def upgrade() -> None:
    op.create_index(
        "ix_documents_open",
        "documents",
        ["customer_key", "date_on", "key", "gross_minor", "paid_minor"],
        sqlite_where=_UNPAID,
        postgresql_where=_UNPAID,
    )
    op.add_column("outbox", sa.Column("customer_key", UuidKey(length=16), nullable=True))
    _let_document_be_missing(yes=True)


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE document_key IS NULL")
    _let_document_be_missing(yes=False)
    if op.get_bind().dialect.name == "sqlite":
        with triggers_suspended(op.get_bind(), "outbox"), op.batch_alter_table("outbox") as batch:
            batch.drop_column("customer_key")
    else:
        op.drop_column("outbox", "customer_key")
    op.drop_index("ix_documents_open", table_name="documents")


def _let_document_be_missing(*, yes: bool) -> None:
    with triggers_suspended(op.get_bind(), "outbox"), op.batch_alter_table("outbox") as batch:
        batch.alter_column("document_key", existing_type=UuidKey(length=16), nullable=yes)
