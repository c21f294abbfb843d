"""Messages that came back: a function of the server tells it, and the deliveries keep who did, and when."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Do nothing: the functions are made anew by the newest migration that has some."""


def downgrade() -> None:
    op.execute("UPDATE outbox SET state = 'sent' WHERE state = 'bounced'")
