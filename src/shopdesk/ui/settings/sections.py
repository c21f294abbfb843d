"""The sections of Settings; the module of each is imported when it is first opened.

To add a section, write its class in a module of this folder, a function that creates it and a row of ``SECTIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from shopdesk.message_catalogues import Marked, mark
from shopdesk.ui.base.context import Context
from shopdesk.ui.widgets.section import Section


def _shop(context: Context) -> Section:
    from shopdesk.ui.settings.shop import ShopSection

    return ShopSection(context)


def _papers(context: Context) -> Section:
    from shopdesk.ui.settings.papers_section import PapersSection

    return PapersSection(context)


def _taxes(context: Context) -> Section:
    from shopdesk.ui.settings.taxes import TaxesSection

    return TaxesSection(context)


def _tills(context: Context) -> Section:
    from shopdesk.ui.settings.tills import TillsSection

    return TillsSection(context)


def _keyboard(context: Context) -> Section:
    from shopdesk.ui.settings.keyboard import KeyboardSection

    return KeyboardSection(context)


def _people(context: Context) -> Section:
    from shopdesk.ui.settings.people import PeopleSection

    return PeopleSection(context)


def _activity(context: Context) -> Section:
    from shopdesk.ui.settings.activity import ActivitySection

    return ActivitySection(context)


def _mail(context: Context) -> Section:
    from shopdesk.ui.settings.mail import MailSection

    return MailSection(context)


def _text_messages(context: Context) -> Section:
    from shopdesk.ui.settings.text_messages import TextMessagesSection

    return TextMessagesSection(context)


def _providers(context: Context) -> Section:
    from shopdesk.ui.settings.providers import ProvidersSection

    return ProvidersSection(context)


def _printer(context: Context) -> Section:
    from shopdesk.ui.settings.printer_settings import PrinterSection

    return PrinterSection(context)


def _scanner(context: Context) -> Section:
    from shopdesk.ui.settings.scanner_settings import ScannerSection

    return ScannerSection(context)


def _customer_display(context: Context) -> Section:
    from shopdesk.ui.settings.customer_display_settings import CustomerDisplaySection

    return CustomerDisplaySection(context)


def _database(context: Context) -> Section:
    from shopdesk.ui.settings.database import DatabaseSection

    return DatabaseSection(context)


def _backup(context: Context) -> Section:
    from shopdesk.ui.settings.backup import BackupSection

    return BackupSection(context)


def _health(context: Context) -> Section:
    from shopdesk.ui.settings.health import HealthSection

    return HealthSection(context)


class SectionSpec(NamedTuple):
    """The title and icon of a section, and the function that creates it."""

    title: Marked
    icon: str
    create: Callable[[Context], Section]


SECTIONS = (
    SectionSpec(mark("Shop"), "shop", _shop),
    SectionSpec(mark("Receipts and invoices"), "document", _papers),
    SectionSpec(mark("Taxes"), "tax", _taxes),
    SectionSpec(mark("Tills and numbers"), "series", _tills),
    SectionSpec(mark("Keyboard and till"), "keys", _keyboard),
    SectionSpec(mark("People"), "people", _people),
    SectionSpec(mark("Activity"), "history", _activity),
    SectionSpec(mark("Mail"), "mail", _mail),
    SectionSpec(mark("Text messages"), "phone", _text_messages),
    SectionSpec(mark("Sign-in providers"), "provider", _providers),
    SectionSpec(mark("Printer"), "print", _printer),
    SectionSpec(mark("Scanner"), "scan", _scanner),
    SectionSpec(mark("Customer display"), "screen", _customer_display),
    SectionSpec(mark("Database"), "database", _database),
    SectionSpec(mark("Backup"), "backup", _backup),
    SectionSpec(mark("Health"), "health", _health),
)
