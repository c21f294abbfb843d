"""Triggers in the database that a shop was moved from: they refuse every change and name the new database."""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

TRIGGER = "shopdesk_moved"
"""The name of the triggers, and of their function on PostgreSQL; on SQLite, followed by a number."""
FUNCTION_BODY = " BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END "
"""The body of the function (PL/pgSQL)."""


def moved_to(connection: Connection) -> str | None:
    """Return the sentence with the new place of this database's shop, or None if it was not moved."""
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
        found = re.search(r"RAISE\(ABORT, '(.*)'\)", connection.scalar(text(query), {"name": f"{TRIGGER}_1"}) or "")
        return found[1].replace("''", "'") if found else None
    query = "SELECT tgargs FROM pg_trigger WHERE tgname = :name LIMIT 1"
    arguments = connection.scalar(text(query), {"name": TRIGGER})
    return bytes(arguments).rstrip(b"\0").decode() if arguments else None
