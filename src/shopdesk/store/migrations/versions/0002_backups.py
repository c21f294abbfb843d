"""The log of backups, so that every till can show how old the last one is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import Instant, UuidKey, WholeNumber

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "backups",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(length=27), nullable=False),
        sa.Column("till", sa.String(length=8), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("size", WholeNumber(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_backups"),
    )
    op.create_index("ix_backups_kind_at", "backups", ["kind", "at"])
    if op.get_bind().dialect.name == "postgresql":
        _let_tills_in()


def downgrade() -> None:
    op.drop_table("backups")


def _let_tills_in() -> None:
    """Grant the rights to all roles that may insert into the journal: these are the tills' roles."""
    op.execute("""
        DO $$ DECLARE till name; BEGIN
            FOR till IN
                SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_schema = current_schema() AND table_name = 'journal' AND privilege_type = 'INSERT'
                    AND grantee NOT IN (current_user, 'PUBLIC')
            LOOP
                EXECUTE format('GRANT SELECT, INSERT ON backups TO %I', till);
            END LOOP;
        END $$""")
