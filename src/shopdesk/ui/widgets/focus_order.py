"""Focus order: the first focus of a page, and its Tab order."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget


class FocusedPage(QWidget):
    """A page that passes the focus on to its first part.

    Not a focus proxy: with one, Tab never reaches the widgets before that part.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first: QWidget | None = None

    def begin_at(self, first: QWidget) -> None:
        """Set the part that gets the focus when the page is shown."""
        self._first = first

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the focus on to the first part, or to the next widget while that part is hidden."""
        super().focusInEvent(event)
        if self._first is not None and self._first.isVisible():
            self._first.setFocus(event.reason())
        else:
            self.focusNextChild()


def tab_order(*parts: QWidget) -> None:
    """Set the Tab order through the widgets of these parts, in order."""
    stops = [stop for part in parts for stop in _stops(part)]
    for one, following in pairwise(stops):
        QWidget.setTabOrder(one, following)


def _stops(part: QWidget) -> list[QWidget]:
    """Return the focusable widgets of a part in their order, or itself; a field and its control count as one."""
    if part.focusPolicy() & Qt.FocusPolicy.TabFocus or part.isAncestorOf(part.focusProxy() or part):
        return [part]
    found: list[QWidget] = []
    following = part.nextInFocusChain()
    while following is not None and following is not part:
        if part.isAncestorOf(following) and not any(one.isAncestorOf(following) for one in found):
            proxy = following.focusProxy()
            is_field = proxy is not None and following.isAncestorOf(proxy)
            if is_field or (proxy is None and following.focusPolicy() & Qt.FocusPolicy.TabFocus):
                found.append(following)
        following = following.nextInFocusChain()
    return found
