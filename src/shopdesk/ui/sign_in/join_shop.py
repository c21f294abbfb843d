"""Joining a shop on a server from a new machine: check the address, then save it with the name of the till."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from shopdesk.background import Background
from shopdesk.domain.errors import FieldError, PasswordRefused, Refused, Unavailable
from shopdesk.domain.shop import read_till_name
from shopdesk.settings import Settings
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.ports import InspectedDatabase, Ports
from shopdesk.ui.sign_in.join_screen import JoinScreen

T = TypeVar("T")


class JoinShop(QObject):
    """Checks and saves the input of the join page."""

    joined = Signal()  # the settings name another database, to be opened now
    named = Signal(object)  # Settings, with the name of this till

    def __init__(self, background: Background, ports: Ports, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._ports = ports
        self._asks_all = False
        self._taken = ""  # the name that was refused once because another machine has it
        self.page = JoinScreen()
        self.page.wanted.connect(self._on_wanted)

    def ask_all(self) -> None:
        """Ask for the shop's address and the name of this till."""
        self._asks_all, self._taken = True, ""
        self.page.ask_all()

    def ask_till(self, taken: Sequence[str]) -> None:
        """Ask only for the name of this till; ``taken`` are the names in use."""
        self._asks_all = False
        self.page.ask_till(taken)

    def refuse(self, error: Exception) -> None:
        """Show an error on the page, beside its field if it has one."""
        match error:
            case PasswordRefused():
                self.page.refuse(Refused(str(error), field="password"))
            case Refused():
                self.page.refuse(error)
            case Unavailable():
                self.page.refuse(Refused(str(error), field="database" if self._asks_all else ""))
            case _:
                self.page.refuse(Refused(tr("Something went wrong. Please try again.")))
                self._background.report(error)

    def _on_wanted(self, typed: dict[str, str]) -> None:
        try:
            till = read_till_name(typed["till"])
        except Refused as refused:
            self.page.refuse(Refused([FieldError(fault.text, "till") for fault in refused.faults]))
            return
        if not self._asks_all:
            self._save({"till.name": till}, "")
            return
        database, password = typed["database"].strip(), typed["password"]
        if not database:
            self.page.refuse(Refused(tr("Enter the server's address."), field="database"))
            return

        def found(found: InspectedDatabase) -> None:
            if found.has_shop and self._may_be(till, found.tills):
                self._save({"database": database, "till.name": till}, password)
            elif not found.has_shop:
                self.page.refuse(Refused(tr("No shop found. {said}", said=found.words), field="database"))

        self._reach(self._ports.database.inspect, database, password or None, then=found)

    def _may_be(self, till: str, tills: Sequence[str]) -> bool:
        """Accept a name in use only at the second press: the machine may replace another."""
        if till not in tills or till == self._taken:
            return True
        self._taken = till
        text = tr(
            "The shop already has a till {till}. Choose another name, or press Join again if this machine replaces it.",
            till=till,
        )
        self.page.refuse(Refused(text, field="till"))
        return False

    def _save(self, changes: dict[str, object], password: str) -> None:
        def saved(settings: Settings) -> None:
            if not self._asks_all:
                self.named.emit(settings)
            elif password:
                keep = self._ports.keychain.store  # without a keyring it is asked for at each start
                reach = self._background.run_in_pool
                reach(keep, "database", password, owner=self, then=self._on_kept, failed=self._on_kept)
            else:
                self.joined.emit()

        self._reach(self._ports.save_settings, changes, then=saved)

    def _on_kept(self, _: object) -> None:
        self.joined.emit()

    def _reach(self, call: Callable[..., T], *args: object, then: Callable[[T], None]) -> None:
        self._background.run_in_pool(call, *args, owner=self, then=then, failed=self.refuse)
