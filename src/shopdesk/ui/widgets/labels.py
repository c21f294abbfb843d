"""Labels: titles, secondary text, amounts, icons and state badges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from shopdesk.ui.base import icons, theme, tokens
from shopdesk.ui.base.i18n import StatusLook, as_data

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
from shopdesk.ui.base.tokens import Tone


class Label(QLabel):
    """Plain text in a role: "title", "heading", "strong", "label", "soft", "small", "faint", "figure", "total".

    Never rich text: customers' names must not be read as markup.
    """

    def __init__(self, text: str = "", role: str = "", *, wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(as_data(text), parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if role:
            self.setProperty("role", role)

    def setText(self, text: str) -> None:
        """Set the text; a number or an address stays readable in windows from right to left."""
        super().setText(as_data(text))


class ShortLabel(Label):
    """A label of one line, elided with "…" if it is too long; the tool tip has the full text."""

    def minimumSizeHint(self) -> QSize:
        """Return no minimum width."""
        return QSize(0, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        """Set the text and the tool tip."""
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt calls this to show it."""
        from PySide6.QtGui import QPainter

        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter = QPainter(self)
        painter.drawText(self.rect(), self.alignment().value, shown)  # the style does no more, and loads more
        painter.end()


class MoneyLabel(Label):
    """An amount in tabular figures, right-aligned and selectable; ``name`` is its accessible name."""

    def __init__(self, text: str = "", role: str = "", *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, role, parent=parent)
        self._name = name
        self.setFont(tokens.tabular(self.font()))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_amount(text)

    def show_amount(self, text: str) -> None:
        """Show a formatted amount."""
        self.setText(text)
        if self._name:
            self.setAccessibleName(f"{self._name}: {text}")


class Drawing(QLabel):
    """A static icon. It is repainted each time, so that its colours follow the theme."""

    def __init__(
        self, name: str, tone: Tone = Tone.SOFT, *, size: int = tokens.ICON, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._tone = tone
        self.setFixedSize(size, size)

    def show_icon(self, name: str, tone: Tone) -> None:
        """Show another icon."""
        self._name, self._tone = name, tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt calls this to show it."""
        if not icons.is_loaded():
            return
        from PySide6.QtGui import QPainter

        painter = QPainter(self)
        icons.draw(painter, self.rect(), self._name, tokens.colours().of(self._tone))
        painter.end()


class StateBadge(QFrame):
    """A state as an icon and a word on a tinted background: ``badge.show_look(delivery_status(state))``."""

    def __init__(self, look: StatusLook | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = Drawing("info", size=tokens.ICON_SMALL)
        self._word = Label()
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.S, tokens.XS, tokens.S, tokens.XS)
        row.setSpacing(tokens.XS)
        row.addWidget(self._drawing)
        row.addWidget(self._word)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self._drawing.hide()
        if look is not None:
            self.show_look(look)

    @property
    def word(self) -> str:
        """The word shown."""
        return self._word.text()

    def show_look(self, look: StatusLook) -> None:
        """Show another state."""
        self._drawing.show_icon(look.icon, look.tone)
        self._word.setText(look.word)
        theme.set_role(self._word, look.tone.value if look.tone in {Tone.GOOD, Tone.WARN, Tone.BAD} else "soft")
        theme.set_role(self, f"badge-{look.tone.value}")
        self.setAccessibleName(look.word)
        self._drawing.show()
