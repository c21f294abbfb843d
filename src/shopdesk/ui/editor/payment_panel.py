"""The payment panel of the save prompt: payment method, amount received and change."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.domain.document import Kind
from shopdesk.domain.errors import Refused, sentence_of
from shopdesk.domain.money import Money, read_minor
from shopdesk.domain.payment import Method, Settlement, Tender, settle
from shopdesk.domain.totals import cash_rounding
from shopdesk.ui.base import display_names, theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.labels import Label, MoneyLabel

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, slots=True)
class PaymentChoice:
    """One payment option; without a method the document is paid later."""

    method: Method | None

    @property
    def label(self) -> str:
        """The label of its button."""
        return tr("On account") if self.method is None else display_names.method(self.method)


_AT_ONCE = (PaymentChoice(Method.CASH), PaymentChoice(Method.CARD), PaymentChoice(Method.TRANSFER))
_LATER = PaymentChoice(None)


def choices_for(kind: Kind) -> tuple[PaymentChoice, ...]:
    """Return the payment options, the usual one first: a receipt is paid at once, a quote never."""
    if kind is Kind.QUOTE:
        return ()
    return _AT_ONCE if kind is Kind.RECEIPT else (_LATER, *_AT_ONCE)


class PaymentPanel(QWidget):
    """The method of payment, the amount received and the change. Without digits typed, the exact amount is received."""

    def __init__(self, kind: Kind, due: Money, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._due, self._context = kind, due, context
        self.ways = choices_for(kind) if due else ()
        self._buttons = QButtonGroup(self)
        self.edit = QLineEdit()
        self.tendered = Field(tr("Cash received"), self.edit, name="tendered", compact=True)
        self.edit.installEventFilter(self)
        KeypadDecimal(self.edit, lambda: context.symbols.decimal)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._word = Label("", "soft")
        self.change = MoneyLabel(role="figure", name=tr("Change"))
        self._lay_out()
        self._buttons.idToggled.connect(lambda _, on: self._on_way() if on else None)
        self.edit.textChanged.connect(self._on_typed)
        if not self.ways:
            self.hide()
        self._show_outcome()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(tokens.S)
        for at, way in enumerate(self.ways):
            button = Segment(way.label)
            button.setChecked(at == 0)
            self._buttons.addButton(button, at)
            row.addWidget(button, 1)
        result = QVBoxLayout()
        result.setSpacing(tokens.XS)
        result.addWidget(self._word, alignment=Qt.AlignmentFlag.AlignRight)
        result.addWidget(self.change)
        below = QHBoxLayout()
        below.setSpacing(tokens.XL)
        below.addWidget(self.tendered, 1, Qt.AlignmentFlag.AlignTop)
        below.addLayout(result, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.M)
        column.addLayout(row)
        column.addLayout(below)

    # --- the payment ---

    @property
    def method(self) -> Method | None:
        """The selected payment method; None for later."""
        return self.ways[max(0, self._buttons.checkedId())].method if self.ways else None

    @property
    def is_refund(self) -> bool:
        """True if the shop pays the customer."""
        return self._due.minor < 0

    def tender(self) -> Tender | None:
        """Return the payment, or None if it is paid later. Raises Refused for field "tendered" if it is no amount."""
        method = self.method
        if method is None:
            return None
        typed = self.edit.text().strip()
        if not typed or self.is_refund:
            return Tender(method=method, tendered=self._payable(method))
        try:
            tender = Tender(method=method, tendered=read_minor(typed, self._context.symbols, self._due.currency))
            settle(self._due.minor, tender, smallest_coin=self._context.shop.smallest_coin)
        except Refused as refused:
            raise Refused(sentence_of(refused), field="tendered") from None
        return tender

    def take_key(self, text: str) -> None:
        """Insert a digit or decimal mark that was typed elsewhere in the prompt."""
        if self.edit.isVisible():
            self.edit.setFocus()
            self.edit.insert(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Change the payment method with Up and Down in the amount field, as the number pad has no Tab."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in _STEPS:
            step = _STEPS[Qt.Key(event.key())]
            self._buttons.button((max(0, self._buttons.checkedId()) + step) % len(self.ways)).setChecked(True)
            return True
        return False

    # --- inside ---

    def _payable(self, method: Method) -> int:
        due = self._due.minor
        return due + cash_rounding(due, self._context.shop.smallest_coin) if method is Method.CASH else due

    def _settled(self) -> Settlement | None:
        tender = self.tender()
        if tender is None:
            return None
        return settle(self._due.minor, tender, smallest_coin=self._context.shop.smallest_coin)

    def _on_typed(self) -> None:
        if self.method is None and self.edit.text().strip():  # an amount without a method is cash
            cash = next(at for at, way in enumerate(self.ways) if way.method is Method.CASH)
            self._buttons.button(cash).setChecked(True)
        self._show_outcome()

    def _on_way(self) -> None:
        if self.method is None:
            self.edit.clear()
        self.tendered.clear_fault()
        self._show_outcome()

    def _show_outcome(self) -> None:
        """Show the change, or the amount still due, while typing; errors are shown at Enter."""
        method = self.method
        is_cash = method in {None, Method.CASH}
        self.tendered.label.setText(tr("Cash received") if is_cash else tr("Amount"))
        self.edit.setAccessibleName(self.tendered.label.text())
        self.tendered.setVisible(not self.is_refund)
        self.edit.setPlaceholderText(self._context.format.amount(self._payable(method)) if method else "")
        try:
            settled = self._settled()
        except Refused:
            self._show(tr("Change"), 0, "soft")
            return
        if settled is None:
            self._show(tr("To pay later"), self._due.minor, "soft")
        elif self.is_refund:
            self._show(tr("To refund"), -settled.tendered, "soft")
        elif settled.amount != self._due.minor:
            self._show(tr("Still due"), self._due.minor - settled.amount, "warn")
        else:
            self._show(tr("Change"), settled.change, "soft")

    def _show(self, word: str, minor: int, role: str) -> None:
        self._word.setText(word)
        theme.set_role(self._word, role)
        self.change.show_amount(self._context.format.money(Money(minor, self._due.currency)))
        self.change.setAccessibleName(f"{word}: {self.change.text()}")
