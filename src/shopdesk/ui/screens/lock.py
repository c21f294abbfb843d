"""The locked till: everything behind it stays as it was; the password opens it again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.ui.text import Look, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.enter import EnterGoesOn
from shopdesk.ui.widgets.entry import EntryPage, beside
from shopdesk.ui.widgets.field import Line, PasswordField


class LockScreen(EntryPage):
    """Who is signed in, and their password."""

    unlock_wanted = Signal(str)  # password
    sign_out_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Locked"), icon="lock", parent=parent)
        self.password = PasswordField(tr("Password"), compact=True)
        self.answer = Line()
        self.unlock = PrimaryButton(tr("Unlock"), self._on_unlock)
        self.sign_out = QuietButton(tr("Sign out"), self.sign_out_wanted.emit, icon="sign-out")
        self.setFocusProxy(self.password)
        EnterGoesOn([self.password], self._on_unlock, parent=self)
        self.add(self.password)
        self.add(self.answer)
        acts = beside(self.sign_out, self.unlock)
        acts.setStretch(0, 0)
        self.add(acts)

    def show_person(self, name: str, shop_name: str) -> None:
        """Whose till it is at the moment."""
        self.brand.setText(shop_name)
        self.say(tr("Locked"), tr("{name} is signed in. What is open stays as it is.", name=name))
        self.clear()

    def set_busy(self, busy: bool) -> None:
        """While the password is being judged."""
        self.unlock.setEnabled(not busy)

    def refuse(self, text: str) -> None:
        """Why it stays locked."""
        self.set_busy(False)
        self.answer.say(Look(text, "warn", Tone.BAD))
        self.password.clear()
        self.password.control.setAccessibleDescription(text)
        self.password.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear(self) -> None:
        """Forget what was typed."""
        self.set_busy(False)
        self.password.clear()
        self.answer.say(None)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the password."""
        super().showEvent(event)
        self.password.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_unlock(self) -> None:
        if not self.unlock.isEnabled():
            return
        if not self.password.text():
            self.password.show_fault(tr("Type your password."))
            return
        self.answer.say(None)
        self.set_busy(True)
        self.unlock_wanted.emit(self.password.text())
