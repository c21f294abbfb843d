"""The page that registers a local account. The first one owns the shop, later ones wait for the owner."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.ui.base import display_names, shortcuts, tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField, show_refusal
from shopdesk.usecases.accounts import NewAccount


class RegisterScreen(CenteredPage):
    """Collects the details of a new account; ``ui/sign_in/flow.py`` registers it."""

    account_wanted = Signal(object)  # NewAccount: the page is filled in
    left = Signal()  # "Back" was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Register"), width=tokens.WIDE, parent=parent)
        self.name = Field(tr("Your name"), name="name")
        self.user_name = Field(tr("User name"), name="user_name")
        self.email = Field(tr("E-mail"), name="email", hint=tr("Optional."))
        self.password = PasswordField(tr("Password"), judge=display_names.strength)
        self.repeat = PasswordField(tr("Repeat password"), name="repeat")
        self.answer = MessageLine()
        self.create_account = PrimaryButton(tr("Create account"), self._on_create)
        self.back = QuietButton(tr("Back"), self.left.emit, icon="back")
        self.fields = [self.name, self.user_name, self.email, self.password, self.repeat]
        EnterNavigation(self.fields, self._on_create, parent=self)
        shortcuts.bind(self, "back", self.left.emit)
        self.setFocusProxy(self.name)

        self.add(beside(self.name, self.user_name))
        self.add(self.email)
        self.add(beside(self.password, self.repeat))
        self.add(self.answer)
        acts = beside(self.back, self.create_account)
        acts.setStretch(0, 0)
        self.add(acts)

    def show_first(self, first: bool) -> None:
        """Show if the account will own the shop or must wait for the owner."""
        self.lead.setText(
            tr("This is the first account, so you will own the shop.")
            if first
            else tr("You can sign in as soon as the owner lets you in.")
        )
        self.lead.show()

    def set_busy(self, busy: bool) -> None:
        """Disable the button while the account is being created, so that it cannot be pressed twice."""
        self.create_account.setEnabled(not busy)

    def refuse(self, error: Refused) -> None:
        """Show each fault beside its field, the rest at the bottom."""
        self.set_busy(False)
        show_refusal(error, self.fields, self.answer)

    def clear(self) -> None:
        """Clear what was typed."""
        self.set_busy(False)
        for field in self.fields:
            field.set_text("")
            field.clear_fault()
        self.password.clear()
        self.repeat.clear()
        self.answer.show_state(None)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the name."""
        super().showEvent(event)
        self.name.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_create(self) -> None:
        if not self.create_account.isEnabled():
            return
        self.answer.show_state(None)
        if self.password.text() != self.repeat.text():
            self.refuse(Refused([FieldError(sentence("The passwords do not match."), "repeat")]))
            return
        self.set_busy(True)
        self.account_wanted.emit(
            NewAccount(
                user_name=self.user_name.text(),
                name=self.name.text(),
                email=self.email.text(),
                password=self.password.text(),
            )
        )
