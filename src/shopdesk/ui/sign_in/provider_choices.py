"""The buttons of the sign-in providers, as the settings name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopdesk.domain.sentence import NOTHING, sentence
from shopdesk.ui.base.provider_choice import ProviderChoice

if TYPE_CHECKING:
    from shopdesk.settings import Settings

_NAMES = {"github": "GitHub", "facebook": "Facebook"}

_WHY_NOT = sentence("Not set up yet. The owner can set it up in Settings, Sign-in providers.")
NOT_SET_UP = tuple(ProviderChoice(name, label, name, why_not=_WHY_NOT) for name, label in _NAMES.items())
"""The providers shown until the settings are read; most installations set up none."""


def choices(settings: Settings) -> tuple[ProviderChoice, ...]:
    """Return a button for each provider in the settings, disabled with the reason if it is not configured."""
    made = []
    for name, provider in settings.providers.items():
        kind = str(provider.kind)
        label = provider.label or _NAMES.get(name, name.capitalize())
        is_ready = provider.client_id and (provider.issuer or kind != "oidc")
        why_not = NOTHING if is_ready else _WHY_NOT
        made.append(ProviderChoice(name, label, kind, why_not))
    return tuple(made)
