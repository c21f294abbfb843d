"""The dialogs that open a shift and move cash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QApplication, QButtonGroup, QHBoxLayout, QLineEdit, QWidget

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.money import Money
from shopdesk.domain.shift import read_cash
from shopdesk.row_keys import new_key
from shopdesk.ui.base import scanner, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.scanner import Scan
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, show_refusal
from shopdesk.usecases import shifts


class CashDialog(ConfirmDialog):
    """A dialog that does one thing with cash: it stays open, with all that was typed, until that is stored."""

    def __init__(self, context: Context, title: str, *, text: str = "", yes: str, parent: QWidget | None) -> None:
        super().__init__(title, text=text, yes=yes, parent=parent)
        self._context = context
        self._is_under_way = False
        self.fields: list[Field] = []
        self.said = MessageLine()

    def begin(self, fields: Sequence[Field]) -> None:
        """Add the fields, Enter leading from one to the next, and put the focus into the first."""
        self.fields = list(fields)
        for field in fields:
            self.body.addWidget(field)
        self.body.addWidget(self.said)
        EnterNavigation(fields, self.accept, parent=self)
        fields[0].control.setFocus()

    def amount_field(self, label: str, name: str) -> Field:
        """Return a field for an amount of cash."""
        field = Field(label, name=name)
        KeypadDecimal(field.control, lambda: self._context.symbols.decimal)
        return field

    def cash_of(self, field: Field) -> Money:
        """Return the amount typed. Raises Refused."""
        return read_cash(field.text(), self._context.shop.currency, self._context.symbols, field=field.name)

    def send(
        self, make: Callable[[], dict[str, Any]], usecase: Callable[..., Any], then: Callable[[Any], object]
    ) -> None:
        """Run a use case with the arguments that ``make`` reads from the fields; close once it is done."""
        if self._is_under_way:
            return

        def done(result: Any) -> None:
            super(CashDialog, self).accept()
            then(result)

        try:
            given = make()
        except Refused as refused:
            show_refusal(refused, self.fields, self.said)
            return
        self._set_under_way(True)
        self._context.do(usecase, owner=self, then=done, failed=self._on_failed, **given)

    def take_scan(self, scan: Scan) -> None:
        """Refuse a scan: it is no amount."""
        if scanner.ignore_scan(scan):
            QApplication.beep()

    def _set_under_way(self, is_so: bool, /) -> None:
        self._is_under_way = is_so
        self.yes.setEnabled(not is_so)

    def _on_failed(self, error: Exception) -> None:
        self._set_under_way(False)
        if isinstance(error, Refused):
            show_refusal(error, self.fields, self.said)
        elif isinstance(error, Unavailable):
            text = tr("{why} Press again: it is recorded only once.", why=error)
            self.said.show_state(StatusLook(text, "warn", Tone.BAD))
        else:
            self._context.report_error(error)


class OpenShiftDialog(CashDialog):
    """Asks for the float. ``left`` (minor units) is what the count before left in the drawer, if that is known."""

    def __init__(
        self, context: Context, *, left: int | None, then: Callable[[object], object], parent: QWidget | None
    ) -> None:
        super().__init__(
            context,
            tr("Open a shift"),
            text=tr("The float is the cash that is in the drawer now."),
            yes=tr("Open shift"),
            parent=parent,
        )
        self._then = then
        self.opening = self.amount_field(tr("Float, {currency}", currency=context.shop.currency.code), "opening")
        self.begin([self.opening])
        if left is not None and isinstance(self.opening.control, QLineEdit):
            self.opening.set_text(context.format.amount(left))
            self.opening.control.selectAll()

    def accept(self) -> None:
        """Open the shift."""
        self.send(lambda: {"opening": self.cash_of(self.opening)}, shifts.open_shift, self._then)


class MoveCashDialog(CashDialog):
    """Asks for cash to be taken out or put in, and what for."""

    def __init__(self, context: Context, *, then: Callable[[object], object], parent: QWidget | None) -> None:
        super().__init__(context, tr("Cash in or out"), yes=tr("Record"), parent=parent)
        self._then = then
        self._key = new_key()
        self.ways = QButtonGroup(self)
        ways = QHBoxLayout()
        ways.setSpacing(tokens.XS)
        for at, name in enumerate((tr("Take out"), tr("Put in"))):
            way = Segment(name)
            way.setChecked(at == 0)
            self.ways.addButton(way, at)
            ways.addWidget(way)
        ways.addStretch(1)
        self.body.addLayout(ways)
        self.amount = self.amount_field(tr("Amount, {currency}", currency=context.shop.currency.code), "amount")
        self.reason = Field(tr("What for"), name="reason", hint=tr("Such as: to the bank, change, window cleaner"))
        self.begin([self.amount, self.reason])

    def accept(self) -> None:
        """Record it."""
        self.send(self._given, shifts.move_cash, self._then)

    def _given(self) -> dict[str, Any]:
        return {
            "amount": self.cash_of(self.amount),
            "reason": self.reason.text(),
            "is_out": self.ways.checkedId() == 0,
            "movement_key": self._key,
        }
