"""Shown while an account waits for approval, or for the owner to set up the shop."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.ui.base import shortcuts, tokens
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import CenteredPage
from shopdesk.ui.widgets.field import MessageLine
from shopdesk.ui.widgets.flow_layout import FlowLayout


class ApprovalScreen(CenteredPage):
    """The page of an account that waits for approval. While visible it asks the sign-in flow at intervals to check."""

    asked_again = Signal()  # time to check again, or the button was pressed
    left = Signal()  # "Sign out" was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Waiting for the owner"), parent=parent)
        self.answer = MessageLine()
        self.again = PrimaryButton(tr("Check again"), self._on_again, icon="retry")
        self.back = QuietButton(tr("Sign out"), self.left.emit, icon="sign-out")
        self._now_and_then = QTimer(self, interval=tokens.LOOK_AGAIN_MS)
        self._now_and_then.timeout.connect(self.asked_again)
        self.setFocusProxy(self.again)
        shortcuts.bind(self, "back", self.left.emit)
        self.add(self.answer)
        acts = FlowLayout()
        acts.addWidget(self.back)
        acts.addWidget(self.again)
        self.add(acts)

    def show_person(self, name: str) -> None:
        """Show that this person's account is waiting."""
        self.set_text(
            tr("Waiting for the owner"),
            tr("{name}, your account has been created. The owner can let you in under Settings, People.", name=name),
        )

    def show_unready(self) -> None:
        """Show that the account may be used, but there is no shop yet."""
        self.set_text(tr("Waiting for the owner"), tr("The owner has not set up the shop yet."))

    def still_waiting(self) -> None:
        """Show that nothing has changed."""
        self.answer.show_state(StatusLook(tr("Not yet. This page checks again by itself."), "info", Tone.SOFT))

    def showEvent(self, event: QShowEvent) -> None:
        """Check at intervals while the page is visible."""
        super().showEvent(event)
        self.answer.show_state(None)
        self._now_and_then.start()
        self.again.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop checking while the page is hidden."""
        super().hideEvent(event)
        self._now_and_then.stop()

    def _on_again(self) -> None:
        self.asked_again.emit()
