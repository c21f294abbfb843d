"""Grants in PostgreSQL: a till's role may add to the books but never rewrite them, whatever program it uses.

The owner's role migrates. A till's role inserts documents and journal rows; it cannot change or delete sealed documents
or journal rows, or create anything. People and settings it changes by the functions of ``acts_sql`` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store import acts_sql
from shopdesk.store.tables import metadata

GROUP = "shopdesk_tills"
"""The role whose members are tills, where the server's administrator made one (``resources/server/roles.sh``)."""

# A till's rights on each table besides SELECT. The triggers of the first migration protect sealed rows as well.
# A row is locked only by a role that may update one of its columns; the shop's “id” cannot have another value.
_MAY: dict[str, str] = {
    "documents": "INSERT, UPDATE",
    "document_lines": "INSERT, DELETE",
    "document_taxes": "INSERT, DELETE",
    "payments": "INSERT",
    "journal": "INSERT",
    "day_closes": "INSERT",
    "series": "INSERT, UPDATE",
    "tills": "INSERT, UPDATE",
    "outbox": "INSERT, UPDATE",
    "shop": "UPDATE (id)",
    "tax_rates": "",
    "accounts": "",
    "identities": "",
    "customers": "INSERT, UPDATE",
    "products": "INSERT, UPDATE",
    "day_sales": "INSERT, UPDATE",
    "day_items": "INSERT, UPDATE",
    "day_taxes": "INSERT, UPDATE",
    "day_customers": "INSERT, UPDATE",
    "day_payments": "INSERT, UPDATE",
    "search_words": "INSERT, DELETE",
    "import_layouts": "INSERT, UPDATE",
    "account_mappings": "INSERT, UPDATE",
    "sign_in_failures": "",
    "drafts": "INSERT, UPDATE, DELETE",
    "draft_rows": "INSERT, UPDATE, DELETE",
    "backups": "INSERT",
}

_SECRET = frozenset({"credentials"})
"""The tables that no till may read."""


def statements(till_role: str) -> Iterator[str]:
    """Yield the SQL that gives a role the rights of a till and revokes all others; run it as the owner.

    The server's administrator creates the role itself: ``CREATE ROLE till LOGIN PASSWORD '…'``.
    """
    role = _quoted(till_role)
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield _NO_TEMPORARY_TABLES
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT SELECT ON alembic_version TO {role}"
    for table in metadata.sorted_tables:
        if table.name not in _SECRET:
            yield f"GRANT {', '.join(filter(None, ('SELECT', _MAY[table.name])))} ON {table.name} TO {role}"
    yield acts_sql.HAND_OVER.strip()
    yield acts_sql.NOT_FOR_ALL.strip()
    yield from acts_sql.grants(role)


def grant_to_tills(connection: Connection) -> None:
    """Give the tills' roles their rights: the group, if there is one, and all that may add to the journal."""
    for (role,) in connection.execute(_TILLS, {"group": GROUP}).all():
        grant(connection, role)


def grant(connection: Connection, till_role: str) -> None:
    """Give a role the rights of a till, as the owner of the tables."""
    for statement in statements(till_role):
        connection.execute(text(statement))


_TILLS = text("""
    SELECT rolname FROM pg_roles r WHERE rolname = :group OR EXISTS (
        SELECT FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = to_regclass('journal') AND a.grantee = r.oid AND a.grantee <> c.relowner
            AND a.privilege_type = 'INSERT')
""")

_NO_TEMPORARY_TABLES = (
    "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$"
)


def _quoted(role: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", role):
        raise Refused(sentence("“{role}” is not a valid role name. Use letters, digits and underscores.", role=role))
    return f'"{role}"'
