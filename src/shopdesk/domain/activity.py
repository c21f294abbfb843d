"""Changes of the shop's own data that the journal records beside those of documents: people, prices, settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Activity(StrEnum):
    """A recorded change that belongs to no document."""

    APPROVED = "approved"
    ROLE = "role"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    PASSWORD = "password"  # noqa: S105 - the name of an action
    PIN = "pin"
    PROVIDER = "provider"
    PRICE = "price"
    TAX = "tax"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed, from what to what, as text. A secret is never written: both sides are empty then."""

    subject: str
    before: str = ""
    after: str = ""
