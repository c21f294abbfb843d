"""The card on the dashboard: the state of the till's shift and of the shop's day, and the buttons for them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.queries import shifts as ask
from shopdesk.queries.shifts import TillState
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.shifts.shift_acts import ShiftActs
from shopdesk.ui.widgets.buttons import Button, Density
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card, set_margins

_TABLES = frozenset({"shifts", "shift_counts", "day_closes"})


class ShiftCard(Card):
    """The shift and the day in one line. A shop that does not count its cash needs neither."""

    shown = Signal()  # emitted once the state is on the card

    def __init__(self, context: Context, acts: ShiftActs, parent: QWidget | None = None) -> None:
        super().__init__(margin=tokens.S, spacing=0, parent=parent)
        self.setAccessibleName(tr("Shift and day"))
        self._context = context
        self._state: TillState | None = None
        self.said = Label(role="strong")
        self.day = Label(role="small")
        self.open_shift = Button(tr("Open shift"), acts.open_or_count, icon="payment", shortcut="shift")
        self.count = Button(tr("Count"), acts.count, icon="till", shortcut="shift")
        self.move_cash = Button(tr("Cash in or out"), acts.move_cash, icon="money")
        self.x_report = Button(tr("X report"), acts.x_report, icon="document", shortcut="x report")
        self.reports = Button(tr("Z reports"), lambda: context.navigation.show_report(-1), icon="documents")
        self.close_day = Button(tr("Close the day"), acts.close_day, icon="lock", shortcut="close day")
        for button in (self.open_shift, self.count, self.x_report, self.close_day):
            button.set_density(Density.SHORT)
        words = QVBoxLayout()
        words.setSpacing(tokens.HAIR)
        words.addWidget(self.said)
        words.addWidget(self.day)
        buttons = FlowLayout()
        for button in (self.open_shift, self.count, self.move_cash, self.x_report, self.reports, self.close_day):
            buttons.addWidget(button)
        line = QHBoxLayout()
        set_margins(line, tokens.S, 0, 0, 0)
        line.setSpacing(tokens.M)
        line.addLayout(words)
        line.addStretch(1)
        line.addLayout(buttons)
        self.add(line)
        context.background.changed.connect(self._on_changed)
        context.actor_changed.connect(self._offer)
        self._offer()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the state, which another till may have changed."""
        super().showEvent(event)
        self._read()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & _TABLES and self.isVisible():
            self._read()

    def _read(self) -> None:
        till = self._context.actor.till.key
        self._context.ask(
            ask.till_state, till, owner=self, then=self._show_state, failed=self._context.report_unanswered
        )

    def _show_state(self, state: TillState) -> None:
        self._state = state
        write = self._context.format
        if state.shift is not None:
            shift, today = state.shift, self._context.today()
            is_today = shift.opened_at.astimezone().date() == today
            since = write.clock(shift.opened_at) if is_today else write.instant(shift.opened_at)
            text = tr("Shift {number}, open since {since}", number=write.count(shift.number), since=since)
        else:
            text = tr("No shift is open")
        self.said.setText(text)
        self.day.setText(self._day(state))
        by = tr("opened by {name}", name=state.shift.by_name) if state.shift else tr("Selling works without a shift.")
        self.said.setToolTip(by)
        self._offer()
        self.shown.emit()

    def _day(self, state: TillState) -> str:
        close, write = state.last_close, self._context.format
        if close is None:
            return tr("No day was closed yet")
        at = write.instant(close.at)
        if close.number is None:
            return tr("Last close: {at}", at=at)
        return tr("Z report {number}: {at}", at=at, number=write.count(close.number))

    def _offer(self) -> None:
        """Offer what is possible now. Who lacks a right is asked for a manager's PIN; only reports have no such way."""
        is_open = self._state is not None and self._state.shift is not None
        self.open_shift.setVisible(not is_open)
        can_recount = self._state is not None and self._state.can_recount
        self.count.setVisible(is_open or can_recount)
        self.count.set_label(tr("Count again") if can_recount else tr("Count"))
        self.move_cash.setEnabled(is_open)
        self.move_cash.setToolTip("" if is_open else tr("Open a shift first."))
        may = self._context.may(Right.STATISTICS)
        for button in (self.x_report, self.reports):
            button.setEnabled(may)
            button.setToolTip("" if may else tr("Your role does not show reports."))
