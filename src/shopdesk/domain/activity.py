"""Changes that the journal records beside those of documents: people, prices, settings, closed days, shifts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Activity(StrEnum):
    """A recorded change that belongs to no document."""

    OPENED = "opened"
    REGISTERED = "registered"
    APPROVED = "approved"
    ROLE = "role"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    PASSWORD = "password"  # noqa: S105 - the name of an action
    RECOVERED = "recovered"
    PIN = "pin"
    PROVIDER = "provider"
    PRICE = "price"
    TAX = "tax"
    SETTING = "setting"
    CLOSED = "closed"
    SHIFT_OPENED = "shift opened"
    CASH_MOVED = "cash moved"
    SHIFT_COUNTED = "shift counted"
    DRAWER_OPENED = "drawer opened"
    MERGED = "merged"
    ERASED = "erased"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Change:
    """One change as text: its subject, the old and the new value. For a secret both values are empty."""

    subject: str
    before: str = ""
    after: str = ""
