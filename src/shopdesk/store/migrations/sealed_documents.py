"""The guard of sealed documents, made anew by each migration that adds a column which a document keeps for ever."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

FIRST_FROZEN = (
    "key draft_key kind number revision till_key till seller buyer customer_key buyer_name currency prices_include_tax "
    "language discount_minor discount_milli sum_minor off_minor net_minor tax_minor gross_minor note date_on due_on "
    "issued_at issued_by issued_by_key sealed_at voided_at corrects replaces"
).split()
"""The columns that never change in a sealed document since the first migration."""
_STEP = "NEW.state <> OLD.state AND NOT (OLD.state = 'issued' AND NEW.state = 'corrected')"


def guard_sealed(frozen: Sequence[str]) -> None:
    """Let the database refuse a change of these columns in a sealed document, in place of those it refused before."""
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
