"""The line that adds a product for an unknown code: name, price, tax. The sale goes on beside it."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import read_price
from shopdesk.domain.product import Product
from shopdesk.domain.sentence import sentence
from shopdesk.row_keys import new_key
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, IconButton
from shopdesk.ui.widgets.field import MessageLine
from shopdesk.ui.widgets.labels import Label
from shopdesk.usecases import products

_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class NewProductForm(QWidget):
    """Hidden until a code is offered. Enter goes from field to field and adds the product after the price."""

    added = Signal(object)  # Product, once it is stored
    closed = Signal()

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.code = ""
        self.question = Label("", "strong")
        self.name, self.price, self.tax = QLineEdit(), QLineEdit(), QComboBox()
        for control, title in ((self.name, tr("Name")), (self.price, tr("Price")), (self.tax, tr("Tax"))):
            control.setAccessibleName(tr("{field} of the new product", field=title))
            control.installEventFilter(self)
        self.name.setPlaceholderText(tr("Name"))
        self.price.setPlaceholderText(tr("Price"))
        self.price.setAlignment(Qt.AlignmentFlag.AlignRight)
        KeypadDecimal(self.price, lambda: context.symbols.decimal)
        self.add = Button(tr("Add it"), self._on_add, icon="new", shortcut="add product")
        self.close_line = IconButton(tr("Do not add it"), self.dismiss, icon="close")
        self.answer = MessageLine()
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(tokens.S)
        row.addWidget(self.question)
        row.addWidget(self.name, 1)
        self.price.setFixedWidth(tokens.NARROW // 3)
        row.addWidget(self.price)
        row.addWidget(self.tax)
        row.addWidget(self.add)
        row.addWidget(self.close_line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.answer)
        self.answer.hide()

    def offer(self, code: str) -> None:
        """Ask for the product with a code; what was typed for another code is dropped."""
        if code != self.code:
            self.name.clear()
            self.price.clear()
        self.code = code
        self.question.setText(tr("Add {code}", code=code))
        self.tax.clear()
        percent = self._context.format.percent
        for tax in self._context.shop.taxes:
            self.tax.addItem(percent(tax.rate.milli), "" if tax.is_default else str(tax.key))
        self.tax.setCurrentIndex(max(0, self.tax.findData("")))
        self._show_fault("")
        self.setEnabled(True)
        self.show()

    def type_name(self) -> None:
        """Go to the name, if a code is offered."""
        if self.isVisible():
            self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def dismiss(self) -> None:
        """Hide the line without adding anything."""
        self.hide()
        self.code = ""
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go on at Enter, and close at Esc."""
        if not isinstance(event, QKeyEvent):
            return False
        is_key = event.type() is QEvent.Type.KeyPress
        if event.key() == Qt.Key.Key_Escape and event.type() in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride}:
            event.accept()
            if is_key:
                self.dismiss()
            return True
        if is_key and event.key() in _ENTER:
            self._on_add() if watched is not self.name else self.price.setFocus()
            return True
        return False

    def _on_add(self) -> None:
        if not self.name.text().strip():
            self.name.setFocus()
            if self.price.text().strip():
                self._show_fault(tr("A product needs a name."))
            return
        try:
            price = self._read_price()
        except Refused as refused:
            self._on_failed(refused)
            return
        key = self.tax.currentData()
        product = Product(
            key=new_key(),
            code=self.code,
            barcode=self.code,
            name=self.name.text(),
            price=price,
            tax_key=UUID(key) if key else None,
        )
        self.setEnabled(False)
        self._context.do(products.save, product, owner=self, then=self._on_saved, failed=self._on_failed)

    def _read_price(self) -> int:
        if not self.price.text().strip():
            raise Refused(sentence("The price is missing."), field="price")
        try:
            return read_price(self.price.text(), self._context.symbols, self._context.shop.currency)
        except Refused as refused:
            raise Refused([FieldError(fault.text, "price") for fault in refused.faults]) from None

    def _on_saved(self, product: Product) -> None:
        self.name.clear()
        self.price.clear()
        self.dismiss()
        self.added.emit(product)

    def _on_failed(self, error: Exception) -> None:
        self.setEnabled(True)
        if not isinstance(error, Refused):
            self._context.report_error(error)
            return
        self._show_fault(" ".join(translated(fault.text) for fault in error.faults))
        (self.price if any(fault.field == "price" for fault in error.faults) else self.name).setFocus()

    def _show_fault(self, text: str) -> None:
        self.answer.show_state(StatusLook(text, "warn", Tone.BAD) if text else None)
        self.answer.setVisible(bool(text))
