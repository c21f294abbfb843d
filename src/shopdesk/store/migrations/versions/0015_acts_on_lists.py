"""On a server messages, customers, products, tills, layouts and the log of backups change by functions only."""

from __future__ import annotations

from alembic import op

from shopdesk.store import acts_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        acts_sql.install(op.get_bind())


def downgrade() -> None:
    """Change nothing: an older program calls none of the new functions."""
