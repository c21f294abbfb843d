"""The field below a list of documents that goes to a date or a number in it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from shopdesk.ui.base import date_input, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.scanner import mark_search


class GoToField(QLineEdit):
    """A field for a date or a document's number; Enter goes there. Digits alone are a number."""

    wanted = Signal(object)  # date | str: emitted on Enter

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        mark_search(self)
        self.setAccessibleName(tr("Go to a date or a number"))
        self.setPlaceholderText(tr("Go to a date or a number"))
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(self.placeholderText()) + 3 * tokens.L)
        self.returnPressed.connect(self._on_enter)

    def _on_enter(self) -> None:
        text = self.text().strip()
        if not text:
            return
        language, country = self._context.language, self._context.shop.seller.country
        order = language if "-" in language or not country else f"{language}-{country}"
        day = None if text.isdecimal() else date_input.read(text, today=self._context.today(), language=order)
        self.wanted.emit(day or text)
