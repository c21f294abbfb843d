"""The document that a document or a draft was made from; a sealed document keeps it for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import UuidKey

revision = "0008"
down_revision = "0007"

_FROZEN = (
    "key draft_key kind number revision till_key till seller buyer customer_key buyer_name currency prices_include_tax "
    "language discount_minor discount_milli sum_minor off_minor net_minor tax_minor gross_minor note date_on due_on "
    "issued_at issued_by issued_by_key sealed_at voided_at corrects replaces"
).split()
"""The columns that never changed in a sealed document until now."""
_MADE_FROM = sa.text("origin IS NOT NULL")
_STEP = "NEW.state <> OLD.state AND NOT (OLD.state = 'issued' AND NEW.state = 'corrected')"


def upgrade() -> None:
    for table in ("documents", "drafts"):
        op.add_column(table, sa.Column("origin", UuidKey(length=16), nullable=True))
    op.create_index(
        "ix_documents_origin", "documents", ["origin"], sqlite_where=_MADE_FROM, postgresql_where=_MADE_FROM
    )
    _guard([*_FROZEN, "origin"])


def downgrade() -> None:
    _guard(_FROZEN)
    op.drop_index("ix_documents_origin", table_name="documents")
    for table in ("drafts", "documents"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN origin")


def _guard(frozen: list[str]) -> None:
    """Refuse a change of these columns in a sealed document."""
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in frozen)
        op.execute("DROP TRIGGER keep_documents_sealed")
        op.execute(
            "CREATE TRIGGER keep_documents_sealed BEFORE UPDATE ON documents FOR EACH ROW "
            f"WHEN OLD.sealed_at IS NOT NULL AND ({changed} OR {_STEP}) "
            "BEGIN SELECT RAISE(ABORT, 'kept for ever: documents_sealed'); END"
        )
        return
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in frozen)
    op.execute(f"""
        CREATE OR REPLACE FUNCTION shopdesk_refuse_sealed_document() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            IF OLD.sealed_at IS NOT NULL AND ({changed} OR (
                {_STEP}
            )) THEN
                RAISE EXCEPTION 'kept for ever: documents_sealed';
            END IF;
            RETURN NEW;
        END $$""")
