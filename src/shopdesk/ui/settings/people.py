"""Settings, People: accounts waiting to be let in, the staff, and their roles."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.domain.account import RIGHTS, AccountStatus, Right, Role, Staff
from shopdesk.domain.errors import Refused
from shopdesk.queries import accounts as ask
from shopdesk.ui.base import display_names, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, listed, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.staff_row import PersonRow
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField, show_faults
from shopdesk.ui.widgets.focus_order import tab_order
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.section import Section
from shopdesk.usecases import accounts, password_hashing
from shopdesk.usecases.accounts import NewAccount


class PeopleSection(Section):
    """Accounts waiting to be let in, then the staff."""

    def __init__(self, context: Context) -> None:
        lead = tr("Each person has their own account, so every document shows who issued it.")
        super().__init__(context, tr("People"), lead, is_wide=True)
        self.may = context.may(Right.PEOPLE)
        self.reason.set_text("" if self.may else tr("Only the owner can let people in and assign roles."))
        self._rows: dict[UUID, PersonRow] = {}
        self.answer = MessageLine()
        self.answer.hide()
        self.add_person = Button(tr("Add a person"), self._on_add, icon="new")
        adding = QHBoxLayout()
        adding.addWidget(self.add_person)
        adding.addStretch(1)
        self.add(adding)
        self.add_person.setVisible(self.may)
        self.waiting = _People(tr("Waiting to be let in"))
        self.everyone = _People(tr("Staff"))
        for part in (self.answer, self.waiting, self.everyone):
            part.setVisible(False)
            self.add(part)
        mine = tr("To change your password, PIN or sign-in providers, press your name at the top, then My account.")
        self.add(Label(mine, "soft", wrap=True))
        self.finish()
        context.background.changed.connect(self._on_changed)

    def refresh(self) -> None:
        """Read all accounts again, as another person may have registered."""
        if self.may:
            self.context.ask(ask.everyone, by=self.context.actor, owner=self, then=self._show, failed=self._on_failed)

    def person(self, name: str) -> PersonRow:
        """Return the row of the person with this name."""
        return next(row for row in self._rows.values() if row.staff.name == name)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "accounts" in tables and self.isVisible():
            self.refresh()

    # --- showing ---

    def _show(self, people: tuple[Staff, ...]) -> None:
        me = self.context.actor.staff.key
        for staff in people:
            row = self._rows.get(staff.key)
            if row is None:
                row = self._rows[staff.key] = self._row(staff, is_me=staff.key == me)
            row.show_staff(staff)
            (self.waiting if staff.status is AccountStatus.WAITING else self.everyone).adopt(row)
        for block in (self.waiting, self.everyone):
            block.show_count()
        tab_order(self.waiting, self.everyone)

    def _row(self, staff: Staff, *, is_me: bool) -> PersonRow:
        row = PersonRow(staff, is_me=is_me)
        row.let_in_wanted.connect(self._on_let_in)
        row.role_wanted.connect(self._on_role)
        row.block_wanted.connect(self._on_block)
        row.unblock_wanted.connect(self._on_unblock)
        row.reset_wanted.connect(self._on_reset)
        return row

    # --- actions of the owner ---

    def _on_let_in(self, staff: Staff, role: Role) -> None:
        if role is Role.OWNER:
            self._confirm_role(staff, role, lambda: self._let_in(staff, role))
        else:
            self._let_in(staff, role)

    def _let_in(self, staff: Staff, role: Role) -> None:
        told = tr("{name} can now sign in as {role}.", name=staff.name, role=display_names.role_in_sentence(role))
        self._do(accounts.let_in, staff, told, role=role)

    def _on_role(self, staff: Staff, role: Role) -> None:
        self._confirm_role(staff, role, lambda: self._set_role(staff, role))

    def _set_role(self, staff: Staff, role: Role) -> None:
        told = tr("{name} is now {role}.", name=staff.name, role=display_names.role_in_sentence(role))
        self._do(accounts.set_role, staff, told, role=role)

    def _confirm_role(self, staff: Staff, role: Role, yes: Callable[[], object]) -> None:
        rights = listed([display_names.right(right) for right in Right if right in RIGHTS[role]])
        question = ConfirmDialog(
            tr("Make {name} {role}?", name=staff.name, role=display_names.role_in_sentence(role)),
            facts=[(tr("Rights"), rights)],
            yes=tr("Give this role"),
            parent=self,
        )
        question.ask(yes, self._rows[staff.key].put_back)

    def _on_block(self, staff: Staff) -> None:
        question = ConfirmDialog(
            tr("Block {name}?", name=staff.name),
            text=tr("They will no longer be able to sign in. Their documents stay."),
            yes=tr("Block"),
            is_dangerous=True,
            parent=self,
        )
        question.ask(lambda: self._do(accounts.block, staff, tr("{name} is blocked.", name=staff.name)))

    def _on_unblock(self, staff: Staff) -> None:
        self._do(accounts.unblock, staff, tr("{name} can sign in again.", name=staff.name))

    def _on_add(self) -> None:
        AddPerson(self.context, parent=self).open()

    def _on_reset(self, staff: Staff) -> None:
        ResetPassword(self.context, staff, parent=self).open()

    def _do(self, usecase: Callable[..., Staff], staff: Staff, told: str, **given: Role) -> None:
        def done(_: Staff) -> None:
            self._show_status(None)
            self.context.navigation.notify(told)

        self.context.do(usecase, staff.key, owner=self, then=done, failed=self._on_failed, **given)

    def _on_failed(self, error: Exception) -> None:
        for row in self._rows.values():
            row.put_back()
        if isinstance(error, Refused):
            self._show_status(StatusLook(translated(error), "warn", Tone.BAD))
        else:
            self.context.report_error(error)

    def _show_status(self, look: StatusLook | None) -> None:
        self.answer.show_state(look)
        self.answer.setVisible(look is not None)


class _People(Card):
    """Rows of people under a heading; hidden while it is empty."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(margin=0, spacing=0, parent=parent)
        self.setAccessibleName(title)
        heading = Label(title, "heading")
        heading.setContentsMargins(tokens.L, tokens.M, tokens.L, tokens.S)
        self.add(heading)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.add(self._rows)
        self.column.addSpacing(tokens.S)

    def adopt(self, row: PersonRow) -> None:
        """Move this row here from the block it was in."""
        if row.parent() is not self:
            frame = row.parentWidget()
            self._rows.addWidget(row)
            if isinstance(frame, _People):
                frame.show_count()
            row.show()

    def show_count(self) -> None:
        """Hide the block if it has no rows."""
        self.setVisible(self._rows.count() > 0)


class AddPerson(ConfirmDialog):
    """Asks the owner for a new person: name, user name, role, and a password for the first sign-in."""

    def __init__(self, context: Context, *, parent: QWidget) -> None:
        super().__init__(
            tr("Add a person"),
            text=tr("Give them the password in person. They choose their own at the first sign-in."),
            yes=tr("Add"),
            parent=parent,
        )
        self._context = context
        self.name = Field(tr("Name"), QLineEdit(), name="name", compact=True)
        self.user = Field(tr("User name"), QLineEdit(), name="user_name", compact=True)
        roles = [(role.value, display_names.role(role)) for role in (Role.CASHIER, Role.MANAGER, Role.OWNER)]
        self.role = ChoiceField(tr("Role"), roles, name="role", compact=True)
        self.password = Field(tr("One-time password"), QLineEdit(), name="password", compact=True)
        self.password.set_text(password_hashing.readable_password())
        self.setMinimumWidth(tokens.WIDE)
        self._fields: list[Field] = [self.name, self.user, self.role, self.password]
        for field in self._fields:
            self.body.addWidget(field)
        self.name.control.setFocus()

    def accept(self) -> None:
        """Add the person; close only if all fields are accepted."""
        if not self.yes.isEnabled():
            return
        self.yes.setEnabled(False)
        account = NewAccount(user_name=self.user.text(), name=self.name.text(), password=self.password.text())
        self._context.do(
            accounts.add_person,
            account,
            role=Role(self.role.text()),
            owner=self,
            then=self._on_done,
            failed=self._on_failed,
        )

    def _on_done(self, staff: Staff) -> None:
        role = display_names.role_in_sentence(staff.role)
        self._context.navigation.notify(tr("{name} can now sign in as {role}.", name=staff.name, role=role))
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        self.yes.setEnabled(True)
        if isinstance(error, Refused):
            rest = show_faults(error, self._fields)
            if rest:
                self.name.show_fault(" ".join(translated(fault.text) for fault in rest))
            elif not self.name.text().strip():
                self.name.show_fault(tr("Enter the name. It is printed on the documents this person issues."))
            QTimer.singleShot(0, self, self.adjustSize)  # the errors need more room
        else:
            self._context.report_error(error)


class ResetPassword(ConfirmDialog):
    """Asks the owner for a new password for another person."""

    def __init__(self, context: Context, staff: Staff, *, parent: QWidget) -> None:
        super().__init__(
            tr("New password for {name}", name=staff.name),
            text=tr("Give it to them in person. They choose their own at the next sign-in."),
            yes=tr("Set password"),
            parent=parent,
        )
        self._context = context
        self._staff = staff
        self.new = PasswordField(tr("New password"), name="password", judge=display_names.strength)
        self.body.addWidget(self.new)
        self.new.control.setFocus()

    def accept(self) -> None:
        """Set the password; close only if it is accepted."""
        self.yes.setEnabled(False)
        self._context.do(
            accounts.reset_password,
            self._staff.key,
            new=self.new.text(),
            owner=self,
            then=lambda _: self._on_done(),
            failed=self._on_failed,
        )

    def _on_done(self) -> None:
        self._context.navigation.notify(tr("{name} has a new password.", name=self._staff.name))
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        self.yes.setEnabled(True)
        if isinstance(error, Refused):
            rest = show_faults(error, [self.new])
            if rest:
                self.new.show_fault(" ".join(translated(fault.text) for fault in rest))
        else:
            self._context.report_error(error)
