"""One sign-in attempt at a provider, from the button to the port's answer: run on a worker, shown in a dialog.

Cancelling, closing the dialog and closing the window do the same: the attempt is dropped and the worker is freed at
once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from shopdesk.background import Background
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.render import formatting
from shopdesk.ui.base import country_defaults
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.ports import BrowserSignIn, DeviceCodeSignIn, SecretRequired
from shopdesk.ui.sign_in.provider_dialog import Browse, ProviderDialog

if TYPE_CHECKING:
    from shopdesk.ui.base.provider_choice import ProviderChoice


def browse(address: str) -> bool:
    """Open the address in the system's browser; return True if one was started."""
    return QDesktopServices.openUrl(QUrl(address))


class ProviderSignIn(QObject):
    """One attempt at the port ``sign_in``.

    It calls ``then`` with the port's answer or ``failed`` with the error text; neither if it was cancelled.
    """

    def __init__(
        self,
        choice: ProviderChoice,
        *,
        background: Background,
        sign_in: Callable[..., Any],
        browse: Browse,
        then: Callable[[Any], object],
        failed: Callable[[str], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent.window()
        self._background = background
        self._sign_in = sign_in
        self._browse = browse
        self._then = then
        self._failed = failed
        self._cancelled = threading.Event()
        self._is_asked = False
        self.dialog = ProviderDialog(choice.label, icon=choice.icon, parent=parent)
        self.dialog.rejected.connect(self.cancel)
        self.dialog.open_wanted.connect(browse)
        self.dialog.secret_typed.connect(self._ask)

    def start(self) -> None:
        """Show the dialog and start the sign-in."""
        self.dialog.open()
        self._ask(None)

    def cancel(self) -> None:
        """Cancel the attempt. May be called twice."""
        self._cancelled.set()
        if not self._is_asked:
            self._end()

    def _ask(self, secret: str | None) -> None:
        self._is_asked = True
        self._background.run_in_pool(
            self._sign_in,
            secret=secret,
            cancelled=self._cancelled,
            owner=self,
            on_progress=self._on_progress,
            then=self._on_vouched,
            failed=self._on_failed,
        )

    def _on_progress(self, told: BrowserSignIn | DeviceCodeSignIn) -> None:
        if self._cancelled.is_set():
            return
        until = _until(told.seconds)
        if isinstance(told, DeviceCodeSignIn):
            self.dialog.show_code(told.code, told.address, until)
        else:
            self.dialog.show_browser(told.address, until, is_open=self._browse(told.address))

    def _on_vouched(self, vouched: Any) -> None:
        was_wanted = not self._cancelled.is_set()
        self._end()
        if was_wanted:
            self._window.activateWindow()  # the browser covers it
            self._then(vouched)

    def _on_failed(self, error: Exception) -> None:
        if self._cancelled.is_set():
            self._end()
        elif isinstance(error, SecretRequired):
            self._is_asked = False
            self.dialog.show_secret(translated(error))
        else:
            self._end()
            if isinstance(error, Refused | Unavailable):
                self._failed(translated(error))
            else:
                self._failed(tr("Something went wrong. Please try again."))
                self._background.report(error)

    def _end(self) -> None:
        self._cancelled.set()
        self.dialog.hide()
        self.dialog.deleteLater()
        self.deleteLater()


def _until(seconds: float) -> str:
    at = datetime.now().astimezone() + timedelta(seconds=seconds)
    clock = formatting.clock(at, country_defaults.language())
    if seconds < 120:
        return tr("You have {seconds} seconds, until {time}.", seconds=round(seconds), time=clock)
    return tr("You have {minutes} minutes, until {time}.", minutes=round(seconds / 60), time=clock)
