"""Text messages: the channels of the shop, and what customers prefer and agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store import acts_sql

revision = "0023"
down_revision = "0022"

_OF_CUSTOMERS = ("preferred_channel", "sms_consent_on")


def upgrade() -> None:
    op.add_column("shop", sa.Column("message_channels", sa.String(length=20), nullable=False, server_default="email"))
    for name in _OF_CUSTOMERS:
        op.add_column("customers", sa.Column(name, sa.String(length=10), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        # Its arguments changed: the old one would stay beside it.
        op.execute(f"DROP FUNCTION IF EXISTS {acts_sql.SCHEMA}.claim_message(uuid, timestamptz)")


def downgrade() -> None:
    for name in _OF_CUSTOMERS:
        op.drop_column("customers", name)
    op.drop_column("shop", "message_channels")
