"""The acts of a till on its shift and its day, each by its dialog: from the card on the dashboard and by keys."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from shopdesk.domain.business_day import DayClose
from shopdesk.domain.errors import ConfirmationRequired
from shopdesk.queries import shifts as ask
from shopdesk.queries.shifts import TillState
from shopdesk.row_keys import new_key
from shopdesk.ui.base import till_printing
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, translated
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.shifts.cash_dialogs import MoveCashDialog, OpenShiftDialog
from shopdesk.ui.shifts.count_dialog import CountDialog, CountResultDialog
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases.day_close import close_day
from shopdesk.usecases.shifts import CountOutcome, note_drawer_opened


class ShiftActs(QObject):
    """The acts of one till. ``window`` is the parent of the dialogs."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window

    def open_or_count(self) -> None:
        """Open a shift, or count the one that is open."""
        till = self._context.actor.till.key
        self._context.ask(ask.till_state, till, owner=self, then=self._open_or_count)

    def _open_or_count(self, state: TillState) -> None:
        if state.shift is None:
            self.open_shift(state.left)
        else:
            self.count()

    def open_shift(self, left: int | None) -> None:
        """Ask for the float and open a shift; ``left`` is what the count before left, in minor units."""
        note = tr("The shift is open.")
        OpenShiftDialog(self._context, left=left, then=lambda _: self._notify(note), parent=self._parent()).open()

    def move_cash(self) -> None:
        """Ask for cash to be put in or taken out."""
        note = tr("Recorded.")
        MoveCashDialog(self._context, then=lambda _: self._notify(note), parent=self._parent()).open()

    def count(self) -> None:
        """Count the drawer; then show what was expected."""
        CountDialog(self._context, then=self._show_count, parent=self._parent()).open()

    def _show_count(self, outcome: CountOutcome) -> None:
        CountResultDialog(self._context, outcome, parent=self._parent()).ask(lambda: None, self.count)

    def open_drawer(self) -> None:
        """Open the cash drawer without a sale, if the user has the right; the journal tells it first."""
        context = self._context
        if context.settings.is_practice:
            context.navigation.notify(tr("Practice opens no drawer."), tone=Tone.WARN)
        elif not till_printing.has_drawer(context.settings):
            text = tr("No cash drawer is set for this till. Settings, Printer has it.")
            context.navigation.notify(text, tone=Tone.WARN)
        else:
            context.do(note_drawer_opened, "", owner=self, then=lambda _: context.ports.printing.open_drawer())

    def x_report(self) -> None:
        """Show the X report."""
        self._context.navigation.show_report(0)

    def close_day(self) -> None:
        """Close the business day after a question."""
        key = new_key()
        question = ConfirmDialog(
            tr("Close the business day?"),
            text=tr(
                "Every document of all tills is sealed, and the Z report is made. What is sold later belongs to the "
                "next business day. This cannot be undone."
            ),
            yes=tr("Close the day"),
            is_dangerous=True,
            parent=self._parent(),
        )
        question.ask(lambda: self._close(key, frozenset()))

    def _close(self, key: UUID, confirmed: frozenset[str]) -> None:
        def failed(error: Exception) -> None:
            if isinstance(error, ConfirmationRequired):
                self._ask(error, lambda: self._close(key, confirmed | {error.answer}))
            else:
                self._context.report_error(error)

        self._context.do(close_day, key=key, confirmed=confirmed, owner=self, then=self._on_closed, failed=failed)

    def _ask(self, error: ConfirmationRequired, yes: Callable[[], object]) -> None:
        question = ConfirmDialog(
            tr("Close the day all the same?"),
            text=translated(error.question),
            yes=tr("Close the day"),
            is_dangerous=True,
            parent=self._parent(),
        )
        question.ask(yes)

    def _on_closed(self, close: DayClose) -> None:
        number = close.number or 0
        sealed = counted(close.sealed, "{count} document sealed.", "{count} documents sealed.")
        text = tr("The day is closed: Z report {number}. {sealed}", number=number, sealed=sealed)
        show = NoticeAction(tr("Show"), lambda: self._context.navigation.show_report(number))
        self._context.navigation.notify(text, action=show)

    def _notify(self, text: str) -> None:
        self._context.navigation.notify(text)

    def _parent(self) -> QWidget:
        return self._window.window()
