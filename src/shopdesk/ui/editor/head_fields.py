"""The head fields of the editor: kind, customer and dates, and the discount and note below the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from shopdesk.domain.document import Kind
from shopdesk.domain.errors import FieldError
from shopdesk.ui.base import display_names, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.keypad_decimal import KeypadDecimal, is_minus_key
from shopdesk.ui.editor.customer_field import CustomerField
from shopdesk.ui.editor.edited_document import EditedDocument
from shopdesk.ui.widgets.date_field import DateField
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.labels import Label


class KindBox(QComboBox):
    """The five kinds of document. The mouse wheel does not change the kind."""

    def __init__(self) -> None:
        super().__init__()
        for kind in Kind:
            self.addItem(display_names.kind(kind), kind.value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel, so that the page scrolls."""
        event.ignore()


class EditorHead(QWidget):
    """The fields of the open document other than its rows."""

    completed = Signal()  # emitted on Enter in a field: go to the items
    save_wanted = Signal()  # emitted on the minus of the number pad

    def __init__(self, document: EditedDocument, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.kind_box = KindBox()
        self.kind = Field(tr("Kind"), self.kind_box, name="kind")
        self.customer = CustomerField(context)
        self.date = DateField(context, tr("Date"), name="date")
        self.due = DateField(context, tr("Due"), name="due")
        self.discount_box = QLineEdit()
        KeypadDecimal(self.discount_box, lambda: context.symbols.decimal)
        self.discount = Field(tr("Document discount"), self.discount_box, name="discount", compact=True)
        self.note_box = QPlainTextEdit()
        self.note = Field(tr("Note"), self.note_box, name="note", compact=True)
        self._lay_out()
        self._listen()
        self._on_opened()

    def _lay_out(self) -> None:
        for field in (self.kind, self.date, self.due):
            field.setFixedWidth(tokens.DETAILS)
        self.discount_box.setPlaceholderText(tr("5 or 10 %"))
        self.discount.setMaximumWidth(tokens.DETAILS)
        self.note_box.setPlaceholderText(tr("Printed on the document"))
        self.note_box.setTabChangesFocus(True)
        self.note_box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.note_box.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.note_box.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.note_box.document().setDocumentMargin(0)
        self.note_box.setStyleSheet(f"min-height: 0; padding: {tokens.S}px {tokens.S}px;")
        self.note_box.setFixedHeight(tokens.CONTROL)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.M)
        for field in (self.kind, self.customer, self.date, self.due):
            row.addWidget(field, 1 if field is self.customer else 0, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Leave room for an error of two lines, so that the table does not jump when one appears."""
        two_lines = 2 * QFontMetrics(tokens.font(tokens.SMALL)).lineSpacing()
        height = self.kind.sizeHint().height() + max(0, two_lines + tokens.S - tokens.XL)
        return QSize(super().sizeHint().width(), height)

    def hasHeightForWidth(self) -> bool:
        """Keep that height whatever wraps inside."""
        return False

    def minimumSizeHint(self) -> QSize:
        """Keep that height also in a low window."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def below(self, first: QWidget, second: QWidget) -> QGridLayout:
        """Return the layout with discount and note for below the table, each right of a button and its label."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(tokens.S)
        grid.setVerticalSpacing(tokens.S)
        grid.setColumnMinimumWidth(1, tokens.S)
        grid.setColumnStretch(3, 1)
        self.note.control.setMinimumWidth(self.discount.control.minimumSizeHint().width())  # Qt wants twice as much
        words_and_fields = ((first, tr("Discount"), self.discount), (second, tr("Note"), self.note))
        for row, (button, word, field) in enumerate(words_and_fields):
            field.label.hide()
            label = Label(word, "soft")
            label.setBuddy(field.control)
            label.setFixedHeight(tokens.CONTROL)
            grid.addWidget(button, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, row, 2, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(field, row, 3, Qt.AlignmentFlag.AlignTop)
        return grid

    def _listen(self) -> None:
        document = self._document
        self.kind_box.currentIndexChanged.connect(lambda: document.change(kind=Kind(self.kind_box.currentData())))
        self.customer.changed.connect(self._on_customer)
        self.date.changed.connect(lambda: self._on_date())
        self.due.changed.connect(lambda: document.change(due=self.due.value))
        self.discount.edited.connect(lambda: document.change(discount=self.discount.text()))
        self.note.edited.connect(lambda: document.change(note=self.note.text()))
        for field in (self.customer, self.date, self.due):
            field.completed.connect(self.completed)
        for control in self.controls:
            control.installEventFilter(self)
        document.opened.connect(self._on_opened)
        document.read.connect(self._on_read)

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields by their names in ``FieldError.field``."""
        every = (self.kind, self.customer, self.date, self.due, self.discount, self.note)
        return {field.name: field for field in every}

    @property
    def controls(self) -> Iterable[QWidget]:
        """The widgets that take input."""
        return [field.control for field in self.fields.values()]

    def go_to(self, name: str) -> None:
        """Give a field the focus, and select its text."""
        control = self.fields[name].control
        control.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if isinstance(control, QLineEdit | QPlainTextEdit):
            control.selectAll()

    def check(self) -> None:
        """Show the errors of all fields, when Save was pressed."""
        self._show_faults(lambda field: True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Check a field when the focus leaves it; save on the minus of the number pad."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and is_minus_key(event):
            self.save_wanted.emit()
            return True
        if event.type() is QEvent.Type.FocusOut:
            self._show_faults(lambda field: not field.control.hasFocus())
        return False

    # --- inside ---

    def _on_customer(self) -> None:
        field = self.customer
        self._document.choose(field.edit.text(), field.customer, is_new=field.is_new)

    def _on_date(self) -> None:
        self._document.change(on=self.date.value)
        self._follow_day()

    def _on_opened(self) -> None:
        form = self._document.form
        for control in self.controls:
            control.blockSignals(True)
        self.kind_box.setCurrentIndex(self.kind_box.findData(form.kind.value))
        self.discount.set_text(form.discount)
        self.note.set_text(form.note)
        for control in self.controls:
            control.blockSignals(False)
        self.kind_box.setEnabled(form.edits is None)
        self.kind_box.setToolTip("" if form.edits is None else tr("The kind of an issued document cannot be changed."))
        self.customer.show_customer(form.customer, self._document.customer)
        self.date.show_value(form.on)
        self.due.show_value(form.due)
        self._follow_day()
        for field in self.fields.values():
            field.clear_fault()

    def _on_read(self) -> None:
        self._follow_day()
        self._show_faults(lambda field: bool(field.fault) or not field.control.hasFocus())

    def _follow_day(self) -> None:
        """Show today's date and the usual due date, where none is typed; they change with the day and the kind."""
        self.date.show_default(self._document.today)
        self.due.show_default(self._document.usual_due)

    def _show_faults(self, judged: Callable[[Field], bool]) -> None:
        said = _error_text(self._document.faults)
        for name, field in self.fields.items():
            text = said.get(name, "")
            if text and judged(field):
                field.show_fault(text)
            elif not text:
                field.clear_fault()


def _error_text(faults: Iterable[FieldError]) -> dict[str, str]:
    """Return the error texts of each field, joined into one line."""
    said: dict[str, str] = {}
    for fault in faults:
        if fault.row is None:
            said[fault.field] = (
                f"{said[fault.field]} {translated(fault.text)}" if fault.field in said else translated(fault.text)
            )
    return said
