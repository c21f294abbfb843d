"""A new machine: the server where its shop is, and which of the shop's tills it will be. One page, filled in once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shopdesk.domain.errors import Refused
from shopdesk.ui import keys, theme
from shopdesk.ui.text import Look, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.enter import EnterGoesOn
from shopdesk.ui.widgets.entry import EntryPage, beside
from shopdesk.ui.widgets.field import Field, Line, PasswordField, show_faults


class JoinScreen(EntryPage):
    """Gathers; ``ui/joining.py`` does it. Without the server's fields it only asks for the till."""

    wanted = Signal(dict)  # database, password, till
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", icon="till", width=theme.WIDE, parent=parent)
        self.database = Field(
            tr("Address of the server"),
            name="database",
            hint=tr("From whoever set up the server: postgresql://till@server/shop"),
        )
        self.password = PasswordField(tr("Password of the server"))
        self.till = Field(tr("This machine is the till"), name="till")
        self.fields = [self.database, self.password, self.till]
        self.answer = Line()
        self.go_on = PrimaryButton("", self._on_wanted)
        self.back = QuietButton(tr("Back"), self.left.emit, icon="back")
        EnterGoesOn(self.fields, self._on_wanted, parent=self)
        keys.bind(self, "back", self.left.emit)
        for part in (*self.fields, self.answer):
            self.add(part)
        acts = beside(self.back, self.go_on)
        acts.setStretch(0, 0)
        self.add(acts)

    def ask_all(self) -> None:
        """Where the shop is, and which till this will be."""
        self._ask(
            tr("Join a shop on a server"),
            tr("For a further till of a shop that keeps its data on a PostgreSQL server already."),
            tr("Join"),
            tr("1 to 8 letters or digits, its own among the shop's tills: B, FRONT2."),
            asks_all=True,
        )

    def ask_till(self, taken: Sequence[str]) -> None:
        """Only which till this will be."""
        self._ask(
            tr("Which till is this?"),
            tr("This machine works on a shop that has these tills: {tills}.", tills=", ".join(taken)),
            tr("Go on"),
            tr("A new name makes a new till. One of those above takes its place: then that one must not be used."),
            asks_all=False,
        )

    def _ask(self, title: str, lead: str, act: str, hint: str, *, asks_all: bool) -> None:
        self.say(title, lead)
        self.setAccessibleName(title)
        self.go_on.set_label(act)
        self.till.show_hint(Look(hint, "info", Tone.SOFT))
        for part in (self.database, self.password):
            part.setVisible(asks_all)
        for field in self.fields:
            field.set_text("")
            field.clear_fault()
        self.set_busy(False)
        self.answer.say(None)
        self.setFocusProxy(self.database if asks_all else self.till)

    def set_busy(self, busy: bool) -> None:
        """While it is tried nothing can be pressed twice."""
        self.go_on.setEnabled(not busy)

    def refuse(self, error: Refused) -> None:
        """Each fault beside its field; what has none below."""
        self.set_busy(False)
        rest = show_faults(error, self.fields)
        self.answer.say(Look(" ".join(fault.text for fault in rest), "warn", Tone.BAD) if rest else None)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the first field."""
        super().showEvent(event)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_wanted(self) -> None:
        if self.go_on.isEnabled():
            self.answer.say(None)
            self.set_busy(True)
            self.wanted.emit({field.name: field.text() for field in self.fields})
