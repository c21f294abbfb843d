"""Creates the screens of the workspace; each module is imported when its screen is first opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shopdesk.ui.base.context import Context
    from shopdesk.ui.catalogue.customers_screen import CustomersScreen
    from shopdesk.ui.catalogue.products_screen import ProductsScreen
    from shopdesk.ui.documents.document_screen import DocumentScreen
    from shopdesk.ui.documents.documents_screen import DocumentsScreen
    from shopdesk.ui.documents.messages_screen import MessagesScreen
    from shopdesk.ui.documents.prints_screen import PrintsScreen
    from shopdesk.ui.editor.editor_screen import EditorScreen
    from shopdesk.ui.search.search_screen import SearchScreen
    from shopdesk.ui.settings.settings_screen import SettingsScreen
    from shopdesk.ui.shifts.sales_reports_screen import SalesReportsScreen
    from shopdesk.ui.shifts.shift_acts import ShiftActs
    from shopdesk.ui.sign_in.my_account_screen import MyAccountScreen
    from shopdesk.ui.statistics.dashboard_screen import DashboardScreen
    from shopdesk.ui.statistics.reports_screen import ReportsScreen
    from shopdesk.ui.statistics.statistics_screen import StatisticsScreen
    from shopdesk.ui.window.about_screen import AboutScreen


def dashboard(context: Context, acts: ShiftActs) -> DashboardScreen:
    """Create the screen, with the card of the shift."""
    from shopdesk.ui.shifts.shift_card import ShiftCard
    from shopdesk.ui.statistics.dashboard_screen import DashboardScreen

    return DashboardScreen(context, shift_card=ShiftCard(context, acts))


def editor(context: Context) -> EditorScreen:
    """Create the screen."""
    from shopdesk.ui.editor.editor_screen import EditorScreen

    return EditorScreen(context)


def documents(context: Context) -> DocumentsScreen:
    """Create the screen."""
    from shopdesk.ui.documents.documents_screen import DocumentsScreen

    return DocumentsScreen(context)


def prints(context: Context) -> PrintsScreen:
    """Create the screen."""
    from shopdesk.ui.documents.prints_screen import PrintsScreen

    return PrintsScreen(context)


def document(context: Context) -> DocumentScreen:
    """Create the screen."""
    from shopdesk.ui.documents.document_screen import DocumentScreen

    return DocumentScreen(context)


def statistics(context: Context) -> StatisticsScreen:
    """Create the screen."""
    from shopdesk.ui.statistics.statistics_screen import StatisticsScreen

    return StatisticsScreen(context)


def customers(context: Context) -> CustomersScreen:
    """Create the screen."""
    from shopdesk.ui.catalogue.customers_screen import CustomersScreen

    return CustomersScreen(context)


def products(context: Context) -> ProductsScreen:
    """Create the screen."""
    from shopdesk.ui.catalogue.products_screen import ProductsScreen

    return ProductsScreen(context)


def messages(context: Context) -> MessagesScreen:
    """Create the screen."""
    from shopdesk.ui.documents.messages_screen import MessagesScreen

    return MessagesScreen(context)


def settings(context: Context) -> SettingsScreen:
    """Create the screen."""
    from shopdesk.ui.settings.settings_screen import SettingsScreen

    return SettingsScreen(context)


def sales_reports(context: Context) -> SalesReportsScreen:
    """Create the screen."""
    from shopdesk.ui.shifts.sales_reports_screen import SalesReportsScreen

    return SalesReportsScreen(context)


def search(context: Context) -> SearchScreen:
    """Create the screen."""
    from shopdesk.ui.search.search_screen import SearchScreen

    return SearchScreen(context)


def my_account(context: Context) -> MyAccountScreen:
    """Create the screen."""
    from shopdesk.ui.sign_in.my_account_screen import MyAccountScreen

    return MyAccountScreen(context)


def about(context: Context) -> AboutScreen:
    """Create the screen."""
    from shopdesk.ui.window.about_screen import AboutScreen

    return AboutScreen(context)


def reports(context: Context) -> ReportsScreen:
    """Create the screen."""
    from shopdesk.ui.statistics.reports_screen import ReportsScreen

    return ReportsScreen(context)
