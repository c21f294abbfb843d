"""Shows errors that no page shows itself, each by its kind, and the reports of unexpected ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from shopdesk.background import ProgramOutdated
from shopdesk.domain.errors import ConfirmationRequired, DatabaseUnavailable, MailSignInFailed, Refused, Unavailable
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.notice import Notice, NoticeAction
from shopdesk.ui.base.tokens import Tone

if TYPE_CHECKING:
    from shopdesk.crash_reports import UncleanExit
    from shopdesk.ui.window.database_banner import DatabaseBanner


class ErrorPresenter(QObject):
    """Shows errors as notices, and in the banner what lasts. ``report`` writes the report of an unexpected error.

    ``mail_action`` returns the button to Settings, Mail, or None for who may not change them.
    """

    def __init__(
        self,
        window: QWidget,
        *,
        banner: DatabaseBanner,
        notify: Callable[[Notice], object],
        report: Callable[[BaseException], str],
        mail_action: Callable[[], NoticeAction | None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._banner = banner
        self._notify = notify
        self._report = report
        self._mail_action = mail_action

    def present(self, error: Exception) -> None:
        """Show an error."""
        match error:
            case ProgramOutdated():
                self._banner.show_outdated(error)
            case DatabaseUnavailable():  # the banner shows the cause; the notice, that this action failed
                self._notify(Notice(text=tr("Not done. {why}", why=error), tone=Tone.WARN))
            case MailSignInFailed():
                action = self._mail_action()
                self._notify(Notice(text=translated(error), tone=Tone.WARN, action=action, stays=True))
            case Unavailable():
                self._notify(Notice(text=translated(error), tone=Tone.WARN, stays=True))
            case Refused() | ConfirmationRequired():
                self._notify(Notice(text=translated(error), tone=Tone.WARN))
            case _:
                text = tr("Something went wrong. What you typed is still here.")
                action = self._open_report(self._report(error))
                self._notify(Notice(text=text, tone=Tone.BAD, action=action, stays=True))

    def notice_of_unclean_exit(self, ended: UncleanExit, now: datetime) -> Notice:
        """Return the notice of how the previous run ended."""
        from shopdesk.ui.base import display_names

        when = display_names.when(ended.at, now)
        if ended.report:
            text = tr("shopdesk ended unexpectedly {when}. Nothing was lost.", when=when)
            action = self._open_report(ended.report, tr("shopdesk ended unexpectedly"))
            return Notice(text=text, tone=Tone.PLAIN, action=action)
        text = tr(
            "shopdesk did not shut down properly {when} (power cut, or stopped by the system). Nothing was lost.",
            when=when,
        )
        return Notice(text=text, tone=Tone.PLAIN)

    def _open_report(self, report: str, title: str = "") -> NoticeAction:
        def show() -> None:
            from shopdesk.ui.window.report_dialog import ReportDialog

            ReportDialog(report, title=title, parent=self._window).open()

        return NoticeAction(tr("Report"), show)
