"""Where the focus begins on a page, and the order in which Tab goes through it: as it is read."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget


class FocusedPage(QWidget):
    """A page that hands the focus on to the part to begin with.

    Not a focus proxy: Tab would stop at the page itself and so never come to what stands before that part.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first: QWidget | None = None

    def begin_at(self, first: QWidget) -> None:
        """Where the focus goes when the page is shown."""
        self._first = first

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The window gives the focus to the page; hand it on, to whatever else there is while that part is hidden."""
        super().focusInEvent(event)
        if self._first is not None and self._first.isVisible():
            self._first.setFocus(event.reason())
        else:
            self.focusNextChild()


def tab_order(*parts: QWidget) -> None:
    """Let Tab go through what is in these parts, one part after the other."""
    stops = [stop for part in parts for stop in _stops(part)]
    for one, following in pairwise(stops):
        QWidget.setTabOrder(one, following)


def _stops(part: QWidget) -> list[QWidget]:
    """What takes the focus in a part, in the order it has there; a field with its control counts as one."""
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
