"""A dialog that asks for the password again before a lasting change."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from shopdesk.background import Failed
from shopdesk.domain.account import Staff
from shopdesk.domain.errors import Refused
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, PasswordField
from shopdesk.usecases import accounts
from shopdesk.usecases.accounts import SignInRefused


class ConfirmPasswordDialog(ConfirmDialog):
    """Asks for the user's own password; calls ``then`` with it once it was verified."""

    def __init__(
        self, context: Context, title: str, text: str, then: Callable[[str], object], *, parent: QWidget
    ) -> None:
        super().__init__(title, text=text, yes=tr("Continue"), parent=parent)
        self._context = context
        self._then = then
        self.password = PasswordField(tr("Your password"), name="password")
        self.body.addWidget(self.password)
        self.password.control.setFocus()

    def accept(self) -> None:
        """Verify the password; close only if it is right."""
        if not self.yes.isEnabled():
            return
        self.yes.setEnabled(False)
        confirm(self._context, self.password, owner=self, then=self._on_right, failed=self._on_wrong)

    def _on_right(self) -> None:
        password = self.password.text()
        self.password.clear()
        super().accept()
        self._then(password)

    def _on_wrong(self, error: Exception) -> None:
        self.yes.setEnabled(True)
        if isinstance(error, Refused):
            self.password.clear()
            self.password.show_fault(translated(error))
            self.password.control.setFocus()
        else:
            self._context.report_error(error)


def confirm(
    context: Context,
    password: Field,
    *,
    owner: QWidget,
    then: Callable[[], object],
    failed: Failed,
) -> None:
    """Verify the password as at sign-in: wrong ones are counted and delay the next attempt."""

    def judged(answer: Staff | SignInRefused) -> None:
        if isinstance(answer, SignInRefused):
            failed(Refused(answer.text, field=password.name))
        else:
            then()

    context.background.do(
        accounts.sign_in,
        user_name=context.actor.staff.user_name,
        password=password.text(),
        now=context.now(),
        opens=False,
        owner=owner,
        then=judged,
        failed=failed,
    )
