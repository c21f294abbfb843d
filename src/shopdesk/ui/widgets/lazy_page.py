"""A page of a stack that is built when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QStackedWidget, QWidget

from shopdesk.ui.widgets.page_parts import Scroll

P_co = TypeVar("P_co", bound=QWidget, covariant=True)


class LazyPage(Generic[P_co]):
    """Builds its page with ``create``, which imports it only then: neither the first paint nor a sign-in waits for it.

    ``answers`` are connected to the signals of their names. With ``scrolls`` the page scrolls as a whole where the
    window is smaller than it needs.
    """

    def __init__(
        self,
        stack: QStackedWidget,
        create: Callable[[], P_co],
        *,
        scrolls: bool = False,
        **answers: Callable[..., object],
    ) -> None:
        self._stack = stack
        self._create = create
        self._scrolls = scrolls
        self._answers = answers
        self._page: P_co | None = None
        self._place: QWidget | None = None

    @property
    def page(self) -> P_co:
        """The page."""
        if self._page is None:
            self._page = self._create()
            for signal, answer in self._answers.items():
                getattr(self._page, signal).connect(answer)
            self._place = Scroll(self._page) if self._scrolls else self._page
            self._stack.addWidget(self._place)
        return self._page

    @property
    def is_open(self) -> bool:
        """True if the page is the current one."""
        return self._place is not None and self._stack.currentWidget() is self._place

    def show(self) -> P_co:
        """Make the page the current one and return it."""
        page = self.page
        if self._place is not None:
            self._stack.setCurrentWidget(self._place)
        return page

    def discard(self) -> None:
        """Delete the page with everything typed on it; it is built anew when needed again."""
        place = self._place
        self._page = self._place = None
        if place is not None:
            self._stack.removeWidget(place)
            place.hide()
            place.deleteLater()
