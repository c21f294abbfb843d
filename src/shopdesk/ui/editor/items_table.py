"""The table "Items", the lines of a document, and its keys.

Enter goes to the next cell, from the last one into a new row. Tab goes through the cells and out of the table. Down
goes below the last row into a new one. Typing edits the current cell; Esc takes back what was typed in it. The table
has no knowledge of products or documents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QHeaderView, QTableView, QWidget

from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import read_quantity
from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.editor.cell_format import LAST_TYPED, ItemColumn
from shopdesk.ui.editor.cell_line_edit import CellLineEdit
from shopdesk.ui.editor.item_delegate import ItemDelegate
from shopdesk.ui.editor.items_model import ItemsModel

_WIDEST = {
    ItemColumn.QUANTITY: "9,999.999",
    ItemColumn.UNIT_PRICE: "999,999.99",
    ItemColumn.DISCOUNT: "99,999.99",
    ItemColumn.TAX: "99.999 %",
    ItemColumn.AMOUNT: "9,999,999.99",
}
"""The widest text each column has room for; longer numbers are elided, with the full number as tool tip."""

_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_CLEAR = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class ItemsTable(QTableView):
    """The table in which rows of an ItemsModel are typed."""

    opened = Signal(object)  # emitted with the CellLineEdit when a cell is opened for editing
    named = Signal(int, str, bool)  # emitted when an item was typed: row, text, True if Enter was pressed
    moved = Signal(int, int)  # emitted when the cursor moves: row, column
    save_wanted = Signal()  # emitted on the minus of the number pad
    without_num_lock = Signal()  # emitted on a key of the number pad that edits the cell, as Num Lock is off

    def __init__(self, model: ItemsModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items = model
        self.setModel(model)
        self.delegate = ItemDelegate(self, self._on_open)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName(tr("Items"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # focusNextPrevChild below handles Tab
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed  # for input methods; keyPressEvent handles plain keys
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        self._join_number_pad(self)
        self._is_entered = False
        self._typed_over = DraftRow()  # the row before the cell was opened
        self.delegate.commitData.connect(self._on_committed)
        self.selectionModel().currentChanged.connect(self._on_current)
        model.cursor_moved.connect(self.go_to)

    def _lay_out(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(tokens.ROW)
        rows.setMinimumSectionSize(tokens.ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(tokens.ROW)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(ItemColumn.ITEM, QHeaderView.ResizeMode.Stretch)

    def showEvent(self, event: QShowEvent) -> None:
        """Make each column wide enough for usual amounts and its title, which the stylesheet of the window pads."""
        super().showEvent(event)
        metrics, header = QFontMetrics(tokens.font()), self.horizontalHeader()
        for column, widest in _WIDEST.items():
            texts = metrics.horizontalAdvance(widest) + 2 * tokens.M + tokens.ICON_SMALL
            self.setColumnWidth(column, max(texts, header.sectionSizeHint(column)))

    def sizeHint(self) -> QSize:
        """Return room for the header and two rows; the page gives it all that is left."""
        return QSize(super().sizeHint().width(), 3 * tokens.ROW + tokens.XS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, and a hint while there are none."""
        super().paintEvent(event)
        if self.items.rowCount() > 1 or not self.items.row(0).is_blank:
            return
        painter = QPainter(self.viewport())
        painter.setFont(tokens.font())
        painter.setPen(QColor(tokens.colours().soft))
        room = self.viewport().rect().adjusted(tokens.XL, tokens.ROW, -tokens.XL, 0)
        hint = tr("Scan a product, or type its name or code and press Enter.")
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, hint)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current row in sight."""
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    # --- cursor ---

    @property
    def row(self) -> int:
        """The index of the current row."""
        return max(0, self.currentIndex().row())

    def go_to(self, row: int, column: int) -> None:
        """Move the cursor to a cell, after committing the cell being edited."""
        self.commit()
        row = min(max(row, 0), self.items.rowCount() - 1)
        index = self.items.index(row, min(max(column, 0), ItemColumn.AMOUNT))
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def go_on(self) -> None:
        """Go to the next cell; from the last cell of the last row into a new row."""
        row, column = self.row, self.currentIndex().column()
        if column < LAST_TYPED:
            self.go_to(row, column + 1)
        else:
            self.begin_next()

    def begin_next(self) -> None:
        """Go to the item of the next row; below the last one, of a new row."""
        self.commit()
        if self.row + 1 == self.items.rowCount():
            self.items.append_blank()
        self.go_to(self.row + 1, ItemColumn.ITEM)

    def change_row(self, by: int) -> None:
        """Go up or down by a row, in the same column; below the last row, into a new one unless that is blank."""
        last = self.items.rowCount() - 1
        if by > 0 and self.row == last:
            self.commit()  # the text just typed may be all that the row has
            if not self.items.row(last).is_blank:
                self.begin_next()
        else:
            self.go_to(self.row + by, self.currentIndex().column())

    def add_row(self) -> None:
        """Add a row at the end and move the cursor to it."""
        self.commit()
        self.items.insert(self.items.rowCount())
        self.go_to(self.items.rowCount() - 1, ItemColumn.ITEM)

    def remove_row(self) -> None:
        """Remove the current row; the cursor keeps its position."""
        row, column = self.row, self.currentIndex().column()
        self.commit()
        self.items.remove(row)
        self.go_to(row, column)

    # --- typing ---

    def commit(self) -> None:
        """Store the text being typed and close the editor."""
        if (cell := self.delegate.open) is not None:
            self.delegate.commitData.emit(cell.edit)
            self.delegate.closeEditor.emit(cell.edit, QAbstractItemDelegate.EndEditHint.NoHint)

    def type(self, text: str) -> None:
        """Open the current cell and replace its text."""
        if self.currentIndex().column() == ItemColumn.AMOUNT:
            return
        self.edit(self.currentIndex())
        if (cell := self.delegate.open) is not None:
            cell.edit.type(text)

    def current_text(self) -> str:
        """Return the text of the current cell as typed."""
        return str(self.currentIndex().data(Qt.ItemDataRole.EditRole) or "")

    def before_scan(self) -> tuple[object, Callable[[], None]]:
        """Return the current cell, and a function that restores its text after a scanner has typed into it."""
        place = self.row, self.currentIndex().column()
        row, cell = self.items.row(place[0]), self.delegate.open
        text = cell.edit.text() if cell is not None else self.current_text()
        is_open = cell is not None

        def restore() -> None:
            if place[0] < self.items.rowCount():
                self.items.retype(place[0], ItemColumn(place[1]), row)
            cell = self.delegate.open
            if cell is not None and (cell.row, cell.column) == place:
                cell.edit.setText(text)
                if not is_open:
                    cell.edit.accept()
                    self.commit()

        return place, restore

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the clicked cell; edit it if it is the current one.

        Qt's own trigger waits for a double click and loses the keys typed meanwhile.
        """
        before = self.currentIndex()
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_same = index.isValid() and index == before and self.delegate.open is None
        if is_same and index.column() != ItemColumn.AMOUNT and event.button() is Qt.MouseButton.LeftButton:
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle Enter, Down, Delete and the first key of a text; leave the other keys to Qt."""
        with_chord = event.modifiers() & _CHORD
        if event.key() in _ENTER:
            self.go_on()
        elif event.key() == Qt.Key.Key_Down and not with_chord:
            self.change_row(1)
        elif event.key() in _CLEAR and not with_chord:
            self._clear()
        elif event.text().isprintable() and event.text() and not with_chord:
            self.type(event.text())
        else:
            super().keyPressEvent(event)

    def _clear(self) -> None:
        index = self.currentIndex()
        if index.isValid() and index.column() != ItemColumn.AMOUNT:
            self.items.begin_typing()
            self.items.write(index.row(), ItemColumn(index.column()), "")

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        """Move Tab through the editable cells, and out of the table after the last."""
        return self._step(1 if next else -1) or super().focusNextPrevChild(next)

    def _step(self, by: int) -> bool:
        width = LAST_TYPED + 1
        place = self.row * width + min(self.currentIndex().column(), LAST_TYPED) + by
        if not 0 <= place < self.items.rowCount() * width:
            return False
        self.go_to(*divmod(place, width))
        return True

    # --- signals of the cell editor ---

    def _join_number_pad(self, control: QWidget) -> None:
        pad = KeypadDecimal(control, lambda: self.items.notation.symbols.decimal, save=self.save_wanted.emit)
        pad.without_num_lock.connect(self.without_num_lock)

    def _on_open(self, edit: CellLineEdit) -> None:
        self._join_number_pad(edit)
        self.items.begin_typing()
        self._typed_over = self.items.row(self.row)
        edit.paused.connect(self._on_paused)
        edit.entered.connect(self._on_entered)
        edit.tabbed.connect(self._on_tabbed)
        edit.left_for.connect(self.change_row)
        edit.escaped.connect(self._on_escaped)
        edit.starred.connect(self._on_starred)
        edit.remove_wanted.connect(self.remove_row)
        edit.undo_wanted.connect(self._on_undo)
        edit.redo_wanted.connect(self._on_redo)
        self.opened.emit(edit)

    def _on_paused(self) -> None:
        cell = self.delegate.open
        if cell is not None and (cell.column is not ItemColumn.TAX or self._is_rate(cell.edit.text())):
            self.items.write(cell.row, cell.column, cell.edit.text())

    def _is_rate(self, text: str) -> bool:
        """Return True if the rate is complete; a partial one would make the row invalid and the total jump."""
        return any(text.strip().rstrip(" %") == rate for rate in self.items.notation.rates())

    def _on_entered(self) -> None:
        self._is_entered = True
        self.commit()
        self._is_entered = False
        self.go_on()

    def _on_escaped(self) -> None:
        """Take back what was typed in the cell."""
        cell = self.delegate.open
        if cell is not None:
            cell.edit.revert()
            self.items.retype(cell.row, cell.column, self._typed_over)
        self.commit()

    def _on_tabbed(self, by: int) -> None:
        self.commit()
        if not self._step(by):
            super().focusNextPrevChild(by > 0)

    def _on_committed(self, edit: CellLineEdit) -> None:
        cell = self.delegate.open
        if cell is not None and cell.edit is edit and cell.column is ItemColumn.ITEM and edit.is_changed:
            edit.accept()
            self.named.emit(cell.row, edit.text(), self._is_entered)

    def _on_undo(self) -> None:
        self.commit()
        self.items.undo.undo()

    def _on_redo(self) -> None:
        self.commit()
        self.items.undo.redo()

    def _on_starred(self, text: str) -> None:
        """Set the quantity of the current row to the digits, and restore the cell they were typed in."""
        cell = self.delegate.open
        if cell is None:
            return
        try:
            read_quantity(text, self.items.notation.symbols)
        except Refused:
            cell.edit.type_star()
            return
        row, column = cell.row, cell.column
        cell.edit.revert()
        self.items.retype(row, column, replace(self._typed_over, quantity=text))
        self.go_to(row, column)

    def _on_current(self, now: QModelIndex, before: QModelIndex) -> None:
        for index in (now, before):  # repaint the whole row, which is tinted
            if index.isValid():
                top = self.visualRect(index).top()
                self.viewport().update(0, top, self.viewport().width(), tokens.ROW)
        if now.isValid():
            self.moved.emit(now.row(), now.column())
