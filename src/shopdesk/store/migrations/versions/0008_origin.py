"""The document that a document or a draft was made from; a sealed document keeps it for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import UuidKey
from shopdesk.store.migrations.sealed_documents import FIRST_FROZEN, guard_sealed

revision = "0008"
down_revision = "0007"

_MADE_FROM = sa.text("origin IS NOT NULL")


def upgrade() -> None:
    for table in ("documents", "drafts"):
        op.add_column(table, sa.Column("origin", UuidKey(length=16), nullable=True))
    op.create_index(
        "ix_documents_origin", "documents", ["origin"], sqlite_where=_MADE_FROM, postgresql_where=_MADE_FROM
    )
    guard_sealed([*FIRST_FROZEN, "origin"])


def downgrade() -> None:
    guard_sealed(FIRST_FROZEN)
    op.drop_index("ix_documents_origin", table_name="documents")
    for table in ("drafts", "documents"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN origin")
