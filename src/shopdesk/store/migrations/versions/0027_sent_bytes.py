"""The columns for a sent message whose bytes are dropped: their hash and number, the headers, an e-invoice's XML."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_UNSETTLED = sa.text("state = 'sent' AND channel = 'email' AND body IS NOT NULL AND body_hash IS NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("body_hash", sa.LargeBinary(32), nullable=True))
    op.add_column("outbox", sa.Column("body_size", sa.Integer, nullable=True))
    op.add_column("outbox", sa.Column("headers", sa.Text, nullable=True))
    op.add_column("outbox", sa.Column("e_invoice", sa.LargeBinary, nullable=True))
    op.create_index("ix_outbox_unsettled", "outbox", ["key"], sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED)


def downgrade() -> None:
    op.drop_index("ix_outbox_unsettled", "outbox")
    for name in ("body_hash", "body_size", "headers", "e_invoice"):
        op.drop_column("outbox", name)
