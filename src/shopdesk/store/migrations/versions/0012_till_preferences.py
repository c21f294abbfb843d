"""The kind of a till's new documents, and its own keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("tills", sa.Column("default_kind", sa.String(length=20), server_default="receipt", nullable=False))
    op.add_column("tills", sa.Column("shortcuts", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.execute("ALTER TABLE tills DROP COLUMN shortcuts")
    op.execute("ALTER TABLE tills DROP COLUMN default_kind")
