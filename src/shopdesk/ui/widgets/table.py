"""The tables for lists: Enter or a click opens a row; they never read all rows of their model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHoverEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.widgets.paged_model import ROW_ROLE, PagedModel


class Table(QTableView):
    """A table of a PagedModel, with one selected row."""

    opened = Signal(object)  # object: the value of the row opened
    chosen = Signal(object)  # object: the value of the current row, or None
    typed = Signal(str)  # emitted with text typed while the table has the focus

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(_Delegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)  # Tab leaves the list
        self.setIconSize(QSize(tokens.ICON_SMALL, tokens.ICON_SMALL))
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(tokens.ROW)
        self.verticalHeader().setMinimumSectionSize(tokens.ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(tokens.ROW)
        self._kept: object = None
        self.hovered = -1
        """The row below the pointer, or -1."""

    def show_model(self, model: PagedModel[Any]) -> None:
        """Show a model and set the widths of its columns."""
        self.setModel(model)
        header = self.horizontalHeader()
        for at, column in enumerate(model.columns):
            if column.width:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
                self.setColumnWidth(at, column.width)
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        model.modelAboutToBeReset.connect(self._on_about_to_reset)
        model.modelReset.connect(self._on_reset)
        self.selectionModel().currentRowChanged.connect(self._on_current)

    def current(self) -> Any:
        """Return the value of the current row, or None."""
        return self.currentIndex().data(ROW_ROLE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current row on Enter; leave other keys to Qt."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.opened.emit(self.current())
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the row that was clicked."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid() and self.selectionModel().isSelected(index):
            self.opened.emit(index.data(ROW_ROLE))

    def keyboardSearch(self, search: str) -> None:
        """Emit the typed text, for the page's search box.

        Qt's own search reads the model row by row: 14 seconds per key on a million rows.
        """
        self.typed.emit(search)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show a hand cursor over the rows, and the whole row below it as hovered."""
        if isinstance(event, QHoverEvent):
            left = event.type() == QEvent.Type.HoverLeave
            self._hover(-1 if left else self.indexAt(event.position().toPoint()).row())
            if not left:
                self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the current row, so that it is painted: Qt makes the first row current, but does not select it."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason:  # the click itself selects a row
            self._select_current()

    def _select_current(self) -> None:
        if self.model().rowCount() and not self.selectionModel().hasSelection():
            self.selectRow(max(0, self.currentIndex().row()))

    def _on_current(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(ROW_ROLE))

    def _on_about_to_reset(self) -> None:
        self._kept = getattr(self.current(), "key", None)

    def _on_reset(self) -> None:
        self.hovered = -1
        model = self.model()
        if not isinstance(model, PagedModel):
            return
        for at, row in enumerate(model.rows):
            if self._kept is not None and getattr(row, "key", None) == self._kept:
                self.selectionModel().setCurrentIndex(
                    model.index(at, 0),
                    QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
                )
                return
        if self.hasFocus():
            self._select_current()


class ChoosingTable(Table):
    """A table beside a detail pane: a click selects a row; Enter or a double click opens it."""

    above = Signal()  # emitted on Up in the first row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the list on Up in the first row."""
        if event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.above.emit()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select the clicked row without opening it."""
        QTableView.mouseReleaseEvent(self, event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the row on a double click."""
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(index.data(ROW_ROLE))


class ShortTable(ChoosingTable):
    """A table as high as its rows, up to ``most`` rows; with more it scrolls."""

    def __init__(self, name: str, model: PagedModel[Any], *, most: int, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self._most = most
        self.setProperty("role", "bare")
        self.show_model(model)
        model.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        shown = min(max(self.model().rowCount(), 1), self._most)
        self.setFixedHeight((shown + 1) * tokens.ROW + tokens.RING)


class _Delegate(QStyledItemDelegate):
    """A delegate with a fixed row height; rows, not cells, are hovered, selected and current."""

    def sizeHint(self, option: Any, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the width of the content and the height of a row."""
        return QSize(super().sizeHint(option, index).width(), tokens.ROW)

    def initStyleOption(self, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Remove the focus frame of the cell, and hover the whole row."""
        from PySide6.QtWidgets import QStyle

        super().initStyleOption(option, index)
        option.state &= ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver)
        if isinstance(table := self.parent(), Table) and table.hovered == index.row():
            option.state |= QStyle.StateFlag.State_MouseOver
        if option.displayAlignment & Qt.AlignmentFlag.AlignRight:
            option.font = tokens.tabular(option.font)
