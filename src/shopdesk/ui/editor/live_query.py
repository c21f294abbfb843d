"""Live query: one query at a time while the user types, always for the latest text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from shopdesk.ui.base.context import Context


class LiveQuery(QObject):
    """A query repeated as its text changes: ``query(session, text, *given)``.

    ``show(text, found)`` is called with the result for the latest text, ``lost(text)`` when the query failed, as it
    does while the database is unreachable.
    """

    def __init__(
        self,
        context: Context,
        query: Callable[..., Any],
        show: Callable[[str, Any], object],
        *,
        parent: QObject,
        given: Callable[[], tuple[Any, ...]] = tuple,
        lost: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._query = query
        self._given = given
        self._show = show
        self._lost = lost
        self._wanted: str | None = None
        self._is_asking = False

    def ask(self, text: str) -> None:
        """Run the query for this text; results for older texts are dropped."""
        self._wanted = text
        if not self._is_asking:
            self._send()

    def cancel(self) -> None:
        """Drop the result of a running query."""
        self._wanted = None

    def _send(self) -> None:
        text = self._wanted
        if text is None:
            return
        self._is_asking = True
        self._context.ask(
            self._query,
            text,
            *self._given(),
            owner=self,
            then=lambda found: self._on_found(text, found),
            failed=self._on_failed,
        )

    def _on_found(self, text: str, found: Any) -> None:
        self._is_asking = False
        if text == self._wanted:
            self._wanted = None
            self._show(text, found)
        else:
            self._send()

    def _on_failed(self, error: Exception) -> None:
        self._is_asking = False
        text, self._wanted = self._wanted, None
        self._context.report_unanswered(error)
        if text is not None and self._lost is not None:
            self._lost(text)
