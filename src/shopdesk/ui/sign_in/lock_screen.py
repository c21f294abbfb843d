"""The lock screen, shown over the open work. People who have signed in at this till unlock it with their PIN."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.domain.account import Staff
from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.provider_choice import ProviderChoice
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, LinkButton, PrimaryButton, QuietButton, Segment
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField
from shopdesk.ui.widgets.labels import Label


class LockScreen(CenteredPage):
    """The people who can unlock the till, and a field for the PIN; the password or the provider if there is no PIN."""

    pin_given = Signal(object, str)  # Staff, PIN
    password_given = Signal(str, str)  # user name, password
    provider_chosen = Signal(object)  # ProviderChoice
    sign_out_wanted = Signal()  # "Sign out" was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Locked"), icon="lock", parent=parent)
        self._chosen: Staff | None = None
        self._no_pins = ""
        self._needs_password: set[UUID] = set()
        self._likes_password = False
        self._is_stranger = False
        self._group = QButtonGroup(self)
        self.people: dict[UUID, Segment] = {}
        self._provider_buttons: list[Button] = []
        name = QLineEdit()
        name.setInputMethodHints(Qt.InputMethodHint.ImhNoAutoUppercase | Qt.InputMethodHint.ImhNoPredictiveText)
        self.user_name = Field(tr("User name"), name, name="user_name", compact=True)
        self.pin = PasswordField(tr("PIN"), name="pin", compact=True)
        self.pin.edit.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhSensitiveData)
        self.password = PasswordField(tr("Password"), compact=True)
        self.answer = MessageLine()
        self.other = LinkButton("", self._on_other)
        self.stranger = LinkButton(tr("Another user"), self._on_stranger)
        self.unlock = PrimaryButton(tr("Unlock"), self._on_unlock)
        self.sign_out = QuietButton(tr("Sign out"), self.sign_out_wanted.emit, icon="sign-out")
        EnterNavigation([self.pin], self._on_unlock, parent=self)
        EnterNavigation([self.user_name, self.password], self._on_unlock, parent=self)
        self._lay_out()

    def _lay_out(self) -> None:
        self._people = QVBoxLayout()
        self._people.setSpacing(tokens.XS)
        self._providers = QVBoxLayout()
        self._providers.setSpacing(tokens.S)
        self.who = Label(tr("Choose your name"), "label")
        self.add(self.who)
        self.add(self._people)
        for part in (self.user_name, self.pin, self.password, self.answer):
            self.add(part)
        ways = QHBoxLayout()
        ways.setSpacing(tokens.L)
        ways.addWidget(self.other)
        ways.addStretch(1)
        ways.addWidget(self.stranger)
        self.add(ways)
        self.add(self._providers)
        self.card.column.addSpacing(tokens.XS)
        acts = beside(self.sign_out, self.unlock)
        acts.setStretch(0, 0)
        self.add(acts)

    # --- called by the window ---

    def show_people(
        self, people: Sequence[Staff], current: Staff, shop_name: str, choices: Sequence[ProviderChoice]
    ) -> None:
        """Show the people who have signed in at this till; ``current`` is chosen at first."""
        self.brand.setText(shop_name)
        self.set_text(tr("Locked"), tr("{name} is signed in. Open work stays as it is.", name=current.name))
        self._needs_password.clear()
        self._likes_password = False
        self._is_stranger = False
        for layout in (self._people, self._providers):
            while (item := layout.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        self.people = {staff.key: self._person(staff) for staff in people} if len(people) > 1 else {}
        self.who.setVisible(bool(self.people))
        self._provider_buttons.clear()
        for choice in choices:
            self._provider(choice)
        self._choose(current)

    def _person(self, staff: Staff) -> Segment:
        segment = Segment(staff.name, lambda: self._choose(staff))
        segment.toggled.connect(lambda is_on: self._choose(staff) if is_on else None)  # the arrow keys
        self._group.addButton(segment)
        self._people.addWidget(segment)
        return segment

    def _provider(self, choice: ProviderChoice) -> None:
        label = tr("Continue with {name}", name=choice.label)
        button = Button(label, lambda: self.provider_chosen.emit(choice), icon=choice.icon)
        button.setEnabled(not choice.why_not)
        self._providers.addWidget(button)
        self._provider_buttons.append(button)

    def show_no_pins(self, why: str) -> None:
        """Show why PINs cannot be used on this machine; an empty text removes the message."""
        if why != self._no_pins:
            self._no_pins = why
            self._show_ways()

    def set_busy(self, busy: bool) -> None:
        """Disable the button while the PIN or password is being checked."""
        self.unlock.setEnabled(not busy)

    def refuse(self, text: str, *, needs_password: bool = False, keeps: bool = False) -> None:
        """Show why the till stays locked.

        ``needs_password``: this person's PIN is not accepted until a password is given. ``keeps``: keep what was typed.
        """
        self.set_busy(False)
        if needs_password and self._chosen is not None:
            self._needs_password.add(self._chosen.key)
        if not keeps:
            self.pin.clear()
            self.password.clear()
        self._show_ways()
        self._field.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self.answer.show_state(StatusLook(text, "warn", Tone.BAD))
        self._field.control.setAccessibleDescription(text)

    def clear(self) -> None:
        """Clear what was typed."""
        self.set_busy(False)
        self.user_name.set_text("")
        self.pin.clear()
        self.password.clear()
        self.answer.show_state(None)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the first visible field."""
        super().showEvent(event)
        self._first.control.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- inside ---

    @property
    def _first(self) -> Field:
        return self.user_name if self._is_stranger else self._field

    @property
    def _field(self) -> PasswordField:
        return self.pin if self._takes_pin else self.password

    @property
    def _can_pin(self) -> bool:
        staff = None if self._is_stranger else self._chosen
        return staff is not None and staff.has_pin and not self._no_pins and staff.key not in self._needs_password

    @property
    def _takes_pin(self) -> bool:
        has_password = self._chosen is None or self._chosen.has_password
        return self._can_pin and not (self._likes_password and has_password)

    def _choose(self, staff: Staff) -> None:
        self._chosen = staff
        self._is_stranger = False
        if staff.key in self.people:
            self.people[staff.key].setChecked(True)
        self.clear()
        self._show_ways()

    def _show_ways(self) -> None:
        staff = self._chosen
        if staff is None:
            return
        takes_pin = self._takes_pin
        takes_password = not takes_pin and (staff.has_password or self._is_stranger)
        self.user_name.setVisible(self._is_stranger)
        self.pin.setVisible(takes_pin)
        self.password.setVisible(takes_password)
        self.unlock.setVisible(takes_pin or takes_password)
        self.other.setVisible(self._can_pin and staff.has_password)
        self.stranger.set_label(tr("Back to {name}", name=staff.name) if self._is_stranger else tr("Another user"))
        self.other.set_label(tr("Use the password instead") if takes_pin else tr("Use the PIN instead"))
        for button in self._provider_buttons:
            button.setVisible(self._is_stranger or not (staff.has_password or takes_pin))
        hint = (
            StatusLook(tr("PINs are unavailable: {why}", why=self._no_pins), "info", Tone.SOFT)
            if self._no_pins
            else None
        )
        self.password.show_hint(hint if staff.has_pin and not self._is_stranger else None)
        self.setFocusProxy(self._first)
        if self.isVisible():
            self._first.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_other(self) -> None:
        self._likes_password = self._takes_pin
        self.clear()
        self._show_ways()

    def _on_stranger(self) -> None:
        """Switch to the full sign-in of a person who is not in the list, or back."""
        self._is_stranger = not self._is_stranger
        self.clear()
        self._show_ways()

    def _on_unlock(self) -> None:
        staff = self._chosen
        if not self.unlock.isEnabled() or staff is None:
            return
        field = self._field
        if not field.text():
            field.show_fault(tr("Type your PIN.") if field is self.pin else tr("Type your password."))
            return
        user_name = self.user_name.text().strip() if self._is_stranger else staff.user_name
        if not user_name:
            self.user_name.show_fault(tr("Type your user name."))
            return
        self.answer.show_state(None)
        self.set_busy(True)
        if field is self.pin:
            self.pin_given.emit(staff, field.text())
        else:
            self.password_given.emit(user_name, field.text())
