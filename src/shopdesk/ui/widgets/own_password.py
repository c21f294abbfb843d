"""One's own password, changed after the present one; or the first one, for whoever came by a provider."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.domain.account import Identity, Staff
from shopdesk.domain.errors import Fault, Refused
from shopdesk.queries import accounts as ask
from shopdesk.ui import words
from shopdesk.ui.confirming import confirm
from shopdesk.ui.desk import Desk
from shopdesk.ui.text import Look, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.cards import Card
from shopdesk.ui.widgets.field import PasswordField
from shopdesk.ui.widgets.form import Form
from shopdesk.usecases import accounts


class OwnPassword(Card):
    """Everybody may change their own."""

    def __init__(self, desk: Desk, *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Your password"), parent=parent)
        self._desk = desk
        self._linked: tuple[Identity, ...] = ()
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

    def show_staff(self, staff: Staff | None) -> None:
        """Whether there is a present one."""
        if staff is None:
            return
        self.old.setVisible(staff.has_password)
        self.form.save.set_label(tr("Change password") if staff.has_password else tr("Set password"))
        hint = tr("Your provider is asked once more who you are. Then you can sign in with either.")
        self.again.show_hint(None if staff.has_password else Look(hint, "info", Tone.SOFT))

    def showEvent(self, event: QShowEvent) -> None:
        """Read how things are."""
        super().showEvent(event)
        self.begin()

    def begin(self) -> None:
        """Whether there is one now. While there is none, a provider they sign in at says that it is them."""
        desk = self._desk
        desk.ask(ask.staff, desk.actor.staff.key, owner=self, then=self.show_staff)
        desk.ask(ask.identities, by=desk.actor, owner=self, then=self._show_linked)

    def _show_linked(self, linked: tuple[Identity, ...]) -> None:
        self._linked = linked

    def _on_save(self) -> None:
        if self.new.text() != self.again.text():
            self.form.refuse(Refused([Fault(tr("This is not the same password."), "again")]))
            return
        if self.old.isHidden():
            self._ask_provider()
            return
        self.form.set_busy(True)
        confirm(self._desk, self.old, owner=self, then=self._change, failed=self._on_failed)

    def _ask_provider(self) -> None:
        from shopdesk.ui.entrance import choices

        labels = {identity.label for identity in self._linked}
        usable = [one for one in choices(self._desk.settings) if one.label in labels and not one.why_not]
        if not usable:
            self.form.refuse(Refused(tr("None of your providers is set up here. The owner can reset your password.")))
            return
        self._desk.ask_provider(
            usable[0], then=self._change, failed=lambda why: self.form.say(Look(why, "warn", Tone.BAD))
        )

    def _change(self, vouched: Identity | None = None) -> None:
        self.form.set_busy(True)
        self._desk.do(
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
        self._desk.notify(tr("Your password is changed."))

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self._desk.trouble(error)
