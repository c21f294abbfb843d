"""The payment panel of the save prompt: methods, amount received, change, quick cash and split payments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.domain.document import Kind
from shopdesk.domain.errors import Refused, sentence_of
from shopdesk.domain.money import Money, read_minor
from shopdesk.domain.payment import Method, Settlement, Tender, settle_all
from shopdesk.domain.quick_cash import MOST_AMOUNTS, quick_amounts
from shopdesk.domain.totals import cash_rounding
from shopdesk.ui.base import display_names, theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.keypad_decimal import KeypadDecimal, is_minus_key
from shopdesk.ui.widgets.buttons import Button, IconButton, Segment
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Label, MoneyLabel
from shopdesk.ui.widgets.page_parts import clear_layout

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_KEYS = {Method.CASH: "pay cash", Method.CARD: "pay card", Method.TRANSFER: "pay transfer", None: "pay later"}
"""The shortcut of each method; without a method the document is paid later."""


@dataclass(frozen=True, slots=True)
class PaymentChoice:
    """One payment option; without a method the document is paid later."""

    method: Method | None

    @property
    def label(self) -> str:
        """The label of its button."""
        return tr("On account") if self.method is None else display_names.method(self.method)

    @property
    def shortcut(self) -> str:
        """The name of its shortcut, which chooses it and saves."""
        return _KEYS[self.method]


_AT_ONCE = (PaymentChoice(Method.CASH), PaymentChoice(Method.CARD), PaymentChoice(Method.TRANSFER))
_LATER = PaymentChoice(None)
ALL_CHOICES = (_LATER, *_AT_ONCE)


def choices_for(kind: Kind) -> tuple[PaymentChoice, ...]:
    """Return the payment options, the usual one first: a receipt is paid at once, a quote never."""
    if kind is Kind.QUOTE:
        return ()
    return _AT_ONCE if kind is Kind.RECEIPT else ALL_CHOICES


class PaymentPanel(QWidget):
    """The method of payment, the amount received and the change. Without digits typed, the exact rest is received.

    An amount less than the rest may be counted as a part, and the rest paid another way.
    """

    settled = Signal()  # emitted when the parts settle it all, and on a key that saves

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._due = Money(0, context.shop.currency)
        self.ways: tuple[PaymentChoice, ...] = ()
        self.parts: list[Tender] = []
        self._buttons = QButtonGroup(self)
        self.edit = QLineEdit()
        self.tendered = Field(tr("Cash received"), self.edit, name="tendered", compact=True)
        self.edit.installEventFilter(self)
        KeypadDecimal(self.edit, lambda: context.symbols.decimal)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.add = IconButton(tr("Count this amount and pay the rest another way"), self.add_part, icon="new")
        self._word = Label("", "soft")
        self.change = MoneyLabel(role="figure", name=tr("Change"))
        self._quick = [self._quick_button(at) for at in range(MOST_AMOUNTS)]
        self._amounts: tuple[int, ...] = ()
        self._list = QVBoxLayout()
        self._lay_out()

    def show_due(self, kind: Kind, due: Money) -> None:
        """Offer to pay this for a document of this kind, once."""
        self._due = due
        self.ways = choices_for(kind) if due else ()
        for choice in ALL_CHOICES:
            self._button(choice).setHidden(choice not in self.ways)
        if self.ways:
            self._button(self.ways[0]).setChecked(True)
        else:
            self.hide()
        self._buttons.idToggled.connect(lambda _, on: self._on_way() if on else None)
        self.edit.textChanged.connect(self._on_typed)
        self._show_parts()
        self._show_outcome()

    def _button(self, choice: PaymentChoice) -> QAbstractButton:
        return self._buttons.button(ALL_CHOICES.index(choice))

    def _quick_button(self, at: int) -> Button:
        button = Button("", lambda: self._take_cash(self._amounts[at]), tip=tr("Cash received"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the cursor in the amount
        return button

    def _lay_out(self) -> None:
        methods = FlowLayout()
        for at, choice in enumerate(ALL_CHOICES):
            button = Segment(choice.label, shortcut=choice.shortcut)
            button.installEventFilter(self)
            self._buttons.addButton(button, at)
            methods.addWidget(button)
        result = QVBoxLayout()
        result.setSpacing(tokens.XS)
        result.addWidget(self._word, alignment=Qt.AlignmentFlag.AlignRight)
        result.addWidget(self.change)
        result.addStretch(1)
        self.tendered.add_beside(self.add)
        below = QHBoxLayout()
        below.setSpacing(tokens.XL)
        below.addWidget(self.tendered, 1, Qt.AlignmentFlag.AlignTop)
        below.addLayout(result, 1)
        quick = QHBoxLayout()
        quick.setSpacing(tokens.S)
        for amount in self._quick:
            quick.addWidget(amount, 1)
        self._list.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.S)
        column.addLayout(methods)
        column.addLayout(self._list)
        column.addLayout(below)
        column.addLayout(quick)

    # --- the payment ---

    @property
    def method(self) -> Method | None:
        """The selected payment method; None for later."""
        return ALL_CHOICES[self._buttons.checkedId()].method if self.ways else None

    @property
    def is_refund(self) -> bool:
        """True if the shop pays the customer."""
        return self._due.minor < 0

    @property
    def rest(self) -> int:
        """The amount that the parts leave, in minor units."""
        return self._due.minor - sum(one.amount for one in self._settle(self.parts))

    def tenders(self) -> tuple[Tender, ...]:
        """Return the payments; none if it is paid later. Raise Refused for field "tendered" if one is no amount."""
        if not self.ways or not self.rest:
            return tuple(self.parts)
        current = self._current()
        found = (*self.parts, *([current] if current is not None else []))
        self._settle(found)
        return found

    def left_after(self, tenders: tuple[Tender, ...]) -> int:
        """Return the amount that stays to be paid after these payments, in minor units."""
        return self._due.minor - sum(one.amount for one in self._settle(tenders)) if self.ways else 0

    def choose(self, method: Method | None) -> None:
        """Select a payment method."""
        for way in self.ways:
            if way.method is method:
                self._button(way).setChecked(True)

    def pay_by(self, method: Method | None) -> None:
        """Take what was typed, or the rest, by a method; a part leaves the rest to be paid another way."""
        if all(way.method is not method for way in self.ways):
            return
        typed = self.edit.text()
        self.choose(method)
        if method is not None:
            self.edit.setText(typed)
            if typed.strip() and not self.is_refund and self._leaves_rest():
                self.add_part()
                return
        self.settled.emit()

    def add_part(self) -> None:
        """Count the amount as a part, and go on with the rest; emit ``settled`` when nothing is left."""
        if not self.rest or self.is_refund:
            return
        if self.method is None:
            self.choose(Method.CASH)
        try:
            current = self._current()
            if current is None:
                return
            self._settle([*self.parts, current])
        except Refused as refused:
            self.tendered.show_fault(translated(sentence_of(refused)))
            self.edit.setFocus()
            return
        self.parts.append(current)
        self.edit.clear()
        if not self.rest:
            self.settled.emit()
            return
        self.choose(Method.CARD if current.method is Method.CASH else Method.CASH)
        self._show_parts()
        self._show_outcome()
        self.edit.setFocus()

    def remove_part(self, at: int) -> None:
        """Take a part back."""
        del self.parts[at]
        self._show_parts()
        self._show_outcome()
        self.edit.setFocus()

    def take_key(self, text: str) -> None:
        """Insert a digit or decimal mark that was typed elsewhere in the prompt."""
        if self.edit.isVisible():
            self.edit.setFocus()
            self.edit.insert(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Choose the method with the arrows, as the number pad has no Tab, and count a part with plus."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if is_minus_key(event):
            self.settled.emit()
            return True
        if event.text() == "+" and not self.is_refund:
            self.add_part()
            return True
        is_in_text = watched is self.edit and self.edit.text() and event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}
        if event.key() not in _STEPS or is_in_text or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        step = _STEPS[Qt.Key(event.key())] * (-1 if self._is_mirrored(event) else 1)
        at = self.ways.index(ALL_CHOICES[self._buttons.checkedId()])
        button = self._button(self.ways[(at + step) % len(self.ways)])
        button.setChecked(True)
        if watched is not self.edit:
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    # --- inside ---

    def _is_mirrored(self, event: QKeyEvent) -> bool:
        return event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right} and self.isRightToLeft()

    def _settle(self, tenders: list[Tender] | tuple[Tender, ...]) -> tuple[Settlement, ...]:
        return settle_all(self._due.minor, tenders, smallest_coin=self._context.shop.smallest_coin)

    def _current(self) -> Tender | None:
        """Return what is typed by the chosen method, or the rest by it; None if it is paid later."""
        method = self.method
        if method is None:
            return None
        typed = self.edit.text().strip()
        if not typed or self.is_refund:
            return Tender(method=method, tendered=self._payable(method))
        try:
            return Tender(method=method, tendered=read_minor(typed, self._context.symbols, self._due.currency))
        except Refused as refused:
            raise Refused(sentence_of(refused), field="tendered") from None

    def _leaves_rest(self) -> bool:
        try:
            return self.left_after(self.tenders()) > 0
        except Refused:
            return False

    def _payable(self, method: Method) -> int:
        rest = self.rest
        return rest + cash_rounding(rest, self._context.shop.smallest_coin) if method is Method.CASH else rest

    def _on_typed(self) -> None:
        if self.method is None and self.edit.text().strip():  # an amount without a method is cash
            self.choose(Method.CASH)
        self._show_outcome()

    def _on_way(self) -> None:
        if self.method is None:
            self.edit.clear()
        self.tendered.clear_fault()
        self._show_outcome()

    def _show_parts(self) -> None:
        """Show the parts with a button to take each back, and the cash that may be handed over for the rest."""
        clear_layout(self._list)
        for at, (part, settled) in enumerate(zip(self.parts, self._settle(self.parts), strict=True)):
            method, amount = display_names.method(part.method), self._money(settled.tendered)
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(Label(method), 1)
            line.addWidget(Label(amount, "strong"))
            remove = tr("Take back: {method} {amount}", method=method, amount=amount)
            line.addWidget(IconButton(remove, partial(self.remove_part, at), icon="close"))
            self._list.addWidget(row)
        coin = self._context.shop.smallest_coin
        self._amounts = quick_amounts(self.rest, self._due.currency, smallest_coin=coin) if self.ways else ()
        for button in self._quick[len(self._amounts) :]:
            button.hide()
        for button, minor in zip(self._quick, self._amounts, strict=False):
            written = self._context.format.amount(minor)
            button.set_label(written)
            button.setAccessibleName(tr("Cash {amount}", amount=written))
            button.setVisible(True)

    def _take_cash(self, minor: int) -> None:
        self.choose(Method.CASH)
        self.edit.setText(self._context.format.amount(minor))
        self.edit.setFocus()

    def _money(self, minor: int) -> str:
        return self._context.format.money(Money(minor, self._due.currency))

    def _show_outcome(self) -> None:
        """Show the change, or the amount still due, while typing; errors are shown at Enter."""
        method = self.method
        is_cash = method in {None, Method.CASH}
        self.tendered.label.setText(tr("Cash received") if is_cash else tr("Amount"))
        self.edit.setAccessibleName(self.tendered.label.text())
        self.tendered.setVisible(not self.is_refund)
        self.edit.setPlaceholderText(self._context.format.amount(self._payable(method)) if method else "")
        try:
            tenders = self.tenders()
            settled = self._settle(tenders)
        except Refused:
            self._show(tr("Change"), 0, "soft")
            return
        left = self._due.minor - sum(one.amount for one in settled)
        if method is None and self.ways:
            self._show(tr("To pay later"), left, "soft")
        elif self.is_refund:
            self._show(tr("To refund"), -sum(one.tendered for one in settled), "soft")
        elif left:
            self._show(tr("Still due"), left, "warn")
        else:
            self._show(tr("Change"), sum(one.change for one in settled), "soft")

    def _show(self, word: str, minor: int, role: str) -> None:
        self._word.setText(word)
        theme.set_role(self._word, role)
        self.change.show_amount(self._money(minor))
        self.change.setAccessibleName(f"{word}: {self.change.text()}")
