"""A row of the staff list: name, role and account status, with the owner's actions."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import AccountStatus, Role, Staff
from shopdesk.ui.base import display_names, tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import LinkButton, PrimaryButton
from shopdesk.ui.widgets.labels import Drawing, Label, StateBadge

ORDER = (Role.CASHIER, Role.MANAGER, Role.OWNER)
"""The roles, from the fewest rights to the most."""


class PersonRow(QFrame):
    """A row of the staff list. It emits what the owner wants; the section asks and carries it out."""

    role_wanted = Signal(object, object)  # emitted with Staff and the new Role
    let_in_wanted = Signal(object, object)  # emitted with Staff and Role when a waiting account is let in
    block_wanted = Signal(object)  # emitted with Staff to block or reject
    unblock_wanted = Signal(object)  # emitted with Staff to unblock
    reset_wanted = Signal(object)  # emitted with Staff whose password is to be reset

    def __init__(self, staff: Staff, *, is_me: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.staff = staff
        self._is_me = is_me
        self.name = Label(role="strong")
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.about = Label(role="small")
        self.badge = StateBadge()
        self.role = QComboBox()
        for role in ORDER:
            self.role.addItem(display_names.role(role), role)
        self.role.setFixedWidth(tokens.DETAILS - tokens.XL)
        self.let_in = PrimaryButton(tr("Let in"), self._on_let_in)
        self.block = LinkButton(tr("Block"), lambda: self.block_wanted.emit(self.staff))
        self.unblock = LinkButton(tr("Unblock"), lambda: self.unblock_wanted.emit(self.staff))
        self.reset = LinkButton(tr("Reset password"), lambda: self.reset_wanted.emit(self.staff))
        self._lay_out()
        self.role.activated.connect(self._on_role)
        self.show_staff(staff)

    def _lay_out(self) -> None:
        who = QVBoxLayout()
        who.setSpacing(tokens.RING)
        who.addWidget(self.name)
        who.addWidget(self.about)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.L, tokens.S, tokens.L, tokens.S)
        row.setSpacing(tokens.S)
        row.addWidget(Drawing("person", Tone.SOFT, size=tokens.ICON_BRAND))
        row.addLayout(who, 1)
        for act in (self.reset, self.block, self.unblock):
            row.addWidget(act)
        for act in (self.block, self.unblock):
            act.setMinimumWidth(tokens.FIGURE_CARD - tokens.M)
        badge = QWidget()
        badge.setMinimumWidth(tokens.FIGURE_CARD - tokens.S)
        place = QHBoxLayout(badge)
        place.setContentsMargins(0, 0, 0, 0)
        place.addWidget(self.badge)
        place.addStretch(1)
        row.addWidget(badge)
        row.addWidget(self.role)
        row.addWidget(self.let_in)

    def show_staff(self, staff: Staff) -> None:
        """Show the current data of the account."""
        self.staff = staff
        name = staff.name
        self.name.setText(tr("{name} (you)", name=name) if self._is_me else name)
        self.about.setText(" · ".join(filter(None, (staff.user_name, staff.email))))
        self.badge.show_look(display_names.account_status(staff.status))
        self.put_back()
        is_waiting, is_blocked = staff.status is AccountStatus.WAITING, staff.status is AccountStatus.BLOCKED
        self.let_in.setVisible(is_waiting)
        self.reset.setVisible(not is_waiting and not self._is_me)
        self.block.setVisible(not is_blocked and not self._is_me)
        self.unblock.setVisible(is_blocked)
        self.role.setEnabled(not is_blocked)
        self.block.set_label(tr("Reject") if is_waiting else tr("Block"))
        for control, said in (
            (self.role, tr("Role of {name}", name=name)),
            (self.let_in, tr("Let in {name}", name=name)),
            (self.reset, tr("Reset password of {name}", name=name)),
            (self.unblock, tr("Unblock {name}", name=name)),
            (self.block, tr("Reject {name}", name=name) if is_waiting else tr("Block {name}", name=name)),
        ):
            control.setAccessibleName(said)
        standing = display_names.account_status(staff.status).word
        self.setAccessibleName(f"{name}, {display_names.role(staff.role)}, {standing}")

    def put_back(self) -> None:
        """Show the stored role again, after a change was cancelled."""
        self.role.setCurrentIndex(ORDER.index(self.staff.role))

    def _chosen(self) -> Role:
        return ORDER[self.role.currentIndex()]

    def _on_role(self) -> None:
        if self.staff.status is not AccountStatus.WAITING and self._chosen() is not self.staff.role:
            self.role_wanted.emit(self.staff, self._chosen())

    def _on_let_in(self) -> None:
        self.let_in_wanted.emit(self.staff, self._chosen())
