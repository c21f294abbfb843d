"""Grants in PostgreSQL: a till's role may read, and write by the functions of ``acts_sql`` only.

The owner's role migrates.
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

# A row is locked only by a role that may update one of its columns; the shop's “id” cannot have another value.
_BESIDE_READING = {"shop": "UPDATE (id)"}

_SECRET = frozenset({"credentials"})
"""The tables that no till may read."""


def statements(till_role: str) -> Iterator[str]:
    """Yield the SQL that gives a role the rights of a till and revokes all others; run it as the owner.

    The server's administrator creates the role itself: ``CREATE ROLE till LOGIN PASSWORD '…'``. Each till works with
    the role that acts there first from now on.
    """
    yield from _rights(till_role)
    yield f"DELETE FROM {acts_sql.SCHEMA}.tills"  # noqa: S608 - a fixed name


def _rights(till_role: str) -> Iterator[str]:
    role = _quoted(till_role)
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield _NO_TEMPORARY_TABLES
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT SELECT ON alembic_version TO {role}"
    for table in metadata.sorted_tables:
        if table.name not in _SECRET:
            rights = ", ".join(filter(None, ("SELECT", _BESIDE_READING.get(table.name))))
            yield f"GRANT {rights} ON {table.name} TO {role}"
    yield acts_sql.HAND_OVER.strip()
    yield acts_sql.NOT_FOR_ALL.strip()
    yield from acts_sql.grants(role)


def grant_to_tills(connection: Connection) -> None:
    """Give the tills' roles their rights: the group, if there is one, and all that had a till's rights before."""
    for (role,) in connection.execute(_TILLS, {"group": GROUP}).all():
        _execute(connection, _rights(role))


def grant(connection: Connection, till_role: str) -> None:
    """Give a role the rights of a till, as the owner of the tables."""
    _execute(connection, statements(till_role))


def _execute(connection: Connection, of_role: Iterator[str]) -> None:
    for statement in of_role:
        connection.execute(text(statement))


_TILLS = text(f"""
    SELECT rolname FROM pg_roles r WHERE rolname = :group OR rolname <> '{acts_sql.OWNER}' AND (
        EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
            WHERE n.nspname = '{acts_sql.SCHEMA}' AND a.grantee = r.oid AND a.grantee <> n.nspowner)
        OR EXISTS (SELECT FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.oid = to_regclass('journal') AND a.grantee = r.oid AND a.grantee <> c.relowner
                AND a.privilege_type = 'INSERT'))
""")  # noqa: S608 - fixed names
"""The roles that may call the acts, or, as tills of an older version, add to the journal."""

_NO_TEMPORARY_TABLES = (
    "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$"
)


def _quoted(role: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", role):
        raise Refused(sentence("“{role}” is not a valid role name. Use letters, digits and underscores.", role=role))
    return f'"{role}"'
