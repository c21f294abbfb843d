"""The dialog in which goods of a document come back: what, how many, and how the money goes back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QButtonGroup, QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from shopdesk.domain import returns
from shopdesk.domain.document import Document
from shopdesk.domain.errors import FieldError, Refused, Unavailable, sentence_of
from shopdesk.domain.money import QUANTITY_UNIT, Money, read_quantity
from shopdesk.domain.payment import Method
from shopdesk.domain.returns import Returnable
from shopdesk.queries import scans
from shopdesk.queries.document_details import DocumentDetails
from shopdesk.queries.scans import ScanMeaning
from shopdesk.row_keys import new_key
from shopdesk.ui.base import display_names, shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.scanner import Scan
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents.payment_dialog import METHODS
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import MessageLine
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Label, MoneyLabel, ShortLabel
from shopdesk.ui.widgets.page_parts import Scroll, Separator, lay_out, set_margins
from shopdesk.usecases import documents

_MOST_ROWS = 5
"""Rows in sight at once; more scroll."""


class GoodsRow(QWidget):
    """Goods that may come back: a tick, and the quantity, which is all that is left unless another one is typed."""

    changed = Signal()

    def __init__(self, goods: Returnable, context: Context) -> None:
        super().__init__()
        self.goods = goods
        self._context = context
        left = context.format.quantity(goods.left)
        self.tick = QCheckBox()
        self.tick.setAccessibleName(goods.line.item)
        self._name = ShortLabel(goods.line.item)
        self.edit = QLineEdit(left)
        self.edit.setAccessibleName(tr("Quantity of {item}", item=goods.line.item))
        self.edit.setFixedWidth(tokens.NARROW // 4)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        KeypadDecimal(self.edit, lambda: context.symbols.decimal)
        self.fault = MessageLine()
        self.fault.hide()
        row = QHBoxLayout()
        row.setSpacing(tokens.S)
        row.addWidget(self.tick)
        row.addWidget(self._name, 1)
        row.addWidget(self.edit)
        self.of = Label(tr("of {left}", left=left), "soft")
        row.addWidget(self.of)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.fault)
        self.setEnabled(goods.left > 0)
        self.tick.toggled.connect(lambda _: self._on_changed())
        self.edit.textEdited.connect(lambda _: self._on_typed())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Change the tick by a click on the name, too."""
        if self.isEnabled() and self._name.geometry().contains(event.position().toPoint()):
            self.tick.click()
            self.tick.setFocus(Qt.FocusReason.MouseFocusReason)

    def quantity(self) -> int:
        """Return the quantity that comes back, in thousandths; 0 without the tick. Raise Refused."""
        if not self.tick.isChecked():
            return 0
        return read_quantity(self.edit.text(), self._context.symbols)

    def type(self, text: str) -> None:
        """Begin the quantity with a digit that was typed at the tick."""
        self.edit.setFocus()
        self.edit.selectAll()
        self.edit.insert(text)
        self._on_typed()

    def forget_scan(self) -> None:
        """Take all that is left again, without a tick, where a scan began at the tick and was taken back."""
        if not self.edit.text().strip():
            self.edit.setText(self._context.format.quantity(self.goods.left))
            self.tick.setChecked(False)

    def add_one(self) -> None:
        """Count one more piece, as its code was scanned."""
        try:
            before = self.quantity()
        except Refused:
            before = 0
        self.edit.setText(self._context.format.quantity(min(before + QUANTITY_UNIT, self.goods.left)))
        self.tick.setChecked(True)
        self._on_changed()

    def show_fault(self, text: str) -> None:
        """Show a fault below the row; an empty text removes it."""
        self.fault.show_state(StatusLook(text, "warn", Tone.BAD) if text else None)
        self.fault.setVisible(bool(text))
        self.edit.setAccessibleDescription(text)

    def _on_typed(self) -> None:
        self.tick.setChecked(bool(self.edit.text().strip()))
        self._on_changed()

    def _on_changed(self) -> None:
        self.show_fault("")
        self.changed.emit()


class ReturnDialog(ConfirmDialog):
    """The dialog; it stays open until the return is stored.

    The key of the credit note is made with the dialog, so that pressing twice, or again after a lost connection, gives
    the money back once.
    """

    returned = Signal(object)  # emitted with the credit note, or the amended Document, when it is stored

    looks_words_up = True

    def __init__(self, details: DocumentDetails, context: Context, *, parent: QWidget | None = None) -> None:
        document = details.document
        name = f"{display_names.kind(document.kind)} {document.number}"
        super().__init__(
            tr("Return"),
            text=" · ".join(filter(None, (name, document.buyer.name))) + "\n" + _what_happens(document),
            yes=tr("Return"),
            parent=parent,
        )
        self._document = document
        self._details = details
        self._context = context
        self._key = new_key()
        self._is_under_way = False
        self.rows = [GoodsRow(one, context) for one in returns.returnable(document, details.returns)]
        self.methods = QButtonGroup(self)
        self.amount = MoneyLabel(role="total", name=tr("To give back"))
        self.set_off = Label("", "soft", wrap=True)
        self.answer = MessageLine()
        self._lay_out()
        for row in self.rows:
            row.changed.connect(self._show_amount)
            row.tick.installEventFilter(self)
            row.edit.installEventFilter(self)
        for method, key in METHODS.items():
            if key:
                shortcuts.bind(self, key, partial(self._pay_by, method))
        self._show_amount()
        first = next((row for row in self.rows if row.isEnabled()), None)
        (first.tick if first is not None else self.no).setFocus()

    def _lay_out(self) -> None:
        content = QWidget()
        content.setProperty("role", "column")
        goods = QVBoxLayout(content)
        set_margins(goods, 0, 0, tokens.M, 0)
        goods.setSpacing(tokens.XS)
        widest = max((row.of.sizeHint().width() for row in self.rows), default=0)
        for row in self.rows:
            row.of.setMinimumWidth(widest)
            goods.addWidget(row)
        goods.addStretch(1)
        self._goods, self._scroll = content, Scroll(content)
        ways = FlowLayout()
        usual = self._usual_method()
        for at, (method, key) in enumerate(METHODS.items()):
            way = Segment(display_names.method(method), shortcut=key)
            way.setChecked(method is usual)
            self.methods.addButton(way, at)
            ways.addWidget(way)
        result = QHBoxLayout()
        result.addWidget(Label(tr("To give back"), "heading"), alignment=Qt.AlignmentFlag.AlignBottom)
        result.addStretch(1)
        result.addWidget(self.amount)
        self.body.addWidget(self._scroll, 1)
        self.body.addWidget(Separator())
        self.body.addLayout(result)
        self.body.addWidget(self.set_off)
        self.body.addLayout(ways)
        self.body.addWidget(self.answer)
        self.answer.hide()

    def setVisible(self, visible: bool) -> None:
        """Make room for the rows, whose height the stylesheet sets, before the dialog opens."""
        if visible and not self.isVisible():
            lay_out(self)
            self._fit()
        super().setVisible(visible)

    def _fit(self) -> None:
        """Make room for the rows and what is said below them, up to a few rows; more scroll."""
        if (column := self._goods.layout()) is not None:
            column.activate()
        height = min(self._goods.sizeHint().height(), _MOST_ROWS * (tokens.CONTROL + tokens.XS))
        self._scroll.setFixedHeight(height)

    def _usual_method(self) -> Method:
        """Return the method of the last payment that was received: money goes back as it came."""
        received = [payment.method for payment in self._details.received if payment.amount > 0]
        return received[-1] if received and received[-1] in METHODS else Method.CASH

    @property
    def method(self) -> Method:
        """The method by which the money goes back."""
        return list(METHODS)[max(0, self.methods.checkedId())]

    # --- typing ---

    def _quantities(self) -> list[int]:
        """Return the quantity of each row. Raise Refused with the row of each fault."""
        found, faults = [], []
        for at, row in enumerate(self.rows):
            try:
                found.append(row.quantity())
            except Refused as refused:
                faults.append(FieldError(sentence_of(refused), "quantity", at))
                found.append(0)
        if faults:
            raise Refused(faults)
        returns.check_quantities([row.goods for row in self.rows], found)
        return found

    def _worth(self, quantities: list[int]) -> int:
        """Return what goods are worth to the customer, in minor units."""
        goods = [row.goods for row in self.rows]
        if self._document.is_sealed:
            return -returns.credited(self._document, goods, quantities)[1].gross
        left = returns.without(self._document, goods, quantities)
        return self._document.gross.minor - (left.totals().gross if left is not None else 0)

    def _show_amount(self) -> None:
        """Show what goes back while typing; errors are shown at Enter."""
        try:
            worth = self._worth(self._quantities())
        except Refused:
            worth = 0
        owed = min(max(self._document.balance.minor, 0), worth)
        self.amount.show_amount(self._money(worth - owed))
        self.set_off.setText(tr("{amount} is taken off what is still due.", amount=self._money(owed)))
        self.set_off.setVisible(owed > 0)
        self._fit()

    def _money(self, minor: int) -> str:
        return self._context.format.money(Money(minor, self._document.currency))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move between the rows with Up and Down; digits typed at a tick are its quantity."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        at = next((at for at, row in enumerate(self.rows) if watched in {row.tick, row.edit}), None)
        if at is None:
            return super().eventFilter(watched, event)
        if step := {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0):
            others = self.rows[at + 1 :] if step > 0 else self.rows[:at][::-1]
            following = next((row for row in others if row.isEnabled()), None)
            if following is not None:
                following.tick.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        row = self.rows[at]
        if watched is row.tick and event.text().isdecimal():
            row.type(event.text())
            return True
        return super().eventFilter(watched, event)

    # --- scans ---

    def take_scan(self, scan: Scan) -> None:
        """Count one more piece of the scanned goods."""
        if scan.is_sure:
            scan.take_back()

        def looked_up(found: ScanMeaning | None) -> None:
            if found is None and scan.is_typing and not scan.is_sure:
                scan.leave()
                return
            scan.take_back()
            for each in self.rows:
                each.forget_scan()
            key = found.item.product.key if found is not None and found.item is not None else None
            row = next((row for row in self.rows if key is not None and row.goods.line.product_key == key), None)
            if row is not None and row.isEnabled():
                row.add_one()
                self.show_message("")
            elif found is not None and found.document_key == self._document.key:
                self.show_message("")
            else:
                QApplication.beep()
                self.show_message(_not_here(scan, found))
            scan.finish()

        self._context.look_up(scans.meaning, scan.code, owner=self, then=looked_up, failed=lambda _: looked_up(None))

    # --- saving ---

    def accept(self) -> None:
        """Store the return; the dialog closes when it is stored."""
        self._context.scans.when_idle(self._return)

    def show_message(self, text: str) -> None:
        """Show a message above the buttons; an empty text removes it."""
        self.answer.show_state(StatusLook(text, "warn", Tone.BAD) if text else None)
        self.answer.setVisible(bool(text))

    def _pay_by(self, method: Method) -> None:
        self.methods.button(list(METHODS).index(method)).setChecked(True)
        self.accept()

    def _return(self) -> None:
        if self._is_under_way or not isValid(self):
            return
        try:
            quantities = self._quantities()
        except Refused as refused:
            self._show_faults(refused)
            return
        self.show_message("")
        self._set_under_way(True)
        self._context.do(
            documents.return_goods,
            self._document.key,
            tuple(quantities),
            self.method,
            seen=self._document,
            note_key=self._key,
            owner=self,
            then=self._on_returned,
            failed=self._on_failed,
        )

    def _set_under_way(self, is_so: bool) -> None:
        self._is_under_way = is_so
        self.yes.setEnabled(not is_so)

    def _on_returned(self, document: Document) -> None:
        self.returned.emit(document)
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        self._set_under_way(False)
        if isinstance(error, Unavailable):
            self.show_message(tr("{why} Press again: the money goes back only once.", why=error))
        elif isinstance(error, Refused):
            self._show_faults(error)
        else:
            self._context.report_error(error)

    def _show_faults(self, refused: Refused) -> None:
        """Show each fault below its row, the others above the buttons, and go to the first row with one."""
        rest = []
        for fault in reversed(refused.faults):
            if fault.row is not None and fault.row < len(self.rows) and self.rows[fault.row].tick.isChecked():
                self.rows[fault.row].show_fault(translated(fault.text))
                self.rows[fault.row].edit.setFocus()
            else:
                rest.append(translated(fault.text))
        self.show_message(" ".join(dict.fromkeys(rest)))
        self._fit()


def _what_happens(document: Document) -> str:
    if document.is_sealed:
        return tr("Choose what comes back. A credit note for it is issued.")
    return tr("Choose what comes back. The document is changed, and its history shows it.")


def _not_here(scan: Scan, found: ScanMeaning | None) -> str:
    if found is not None and found.document_key is not None:
        return tr("{number} is another document. Finish or cancel this return first.", number=scan.code.text)
    return tr("{code} is not among these goods.", code=scan.code.text)
