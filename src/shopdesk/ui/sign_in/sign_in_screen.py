"""The sign-in page: a local account or a provider. It only collects input; ``ui/sign_in/flow.py`` acts on it.

It is painted before the database is open and before anything heavy is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.provider_choice import ProviderChoice
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, LinkButton, PrimaryButton
from shopdesk.ui.widgets.centered_page import CenteredPage
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Separator

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent


class SignInScreen(CenteredPage):
    """User name and password, "Register", and "Continue with NAME" for each provider."""

    sign_in_wanted = Signal(str, str)  # user name, password
    register_wanted = Signal()  # "Register" was pressed and the database is open
    join_wanted = Signal()  # "Join a shop on a server" was pressed
    restore_wanted = Signal()  # "Restore a backup" was pressed
    provider_chosen = Signal(str)  # the provider's name in the settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Sign in"), parent=parent)
        edit = QLineEdit()
        edit.setInputMethodHints(Qt.InputMethodHint.ImhNoAutoUppercase | Qt.InputMethodHint.ImhNoPredictiveText)
        self.user_name = Field(tr("User name"), edit, name="user_name", compact=True)
        self.password = PasswordField(tr("Password"), compact=True)
        self.answer = MessageLine()
        self.sign_in = PrimaryButton(tr("Sign in"), self._on_sign_in)
        self.register = LinkButton(tr("Register"), self._on_register)
        self.setFocusProxy(self.user_name)
        edit.returnPressed.connect(self._on_name_typed)
        self.password.edit.returnPressed.connect(self._on_sign_in)

        self.add(self.user_name)
        self.add(self.password)
        self.add(self.answer)
        self.add(self.sign_in)
        self.newcomer = Label(tr("New here?"), "soft")
        row = QHBoxLayout()
        row.setSpacing(tokens.XS)
        row.addStretch(1)
        row.addWidget(self.newcomer)
        row.addWidget(self.register)
        row.addStretch(1)
        self.add(row)
        self.join = LinkButton(tr("Join a shop on a server"), self.join_wanted.emit)
        self.restore = LinkButton(tr("Restore a backup"), self.restore_wanted.emit)
        others = QHBoxLayout()
        others.addStretch(1)
        for other in (self.join, self.restore):
            other.hide()
            others.addWidget(other)
        others.addStretch(1)
        self.add(others)
        self.add(Separator())
        self.card.column.addSpacing(tokens.XS)
        self._providers = QVBoxLayout()
        self._providers.setSpacing(tokens.S)
        self.add(self._providers)
        self.provider_answer = MessageLine()
        self.provider_answer.hide()
        self.add(self.provider_answer)
        self._why_not = Label("", "small", wrap=True)
        self.add(self._why_not)
        self.providers: dict[str, Button] = {}
        self._is_ready = False
        self._is_register_asked = False
        self._is_asked = False

    def show_providers(self, choices: Sequence[ProviderChoice]) -> None:
        """Show a button for each; disable those that are not configured and give the reason below them."""
        for button in self.providers.values():
            self._providers.removeWidget(button)
            button.deleteLater()
        self.providers = {choice.name: self._button(choice) for choice in choices}
        self._why_not.setText(
            "\n".join(dict.fromkeys(translated(choice.why_not) for choice in choices if choice.why_not))
        )
        self._why_not.setVisible(bool(self._why_not.text()))

    def _button(self, choice: ProviderChoice) -> Button:
        button = Button(
            tr("Continue with {name}", name=choice.label),
            lambda: self.provider_chosen.emit(choice.name),
            icon=choice.icon,
            tip=translated(choice.why_not),
        )
        button.setEnabled(not choice.why_not)
        button.setAccessibleDescription(translated(choice.why_not))
        self._providers.addWidget(button)
        return button

    # --- called by the sign-in flow ---

    def set_ready(self, ready: bool) -> None:
        """Record whether the database is open. A button pressed before that takes effect once it is."""
        self._is_ready = ready
        if ready and self._is_register_asked:
            self._on_register()
        elif ready and self._is_asked:
            self._on_sign_in()

    def _on_register(self) -> None:
        # The first account is asked other questions, so wait until the database shows if there are accounts.
        self._is_register_asked = not self._is_ready
        if self._is_ready:
            self.register_wanted.emit()

    def show_shop(self, name: str) -> None:
        """Show the name of the shop."""
        self.brand.setText(name)

    def show_first(self, *, may_restore: bool = False) -> None:
        """Show the welcome while there is no account; ``may_restore`` offers to restore a shop from a backup."""
        self.restore.setVisible(may_restore)
        self.set_text(tr("Welcome"), tr("There are no accounts yet. Register, and the shop is yours to set up."))
        self.newcomer.setText(tr("New shop?"))

    def offer_to_join(self, is_so: bool) -> None:
        """Show or hide the link for a machine without a shop to join one on a server."""
        self.join.setVisible(is_so)

    def show_usual(self) -> None:
        """Show the usual page, as there is an account."""
        self.restore.hide()
        self.set_text(tr("Sign in"), "")
        self.newcomer.setText(tr("New here?"))

    def set_busy(self, busy: bool) -> None:
        """Disable the button while the password is being checked, so that it cannot be pressed twice."""
        self.sign_in.setEnabled(not busy)
        self.sign_in.set_label(tr("Signing in …") if busy else tr("Sign in"))

    def refuse(self, text: str, *, keeps: bool = False) -> None:
        """Show why it failed; the same for a wrong name and a wrong password. ``keeps``: keep the typed password."""
        self.set_busy(False)
        self.answer.show_state(StatusLook(text, "warn", Tone.BAD))
        if not keeps:
            self.password.clear()
        self.password.control.setAccessibleDescription(text)
        self.password.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def send_to_register(self) -> None:
        """Point to Register, as there is no account to sign in with yet."""
        self.refuse(tr("There are no accounts yet. Register to create the first one."))
        self.register.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse_provider(self, text: str) -> None:
        """Show below the buttons why the sign-in at a provider failed; an empty text removes the message."""
        self.provider_answer.show_state(StatusLook(text, "warn", Tone.BAD) if text else None)
        self.provider_answer.setVisible(bool(text))

    def clear(self) -> None:
        """Clear what was typed, after a sign-in or sign-out."""
        self._is_asked = False
        self.refuse_provider("")
        self.set_busy(False)
        self.user_name.set_text("")
        self.password.clear()
        self.answer.show_state(None)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the user name."""
        super().showEvent(event)
        self.user_name.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_name_typed(self) -> None:
        self.password.control.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_sign_in(self) -> None:
        user_name, password = self.user_name.text().strip(), self.password.text()
        for field, what, missing in (
            (self.password, tr("Type your password."), not password),
            (self.user_name, tr("Type your user name."), not user_name),
        ):
            if missing:
                field.show_fault(what)
                field.control.setFocus(Qt.FocusReason.OtherFocusReason)
        if not user_name or not password or not self.sign_in.isEnabled():
            return
        self.answer.show_state(None)
        if not self._is_ready:
            self._is_asked = True
            self.answer.show_state(StatusLook(tr("Opening the shop's database …"), "info", Tone.SOFT))
            return
        self._is_asked = False
        self.set_busy(True)
        self.sign_in_wanted.emit(user_name, password)
