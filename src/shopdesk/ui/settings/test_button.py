"""A button that tries a setting, with the result beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.field import MessageLine


class TestButton(QWidget):
    """A button that runs a test, and a line that shows the result."""

    def __init__(
        self,
        label: str,
        act: Callable[[], object],
        *,
        icon: str = "",
        is_primary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._act = act
        self._is_trying = False
        self.button = (PrimaryButton if is_primary else Button)(label, self._on_pressed, icon=icon)
        self.line = MessageLine()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.M)
        row.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.addSpacing(tokens.S)
        column.addWidget(self.line)
        row.addLayout(column, 1)

    @property
    def words(self) -> str:
        """The text of the result line."""
        return self.line.words.text()

    def run(self, context: Context, test: Callable[..., str], *given: object) -> None:
        """Run ``test(*given)`` on another thread and show its result; report an error that no test expects."""

        def failed(error: Exception) -> None:
            if isinstance(error, Refused | Unavailable):
                self.failed(translated(error))
            else:
                self.reset()
                context.report_error(error)

        self.start()
        context.background.run_in_pool(test, *given, owner=self, then=self.succeeded, failed=failed)

    def start(self) -> None:
        """Show that the test is running. The button stays enabled, so that it keeps the focus."""
        self._is_trying = True
        self._show_result(StatusLook(tr("Testing …"), "waiting", Tone.SOFT))

    def show_progress(self, text: str) -> None:
        """Show the progress of the test."""
        if self._is_trying:
            self._show_result(StatusLook(text, "waiting", Tone.SOFT))

    def succeeded(self, text: str) -> None:
        """Show a successful result."""
        self._is_trying = False
        self._show_result(StatusLook(translated(text), "good", Tone.GOOD))

    def failed(self, text: str) -> None:
        """Show a failed result."""
        self._is_trying = False
        self._show_result(StatusLook(text, "warn", Tone.BAD))

    def reset(self) -> None:
        """Clear the result, when the settings it was for have changed."""
        self._is_trying = False
        self._show_result(None)

    def _on_pressed(self) -> None:
        if not self._is_trying:
            self._act()

    def _show_result(self, look: StatusLook | None) -> None:
        self.line.show_state(look)
        self.line.words.setAccessibleName(look.word if look else "")
