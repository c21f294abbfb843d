"""The layouts of imported files that the owner chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "import_layouts",
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("subject", "headings", name="pk_import_layouts"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _let_tills_in()


def downgrade() -> None:
    op.drop_table("import_layouts")


def _let_tills_in() -> None:
    """Grant the rights to all roles that may insert into the journal: these are the tills' roles."""
    op.execute("""
        DO $$ DECLARE till name; BEGIN
            FOR till IN
                SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_schema = current_schema() AND table_name = 'journal' AND privilege_type = 'INSERT'
                    AND grantee NOT IN (current_user, 'PUBLIC')
            LOOP
                EXECUTE format('GRANT SELECT, INSERT, UPDATE ON import_layouts TO %I', till);
            END LOOP;
        END $$""")
