"""On a server the books change by functions only; and “the same a moment ago” by an index that has all it asks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store import acts_sql

revision = "0016"
down_revision = "0015"

_WRITTEN_BY_OLDER_TILLS = {
    "INSERT": "payments journal day_closes backups",
    "INSERT, UPDATE": (
        "documents series tills outbox customers products day_sales day_items day_taxes day_customers day_payments "
        "import_layouts"
    ),
    "INSERT, DELETE": "document_lines document_taxes search_words",
    "INSERT, UPDATE, DELETE": "drafts draft_rows",
}
_TILLS = sa.text("""
    SELECT quote_ident(r.rolname) FROM pg_roles r, pg_namespace n, aclexplode(n.nspacl) a
    WHERE n.nspname = :schema AND a.grantee = r.oid AND a.grantee <> n.nspowner AND r.rolname <> :owner
        AND a.privilege_type = 'USAGE'
""")


def upgrade() -> None:
    op.create_index("ix_documents_same", "documents", ["customer_key", "gross_minor", "issued_at"])


def downgrade() -> None:
    """Give the tills the rights back that an older program writes with; it does not call the functions."""
    op.drop_index("ix_documents_same", table_name="documents")
    if op.get_bind().dialect.name == "postgresql":
        given = {"schema": acts_sql.SCHEMA, "owner": acts_sql.OWNER}
        for (role,) in op.get_bind().execute(_TILLS, given).all():
            for rights, tables in _WRITTEN_BY_OLDER_TILLS.items():
                op.execute(f"GRANT {rights} ON {', '.join(tables.split())} TO {role}")
