"""The dialog with the report of an error or a crash, to read and copy. The report contains no secrets."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.labels import Label


class ReportDialog(QDialog):
    """The report dialog, with "Copy" and "Close"."""

    def __init__(self, text: str, *, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = title or tr("Something went wrong")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.details = QPlainTextEdit(text, readOnly=True)
        self.details.setAccessibleName(tr("Report"))
        self.details.setTabChangesFocus(True)
        self.copy = PrimaryButton(tr("Copy"), self._on_copy)
        answers = QHBoxLayout()
        answers.addStretch(1)
        answers.addWidget(Button(tr("Close"), self.reject))
        answers.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(Label(title, "title"))
        lead = tr("We are sorry. Please copy the report below and send it to the person who looks after shopdesk.")
        column.addWidget(Label(lead, "soft", wrap=True))
        column.addWidget(self.details, 1)
        column.addLayout(answers)
        self.resize(tokens.KEY_SHEET)
        self.copy.setFocus()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
        self.copy.set_label(tr("Copied"))
