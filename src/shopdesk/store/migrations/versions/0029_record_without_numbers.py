"""Functions of a server that are gone: an act on the books finds the text that stands for a number by itself."""

from __future__ import annotations

from alembic import op

from shopdesk.store import acts_sql

revision = "0029"
down_revision = "0028"

_WHO = "bytea, bytea, uuid, uuid, uuid"
_GONE = (
    f"record({_WHO}, timestamptz, date, text[], text[], text[], text[], uuid[], text[], uuid)",
    f"write_entries({_WHO}, timestamptz, timestamptz, date, text[], text[], text[], text[], uuid[], text[])",
    "require_canonical(text)",
    "has_keys(json, text[], text[])",
    "as_row(text, jsonb)",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for function in _GONE:
            op.execute(f"DROP FUNCTION IF EXISTS {acts_sql.SCHEMA}.{function}")


def downgrade() -> None:
    pass
