"""The form to change one's own password, or to set one for an account that uses a sign-in provider."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.domain.account import Identity, Staff
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.queries import accounts as ask
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.sign_in.confirm_password_dialog import confirm
from shopdesk.ui.sign_in.provider_choices import choices
from shopdesk.ui.widgets.field import PasswordField
from shopdesk.ui.widgets.form import Form
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.usecases import accounts


class PasswordForm(Card):
    """The password form of the signed-in user."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Your password"), parent=parent)
        self._context = context
        self._linked: tuple[Identity, ...] = ()
        self.form = Form(save=tr("Change password"))
        self.old = PasswordField(tr("Current password"), name="old_password", compact=True)
        self.new = PasswordField(tr("New password"), name="password", judge=display_names.strength, compact=True)
        self.again = PasswordField(tr("Repeat new password"), name="again", compact=True)
        for field in (self.old, self.new, self.again):
            self.form.add(field)
        self.form.finish()
        self.form.fill({})
        self.add(self.form)
        self.form.save_wanted.connect(self._on_save)
        self.show_staff(context.actor.staff)

    def show_staff(self, staff: Staff | None) -> None:
        """Ask for the current password only if the account has one."""
        if staff is None:
            return
        self.old.setVisible(staff.has_password)
        self.form.save.set_label(tr("Change password") if staff.has_password else tr("Set password"))
        hint = tr("You will sign in with your provider once more. After that, you can use either to sign in.")
        self.again.show_hint(None if staff.has_password else StatusLook(hint, "info", Tone.SOFT))

    def showEvent(self, event: QShowEvent) -> None:
        """Read the account when the form is shown."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Read whether the account has a password, and its providers, which confirm the identity if it has none."""
        context = self._context
        context.ask(ask.staff, context.actor.staff.key, owner=self, then=self.show_staff)
        context.ask(ask.identities, by=context.actor, owner=self, then=self._show_linked)

    def _show_linked(self, linked: tuple[Identity, ...]) -> None:
        self._linked = linked

    def _on_save(self) -> None:
        if self.new.text() != self.again.text():
            self.form.refuse(Refused([FieldError(sentence("The passwords do not match."), "again")]))
            return
        if self.old.isHidden():
            self._ask_provider()
            return
        self.form.set_busy(True)
        confirm(self._context, self.old, owner=self, then=self._change, failed=self._on_failed)

    def _ask_provider(self) -> None:
        labels = {identity.label for identity in self._linked}
        usable = [one for one in choices(self._context.settings) if one.label in labels and not one.why_not]
        if not usable:
            self.form.refuse(
                Refused(sentence("None of your sign-in providers is set up here. The owner can reset your password."))
            )
            return
        self._context.navigation.ask_provider(
            usable[0], then=self._change, failed=lambda why: self.form.show_message(StatusLook(why, "warn", Tone.BAD))
        )

    def _change(self, vouched: Identity | None = None) -> None:
        self.form.set_busy(True)
        self._context.do(
            accounts.change_password,
            old=self.old.text(),
            new=self.new.text(),
            vouched=vouched,
            owner=self,
            then=lambda _: self._on_done(),
            failed=self._on_failed,
        )

    def _on_done(self) -> None:
        self.form.set_busy(False)
        for field in (self.old, self.new, self.again):
            field.clear()
        self.form.fill({})
        self._context.navigation.notify(tr("Your password has been changed."))

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self._context.report_error(error)
