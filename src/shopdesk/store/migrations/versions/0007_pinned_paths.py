"""The guards of PostgreSQL name the schema of each table, and resolve no name by the path of the session.

A temporary table of a session comes first in its path: one named like ours misled the guards.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

_PATH = "SET search_path = pg_catalog, pg_temp"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        _guard_parts(f"{schema}.documents", _PATH)
        for function in ("refuse_always", "refuse_sealed_document"):  # they read no table
            op.execute(f"ALTER FUNCTION shopdesk_{function}() {_PATH}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_parts("documents", "")
        for function in ("refuse_always", "refuse_sealed_document"):
            op.execute(f"ALTER FUNCTION shopdesk_{function}() RESET search_path")


def _guard_parts(documents: str, path: str) -> None:
    op.execute(f"""
        CREATE OR REPLACE FUNCTION shopdesk_refuse_sealed_part() RETURNS trigger LANGUAGE plpgsql {path} AS $$
        BEGIN
            IF TG_OP <> 'INSERT' AND (SELECT sealed_at FROM {documents} WHERE key = OLD.document_key) IS NOT NULL THEN
                RAISE EXCEPTION 'kept for ever: %', TG_TABLE_NAME;
            END IF;
            IF TG_OP <> 'DELETE' AND (SELECT sealed_at FROM {documents} WHERE key = NEW.document_key) IS NOT NULL THEN
                RAISE EXCEPTION 'kept for ever: %', TG_TABLE_NAME;
            END IF;
            RETURN COALESCE(NEW, OLD);
        END $$""")
