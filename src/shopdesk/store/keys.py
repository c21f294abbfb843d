"""Keys are UUIDs of version 7 made by the client: they sort by time, and a repeat of an act is recognised by them."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def new_key() -> UUID:
    """A fresh key (RFC 9562, version 7)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
