"""A card with one large figure."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.labels import Drawing, Label, ShortLabel


class FigureCard(QPushButton):
    """One large figure, with its label above and its change below; pressing it calls ``act``."""

    def __init__(self, label: str, act: Callable[[], object] | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "figure-card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name = label
        self._act = act
        self._label = ShortLabel(label, "label")
        self._value = Label("–", "figure")
        self._value.setFont(tokens.tabular(self._value.font()))
        self._change = ShortLabel(" ", "small")
        self._drawing = Drawing("level", size=tokens.ICON_SMALL)
        below = QHBoxLayout()
        below.setSpacing(tokens.XS)
        below.addWidget(self._drawing)
        below.addWidget(self._change, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.L, tokens.M, tokens.L, tokens.M)
        column.setSpacing(tokens.XS)
        column.addWidget(self._label)
        column.addWidget(self._value)
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
        if icon:
            self._drawing.show_icon(icon, tone)
        self.setAccessibleName(f"{self._name}: {value}" + (f", {change}" if change else ""))
