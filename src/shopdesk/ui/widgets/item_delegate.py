"""How a cell of the table looks, and what stands in it while it is typed into."""

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

from shopdesk.ui import theme
from shopdesk.ui.models.items import FAINT_ROLE, FAULT_ROLE
from shopdesk.ui.notation import Column
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.cell_edit import CellEdit

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Open:
    """The cell that is typed into."""

    edit: CellEdit
    index: QPersistentModelIndex

    @property
    def row(self) -> int:
        """Its row."""
        return self.index.row()

    @property
    def column(self) -> Column:
        """Its column."""
        return Column(self.index.column())


class ItemDelegate(QStyledItemDelegate):
    """Draws cells; ``prepare`` gets each line of text that is opened, to listen to it."""

    def __init__(self, view: QTableView, prepare: Callable[[CellEdit], object]) -> None:
        super().__init__(view)
        self._view = view
        self._prepare = prepare
        self._open: Open | None = None

    @property
    def open(self) -> Open | None:
        """The cell that is typed into, if any."""
        return self._open if self._open is not None and isValid(self._open.edit) else None

    # --- typing ---

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line of text over the cell."""
        title = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
        edit = CellEdit(Column(index.column()), title, parent)
        self._open = Open(edit, QPersistentModelIndex(index))
        self._prepare(edit)
        edit.begin(index.data(Qt.ItemDataRole.EditRole))
        return edit

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        """Nothing is typed any more."""
        if self._open is not None and self._open.edit is editor:
            self._open = None
        super().destroyEditor(editor, index)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Follow the model, unless something was typed that it has not got yet."""
        if isinstance(editor, CellEdit):
            text = index.data(Qt.ItemDataRole.EditRole)
            if text != editor.text() and not editor.is_ahead:
                editor.begin(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand over what was typed, as it was typed."""
        if isinstance(editor, CellEdit):
            editor.rest()
            model.setData(model.index(index.row(), index.column()), editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """The whole cell."""
        given: Any = option
        editor.setGeometry(given.rect)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the keys to the line itself: it tells the table what Enter, Tab and Esc mean."""
        if isinstance(event, QKeyEvent):
            return False
        return super().eventFilter(watched, event)

    def displayText(self, value: Any, locale: QLocale | QLocale.Language) -> str:
        """Numbers are written by the model."""
        return str(value)

    # --- drawing ---

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as a row."""
        return QSize(super().sizeHint(option, index).width(), theme.ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A tint under the row that is worked on, a ring around its cell, a mark and the tone of faults."""
        given: Any = option
        worn = theme.tokens()
        rect: QRect = given.rect
        current = self._view.currentIndex()
        is_row = index.row() == current.row()
        fault = index.data(FAULT_ROLE)
        painter.save()
        painter.fillRect(rect, QColor(worn.bad_tint if fault else worn.tint if is_row else worn.surface))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), theme.HAIR, QColor(worn.line))
        if is_row and index.column() == Column.ITEM:
            painter.fillRect(rect.left(), rect.top(), theme.XS - theme.HAIR, rect.height(), QColor(worn.accent))
        self._words(painter, given, index, fault)
        has_focus = self._view.hasFocus() or bool(given.state & QStyle.StateFlag.State_HasFocus)
        if is_row and index.column() == current.column():
            colour, width = (worn.accent, theme.RING) if has_focus else (worn.faint, theme.HAIR)
            painter.setPen(QPen(QColor(colour), width))
            painter.drawRect(rect.adjusted(1, 1, -1, -1 - theme.HAIR))
        painter.restore()

    def _words(self, painter: QPainter, option: Any, index: Index, fault: str) -> None:
        worn = theme.tokens()
        inner: QRect = option.rect.adjusted(theme.M, 0, -theme.M, 0)
        if fault:
            ratio = painter.device().devicePixelRatioF()
            top = inner.center().y() - theme.ICON_SMALL // 2
            painter.drawPixmap(inner.left(), top, theme.pixmap("warn", Tone.BAD, theme.ICON_SMALL, ratio=ratio))
            inner.setLeft(inner.left() + theme.ICON_SMALL + theme.XS)
        is_amount = index.column() == Column.AMOUNT
        face = theme.font(weight=QFont.Weight.Medium if is_amount else QFont.Weight.Normal)
        colour = worn.bad if fault else worn.faint if index.data(FAINT_ROLE) and not is_amount else worn.text
        painter.setFont(face)
        painter.setPen(QColor(colour))
        shown = index.data(Qt.ItemDataRole.DisplayRole)
        text = painter.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, index.data(Qt.ItemDataRole.TextAlignmentRole), text)
