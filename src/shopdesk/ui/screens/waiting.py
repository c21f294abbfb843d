"""Registered, but not let in yet; or let in while the owner has not set the shop up."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.ui import keys, theme
from shopdesk.ui.text import Look, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.entry import EntryPage, beside
from shopdesk.ui.widgets.field import Line


class WaitingScreen(EntryPage):
    """Looks again by itself now and then; ``asked_again`` and ``left`` tell the entrance."""

    asked_again = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Waiting for the owner"), parent=parent)
        self.answer = Line()
        self.again = PrimaryButton(tr("Look again"), self._on_again, icon="retry")
        self.back = QuietButton(tr("Sign out"), self.left.emit, icon="sign-out")
        self._now_and_then = QTimer(self, interval=theme.LOOK_AGAIN_MS)
        self._now_and_then.timeout.connect(self.asked_again)
        self.setFocusProxy(self.again)
        keys.bind(self, "back", self.left.emit)
        self.add(self.answer)
        acts = beside(self.back, self.again)
        acts.setStretch(0, 0)
        self.add(acts)

    def show_person(self, name: str) -> None:
        """Whose account waits."""
        self.say(
            tr("Waiting for the owner"),
            tr("{name}, your account is made. The owner lets you in under Settings, People.", name=name),
        )

    def show_unready(self) -> None:
        """The account may be used, but there is no shop yet."""
        self.say(tr("Waiting for the owner"), tr("The owner has not set the shop up yet."))

    def still_waiting(self) -> None:
        """Nothing has changed."""
        self.answer.say(Look(tr("Not yet. It looks again by itself."), "info", Tone.SOFT))

    def showEvent(self, event: QShowEvent) -> None:
        """Look now and then, while anybody looks at it."""
        super().showEvent(event)
        self.answer.say(None)
        self._now_and_then.start()
        self.again.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._now_and_then.stop()

    def _on_again(self) -> None:
        self.asked_again.emit()
