"""The delegate that draws and edits the cells of the items table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget
from shiboken6 import isValid

from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.i18n import as_data
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.cell_line_edit import CellLineEdit
from shopdesk.ui.editor.items_model import FAINT_ROLE, FAULT_ROLE, NOTE_ROLE

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Open:
    """The cell being edited."""

    edit: CellLineEdit
    index: QPersistentModelIndex

    @property
    def row(self) -> int:
        """The row of the cell."""
        return self.index.row()

    @property
    def column(self) -> ItemColumn:
        """The column of the cell."""
        return ItemColumn(self.index.column())


class ItemDelegate(QStyledItemDelegate):
    """The delegate of the items table; ``prepare`` is called with each editor that opens."""

    def __init__(self, view: QTableView, prepare: Callable[[CellLineEdit], object]) -> None:
        super().__init__(view)
        self._view = view
        self._prepare = prepare
        self._open: Open | None = None

    @property
    def open(self) -> Open | None:
        """The cell being edited, or None."""
        return self._open if self._open is not None and isValid(self._open.edit) else None

    # --- typing ---

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return a line edit for the cell."""
        title = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
        edit = CellLineEdit(ItemColumn(index.column()), title, parent)
        self._open = Open(edit, QPersistentModelIndex(index))
        self._prepare(edit)
        edit.start(index.data(Qt.ItemDataRole.EditRole))
        return edit

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        """Forget the editor, and delete it."""
        if self._open is not None and self._open.edit is editor:
            self._open = None
        super().destroyEditor(editor, index)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Follow the model, unless the editor has unsaved text."""
        if isinstance(editor, CellLineEdit):
            text = index.data(Qt.ItemDataRole.EditRole)
            if text != editor.text() and not editor.is_ahead:
                editor.start(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Store the text in the model as typed."""
        if isinstance(editor, CellLineEdit):
            editor.rest()
            model.setData(model.index(index.row(), index.column()), editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Fill the whole cell."""
        given: Any = option
        editor.setGeometry(given.rect)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave Enter, Tab and Esc to the editor, which emits signals for them."""
        if isinstance(event, QKeyEvent):
            return False
        return super().eventFilter(watched, event)

    def displayText(self, value: Any, locale: QLocale | QLocale.Language) -> str:
        """Return the value as text; the model has formatted it."""
        return str(value)

    # --- drawing ---

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(super().sizeHint(option, index).width(), tokens.ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell: tint the current row, outline the current cell, mark errors."""
        given: Any = option
        colours = tokens.colours()
        rect: QRect = given.rect
        current = self._view.currentIndex()
        is_row = index.row() == current.row()
        fault = index.data(FAULT_ROLE)
        painter.save()
        painter.fillRect(rect, QColor(colours.bad_tint if fault else colours.tint if is_row else colours.surface))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), tokens.HAIR, QColor(colours.line))
        if is_row and index.column() == ItemColumn.ITEM:
            mark = QRect(rect.left(), rect.top(), tokens.XS - tokens.HAIR, rect.height())
            painter.fillRect(QStyle.visualRect(given.direction, rect, mark), QColor(colours.accent))
        self._words(painter, given, index, fault)
        has_focus = self._view.hasFocus() or bool(given.state & QStyle.StateFlag.State_HasFocus)
        if is_row and index.column() == current.column():
            colour, width = (colours.accent, tokens.RING) if has_focus else (colours.faint, tokens.HAIR)
            painter.setPen(QPen(QColor(colour), width))
            painter.drawRect(rect.adjusted(1, 1, -1, -1 - tokens.HAIR))
        painter.restore()

    def _words(self, painter: QPainter, option: Any, index: Index, fault: str) -> None:
        colours = tokens.colours()
        inner: QRect = option.rect.adjusted(tokens.M, 0, -tokens.M, 0)
        if fault or index.data(NOTE_ROLE):
            icon, tone = ("warn", Tone.BAD) if fault else ("info", Tone.WARN)
            ratio = painter.device().devicePixelRatioF()
            top = inner.center().y() - tokens.ICON_SMALL // 2
            place = QRect(inner.left(), top, tokens.ICON_SMALL, tokens.ICON_SMALL)
            picture = icons.pixmap(icon, tone, tokens.ICON_SMALL, ratio=ratio)
            painter.drawPixmap(QStyle.visualRect(option.direction, inner, place).topLeft(), picture)
            beside = inner.adjusted(tokens.ICON_SMALL + tokens.XS, 0, 0, 0)
            inner = QStyle.visualRect(option.direction, inner, beside)
        is_amount = index.column() == ItemColumn.AMOUNT
        face = tokens.font(weight=QFont.Weight.Medium if is_amount else QFont.Weight.Normal)
        colour = colours.bad if fault else colours.faint if index.data(FAINT_ROLE) and not is_amount else colours.text
        painter.setFont(face)
        painter.setPen(QColor(colour))
        shown = index.data(Qt.ItemDataRole.DisplayRole)
        text = painter.fontMetrics().elidedText(as_data(shown or ""), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, index.data(Qt.ItemDataRole.TextAlignmentRole), text)
