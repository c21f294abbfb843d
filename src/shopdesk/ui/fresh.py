"""Keys for what is only being typed: made here, so that saving it twice is recognised as the same act."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def key() -> UUID:
    """A new key (RFC 9562, version 7: they sort by time)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
