"""A provider on the sign-in page. A module of its own: the first paint does not wait for the ports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """A provider's button. ``why_not`` is the reason if it is not configured; ``icon`` is one of ``icons.ICONS``."""

    name: str
    label: str
    icon: str = "oidc"
    why_not: str = ""
