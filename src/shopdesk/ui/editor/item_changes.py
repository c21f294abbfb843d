"""Undo commands for the rows of the open document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from shopdesk.domain.draft import DraftRow
from shopdesk.ui.editor.cell_format import ItemColumn

if TYPE_CHECKING:
    from shopdesk.ui.editor.items_model import ItemsModel


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
