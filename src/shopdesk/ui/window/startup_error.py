"""The start-up error page: what happened, what to do, and buttons to retry or quit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from shopdesk.domain.errors import DatabaseCorrupt, PasswordRefused, Refused, Unavailable
from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.field import PasswordField


class StartupErrorScreen(CenteredPage):
    """An error of the database or the settings that keeps the program from starting."""

    retry_wanted = Signal()  # "Retry" was pressed without a password
    password_given = Signal(str)  # the password of the database server
    restore_wanted = Signal()  # "Restore a backup" was pressed
    quit_wanted = Signal()  # "Quit" was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("shopdesk cannot start"), icon="warn", width=tokens.WIDE, parent=parent)
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName(tr("Details"))
        self.details.setFixedHeight(tokens.DETAILS)
        self.details.setTabChangesFocus(True)
        self.password = PasswordField(tr("Server password"))
        self.password.edit.returnPressed.connect(self._on_retry)
        self.retry = PrimaryButton(tr("Retry"), self._on_retry, icon="retry")
        self.copy = Button(tr("Copy"), self._on_copy)
        self.restore = Button(tr("Restore a backup"), self.restore_wanted.emit, icon="restore")
        self.look = Button(tr("Look for the cause"), self._on_look, icon="health")
        self.quit = Button(tr("Quit"), self.quit_wanted.emit)
        self.setFocusProxy(self.retry)
        self.add(self.password)
        self.add(self.details)
        self.add(self.restore)
        acts = beside(self.quit, self.copy, self.look, self.retry)
        self.card.column.addSpacing(tokens.S)
        self.add(acts)

    def show_error(self, error: Exception, report: str = "") -> None:
        """Show the error in words, by its kind. ``report`` helps to find a bug; only unexpected errors show it."""
        self.retry.setEnabled(True)
        self.password.clear()
        self.password.setVisible(isinstance(error, PasswordRefused))
        self.restore.setVisible(isinstance(error, DatabaseCorrupt))
        match error:
            case Unavailable():
                self.set_text(error.what, translated(error.advice))
                report = ""
            case Refused():
                self.set_text(tr("shopdesk cannot start"), "\n".join(translated(fault.text) for fault in error.faults))
                report = ""
            case _:
                self.set_text(
                    tr("Something went wrong"),
                    tr("We are sorry. Please copy the report below and send it to the person who supports you."),
                )
        self.details.setPlainText(report)
        self.details.setVisible(bool(report))
        self.copy.setVisible(bool(report))

    def showEvent(self, event: QShowEvent) -> None:
        """Focus Retry, or the password if it is asked for, so that Enter tries again."""
        super().showEvent(event)
        (self.retry if self.password.isHidden() else self.password).setFocus()

    def _on_retry(self) -> None:
        self.retry.setEnabled(False)
        if password := self.password.text():
            self.password_given.emit(password)
        else:
            self.retry_wanted.emit()

    def _on_look(self) -> None:
        from shopdesk.ui.widgets.check_results import CheckResultsDialog

        CheckResultsDialog(self.restore_wanted.emit, parent=self).open()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
