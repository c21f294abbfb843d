"""Manager override: a manager or the owner approves one action of a cashier with their PIN."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from shopdesk.domain.account import RIGHTS, Right, Role, Staff
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context, OverrideRequest
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField, show_faults
from shopdesk.usecases import pins
from shopdesk.usecases.accounts import SignInRefused

_IN_HISTORY = frozenset({Right.SELL, Right.DISCOUNT, Right.CORRECT, Right.DELETE, Right.REFUND})


def ask(loan: OverrideRequest, context: Context, window: QWidget) -> OverrideDialog:
    """Open the override dialog over the open window or dialog."""
    dialog = OverrideDialog(loan, context, parent=QApplication.activeModalWidget() or window)
    dialog.open()
    return dialog


class OverrideDialog(ConfirmDialog):
    """Asks for the user name and PIN of a manager or the owner. Cancelling refuses the action."""

    def __init__(self, loan: OverrideRequest, context: Context, *, parent: QWidget) -> None:
        only_owner = loan.right not in RIGHTS[Role.MANAGER]
        super().__init__(
            tr("Ask the owner") if only_owner else tr("Ask a manager"),
            text=loan.why,
            facts=[(tr("Permission"), display_names.right(loan.right))],
            yes=tr("Allow once"),
            parent=parent,
        )
        self._loan = loan
        self._context = context
        self.user_name = Field(tr("User name"), name="user_name", compact=True)
        self.pin = PasswordField(tr("PIN"), name="pin", compact=True)
        self.answer = MessageLine()
        if loan.right in _IN_HISTORY:
            self.answer.show_state(
                StatusLook(tr("Both names are recorded in the document's history."), "info", Tone.SOFT)
            )
        for part in (self.user_name, self.pin, self.answer):
            self.body.addWidget(part)
        self.yes.setDefault(False)
        EnterNavigation([self.user_name, self.pin], self.accept, parent=self)
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
        run, pepper = self._context.background.run_in_pool, self._context.ports.keychain.pepper
        run(pepper, owner=self, then=self._on_pepper, failed=self._on_failed)

    def _on_pepper(self, pepper: bytes) -> None:
        self._context.background.do(
            pins.approve,
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
            self.pin.show_fault(translated(answer.text))
            self.pin.control.setFocus()
            return
        self.rejected.disconnect(self._loan.refused)
        super().accept()
        self._loan.approved(answer)

    def _on_failed(self, error: Exception) -> None:
        self._set_under_way(False)
        if isinstance(error, Refused):
            show_faults(error, [self.user_name, self.pin])
        elif isinstance(error, Unavailable):  # PINs need a keyring
            self.answer.show_state(StatusLook(translated(error), "warn", Tone.BAD))
        else:
            self._context.report_error(error)

    def _set_under_way(self, is_so: bool) -> None:
        self._is_under_way = is_so
        self.yes.setEnabled(not is_so)
