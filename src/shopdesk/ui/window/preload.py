"""Loads what pages need after sign-in, in short steps between keys and clicks, so that no page waits for it.

A page is still built when it is first opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

from shopdesk.ui.base import country_defaults
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import language
from shopdesk.ui.window.idle_timer import IdleTimer

_QUIET_MS = 100
MODULES = (
    "shopdesk.ui.documents.documents_screen",
    "shopdesk.ui.catalogue.account_pane",
    "shopdesk.ui.catalogue.import_dialog",
    "shopdesk.ui.catalogue.list_with_details",
    "shopdesk.ui.catalogue.customers_screen",
    "shopdesk.ui.catalogue.products_screen",
    "shopdesk.ui.statistics.bar_chart",
    "shopdesk.ui.statistics.share_bars",
    "shopdesk.ui.statistics.statistics_screen",
    "shopdesk.ui.documents.messages_screen",
    "shopdesk.ui.settings.settings_screen",
    "shopdesk.ui.settings.shop",
)
"""Each takes a few ms when those before it are loaded."""


def start(context: Context) -> None:
    """Begin to load, for as long as the context lives; a step waits while anything is being read or written."""
    steps = _steps()
    idle = IdleTimer(context)

    def take_step() -> None:
        idle.start(_QUIET_MS)
        if not context.background.is_busy:
            if (step := next(steps, None)) is None:
                idle.deleteLater()
            else:
                step()

    idle.idled.connect(take_step)
    idle.start(_QUIET_MS)


def _steps() -> Iterator[Callable[[], object]]:
    yield from (partial(import_module, name) for name in MODULES)
    yield country_defaults.currencies
    yield partial(country_defaults.countries, language())
