"""Primary keys of rows: UUIDs version 7, made by the client so that a repeated action is recognised."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def new_key() -> UUID:
    """Return a new key (RFC 9562, version 7)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
