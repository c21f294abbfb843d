"""The page that joins a new machine to a shop: the address of its server, and which till it will be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.domain.errors import Refused
from shopdesk.ui.base import shortcuts, tokens
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, LineEdit, PasswordField, show_faults


class JoinScreen(CenteredPage):
    """Asks for server and till, or for the till alone; ``JoinShop`` then joins the shop."""

    wanted = Signal(dict)  # the page is filled in; keys: database, password, till
    left = Signal()  # "Back" was pressed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", icon="till", width=tokens.WIDE, parent=parent)
        self.database = Field(
            tr("Server address"),
            name="database",
            hint=tr("Such as postgresql://till@server/shop. Ask the person who set up the server."),
        )
        self.password = PasswordField(tr("Server password"))
        self.till = Field(tr("Name of this till"), name="till")
        self.fields = [self.database, self.password, self.till]
        self.answer = LineEdit()
        self.go_on = PrimaryButton("", self._on_wanted)
        self.back = QuietButton(tr("Back"), self.left.emit, icon="back")
        EnterNavigation(self.fields, self._on_wanted, parent=self)
        shortcuts.bind(self, "back", self.left.emit)
        for part in (*self.fields, self.answer):
            self.add(part)
        acts = beside(self.back, self.go_on)
        acts.setStretch(0, 0)
        self.add(acts)

    def ask_all(self) -> None:
        """Ask for the server and the name of this till."""
        self._ask(
            tr("Join a shop on a server"),
            tr("Adds this machine to a shop that already keeps its data on a PostgreSQL server."),
            tr("Join"),
            tr("1 to 8 letters or digits, unique in the shop, such as B or FRONT2."),
            asks_all=True,
        )

    def ask_till(self, taken: Sequence[str]) -> None:
        """Ask only for the name of this till."""
        self._ask(
            tr("Which till is this?"),
            tr("The shop already has these tills: {tills}.", tills=", ".join(taken)),
            tr("Continue"),
            tr("A new name adds a till. An existing name replaces that till, which must then no longer be used."),
            asks_all=False,
        )

    def _ask(self, title: str, lead: str, act: str, hint: str, *, asks_all: bool) -> None:
        self.set_text(title, lead)
        self.setAccessibleName(title)
        self.go_on.set_label(act)
        self.till.show_hint(StatusLook(hint, "info", Tone.SOFT))
        for part in (self.database, self.password):
            part.setVisible(asks_all)
        for field in self.fields:
            field.set_text("")
            field.clear_fault()
        self.set_busy(False)
        self.answer.show_state(None)
        self.setFocusProxy(self.database if asks_all else self.till)

    def set_busy(self, busy: bool) -> None:
        """Disable the button while joining, so that it cannot be pressed twice."""
        self.go_on.setEnabled(not busy)

    def refuse(self, error: Refused) -> None:
        """Show each fault beside its field, the rest at the bottom."""
        self.set_busy(False)
        rest = show_faults(error, self.fields)
        self.answer.show_state(StatusLook(" ".join(fault.text for fault in rest), "warn", Tone.BAD) if rest else None)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the first field."""
        super().showEvent(event)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_wanted(self) -> None:
        if self.go_on.isEnabled():
            self.answer.show_state(None)
            self.set_busy(True)
            self.wanted.emit({field.name: field.text() for field in self.fields})
