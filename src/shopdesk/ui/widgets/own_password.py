"""One's own password, changed after the present one; or the first one, for whoever came by a provider."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from shopdesk.domain.account import Staff
from shopdesk.domain.errors import Fault, Refused
from shopdesk.ui import words
from shopdesk.ui.desk import Desk
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.cards import Card
from shopdesk.ui.widgets.field import PasswordField
from shopdesk.ui.widgets.form import Form
from shopdesk.usecases import accounts


class OwnPassword(Card):
    """Everybody may change their own."""

    def __init__(self, desk: Desk, *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Your password"), parent=parent)
        self._desk = desk
        self.form = Form(save=tr("Change password"))
        self.old = PasswordField(tr("Present password"), name="old_password", compact=True)
        self.new = PasswordField(tr("New password"), name="password", judge=words.strength, compact=True)
        self.again = PasswordField(tr("Repeat new password"), name="again", compact=True)
        for field in (self.old, self.new, self.again):
            self.form.add(field)
        self.form.finish()
        self.form.fill({})
        self.add(self.form)
        self.form.save_wanted.connect(self._on_save)
        self.show_staff(desk.actor.staff)

    def show_staff(self, staff: Staff) -> None:
        """Whether there is a present one."""
        self.old.setVisible(staff.has_password)
        self.form.save.set_label(tr("Change password") if staff.has_password else tr("Set password"))

    def _on_save(self) -> None:
        if self.new.text() != self.again.text():
            self.form.refuse(Refused([Fault(tr("This is not the same password."), "again")]))
            return
        self.form.set_busy(True)
        self._desk.do(
            accounts.change_password,
            old=self.old.text(),
            new=self.new.text(),
            owner=self,
            then=lambda _: self._on_done(),
            failed=self._on_failed,
        )

    def _on_done(self) -> None:
        self.form.set_busy(False)
        for field in (self.old, self.new, self.again):
            field.clear()
        self.form.fill({})
        self._desk.notify(tr("Your password is changed."))

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self._desk.trouble(error)
