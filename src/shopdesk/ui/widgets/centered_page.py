"""The page layout of sign-in, register, first run and lock screen: a narrow card in the middle."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.labels import Drawing, Label, ShortLabel
from shopdesk.ui.widgets.page_parts import Card, Scroll


class CenteredPage(QWidget):
    """A page with the shop's name above a card with a title."""

    def __init__(
        self,
        title: str,
        lead: str = "",
        *,
        icon: str = "shop",
        width: int = tokens.NARROW,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.title = Label(title, "title", wrap=True)
        self.lead = Label(lead, "soft", wrap=True)
        if not lead:
            self.lead.hide()  # never show() before it has a parent: it would flash up as a window
        self.above = QHBoxLayout()
        self.above.setSpacing(tokens.S)
        self.above.addStretch(1)
        self.above.addWidget(Drawing(icon, Tone.ACCENT, size=tokens.ICON_BRAND))
        self.brand = ShortLabel("shopdesk", "heading")
        self.above.addWidget(self.brand)
        self.above.addStretch(1)
        self.card = Card(margin=tokens.XL, spacing=tokens.S)
        self.card.setFixedWidth(width)
        self.card.add(self.title)
        self.card.add(self.lead)
        self.card.column.addSpacing(tokens.S)
        content = QWidget()
        content.setProperty("role", "column")
        column = QVBoxLayout(content)
        column.setContentsMargins(tokens.L, tokens.L, tokens.L, tokens.L)
        column.setSpacing(tokens.L)
        column.addStretch(2)
        column.addLayout(self.above)
        # Between two stretches, not aligned: an aligned item ignores the height-for-width of wrapped text.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Scroll(content))

    def add(self, part: QWidget | QLayout) -> None:
        """Put the next part into the card."""
        self.card.add(part)

    def set_text(self, title: str, lead: str) -> None:
        """Set the title and the text below it."""
        self.title.setText(title)
        self.lead.setText(lead)
        self.lead.setVisible(bool(lead))


def beside(*parts: QWidget) -> QHBoxLayout:
    """Return a row of fields or buttons of equal width, aligned at the top."""
    row = QHBoxLayout()
    row.setSpacing(tokens.L)
    for part in parts:
        column = QVBoxLayout()
        column.addWidget(part)
        if isinstance(part, Field):
            column.addStretch(1)
        row.addLayout(column, 1)
    return row
