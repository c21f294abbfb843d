"""Manager override: a manager or the owner approves one action of a cashier with their PIN."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from shopdesk.domain.account import RIGHTS, Right, Role, Staff
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Desk, Loan
from shopdesk.ui.base.i18n import Look, tr
from shopdesk.ui.base.theme import Tone
from shopdesk.ui.widgets.confirm_dialog import Question
from shopdesk.ui.widgets.enter_navigation import EnterGoesOn
from shopdesk.ui.widgets.field import Field, Line, PasswordField, show_faults
from shopdesk.usecases import pins
from shopdesk.usecases.accounts import SignInRefused

_IN_HISTORY = frozenset({Right.SELL, Right.DISCOUNT, Right.CORRECT, Right.DELETE, Right.REFUND})


def ask(loan: Loan, desk: Desk, window: QWidget) -> LendDialog:
    """Open the override dialog over the open window or dialog."""
    dialog = LendDialog(loan, desk, parent=QApplication.activeModalWidget() or window)
    dialog.open()
    return dialog


class LendDialog(Question):
    """Asks for the user name and PIN of a manager or the owner. Cancelling refuses the action."""

    def __init__(self, loan: Loan, desk: Desk, *, parent: QWidget) -> None:
        only_owner = loan.right not in RIGHTS[Role.MANAGER]
        super().__init__(
            tr("Ask the owner") if only_owner else tr("Ask a manager"),
            text=loan.why,
            facts=[(tr("Permission"), display_names.right(loan.right))],
            yes=tr("Allow once"),
            parent=parent,
        )
        self._loan = loan
        self._desk = desk
        self.user_name = Field(tr("User name"), name="user_name", compact=True)
        self.pin = PasswordField(tr("PIN"), name="pin", compact=True)
        self.answer = Line()
        if loan.right in _IN_HISTORY:
            self.answer.say(Look(tr("Both names are recorded in the document's history."), "info", Tone.SOFT))
        for part in (self.user_name, self.pin, self.answer):
            self.body.addWidget(part)
        self.yes.setDefault(False)
        EnterGoesOn([self.user_name, self.pin], self.accept, parent=self)
        name = self.user_name.control
        assert isinstance(name, QLineEdit)  # noqa: S101 - a field without a control is a line of text
        name.setFocus()
        self.rejected.connect(loan.refused)
        self._is_under_way = False

    def accept(self) -> None:
        """Verify the PIN; close only if it is right."""
        if self._is_under_way:
            return
        for field, what in ((self.pin, tr("Enter your PIN.")), (self.user_name, tr("Enter your user name."))):
            if not field.text().strip():
                field.show_fault(what)
                field.control.setFocus()
        if self.pin.fault or self.user_name.fault:
            return
        self._set_under_way(True)
        reach, pepper = self._desk.background.reach, self._desk.doors.pepper
        reach(pepper, owner=self, then=self._on_pepper, failed=self._on_failed)

    def _on_pepper(self, pepper: bytes) -> None:
        self._desk.background.do(
            pins.lend,
            self.user_name.text(),
            self.pin.text(),
            right=self._loan.right,
            pepper=pepper,
            owner=self,
            then=self._on_judged,
            failed=self._on_failed,
        )

    def _on_judged(self, answer: Staff | SignInRefused) -> None:
        self._set_under_way(False)
        if isinstance(answer, SignInRefused):
            self.pin.clear()
            self.pin.show_fault(answer.text)
            self.pin.control.setFocus()
            return
        self.rejected.disconnect(self._loan.refused)
        super().accept()
        self._loan.lent(answer)

    def _on_failed(self, error: Exception) -> None:
        self._set_under_way(False)
        if isinstance(error, Refused):
            show_faults(error, [self.user_name, self.pin])
        elif isinstance(error, Unavailable):  # PINs need a keyring
            self.answer.say(Look(str(error), "warn", Tone.BAD))
        else:
            self._desk.trouble(error)

    def _set_under_way(self, is_so: bool) -> None:
        self._is_under_way = is_so
        self.yes.setEnabled(not is_so)
