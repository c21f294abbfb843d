"""A card with one large figure."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.labels import Drawing, Label, ShortLabel


class FigureCard(QPushButton):
    """One large figure, with its label above and its change below; pressing it calls ``act``.

    The change wraps in a narrow card, and all cards beside it become as high.
    """

    def __init__(self, label: str, act: Callable[[], object] | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "figure-card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._name = label
        self._act = act
        self._label = ShortLabel(label, "label")
        self._value = Label("–", "figure")
        self._value.setFont(tokens.tabular(self._value.font()))
        self._change = Label(" ", "small", wrap=True)
        self._drawing = Drawing("level", size=tokens.ICON_SMALL)
        below = QHBoxLayout()
        below.setSpacing(tokens.XS)
        below.addWidget(self._drawing, alignment=Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._change, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.L, tokens.M, tokens.L, tokens.M)
        column.setSpacing(tokens.XS)
        column.addWidget(self._label)
        column.addWidget(self._value)
        column.addStretch(1)
        column.addLayout(below)
        for part in (self._label, self._value, self._change, self._drawing):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._drawing.hide()
        self.setAccessibleName(label)
        if act is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.clicked.connect(self._on_clicked)
            self.setAutoDefault(True)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        """Return the usual height of a card, or that of its texts at its width."""
        hint, column = super().sizeHint(), self.layout()
        needed = column.totalHeightForWidth(self.width()) if column is not None else 0
        return QSize(hint.width(), max(hint.height(), needed))

    def hasHeightForWidth(self) -> bool:
        """Return False: the size hint follows the width, and Qt's own guess would make the page higher."""
        return False

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: no text is cut."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height of the texts at the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _on_clicked(self) -> None:
        if self._act is not None:
            self._act()

    @property
    def value(self) -> str:
        """The figure as shown."""
        return self._value.text()

    def show_figure(self, value: str, change: str = "", *, tone: Tone = Tone.SOFT, icon: str = "") -> None:
        """Show the figure and its change; the icon and the text repeat what the tone's colour means."""
        self._value.setText(value)
        self._change.setText(change or " ")
        theme.set_role(self._change, theme.SMALL_ROLES.get(tone, "small"))
        self._drawing.setVisible(bool(icon))
        self.updateGeometry()
        if icon:
            self._drawing.show_icon(icon, tone)
        self.setAccessibleName(f"{self._name}: {value}" + (f", {change}" if change else ""))
