"""The count of the drawer: the number of each coin and note is typed, without a look at what is expected.

After the count its result is shown, with proposals where a difference may come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from shopdesk.domain.cash_difference import Cause, Proposal
from shopdesk.domain.denominations import denominations
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method
from shopdesk.domain.shift import read_pieces
from shopdesk.message_catalogues import Marked, mark
from shopdesk.ui.base import display_names, theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked, translated
from shopdesk.ui.base.scanner import mark_number_field
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.shifts.cash_dialogs import CashDialog
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import MessageLine
from shopdesk.ui.widgets.labels import Label, MoneyLabel
from shopdesk.usecases import shifts
from shopdesk.usecases.shifts import CountOutcome


class CountDialog(CashDialog):
    """The number of each coin and note, the largest first, in two columns; Enter goes on to the next."""

    def __init__(self, context: Context, *, then: Callable[[CountOutcome], object], parent: QWidget | None) -> None:
        super().__init__(
            context,
            tr("Count the drawer"),
            text=tr("Type how many there are of each. What is expected is shown afterwards."),
            yes=tr("Count"),
            parent=parent,
        )
        self._then = then
        shop = context.shop
        self.numbers = {piece: QLineEdit() for piece in denominations(shop.currency, smallest_coin=shop.smallest_coin)}
        self._worth = {piece: MoneyLabel(role="soft") for piece in self.numbers}
        self.total = MoneyLabel(role="total", name=tr("Total"))
        self._lay_out()
        edits = list(self.numbers.values())
        EnterNavigation(edits, self.accept, parent=self)
        for edit in edits:
            edit.textChanged.connect(self._show_total)
        self._show_total()
        edits[0].setFocus()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(tokens.M)
        grid.setVerticalSpacing(tokens.XS)
        half = (len(self.numbers) + 1) // 2
        for at, (piece, edit) in enumerate(self.numbers.items()):
            column, line = (4 if at >= half else 0), at % half
            name = self._amount(piece)
            edit.setAccessibleName(tr("Number of {amount}", amount=name))
            edit.setAlignment(Qt.AlignmentFlag.AlignRight)
            edit.setMaximumWidth(QFontMetrics(edit.font()).horizontalAdvance("0") * 12)
            mark_number_field(edit)
            grid.addWidget(MoneyLabel(name), line, column)
            grid.addWidget(edit, line, column + 1)
            grid.addWidget(self._worth[piece], line, column + 2)
            grid.setColumnMinimumWidth(column + 2, tokens.READING // 6)
        grid.setColumnMinimumWidth(3, tokens.L)
        foot = QHBoxLayout()
        foot.addWidget(Label(tr("Total"), "soft"))
        foot.addStretch(1)
        foot.addWidget(self.total)
        self.body.addLayout(grid)
        self.body.addWidget(self.said)
        self.body.addLayout(foot)

    def accept(self) -> None:
        """Store the count."""
        self.send(self._given, shifts.count_shift, self._then)

    def _given(self) -> dict[str, Any]:
        return {"pieces": self._pieces()}

    def _pieces(self) -> tuple[tuple[int, int], ...]:
        """Return what is typed. Raises Refused; the field of the first error gets the focus."""
        for edit in self.numbers.values():
            _show_fault(edit, "")
        try:
            return read_pieces({piece: edit.text() for piece, edit in self.numbers.items()})
        except Refused as refused:
            wrong = {fault.field: translated(fault.text) for fault in refused.faults}
            for piece, edit in reversed(self.numbers.items()):
                if text := wrong.get(str(piece), ""):
                    _show_fault(edit, f"{self._amount(piece)}: {text}")
                    edit.setFocus(Qt.FocusReason.OtherFocusReason)
            raise

    def _show_total(self) -> None:
        """Show what is counted so far; what cannot be read counts as none until the count is given."""
        self.said.show_state(None)
        total = 0
        for piece, edit in self.numbers.items():
            try:
                number = dict(read_pieces({piece: edit.text()})).get(piece, 0)
            except Refused:
                number = 0
            total += piece * number
            self._worth[piece].setText(self._amount(piece * number) if number else "")
        self.total.show_amount(self._context.format.money(Money(total, self._context.shop.currency)))

    def _amount(self, minor: int) -> str:
        return self._context.format.amount(minor)


def _show_fault(edit: QLineEdit, text: str) -> None:
    edit.setAccessibleDescription(text)
    edit.setToolTip(text)
    theme.set_state(edit, "fault" if text else "")


class CountResultDialog(ConfirmDialog):
    """The cash expected and counted, and proposals where the difference may come from. “No” counts again."""

    def __init__(self, context: Context, outcome: CountOutcome, *, parent: QWidget | None) -> None:
        shift, count = outcome.result.shift, outcome.result.count
        super().__init__(
            tr("Shift {number} at till {till} is counted", number=context.format.count(shift.number), till=shift.till),
            yes=tr("Done"),
            no=tr("Count again"),
            parent=parent,
        )
        self._context = context
        self.setMinimumWidth(tokens.READING)
        difference = (count.difference if count else None) or 0
        for name, minor in (
            (tr("Float"), shift.opening),
            (tr("Cash payments"), outcome.result.cash),
            (tr("Cash in and out"), sum(one.amount for one in outcome.result.moved)),
            (tr("Expected"), count.expected if count else 0),
            (tr("Counted"), (count.counted if count else None) or 0),
        ):
            self.add_fact(name, self._money(minor))
        self.add_fact(tr("Difference"), self._difference(difference), role="good" if not difference else "warn")
        self.no.setVisible(bool(difference))
        self.proposals = [self._words(one) for one in outcome.proposals]
        if self.proposals:
            self.body.addWidget(Label(tr("Where it may come from"), "heading"))
        for text in self.proposals:
            line = MessageLine()
            line.show_state(StatusLook(text, "info", Tone.PLAIN))
            self.body.addWidget(line)
        if difference and not self.proposals:
            self.body.addWidget(Label(tr("Nothing that was entered explains it."), "soft", wrap=True))

    def _difference(self, minor: int) -> str:
        if not minor:
            return tr("None: it is right")
        amount = self._money(abs(minor))
        return tr("{amount} too much", amount=amount) if minor > 0 else tr("{amount} missing", amount=amount)

    def _words(self, one: Proposal) -> str:
        is_number = one.cause is Cause.PIECE_DIGITS
        return tr_marked(
            _CAUSES[one.cause],
            amount=self._money(one.amount),
            number=one.number,
            method=display_names.method(one.method or Method.CASH),
            right=self._context.format.count(one.right) if is_number else self._money(one.right),
        )

    def _money(self, minor: int) -> str:
        return self._context.format.money(Money(minor, self._context.shop.currency))


_CAUSES: Mapping[Cause, Marked] = MappingProxyType(
    {
        Cause.NOT_CASH: mark("{amount} of {number} is entered as cash. Was it paid by card?"),
        Cause.WAS_CASH: mark("{amount} of {number} is entered as “{method}”. Was it paid in cash?"),
        Cause.TWICE: mark("Was {number} over {amount} entered twice?"),
        Cause.NOT_ENTERED: mark("A sale of {amount}, as {number}, may not have been entered."),
        Cause.NOT_PAID: mark("{number} is open with {amount}. Was it paid in cash?"),
        Cause.REFUND: mark("Was {amount} given back for {number} without an entry?"),
        Cause.FLOAT: mark("The float is entered as {amount}, but the count before left {right}."),
        Cause.FLOAT_DIGITS: mark("The float is entered as {amount}. Was it {right}?"),
        Cause.MOVED_DIGITS: mark("Cash of {amount} in or out: was it {right}?"),
        Cause.WRONG_WAY: mark("Cash of {amount}: was it put in where it says taken out, or the other way round?"),
        Cause.PIECE_DIGITS: mark("Number of {amount}: was it {right}? Two digits may be swapped."),
        Cause.PIECE: mark("One piece of {amount} may be counted twice or left out."),
    }
)
