"""The preferences of one till: the kind of its new documents, and its own keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shopdesk.domain.document import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TillPreferences:
    """The preferences. ``keys`` has the key sequences of the shortcuts that this till has changed, by their names."""

    default_kind: Kind = Kind.RECEIPT
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
