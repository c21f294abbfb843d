"""The banner across the top of a page, and the progress line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.labels import Drawing, Label

TONE_ICONS = {
    Tone.GOOD: "good",
    Tone.WARN: "warn",
    Tone.BAD: "bad",
    Tone.PLAIN: "info",
    Tone.SOFT: "info",
    Tone.ACCENT: "info",
    Tone.ON_ACCENT: "info",
}
"""The icon beside a notice or in a banner of a tone."""


class Banner(QFrame):
    """A line across the top that is shown while a condition lasts, such as an unreachable database."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = Drawing("warn", Tone.WARN)
        self._text = Label(wrap=True)
        self._action: Callable[[], object] | None = None
        self._button = Button("", self._on_action)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.XL, tokens.S, tokens.XL, tokens.S)
        row.setSpacing(tokens.M)
        row.addWidget(self._drawing)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    @property
    def text(self) -> str:
        """The text shown; empty while the banner is hidden."""
        return self._text.text() if not self.isHidden() else ""

    def show_message(self, text: str, *, tone: Tone = Tone.WARN, action: NoticeAction | None = None) -> None:
        """Show the banner with a text and an optional action."""
        self._text.setText(text)
        self._drawing.show_icon(TONE_ICONS[tone], tone)
        theme.set_role(self, f"banner-{tone.value}" if tone in {Tone.WARN, Tone.BAD} else "banner-plain")
        self.setAccessibleName(text)
        self._button.setVisible(action is not None)
        self._action = action.act if action is not None else None
        if action is not None:
            self._button.set_label(action.label)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _on_action(self) -> None:
        if self._action is not None:
            self._action()


class BusyLine(QWidget):
    """A thin moving line over the page while work takes a noticeable time."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens.RING)
        self.setAccessibleName(tr("Working"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._step = 0
        self._patience = QTimer(self, singleShot=True, interval=tokens.BUSY_AFTER_MS)
        self._patience.timeout.connect(self._on_late)
        self._beat = QTimer(self, interval=tokens.BUSY_BEAT_MS)
        self._beat.timeout.connect(self._on_beat)

    @property
    def is_shown(self) -> bool:
        """True if the line is moving."""
        return self._beat.isActive()

    def set_busy(self, busy: bool) -> None:
        """Start or stop the line; short work does not show it."""
        if busy:
            self._patience.start()
        else:
            self._patience.stop()
            self._beat.stop()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a segment that moves from left to right."""
        if not self._beat.isActive():
            return
        painter = QPainter(self)
        width = self.width()
        piece = width // 4
        left = (self._step * width // tokens.BUSY_STEPS) % (width + piece) - piece
        painter.fillRect(QRect(left, 0, piece, self.height()), QColor(tokens.colours().accent))
        painter.end()

    def _on_late(self) -> None:
        self._beat.start()
        self.raise_()

    def _on_beat(self) -> None:
        self._step += 1
        self.update()
