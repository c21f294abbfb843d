"""A page of the sign-in flow that is built when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QStackedWidget, QWidget

P = TypeVar("P", bound=QWidget)


class Step(Generic[P]):
    """Builds its page with ``create``, which imports it only then: the first paint must not wait for it.

    ``answers`` are connected to the signals of their names.
    """

    def __init__(self, flow: QStackedWidget, create: Callable[[], P], **answers: Callable[..., object]) -> None:
        self._flow = flow
        self._create = create
        self._answers = answers
        self._page: P | None = None

    @property
    def page(self) -> P:
        """The page."""
        if self._page is None:
            self._page = self._create()
            for signal, answer in self._answers.items():
                getattr(self._page, signal).connect(answer)
            self._flow.addWidget(self._page)
        return self._page

    @property
    def is_open(self) -> bool:
        """True if the page is the current one."""
        return self._page is not None and self._flow.currentWidget() is self._page

    def show(self) -> P:
        """Make the page the current one and return it."""
        self._flow.setCurrentWidget(self.page)
        return self.page

    def discard(self) -> None:
        """Delete the page with everything typed on it; it is built anew when needed again."""
        page, self._page = self._page, None
        if page is not None:
            self._flow.removeWidget(page)
            page.deleteLater()
