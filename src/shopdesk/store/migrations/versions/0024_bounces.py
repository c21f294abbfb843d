"""Messages that came back: a function of the server tells it, and the deliveries keep who did, and when."""

from __future__ import annotations

from alembic import op

from shopdesk.store import acts_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        acts_sql.install(op.get_bind())  # anew, for all that the last four migrations added


def downgrade() -> None:
    op.execute("UPDATE outbox SET state = 'sent' WHERE state = 'bounced'")
