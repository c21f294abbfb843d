"""The language of the windows: each person's own choice on this machine, else the shop's.

The choice is kept with the window's own settings, by person: a till is shared by people of different languages, and the
sign-in page, which is shown before the database is open, takes the last one. Numbers, dates and amounts in fields and
tables stay as the shop writes them (``Formatter``), so that all its tills type and read them the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QSettings, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from shopdesk import message_catalogues
from shopdesk.ui.base import i18n, icons, theme

if TYPE_CHECKING:
    from uuid import UUID

AS_THE_SHOP = ""
_CHOICES = "language/{key}"
_LAST = "language/last"
_TRANSLATOR = "shopdesk_translator"


def chosen(person: UUID) -> str:
    """Return the language that a person has chosen on this machine (ISO 639), or ``AS_THE_SHOP``."""
    kept = str(QSettings().value(_CHOICES.format(key=person.hex), AS_THE_SHOP))
    return kept if kept in message_catalogues.languages() else AS_THE_SHOP


def choose(person: UUID, language: str) -> None:
    """Keep a person's choice."""
    if language == AS_THE_SHOP:
        QSettings().remove(_CHOICES.format(key=person.hex))
    else:
        QSettings().setValue(_CHOICES.format(key=person.hex), language)


def of(person: UUID, shop_language: str) -> str:
    """Return a person's language in a shop whose language is a BCP 47 tag; English where there is no catalogue."""
    return chosen(person) or message_catalogues.matching(shop_language)


def at_start() -> str:
    """Return the language of the last sign-in on this machine, at first that of the machine."""
    kept = str(QSettings().value(_LAST, ""))
    return kept if kept in message_catalogues.languages() else of_machine()


def of_machine() -> str:
    """Return the first language of this machine, English where there is no catalogue."""
    languages = QLocale.system().uiLanguages()
    return message_catalogues.matching(languages[0] if languages else "")


def remember(language: str) -> None:
    """Keep the language for the next start."""
    QSettings().setValue(_LAST, language)


def use(app: QApplication, language: str) -> None:
    """Show all windows that are made from now on in a language, with Qt's own texts, and in its direction."""
    i18n.install(message_catalogues.catalogue(language))
    app.setLayoutDirection(direction(language))
    if language in i18n.RIGHT_TO_LEFT:
        theme.load_letters()
    before = app.property(_TRANSLATOR)
    if isinstance(before, QTranslator):
        app.removeTranslator(before)
    translator = QTranslator(app)
    if translator.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
    app.setProperty(_TRANSLATOR, translator)
    icons.clear_cache()  # some are mirrored
    app.setLayoutDirection(direction(language))  # again: Qt's texts have set that of their own language


def direction(language: str) -> Qt.LayoutDirection:
    """Return the direction of the windows in a language."""
    return Qt.LayoutDirection.RightToLeft if language in i18n.RIGHT_TO_LEFT else Qt.LayoutDirection.LeftToRight
