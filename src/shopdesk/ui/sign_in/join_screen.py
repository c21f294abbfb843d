"""The page that joins a new machine to a shop on a server, or asks which of the shop's tills it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.background import Background
from shopdesk.domain.errors import FieldError, PasswordRefused, Refused, Unavailable, sentence_of
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import read_till_name
from shopdesk.settings import Settings
from shopdesk.ui.base import shortcuts, tokens
from shopdesk.ui.base.i18n import StatusLook, listed, tr
from shopdesk.ui.base.ports import InspectedDatabase, Ports
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField, show_refusal

T = TypeVar("T")


class JoinScreen(CenteredPage):
    """Asks for server and till, or for the till alone; checks the input and saves it in the settings."""

    joined = Signal()  # the settings name another database, to be opened now
    named = Signal(object)  # Settings, with the name of this till
    left = Signal()  # "Back" was pressed

    def __init__(self, background: Background, ports: Ports, parent: QWidget | None = None) -> None:
        super().__init__("", icon="till", width=tokens.WIDE, parent=parent)
        self._background = background
        self._ports = ports
        self._asks_all = False
        self._taken = ""  # the name that was refused once because another machine has it
        self.database = Field(
            tr("Server address"),
            name="database",
            hint=tr("Such as postgresql://till@server/shop. Ask the person who set up the server."),
        )
        self.password = PasswordField(tr("Server password"))
        self.till = Field(tr("Name of this till"), name="till")
        self.fields = [self.database, self.password, self.till]
        self.answer = MessageLine()
        self.go_on = PrimaryButton("", self._on_go_on)
        self.back = QuietButton(tr("Back"), self.left.emit, icon="back")
        EnterNavigation(self.fields, self._on_go_on, parent=self)
        shortcuts.bind(self, "back", self.left.emit)
        for part in (*self.fields, self.answer):
            self.add(part)
        acts = beside(self.back, self.go_on)
        acts.setStretch(0, 0)
        self.add(acts)

    def ask_all(self) -> None:
        """Ask for the server and the name of this till."""
        self._taken = ""
        self._ask(
            tr("Join a shop on a server"),
            tr("Adds this machine to a shop that already keeps its data on a PostgreSQL server."),
            tr("Join"),
            tr("1 to 8 letters or digits, unique in the shop, such as B or FRONT2."),
            asks_all=True,
        )

    def ask_till(self, taken: Sequence[str]) -> None:
        """Ask only for the name of this till; ``taken`` are the names in use."""
        self._ask(
            tr("Which till is this?"),
            tr("The shop already has these tills: {tills}.", tills=listed(taken)),
            tr("Continue"),
            tr("A new name adds a till. An existing name replaces that till, which must then no longer be used."),
            asks_all=False,
        )

    def _ask(self, title: str, lead: str, act: str, hint: str, *, asks_all: bool) -> None:
        self._asks_all = asks_all
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
        show_refusal(error, self.fields, self.answer)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the first field."""
        super().showEvent(event)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_go_on(self) -> None:
        if not self.go_on.isEnabled():
            return
        self.answer.show_state(None)
        self.set_busy(True)
        try:
            till = read_till_name(self.till.text())
        except Refused as refused:
            self.refuse(Refused([FieldError(fault.text, "till") for fault in refused.faults]))
            return
        if not self._asks_all:
            self._save({"till.name": till}, "")
            return
        database, password = self.database.text().strip(), self.password.text()
        if not database:
            self.refuse(Refused(sentence("Enter the server's address."), field="database"))
            return

        def found(found: InspectedDatabase) -> None:
            if found.has_shop and self._may_use(till, found.tills):
                self._save({"database": database, "till.name": till}, password)
            elif not found.has_shop:
                self.refuse(Refused(sentence("No shop found. {said}", said=found.words), field="database"))

        self._run(self._ports.database.inspect, database, password or None, then=found)

    def _may_use(self, till: str, tills: Sequence[str]) -> bool:
        """Accept a name in use only at the second press: the machine may replace another."""
        if till not in tills or till == self._taken:
            return True
        self._taken = till
        text = sentence(
            "The shop already has a till {till}. Choose another name, or press Join again if this machine replaces it.",
            till=till,
        )
        self.refuse(Refused(text, field="till"))
        return False

    def _save(self, changes: dict[str, object], password: str) -> None:
        def saved(settings: Settings) -> None:
            if not self._asks_all:
                self.named.emit(settings)
            elif password:
                store = self._ports.keychain.store  # without a keyring it is asked for at each start
                run = self._background.run_in_pool
                run(store, "database", password, owner=self, then=self._on_stored, failed=self._on_stored)
            else:
                self.joined.emit()

        self._run(self._ports.save_settings, changes, then=saved)

    def _on_stored(self, _: object) -> None:
        self.joined.emit()

    def _run(self, call: Callable[..., T], *args: object, then: Callable[[T], None]) -> None:
        self._background.run_in_pool(call, *args, owner=self, then=then, failed=self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        match error:
            case PasswordRefused():
                self.refuse(Refused(sentence_of(error), field="password"))
            case Refused():
                self.refuse(error)
            case Unavailable():
                self.refuse(Refused(sentence_of(error), field="database" if self._asks_all else ""))
            case _:
                self.refuse(Refused(sentence("Something went wrong. Please try again.")))
                self._background.report(error)
