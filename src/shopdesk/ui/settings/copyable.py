"""A line of text with a button to copy it."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.labels import Label


class Copyable(QWidget):
    """A line of text with a button to copy it."""

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._text = ""
        self.label = Label(role="strong", wrap=True)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy = Button(tr("Copy"), self._on_copy)
        self.copy.setAccessibleName(tr("Copy {name}", name=name))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.S)
        row.addWidget(self.label, 1)
        row.addWidget(self.copy, alignment=Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        """The text to copy."""
        return self._text

    def show_text(self, text: str) -> None:
        """Set the text to copy."""
        self._text = text
        self.label.setText(re.sub(r"(?<=[/\\\\])", "\u200b", text))  # a path may go on in the next line
        self.label.setAccessibleName(f"{self._name}: {text}")
        self.copy.setEnabled(bool(text))

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self.text)
