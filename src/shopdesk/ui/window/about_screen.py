"""The page About: version, updates, the folders on this machine, and the licences of all parts."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QGridLayout

from shopdesk import __version__, paths
from shopdesk.domain.account import Right
from shopdesk.ui.base import shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.pages import Page
from shopdesk.ui.settings.copyable import Copyable
from shopdesk.ui.widgets.buttons import Button, LinkButton
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.section import Section, row


class LicensedPart(NamedTuple):
    """A part that others have made, by the name of its package, and its licence (SPDX)."""

    name: str
    licence: str


PARTS = (
    LicensedPart("PySide6-Essentials", "LGPL-3.0-only"),
    LicensedPart("QtAwesome", "MIT"),
    LicensedPart("pypdfium2", "BSD-3-Clause, Apache-2.0"),
    LicensedPart("SQLAlchemy", "MIT"),
    LicensedPart("alembic", "MIT"),
    LicensedPart("psycopg", "LGPL-3.0-only"),
    LicensedPart("uuid-utils", "BSD-3-Clause"),
    LicensedPart("babel", "BSD-3-Clause"),
    LicensedPart("biip", "Apache-2.0"),
    LicensedPart("idna", "BSD-3-Clause"),
    LicensedPart("phonenumbers", "Apache-2.0"),
    LicensedPart("gsm0338", "MIT"),
    LicensedPart("reportlab", "BSD-3-Clause"),
    LicensedPart("pillow", "MIT-CMU"),
    LicensedPart("python-calamine", "MIT"),
    LicensedPart("pyserial", "BSD-3-Clause"),
    LicensedPart("pyusb", "BSD-3-Clause"),
    LicensedPart("platformdirs", "MIT"),
    LicensedPart("tomlkit", "MIT"),
    LicensedPart("argon2-cffi", "MIT"),
    LicensedPart("keyring", "MIT"),
    LicensedPart("Authlib", "BSD-3-Clause"),
    LicensedPart("requests", "Apache-2.0"),
    LicensedPart("joserfc", "BSD-3-Clause"),
    LicensedPart("cryptography", "Apache-2.0 OR BSD-3-Clause"),
    LicensedPart("pyrage", "MIT"),
    LicensedPart("aiosmtpd", "Apache-2.0"),
)
"""The packages that the program depends on."""
ART = (
    LicensedPart("Inter", "OFL-1.1"),
    LicensedPart("DejaVu Sans", "Bitstream Vera"),
    LicensedPart("Phosphor Icons", "MIT"),
)
"""The fonts and icons."""


class AboutScreen(Section):
    """The facts that support asks for first, each ready to copy."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("About shopdesk"), tr("Free software under the MIT licence."))
        self.reason.set_text("")
        self.version = Copyable(tr("Version"))
        self.version.show_text(
            f"shopdesk {__version__} · Python {platform.python_version()} · Qt {qVersion()} · {platform.platform()}"
        )
        card = Card(tr("Version"))
        card.add(self.version)
        self.updates = Label(role="soft", wrap=True)
        card.add(self.updates)
        self.set_up = LinkButton(tr("Updates"), lambda: context.navigation.show_section("Health"))
        card.add(row(self.set_up))
        self.add(card)
        self.folders = Card(tr("Folders on this machine"))
        for title, folder in (
            (tr("Data and settings"), paths.home()),
            (tr("Logs"), paths.home() / "logs"),
            (tr("Fonts and texts of the program"), paths.resources()),
        ):
            self._add_folder(title, folder)
        self.add(self.folders)
        licences = Card(tr("Licences"))
        licences.add(_table(PARTS + ART))
        self.add(licences)
        self.finish()
        self.setFocusProxy(self.version.copy)
        shortcuts.bind(self, "back", lambda: context.navigation.show_page(Page.DASHBOARD))

    def _add_folder(self, title: str, folder: Path) -> None:
        self.folders.add(Label(title, "label"))
        place = Copyable(title)
        place.show_text(str(folder))
        self.folders.add(place)
        button = Button(tr("Open the folder"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
        button.setAccessibleName(tr("Open the folder: {name}", name=title))
        self.folders.add(row(button))

    def showEvent(self, event: QShowEvent) -> None:
        """Say how updates are looked for."""
        super().showEvent(event)
        address = self.context.settings.update_address
        self.updates.setText(
            tr("Newer versions are looked for once a day at {address}.", address=address)
            if address
            else tr("Newer versions are not looked for. The owner can set an address in Settings, Health.")
        )
        self.set_up.setVisible(self.context.may(Right.SETTINGS))


def _table(parts: tuple[LicensedPart, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(tokens.XL)
    grid.setVerticalSpacing(tokens.XS)
    grid.setColumnStretch(1, 1)
    for at, part in enumerate(parts):
        grid.addWidget(Label(f"{part.name} {_version(part.name)}".strip()), at, 0)
        grid.addWidget(Label(part.licence, "soft"), at, 1)
    return grid


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # a font, or a bundle without the packages' details
        return ""
