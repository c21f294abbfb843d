"""Grants in PostgreSQL: a till's role may add to the books but never rewrite them, whatever program it uses.

The owner's role migrates. A till's role inserts documents and journal rows; it cannot change or delete sealed documents
or journal rows, or create anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store.tables import metadata

GROUP = "shopdesk_tills"
"""The role whose members are tills, where the server's administrator made one (``resources/server/roles.sh``)."""

# A till's rights on each table besides SELECT. The triggers of the first migration protect sealed rows as well.
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
    "shop": "INSERT, UPDATE",
    "tax_rates": "INSERT, UPDATE",
    "accounts": "INSERT, UPDATE",
    "identities": "INSERT, DELETE",
    "customers": "INSERT, UPDATE",
    "products": "INSERT, UPDATE",
    "day_sales": "INSERT, UPDATE",
    "day_items": "INSERT, UPDATE",
    "day_taxes": "INSERT, UPDATE",
    "day_customers": "INSERT, UPDATE",
    "day_payments": "INSERT, UPDATE",
    "search_words": "INSERT, DELETE",
    "import_layouts": "INSERT, UPDATE",
    "sign_in_failures": "INSERT, UPDATE, DELETE",
    "drafts": "INSERT, UPDATE, DELETE",
    "draft_rows": "INSERT, UPDATE, DELETE",
    "backups": "INSERT",
}


def statements(till_role: str) -> Iterator[str]:
    """Yield the SQL that gives a role the rights of a till and revokes all others; run it as the owner.

    The server's administrator creates the role itself: ``CREATE ROLE till LOGIN PASSWORD '…'``.
    """
    role = _quoted(till_role)
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield _NO_TEMPORARY_TABLES
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    for table in metadata.sorted_tables:
        yield f"GRANT {_MAY[table.name]} ON {table.name} TO {role}"


def grant_to_group(connection: Connection) -> None:
    """Give the group of the tills its rights, if there is one."""
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": GROUP}):
        grant(connection, GROUP)


def grant(connection: Connection, till_role: str) -> None:
    """Give a role the rights of a till, as the owner of the tables."""
    for statement in statements(till_role):
        connection.execute(text(statement))


_NO_TEMPORARY_TABLES = (
    "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$"
)


def _quoted(role: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", role):
        raise Refused(sentence("“{role}” is not a valid role name. Use letters, digits and underscores.", role=role))
    return f'"{role}"'
