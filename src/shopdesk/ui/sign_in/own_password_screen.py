"""Shown at the first sign-in with a password that the owner chose: the person chooses their own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.ui.base import display_names, shortcuts
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import PasswordField, show_faults


class OwnPasswordScreen(CenteredPage):
    """The page that asks for a password of one's own."""

    chosen = Signal(str)  # the new password
    left = Signal()  # "Sign out" was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Choose your own password"), parent=parent)
        self.set_text(
            tr("Choose your own password"),
            tr("The one you were given was for this sign-in only. From now on only you know your password."),
        )
        self.new = PasswordField(tr("New password"), name="password", judge=display_names.strength)
        self.again = PasswordField(tr("Repeat new password"), name="again")
        self.save = PrimaryButton(tr("Save and go on"), self._on_save, icon="done")
        self.back = QuietButton(tr("Sign out"), self.left.emit, icon="sign-out")
        shortcuts.bind(self, "back", self.left.emit)
        for part in (self.new, self.again):
            self.add(part)
        acts = beside(self.back, self.save)
        acts.setStretch(0, 0)
        self.add(acts)
        EnterNavigation([self.new.control, self.again.control], self._on_save, parent=self)
        self.setFocusProxy(self.new.control)

    def clear(self) -> None:
        """Forget what was typed."""
        for field in (self.new, self.again):
            field.clear()
        self.save.setEnabled(True)

    def refuse(self, error: Refused) -> None:
        """Show the errors beside the fields."""
        self.save.setEnabled(True)
        if rest := show_faults(error, [self.new, self.again]):
            self.new.show_fault(" ".join(translated(fault.text) for fault in rest))
        self.new.control.setFocus()

    def _on_save(self) -> None:
        if not self.save.isEnabled():
            return
        if self.new.text() != self.again.text():
            self.refuse(Refused([FieldError(sentence("The passwords do not match."), "again")]))
            return
        self.save.setEnabled(False)
        self.chosen.emit(self.new.text())
