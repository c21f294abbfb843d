"""The building blocks of a page: its header, cards and empty states."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import is_right_to_left
from shopdesk.ui.widgets.buttons import Button, PrimaryButton, fit
from shopdesk.ui.widgets.labels import Drawing, Label

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent


class Head(QWidget):
    """The header of a page: its title at the left, its buttons at the right, with less text if there is little room."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(title, "title")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(tokens.S)
        self._row.addWidget(self.title)
        self._row.addStretch(1)
        self.setMinimumHeight(tokens.PRIMARY)
        self._buttons: list[Button] = []
        self.setMinimumWidth(1)  # the page may be narrower than all texts

    def add(self, widget: QWidget) -> None:
        """Add a widget at the right."""
        self._row.addWidget(widget)
        if isinstance(widget, Button):
            self._buttons.append(widget)

    def add_after_title(self, widget: QWidget) -> None:
        """Add a widget right after the title, such as a badge."""
        self._row.insertWidget(self._row.count() - 1, widget)

    def fit(self) -> None:
        """Show as much of the buttons' texts as there is room for; call it when a widget was shown or has grown."""
        fit(self._buttons, self._row, self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the buttons' texts as there is room for."""
        super().resizeEvent(event)
        self.fit()


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
    """A scroll area that scrolls vertically only, and keeps the control with the focus in sight.

    Qt itself does so for Tab, but not where Enter or an error moves the focus.
    """

    _is_restyled = False

    def __init__(self, content: QWidget, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.setAutoFillBackground(False)  # Qt would paint all on it twice when the page is shown
        if isinstance(app := QApplication.instance(), QApplication):
            app.focusChanged.connect(self._show_focused, Qt.ConnectionType.QueuedConnection)

    def changeEvent(self, event: QEvent) -> None:
        """Note that the content gets a style, which changes sizes in it."""
        super().changeEvent(event)
        self._is_restyled = self._is_restyled or event.type() is QEvent.Type.StyleChange

    def showEvent(self, event: QShowEvent) -> None:
        """Lay the content out anew in another style: Qt keeps the sizes that layouts within its layout had before."""
        super().showEvent(event)
        if self._is_restyled and (layout := self._content.layout()) is not None:
            self._is_restyled = False
            layout.invalidate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the control also when the content gets its height after the focus."""
        if event.type() is QEvent.Type.Resize and watched is self._content:
            QTimer.singleShot(0, self, self._show_focused)
        return super().eventFilter(watched, event)

    def _show_focused(self) -> None:
        control = QApplication.focusWidget()
        if control is not None and self._content.isAncestorOf(control):
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # else it may still move
            top = control.mapTo(self._content, QPoint(0, 0)).y()
            for y in (top + control.height(), top):  # with its error below, and its label above
                self.ensureVisible(0, y, 0, 2 * tokens.XL)


def set_margins(layout: QLayout, start: int, top: int, end: int, bottom: int) -> None:
    """Set margins that differ at the sides; ``start`` is the left, and the right in windows from right to left.

    Qt mirrors what is in a layout, but not its margins.
    """
    left, right = (end, start) if is_right_to_left() else (start, end)
    layout.setContentsMargins(left, top, right, bottom)


def lay_out(window: QWidget) -> None:
    """Lay out a window from the inside out; call it before it is shown, so that it opens in its final size.

    Qt would tell each layout of the one within it by an event of its own, and the window would grow after it was shown:
    a compositor of Wayland that has answered the first size by then keeps the window at it.
    """
    window.ensurePolished()
    for part in reversed(window.findChildren(QWidget)):
        if (own := part.layout()) is not None:
            own.activate()


def clear_layout(layout: QLayout, *, after: int = 0) -> None:
    """Remove all widgets from a layout but the first ones, so that it can be filled again."""
    while (item := layout.takeAt(after)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear_layout(inner)


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
