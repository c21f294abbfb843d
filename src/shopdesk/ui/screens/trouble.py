"""The program cannot begin: what happened, what to do, try again or quit. Never a traceback."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.ui import theme
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.entry import EntryPage, beside


class TroubleScreen(EntryPage):
    """The start-up fault of a database or of the settings, on a page of its own."""

    retry_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("shopdesk cannot begin"), icon="warn", width=theme.WIDE, parent=parent)
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName(tr("Details"))
        self.details.setFixedHeight(theme.DETAILS)
        self.details.setTabChangesFocus(True)
        self.retry = PrimaryButton(tr("Retry"), self._on_retry, icon="retry")
        self.copy = Button(tr("Copy"), self._on_copy)
        self.quit = Button(tr("Quit"), self.quit_wanted.emit)
        self.setFocusProxy(self.retry)
        self.add(self.details)
        acts = beside(self.quit, self.copy, self.retry)
        acts.setStretch(2, 2)
        self.card.column.addSpacing(theme.S)
        self.add(acts)

    def show_error(self, error: Exception, report: str = "") -> None:
        """Put it into words by its kind. ``report`` is what helps to find a bug; the world's faults need none."""
        self.retry.setEnabled(True)
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
        self.retry.setFocus()

    def _on_retry(self) -> None:
        self.retry.setEnabled(False)
        self.retry_wanted.emit()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
