"""The building blocks of a page: its header, cards, figures and empty states."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton
from shopdesk.ui.widgets.labels import Drawing, Label


class Head(QWidget):
    """The header of a page: its title at the left, its buttons at the right."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(title, "title")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(tokens.S)
        self._row.addWidget(self.title)
        self._row.addStretch(1)
        self.setMinimumHeight(tokens.PRIMARY)

    def add(self, widget: QWidget) -> None:
        """Add a widget at the right."""
        self._row.addWidget(widget)

    def add_after_title(self, widget: QWidget) -> None:
        """Add a widget right after the title, such as a badge."""
        self._row.insertWidget(self._row.count() - 1, widget)


class Column(QWidget):
    """A vertical layout with the usual margins; the root of most screens."""

    def __init__(self, *, margin: int = tokens.XL, spacing: int = tokens.L, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "column")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(spacing)

    def add(self, part: QWidget | QLayout, stretch: int = 0) -> None:
        """Put the next part below."""
        if isinstance(part, QWidget):
            self.column.addWidget(part, stretch)
        else:
            self.column.addLayout(part, stretch)


class Scroll(QScrollArea):
    """A scroll area that scrolls vertically only."""

    def __init__(self, content: QWidget, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)


class Separator(QFrame):
    """A thin horizontal line."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rule")
        self.setFixedHeight(tokens.HAIR)


class Card(QFrame):
    """A surface with a border; ``column`` is its layout."""

    def __init__(
        self, title: str = "", *, margin: int = tokens.L, spacing: int = tokens.M, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(spacing)
        if title:
            self.add(Label(title, "heading"))
            self.setAccessibleName(title)

    def add(self, part: QWidget | QLayout, stretch: int = 0) -> None:
        """Put the next part below."""
        if isinstance(part, QWidget):
            self.column.addWidget(part, stretch)
        else:
            self.column.addLayout(part, stretch)


class FigureCard(QPushButton):
    """One large figure, with its label above and its change below; pressing it calls ``act``."""

    def __init__(self, label: str, act: Callable[[], object] | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "figure-card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name = label
        self._act = act
        self._label = Label(label, "label")
        self._value = Label("–", "figure")
        self._value.setFont(tokens.tabular(self._value.font()))
        self._change = Label(" ", "small")
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


class EmptyState(QWidget):
    """A placeholder for an empty page: what the page is for, and its first action."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XXL, tokens.XL, tokens.XXL)
        column.setSpacing(tokens.S)
        column.addStretch(1)
        column.addWidget(Drawing(icon, size=tokens.ICON_LARGE), alignment=Qt.AlignmentFlag.AlignHCenter)
        self.title = Label(title, "heading")
        column.addWidget(self.title, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.text = Label(text, "soft", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text.setMaximumWidth(tokens.READING)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.text, 4)
        middle.addStretch(1)
        column.addLayout(middle)
        self.button: PrimaryButton | None = None
        if action is not None:
            self.button = PrimaryButton(*action)
            column.addSpacing(tokens.S)
            column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def set_text(self, title: str, text: str) -> None:
        """Replace the texts, for example when a search found nothing."""
        self.title.setText(title)
        self.text.setText(text)
