"""Keys for documents that are not saved yet, so that saving one twice is recognised as a repeat."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def new_key() -> UUID:
    """Return a new UUID of version 7 (RFC 9562), which sorts by time."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
