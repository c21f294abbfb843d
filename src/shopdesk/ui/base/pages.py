"""The tabs of the main window."""

from __future__ import annotations

from enum import StrEnum


class Page(StrEnum):
    """The tabs of the main window, in order; the value is the English title."""

    DASHBOARD = "Dashboard"
    EDITOR = "New document"
    DOCUMENTS = "Documents"
    STATISTICS = "Statistics"
    CUSTOMERS = "Customers"
    PRODUCTS = "Products"
    MESSAGES = "Messages"
    SETTINGS = "Settings"

    @property
    def icon(self) -> str:
        """The name of its icon in ``theme.ICONS``."""
        return self.name.lower()
