"""The tabs of the main window."""

from __future__ import annotations

from enum import StrEnum

from shopdesk.message_catalogues import mark


class Page(StrEnum):
    """The tabs of the main window, in order; the value is the English title."""

    DASHBOARD = mark("Dashboard")
    EDITOR = mark("New document")
    DOCUMENTS = mark("Documents")
    STATISTICS = mark("Statistics")
    CUSTOMERS = mark("Customers")
    PRODUCTS = mark("Products")
    MESSAGES = mark("Messages")
    SETTINGS = mark("Settings")

    @property
    def icon(self) -> str:
        """The name of its icon in ``icons.ICONS``."""
        return self.name.lower()
