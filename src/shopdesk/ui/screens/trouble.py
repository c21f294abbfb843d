"""The program cannot begin: what happened, what to do, try again or quit. Never a traceback."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from shopdesk.domain.errors import Damaged, PasswordRefused, Refused, Unavailable
from shopdesk.ui import theme
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.entry import EntryPage, beside
from shopdesk.ui.widgets.field import PasswordField


class TroubleScreen(EntryPage):
    """The start-up fault of a database or of the settings, on a page of its own."""

    retry_wanted = Signal()
    password_given = Signal(str)  # of the database's server
    restore_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("shopdesk cannot begin"), icon="warn", width=theme.WIDE, parent=parent)
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName(tr("Details"))
        self.details.setFixedHeight(theme.DETAILS)
        self.details.setTabChangesFocus(True)
        self.password = PasswordField(tr("Password of the server"))
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
        self.card.column.addSpacing(theme.S)
        self.add(acts)

    def show_error(self, error: Exception, report: str = "") -> None:
        """Put it into words by its kind. ``report`` is what helps to find a bug; the world's faults need none."""
        self.retry.setEnabled(True)
        self.password.clear()
        self.password.setVisible(isinstance(error, PasswordRefused))
        self.restore.setVisible(isinstance(error, Damaged))
        match error:
            case Unavailable():
                self.say(error.what, error.advice)
                report = ""
            case Refused():
                self.say(tr("This cannot be used as it is"), "\n".join(fault.text for fault in error.faults))
                report = ""
            case _:
                self.say(
                    tr("Something went wrong that should not"),
                    tr("We are sorry. Please copy the report below and send it to whoever looks after the program."),
                )
        self.details.setPlainText(report)
        self.details.setVisible(bool(report))
        self.copy.setVisible(bool(report))

    def showEvent(self, event: QShowEvent) -> None:
        """Enter tries again."""
        super().showEvent(event)
        (self.retry if self.password.isHidden() else self.password).setFocus()

    def _on_retry(self) -> None:
        self.retry.setEnabled(False)
        if password := self.password.text():
            self.password_given.emit(password)
        else:
            self.retry_wanted.emit()

    def _on_look(self) -> None:
        from shopdesk.ui.widgets.examination import ExaminationDialog

        ExaminationDialog(self.restore_wanted.emit, parent=self).open()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
