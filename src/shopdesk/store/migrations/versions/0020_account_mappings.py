"""The accounts and headings of the accountant's export."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store import acts_sql
from shopdesk.store.columns import Instant

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "account_mappings",
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_account_mappings"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        acts_sql.install(op.get_bind())  # anew, for all that the last five migrations added


def downgrade() -> None:
    op.drop_table("account_mappings")
