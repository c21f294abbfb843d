"""The rows of the open document as a table: text as typed, with computed amounts and faults.

Every change of a row goes through the undo stack, so Ctrl+Z undoes a price, a scan and a removed row alike. The model
computes nothing: it gets amounts and faults through ``show_reading``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import FieldError
from shopdesk.message_catalogues import mark
from shopdesk.ui.base.i18n import tr, tr_marked, translated
from shopdesk.ui.editor.cell_format import CellFormat, ItemColumn

Index = QModelIndex | QPersistentModelIndex
FAULT_ROLE = int(Qt.ItemDataRole.UserRole)
"""The message about a cell; empty if there is none."""
NOTE_ROLE = FAULT_ROLE + 2
"""A remark about a cell that is no fault; empty if there is none."""
FAINT_ROLE = FAULT_ROLE + 1
"""True if the cell is empty and shows its default: quantity 1, the shop's usual tax."""

_UNDONE = 500
_TITLES = {
    ItemColumn.ITEM: mark("Item"),
    ItemColumn.QUANTITY: mark("Quantity"),
    ItemColumn.UNIT_PRICE: mark("Unit price"),
    ItemColumn.DISCOUNT: mark("Discount"),
    ItemColumn.TAX: mark("Tax"),
    ItemColumn.AMOUNT: mark("Amount"),
}
_BY_FIELD = {column.field: column for column in ItemColumn} | {"items": ItemColumn.ITEM}


class ItemsModel(QAbstractTableModel):
    """The items of the editor. There is always at least one row."""

    changed = Signal(object)  # frozenset[int]: emitted when the rows at these positions changed
    cursor_moved = Signal(int, int)  # emitted after undo or redo, with the row and column where the cursor belongs

    def __init__(self, notation: CellFormat, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(_UNDONE)
        self._notation = notation
        self._rows: list[DraftRow] = [DraftRow()]
        self._amounts: tuple[int | None, ...] = ()
        self._faults: dict[tuple[int, int], str] = {}
        self._typing = 0
        self._attended: tuple[int, int] = (0, -1)
        self._is_checked = False
        self._prices: Mapping[UUID, int] = {}

    # --- the rows ---

    @property
    def rows(self) -> tuple[DraftRow, ...]:
        """All rows as typed."""
        return tuple(self._rows)

    def row(self, at: int) -> DraftRow:
        """Return a row as typed."""
        return self._rows[at]

    @property
    def notation(self) -> CellFormat:
        """The format of the cells."""
        return self._notation

    def load(self, rows: Iterable[DraftRow], notation: CellFormat) -> None:
        """Show the rows of another document, and clear the undo stack."""
        self.beginResetModel()
        self._notation = notation
        self._rows = list(rows) or [DraftRow()]
        self._amounts = ()
        self._faults = {}
        self._is_checked = False
        self.endResetModel()
        self.undo.clear()

    def set_notation(self, notation: CellFormat) -> None:
        """Use another cell format, because the shop's settings changed, and redraw."""
        self._notation = notation
        self._redraw({0, len(self._rows) - 1})

    def begin_typing(self) -> None:
        """Start a new undo step: later typing is undone separately from earlier typing."""
        self._typing += 1

    def write(self, at: int, column: ItemColumn, text: str) -> None:
        """Set the text of a cell. A changed item text unlinks the row from its product."""
        before = self._rows[at]
        if getattr(before, column.field) == text:
            return
        typed: dict[str, Any] = {column.field: text}
        after = replace(before, **typed)
        if column is ItemColumn.ITEM:
            after = replace(after, product_key=None)
        self.undo.push(SetRow(self, at, after, column, self._typing))

    def replace(self, at: int, row: DraftRow, column: ItemColumn = ItemColumn.ITEM) -> None:
        """Replace the row at a position, in a new undo step."""
        if row != self._rows[at]:
            self.begin_typing()
            self.undo.push(SetRow(self, at, row, column, self._typing))

    def retype(self, at: int, column: ItemColumn, row: DraftRow) -> None:
        """Replace the row that is being typed, in the same undo step as the typing."""
        if row != self._rows[at]:
            self.undo.push(SetRow(self, at, row, column, self._typing))

    def insert(self, at: int, row: DraftRow = DraftRow()) -> None:  # noqa: B008 - a frozen value
        """Insert a row at a position; the rows from there on move down."""
        self.undo.push(InsertRow(self, at, row))

    def append_blank(self) -> None:
        """Add a blank row at the end for the cursor; there is nothing to undo about it."""
        self.insert_row(len(self._rows), DraftRow())

    def remove(self, at: int) -> None:
        """Remove a row; if it is the only one, replace it with a blank one."""
        if len(self._rows) == 1:
            self.replace(0, DraftRow())
        else:
            self.undo.push(RemoveRow(self, at))

    def place_of(self, product: UUID) -> int | None:
        """Return the position of the last row with this product, or None."""
        places = range(len(self._rows) - 1, -1, -1)
        return next((at for at in places if self._rows[at].product_key == product), None)

    # --- called by the undo commands ---

    def set_row(self, at: int, row: DraftRow) -> None:
        self._rows[at] = row
        self.dataChanged.emit(self.index(at, 0), self.index(at, ItemColumn.AMOUNT))
        self.changed.emit(frozenset({at}))

    def insert_row(self, at: int, row: DraftRow) -> None:
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.insert(at, row)
        self._amounts = (*self._amounts[:at], None, *self._amounts[at:])
        self._faults = {(was + (was >= at), column): text for (was, column), text in self._faults.items()}
        self.endInsertRows()
        self.changed.emit(frozenset(range(at, len(self._rows))))

    def remove_row(self, at: int) -> None:
        self.beginRemoveRows(QModelIndex(), at, at)
        del self._rows[at]
        self._amounts = (*self._amounts[:at], *self._amounts[at + 1 :])
        self._faults = {(was - (was > at), column): text for (was, column), text in self._faults.items() if was != at}
        self.endRemoveRows()
        self.changed.emit(frozenset(range(at, len(self._rows))))

    # --- amounts and faults ---

    def show_reading(self, amounts: tuple[int | None, ...], faults: Iterable[FieldError]) -> None:
        """Show amounts (minor units) and faults; only the rows where they changed are redrawn."""
        said: dict[tuple[int, int], str] = {}
        for fault in faults:
            if fault.row is not None and fault.row < len(self._rows) and fault.field in _BY_FIELD:
                place = fault.row, int(_BY_FIELD[fault.field])
                said[place] = f"{said[place]} {translated(fault.text)}" if place in said else translated(fault.text)
        was = dict(enumerate(self._amounts))
        touched = {at for at, amount in enumerate(amounts) if was.get(at) != amount}
        touched |= {at for (at, _), _ in set(said.items()) ^ set(self._faults.items())}
        self._amounts, self._faults = amounts, said
        self._redraw(touched)

    def compare_prices(self, prices: Mapping[UUID, int]) -> None:
        """Note beside each row where today's price of its product, by key, is another."""
        if prices != self._prices:
            self._prices = prices
            self._redraw({0, len(self._rows) - 1})

    def note(self, at: int) -> str:
        """Return the note beside a row; empty if there is none."""
        row = self._rows[at]
        price = self._prices.get(row.product_key) if row.product_key else None
        today = self._notation.todays_price(row, price) if price is not None else ""
        return tr("Today's price is {price}.", price=today) if today else ""

    def attend(self, row: int, column: int = -1) -> None:
        """Set the cell being edited: its faults are hidden, and so are faults about empty cells of its row."""
        if self._attended != (row, column):
            touched = {self._attended[0], row}
            self._attended = row, column
            self._redraw(touched)

    def check(self) -> None:
        """Show every fault from now on, because Save was pressed."""
        self._is_checked = True
        self._redraw({at for at, _ in self._faults})

    def fault(self, at: int, column: int) -> str:
        """Return the message to show at a cell now; empty if there is none."""
        text = self._faults.get((at, column), "")
        if not text or (at, column) == self._attended:
            return ""
        if self._is_checked:
            return text
        is_missing = column == ItemColumn.AMOUNT or not getattr(self._rows[at], ItemColumn(column).field).strip()
        return "" if is_missing and at == self._attended[0] else text

    def first_fault(self) -> tuple[int, int] | None:
        """Return row and column of the first fault, shown or hidden, or None."""
        return min(self._faults, default=None)

    def faults_of(self, at: int) -> Mapping[ItemColumn, str]:
        """Return the messages to show in a row now, from left to right."""
        return {column: text for column in ItemColumn if (text := self.fault(at, column))}

    def _redraw(self, rows: set[int]) -> None:
        there = [at for at in rows if at < len(self._rows)]
        if there:
            self.dataChanged.emit(self.index(min(there), 0), self.index(max(there), ItemColumn.AMOUNT))

    # --- QAbstractTableModel ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(ItemColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr_marked(_TITLES[ItemColumn(section)])
        return int(_alignment(section)) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return flags if index.column() == ItemColumn.AMOUNT else flags | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() == ItemColumn.AMOUNT:
            return False
        self.write(index.row(), ItemColumn(index.column()), str(value))
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        at, column = index.row(), ItemColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._amount(at) if column is ItemColumn.AMOUNT else self._notation.shown(self._rows[at], column)
            case Qt.ItemDataRole.EditRole:
                return "" if column is ItemColumn.AMOUNT else getattr(self._rows[at], column.field)
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(_alignment(column))
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                note = self.note(at) if column is ItemColumn.UNIT_PRICE else ""
                return self.fault(at, column) or note or None
            case _ if role == NOTE_ROLE:
                return self.note(at) if column is ItemColumn.UNIT_PRICE else ""
            case _ if role == FAULT_ROLE:
                return self.fault(at, column)
            case _ if role == FAINT_ROLE:
                return column is not ItemColumn.AMOUNT and not getattr(self._rows[at], column.field).strip()
            case _:
                return None

    def _amount(self, at: int) -> str:
        amount = self._amounts[at] if at < len(self._amounts) else None
        return "" if amount is None else self._notation.shown_amount(amount)


def _alignment(section: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if section == ItemColumn.ITEM else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


# --- undo commands -------------------------------------------------------------------------------------------------


class SetRow(QUndoCommand):
    """Replace a row. Changes of one cell during one stretch of typing merge into one undo step."""

    def __init__(self, model: ItemsModel, at: int, row: DraftRow, column: ItemColumn, typing: int) -> None:
        super().__init__()
        self._model, self._at, self._column, self._typing = model, at, column, typing
        self._before, self._after = model.row(at), row
        self._is_done = False

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, SetRow):
            return False
        mine, theirs = ((one._at, one._column, one._typing) for one in (self, other))
        if mine == theirs:
            self._after = other._after
        return mine == theirs

    def redo(self) -> None:
        self._model.set_row(self._at, self._after)
        if self._is_done:
            self._model.cursor_moved.emit(self._at, self._column)
        self._is_done = True

    def undo(self) -> None:
        self._model.set_row(self._at, self._before)
        self._model.cursor_moved.emit(self._at, self._column)


class InsertRow(QUndoCommand):
    """Insert a row."""

    def __init__(self, model: ItemsModel, at: int, row: DraftRow) -> None:
        super().__init__()
        self._model, self._at, self._row = model, at, row

    def redo(self) -> None:
        self._model.insert_row(self._at, self._row)

    def undo(self) -> None:
        self._model.remove_row(self._at)
        self._model.cursor_moved.emit(max(0, self._at - 1), ItemColumn.ITEM)


class RemoveRow(QUndoCommand):
    """Remove a row."""

    def __init__(self, model: ItemsModel, at: int) -> None:
        super().__init__()
        self._model, self._at, self._row = model, at, model.row(at)

    def redo(self) -> None:
        self._model.remove_row(self._at)

    def undo(self) -> None:
        self._model.insert_row(self._at, self._row)
        self._model.cursor_moved.emit(self._at, ItemColumn.ITEM)
