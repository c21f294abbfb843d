"""The tables for lists: Enter or a click opens a row; they never read all rows of their model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSettings,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QGuiApplication,
    QHoverEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QStyle, QStyledItemDelegate, QTableView, QWidget

from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.i18n import as_data, as_written, counted, tr
from shopdesk.ui.widgets.paged_model import ROW_ROLE, ColumnOf, PagedModel

_LEAST = 140
"""The least width of a column that takes the remaining width, in px."""
_MOST = 320
"""The greatest width that a column takes for its texts by itself, in px."""
_ROWS_AHEAD = 10
"""Rows above the visible ones when the page before them is read."""


def _other(order: Qt.SortOrder) -> Qt.SortOrder:
    ascending, descending = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
    return descending if order is ascending else ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAct:
    """An entry of a table's context menu. A disabled one says in ``why_not`` what is missing."""

    label: str
    act: Callable[[], object]
    icon: str
    why_not: str = ""


class Table(QTableView):
    """A table of a PagedModel. With ``many``, several rows can be selected at once; else one.

    ``keep`` names the list whose columns' widths and order are kept on this machine; without it they are fixed.
    """

    opened = Signal(object)  # object: the value of the row opened
    chosen = Signal(object)  # object: the value of the current row, or None
    typed = Signal(str)  # emitted with text typed while the table has the focus

    selected_rows_changed = Signal()

    def __init__(self, name: str, *, keep: str = "", many: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._keep = keep
        self._columns: tuple[ColumnOf[Any], ...] = ()
        self._natural: dict[int, int] = {}
        self._chosen_widths: dict[int, int] = {}
        self._is_fitting = False
        self.setItemDelegate(_Delegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if many else modes.SingleSelection)
        self.acts: Callable[[tuple[Any, ...]], Sequence[RowAct]] = lambda rows: ()
        """The entries of the context menu for the selected rows, set by the page."""
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
        self._sorted = (-1, Qt.SortOrder.AscendingOrder)
        self.hovered = -1
        """The row below the pointer, or -1."""

    def show_model(self, model: PagedModel[Any]) -> None:
        """Show a model and set the widths of its columns."""
        self.setModel(model)
        self._columns = model.columns
        header = self.horizontalHeader()
        for at, column in enumerate(model.columns):
            mode = QHeaderView.ResizeMode.Interactive if column.width else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(at, mode)
        header.setMinimumSectionSize(tokens.ROW)
        header.setSectionsMovable(bool(self._keep))
        if any(column.order for column in model.columns):
            header.setSectionsClickable(True)
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            header.setSortIndicatorShown(True)
            header.sectionClicked.connect(self._on_header)
        self._restore_columns()
        header.sectionResized.connect(self._on_resized)
        header.sectionMoved.connect(lambda *_: self._keep_columns())
        model.modelAboutToBeReset.connect(self._on_about_to_reset)
        model.modelReset.connect(self._on_reset)
        model.modelReset.connect(self._fit_all_rows)
        model.rowsInserted.connect(lambda _, first, last: self._fit_rows(range(first, last + 1)))
        model.rowsInserted.connect(self._keep_in_place)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        model.dataChanged.connect(lambda first, last: self._fit_rows(range(first.row(), last.row() + 1)))
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self._fit_all_rows()

    # --- columns ---

    def sort_by(self, at: int, *, descending: bool) -> None:
        """Sort by a column that can be sorted."""
        model = self.model()
        if isinstance(model, PagedModel) and self._columns[at].order is not None:
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            self.horizontalHeader().setSortIndicator(at, order)
            model.sort_by(self._columns[at], descending=descending)
            self.scrollToTop()

    def _on_header(self, at: int) -> None:
        header = self.horizontalHeader()
        if self._columns[at].order is None:  # Qt has moved the arrow there
            header.setSortIndicator(*self._sorted)
            return
        was_at, was = self._sorted
        self._sorted = (at, _other(was) if was_at == at else Qt.SortOrder.AscendingOrder)
        self.sort_by(at, descending=self._sorted[1] is Qt.SortOrder.DescendingOrder)

    def _fit_all_rows(self) -> None:
        self._fit_rows(range(self.model().rowCount()))

    def _fit_rows(self, rows: range) -> None:
        """Widen the columns for the texts of these rows."""
        for at, column in enumerate(self._columns):
            if column.width and rows:
                texts = min(self._widest(at, rows) + tokens.XS, _MOST)
                self._natural[at] = max(self._natural.get(at, column.width), texts)
        self._fit_columns()

    def _widest(self, at: int, rows: range) -> int:
        """Return the width that the longest text of a column takes among these rows, in px."""
        # Qt would lay out each cell, and ask for all that it shows; a font tells the width of a text at once.
        model, column = cast(PagedModel[Any], self.model()), self._columns[at]
        values = model.rows
        usual = QFontMetrics(tokens.tabular(self.font()) if column.is_number else self.font())

        def width(row: int) -> int:
            own = model.font(values[row])
            metrics = usual if own is None else QFontMetrics(own)
            return metrics.horizontalAdvance(as_data(column.text(values[row])))

        return self.sizeHintForIndex(model.index(max(rows, key=width), at)).width()

    def _fit_columns(self) -> None:
        """Give the columns their widths; where there is too little room, hide those of least importance."""
        if not self._columns or self._is_fitting:
            return
        header = self.horizontalHeader()
        for at, column in enumerate(self._columns):
            least = header.sectionSizeHint(at) if column.width else max(_LEAST, header.sectionSizeHint(at))
            self._natural[at] = max(self._natural.get(at, column.width), min(least, _MOST))
        flexible = [at for at, column in enumerate(self._columns) if not column.width]
        # Qt gives these equal shares of the remaining width.
        self._natural |= dict.fromkeys(flexible, max((self._natural[at] for at in flexible), default=0))
        widths = self._natural | self._chosen_widths
        room = self.viewport().width()
        shown = set(widths)
        for at in sorted(widths, key=lambda at: -self._columns[at].rank):
            if self._columns[at].rank and sum(widths[one] for one in shown) > room:
                shown.remove(at)
        excess = sum(widths[at] for at in shown) - room
        for at in sorted(shown, key=lambda at: self._columns[at].width - widths[at]):
            if excess > 0 and self._columns[at].width and at not in self._chosen_widths:
                least = max(self._columns[at].width, header.sectionSizeHint(at))
                narrower = max(least, widths[at] - excess)
                excess -= widths[at] - narrower
                widths[at] = narrower
        self._is_fitting = True
        for at, column in enumerate(self._columns):
            header.setSectionHidden(at, at not in shown)
            if column.width and header.sectionSize(at) != widths[at]:
                header.resizeSection(at, widths[at])
        self._is_fitting = False

    def _on_resized(self, at: int, _: int, width: int) -> None:
        """Keep a width that the user chose. Qt resizes columns too, where they take the remaining width."""
        if not self._is_fitting and width and self._columns[at].width and self._is_dragging():
            self._chosen_widths[at] = width
            self._keep_columns()

    def _is_dragging(self) -> bool:
        return bool(QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton)

    def _keep_columns(self) -> None:
        if self._keep:
            header = self.horizontalHeader()
            order = [self._columns[header.logicalIndex(place)].key for place in range(len(self._columns))]
            widths = {self._columns[at].key: width for at, width in self._chosen_widths.items()}
            QSettings().setValue(f"lists/{self._keep}", json.dumps({"order": order, "widths": widths}))

    def _restore_columns(self) -> None:
        """Set the widths and the order that the user left; a column that is new since then stays where it is."""
        try:
            kept = json.loads(str(QSettings().value(f"lists/{self._keep}", "{}"))) if self._keep else {}
            order, widths = list(kept.get("order", ())), dict(kept.get("widths", {}))
        except (ValueError, TypeError, AttributeError):
            return  # not ours, or damaged: the usual columns
        at_key = {column.key: at for at, column in enumerate(self._columns)}
        self._chosen_widths = {
            at_key[key]: max(width, tokens.ROW)
            for key, width in widths.items()
            if key in at_key and isinstance(width, int)
        }
        header = self.horizontalHeader()
        for place, key in enumerate(key for key in order if key in at_key):
            header.moveSection(header.visualIndex(at_key[key]), place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the columns there is room for."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Measure the columns anew in another font."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange} and self._columns:
            self._natural.clear()
            self._fit_all_rows()

    # --- rows ---

    def current(self) -> Any:
        """Return the value of the current row, or None."""
        return self.currentIndex().data(ROW_ROLE)

    @property
    def selected(self) -> tuple[Any, ...]:
        """The values of the selected rows, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.model().index(row, 0).data(ROW_ROLE) for row in rows)

    # --- copying and the context menu ---

    def copied(self) -> str:
        """Return the selected rows as text, as a spreadsheet takes it: a line per row, tabs between the columns."""
        header, model = self.horizontalHeader(), self.model()
        places = [at for at in map(header.logicalIndex, range(header.count())) if not header.isSectionHidden(at)]
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return "\n".join(
            "\t".join(" ".join(str(model.index(row, at).data() or "").split()) for at in places) for row in rows
        )

    def copy(self) -> None:
        """Copy the selected rows to the clipboard."""
        if text := self.copied():
            QGuiApplication.clipboard().setText(text)

    def menu_now(self) -> QMenu:
        """Return the context menu of the selected rows."""
        rows = self.selected
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        if len(rows) == 1:
            menu.addAction(icons.icon("document"), tr("Open")).triggered.connect(lambda: self.opened.emit(rows[0]))
        for one in self.acts(rows) if rows else ():
            action = menu.addAction(icons.icon(one.icon), as_written(one.label))
            action.setEnabled(not one.why_not)
            action.setToolTip(one.why_not)
            action.triggered.connect(lambda _=False, act=one.act: act())
        if rows:
            label = counted(len(rows), "Copy {count} row", "Copy {count} rows")
            hint = QKeySequence(QKeySequence.StandardKey.Copy).toString(QKeySequence.SequenceFormat.NativeText)
            menu.addAction(icons.icon("copy"), f"{label}\t{hint}").triggered.connect(self.copy)
        if any(column.order for column in self._columns):
            sort = menu.addMenu(tr("Sort by"))
            for at, column in enumerate(self._columns):
                if column.order is not None:
                    sort.addAction(as_written(column.title)).triggered.connect(
                        lambda _=False, at=at: self._on_header(at)
                    )
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the row below the pointer, or with the current one by the Menu key."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            below = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
            place = below + QPoint(tokens.XL, 0)
        else:
            place = event.globalPos()
            index = self.indexAt(self.viewport().mapFromGlobal(place))
            if index.isValid() and not self.selectionModel().isSelected(index):
                self.selectRow(index.row())
        menu = self.menu_now()
        if menu.isEmpty():
            menu.deleteLater()
            return
        menu.popup(place)
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            menu.setActiveAction(menu.actions()[0])

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Emit ``selected_rows_changed``, too."""
        super().selectionChanged(selected, deselected)
        self.selected_rows_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current row on Enter, and copy rows, not cells; leave other keys to Qt."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.opened.emit(self.current())
            return
        model, keys = self.model(), QKeySequence.StandardKey
        if isinstance(model, PagedModel) and event.matches(keys.MoveToEndOfDocument) and self._can_go_on(model):
            model.to_last(lambda: self.go_to(model.rowCount() - 1))
        elif isinstance(model, PagedModel) and event.matches(keys.MoveToStartOfDocument) and not model.has_first:
            model.to_first(lambda: self.go_to(0))
        else:
            super().keyPressEvent(event)

    def _can_go_on(self, model: PagedModel[Any]) -> bool:
        return model.can_turn and not model.has_last

    def go_to(self, row: int) -> None:
        """Select a row and show it."""
        self.selectRow(row)
        self.scrollTo(self.currentIndex())

    def _on_scrolled(self, value: int) -> None:
        model = self.model()
        if isinstance(model, PagedModel) and value < tokens.ROW * _ROWS_AHEAD:
            model.read_previous()

    def _keep_in_place(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Keep the rows where they are on the screen while others are inserted before them."""
        if first == 0 and last + 1 < self.model().rowCount():
            bar = self.verticalScrollBar()
            place = bar.value() + (last + 1) * tokens.ROW
            self.updateGeometries()
            bar.setValue(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the row that was clicked."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_choosing = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        is_one = len(self.selectionModel().selectedRows()) == 1
        if (
            event.button() is Qt.MouseButton.LeftButton
            and index.isValid()
            and is_one
            and not is_choosing
            and self.selectionModel().isSelected(index)
        ):
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

    def selectRow(self, row: int) -> None:
        """Select a row, and make it the current one.

        WORKAROUND(findings/qt_select_row_right_to_left.sh): Qt's own does nothing where columns begin at the right.
        """
        how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.model().index(row, 0), how)

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
                self.selectRow(at)
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


_HOVERED = QStyle.StateFlag.State_MouseOver
_NOT_OF_A_CELL = ~(QStyle.StateFlag.State_HasFocus | _HOVERED)
_AT_RIGHT = Qt.AlignmentFlag.AlignRight


class _Delegate(QStyledItemDelegate):
    """A delegate with a fixed row height; rows, not cells, are hovered, selected and current."""

    def sizeHint(self, option: Any, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the width of the content and the height of a row."""
        return QSize(super().sizeHint(option, index).width(), tokens.ROW)

    def initStyleOption(self, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Remove the focus frame of the cell, and hover the whole row."""
        super().initStyleOption(option, index)
        option.state &= _NOT_OF_A_CELL
        if isinstance(table := self.parent(), Table) and table.hovered == index.row():
            option.state |= _HOVERED
        if (text := as_data(option.text)) != option.text:
            option.text = text
        if option.displayAlignment & _AT_RIGHT:
            option.font = tokens.tabular(option.font)
