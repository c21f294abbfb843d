"""The dialog to take a payment for a document, or to refund one: amount, payment method, change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QButtonGroup, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from shopdesk.domain.document import Document
from shopdesk.domain.errors import ConfirmationRequired, Refused, Unavailable, sentence_of
from shopdesk.domain.money import Money, read_minor
from shopdesk.domain.payment import Method, Settlement, Tender, settle
from shopdesk.domain.totals import cash_rounding
from shopdesk.row_keys import new_key
from shopdesk.ui.base import display_names, scanner, shortcuts, theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.scanner import Scan
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, show_faults
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Label, MoneyLabel
from shopdesk.usecases import documents

METHODS = {Method.CASH: "pay cash", Method.CARD: "pay card", Method.TRANSFER: "pay transfer", Method.OTHER: ""}
"""The payment methods offered, with the shortcut that chooses one and pays; an offset is not one of them."""


class PaymentDialog(ConfirmDialog):
    """The payment dialog; it stays open until the payment is stored.

    The payment key is made with the dialog, so that pressing twice, or again after a lost connection, pays once. With a
    negative balance it refunds; amounts are typed without a sign.
    """

    paid = Signal(object)  # emitted with the updated Document when the payment is stored

    looks_words_up = False

    def __init__(self, document: Document, context: Context, *, parent: QWidget | None = None) -> None:
        self._is_refund = document.balance.minor < 0
        super().__init__(
            tr("Refund") if self._is_refund else tr("Take payment"),
            text=" · ".join(
                filter(None, (f"{display_names.kind(document.kind)} {document.number}", document.buyer.name))
            ),
            yes=tr("Refund") if self._is_refund else tr("Take payment"),
            parent=parent,
        )
        self._document = document
        self._context = context
        self._key = new_key()
        self._is_under_way = False
        self.methods = QButtonGroup(self)
        self.amount = Field(tr("Amount"), QLineEdit(), name="tendered")
        self._edit = self.amount.control
        self.change = MoneyLabel(role="figure", name=tr("Change"))
        self._change_word = Label(tr("Change"), "soft")
        self._lay_out()
        self._edit.installEventFilter(self)
        KeypadDecimal(self._edit, lambda: context.symbols.decimal)
        self.amount.edited.connect(self._show_outcome)
        self.methods.idToggled.connect(lambda _, on: self._on_method() if on else None)
        self._propose()
        self._show_outcome()
        for method, key in METHODS.items():
            if key:
                shortcuts.bind(self, key, partial(self._pay_by, method))
        self.amount.control.setFocus()

    def _lay_out(self) -> None:
        due = MoneyLabel(self._context.format.money(abs(self._document.balance)), "total", name=tr("Due"))
        top = QHBoxLayout()
        top.addWidget(Label(tr("Owed to the customer") if self._is_refund else tr("Due"), "soft"))
        top.addStretch(1)
        top.addWidget(due)
        ways = FlowLayout()
        for at, method in enumerate(METHODS):
            way = Segment(display_names.method(method), shortcut=METHODS[method])
            way.setChecked(at == 0)
            self.methods.addButton(way, at)
            ways.addWidget(way)
        how = QVBoxLayout()
        how.setSpacing(tokens.XS)
        how.addWidget(Label(tr("Paid by"), "label"))
        how.addLayout(ways)
        result = QHBoxLayout()
        result.addWidget(self._change_word)
        result.addStretch(1)
        result.addWidget(self.change)
        self.body.addLayout(top)
        self.body.addLayout(how)
        self.body.addWidget(self.amount)
        self.body.addLayout(result)

    @property
    def method(self) -> Method:
        """The selected payment method."""
        return list(METHODS)[max(0, self.methods.checkedId())]

    # --- typing ---

    def _proposal(self) -> str:
        """Return the exact amount as text."""
        due = self._document.balance.minor
        if self.method is Method.CASH:
            due += cash_rounding(due, self._context.shop.smallest_coin)
        return self._context.format.amount(abs(due))

    def _propose(self) -> None:
        """Fill in the exact amount, selected."""
        self.amount.set_text(self._proposal())
        if isinstance(self._edit, QLineEdit):
            self._edit.selectAll()

    def _tender(self) -> Tender:
        """Return the amount typed and its method. Raises Refused, with the field's name."""
        try:
            typed = read_minor(self.amount.text(), self._context.symbols, self._document.currency)
        except Refused as refused:
            raise Refused(sentence_of(refused), field="tendered") from None
        return Tender(method=self.method, tendered=-typed if self._is_refund else typed)

    def _settled(self) -> Settlement:
        return settle(self._document.balance.minor, self._tender(), smallest_coin=self._context.shop.smallest_coin)

    def _show_outcome(self) -> None:
        """Show the change, or the amount still due, while typing; errors are shown at Enter."""
        try:
            settled = self._settled()
        except Refused:
            self._show_result(tr("Change"), 0, Tone.SOFT)
            return
        left = self._document.balance.minor - settled.amount
        if left:
            self._show_result(tr("Still due after this"), abs(left), Tone.WARN)
        else:
            self._show_result(tr("Change"), settled.change, Tone.PLAIN)

    def _show_result(self, word: str, minor: int, tone: Tone) -> None:
        self._change_word.setText(word)
        theme.set_role(self._change_word, "warn" if tone is Tone.WARN else "soft")
        self.change.show_amount(self._context.format.money(Money(minor, self._document.currency)))
        self.change.setAccessibleName(f"{word}: {self.change.text()}")

    def _on_method(self) -> None:
        self.amount.clear_fault()
        if self.method is not Method.CASH:
            self._propose()  # only cash gives change
        self._show_outcome()

    def take_scan(self, scan: Scan) -> None:
        """Refuse a scan: it is neither an amount nor a yes."""
        if scanner.ignore_scan(scan):
            QApplication.beep()
            self.amount.show_fault(tr("{code} is a barcode, not an amount. Enter the amount.", code=scan.code.text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Change the payment method with Up and Down in the amount field, as the number pad has no Tab."""
        if watched is self._edit and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if step:
                self.methods.button((self.methods.checkedId() + step) % len(METHODS)).setChecked(True)
                return True
        return super().eventFilter(watched, event)

    # --- saving ---

    def accept(self) -> None:
        """Store the payment; the dialog closes when it is stored."""
        self._context.scans.when_idle(self._pay)

    def _pay_by(self, method: Method) -> None:
        """Pay what is typed by a method; what was only proposed is proposed again, as only cash is rounded."""
        typed = self.amount.text()
        is_proposed = typed == self._proposal()
        self.methods.button(list(METHODS).index(method)).setChecked(True)
        self._propose() if is_proposed else self.amount.set_text(typed)
        self.accept()

    def _pay(self) -> None:
        if self._is_under_way or not isValid(self):
            return
        try:
            self._settled()
            tender = self._tender()
        except Refused as refused:
            show_faults(refused, [self.amount])
            return
        self._write(tender)

    def _write(self, tender: Tender, *, confirmed: frozenset[str] = frozenset()) -> None:
        def failed(error: Exception) -> None:
            if isinstance(error, ConfirmationRequired):
                self._set_under_way(False)
                self._ask(error, lambda: self._write(tender, confirmed=confirmed | {error.answer}))
            else:
                self._on_failed(error)

        self._set_under_way(True)
        self._context.do(
            documents.pay,
            self._document.key,
            tender,
            payment_key=self._key,
            confirmed=confirmed,
            owner=self,
            then=self._on_paid,
            failed=failed,
        )

    def _ask(self, error: ConfirmationRequired, yes: Callable[[], object]) -> None:
        question = ConfirmDialog(
            tr("Is this amount right?"),
            text=translated(error.question),
            yes=tr("It is right"),
            is_dangerous=True,
            parent=self,
        )
        question.ask(yes, self._edit.setFocus)

    def _set_under_way(self, is_so: bool) -> None:
        self._is_under_way = is_so
        self.yes.setEnabled(not is_so)
        self._edit.setEnabled(not is_so)

    def _on_paid(self, document: Document) -> None:
        self.paid.emit(document)
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        self._set_under_way(False)
        if isinstance(error, Unavailable):
            self.amount.show_fault(tr("{why} Press again: the payment is recorded only once.", why=error))
            self.amount.control.setFocus()
            return
        if not isinstance(error, Refused):
            self._context.report_error(error)
            return
        elsewhere = show_faults(error, [self.amount])
        if elsewhere:  # a missing right, or a document changed by another user
            self.amount.show_fault(" ".join(translated(fault.text) for fault in elsewhere))
            self.amount.control.setFocus()
