"""Suggestions below a line edit while the user types: arrows select, Enter accepts, Esc hides them.

The list is not a window and never has the focus, so that every key goes to the line edit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.i18n import as_data, tr
from shopdesk.ui.base.tokens import Tone

_MOST_SHOWN = 9
_MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _MOST_SHOWN, Qt.Key.Key_PageUp: -_MOST_SHOWN}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row: its text, a detail that distinguishes it from similar ones, and its value."""

    text: str
    detail: str = ""
    value: object = None
    icon: str = ""


class Suggestions(QListView):
    """The list below ``edit``. ``taken`` is called with the value of the accepted row, ``tabbed`` if Tab took it."""

    def __init__(
        self,
        edit: QLineEdit,
        taken: Callable[[Any], object],
        *,
        tabbed: Callable[[Any], object] | None = None,
        name: str = "",
        least: int = tokens.NARROW,
    ) -> None:
        super().__init__(edit.window())
        self._least = least
        self._edit = edit
        self._taken = taken
        self._tabbed = tabbed
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setItemDelegate(_RowDelegate(self))
        self.setProperty("role", "suggestions")
        self.setAccessibleName(name or tr("Suggestions"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAutoFillBackground(True)
        self.entered.connect(self.setCurrentIndex)
        self.clicked.connect(self._on_clicked)
        edit.installEventFilter(self)
        edit.destroyed.connect(self.deleteLater)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """The texts of the rows; empty while the list is hidden."""
        return [row.text for row in self._rows.rows] if not self.isHidden() else []

    @property
    def chosen(self) -> Suggestion | None:
        """The row that Enter accepts, or None."""
        index = self.currentIndex()
        return self._rows.rows[index.row()] if not self.isHidden() and index.isValid() else None

    def offer(self, rows: Sequence[Suggestion], *, choose: int = -1) -> None:
        """Show these rows and select the one at ``choose``; hide the list if there are none."""
        self._rows.show(rows)
        self.setCurrentIndex(self._rows.index(choose, 0) if choose >= 0 else QModelIndex())
        if not rows or not self._edit.isVisible():
            self.hide()
            return
        self._position()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the keys of the line edit that control the list while it is shown."""
        kind = event.type()
        if kind in {QEvent.Type.FocusOut, QEvent.Type.Hide}:
            self.hide()
        if self.isHidden() or not isinstance(event, QKeyEvent):
            return False
        if kind is QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # Esc closes the list, not the page
            return True
        return kind is QEvent.Type.KeyPress and self._on_key(event)

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return True
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and (chosen := self.chosen) is not None:
            self.hide()
            self._taken(chosen.value)
            return True
        if event.key() == Qt.Key.Key_Tab and self._tabbed is not None and (chosen := self.chosen) is not None:
            self.hide()
            self._tabbed(chosen.value)
            return True
        if event.key() in _MOVES:
            self._move(_MOVES[Qt.Key(event.key())])
            return True
        return False

    def _move(self, step: int) -> None:
        last = self._rows.rowCount() - 1
        now = self.currentIndex().row()
        if now < 0:
            to = 0 if step > 0 else last
        elif abs(step) == 1:  # wraps around
            to = (now + step) % (last + 1)
        else:
            to = min(max(now + step, 0), last)
        self.setCurrentIndex(self._rows.index(to, 0))

    def _on_clicked(self, index: QModelIndex) -> None:
        chosen = self._rows.rows[index.row()]
        self.hide()
        self._taken(chosen.value)

    def _position(self) -> None:
        window = self._edit.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        shown = min(self._rows.rowCount(), _MOST_SHOWN)
        height = shown * tokens.ROW + 2 * (tokens.XS + tokens.HAIR)
        width = min(max(self._edit.width(), self._least), window.width() - 2 * tokens.S)
        foot = self._edit.mapTo(window, QPoint(0, self._edit.height() + tokens.XS))
        if foot.y() + height > window.height():
            foot.setY(self._edit.mapTo(window, QPoint(0, 0)).y() - height - tokens.XS)
        foot.setX(min(foot.x(), window.width() - width - tokens.S))
        self.setGeometry(foot.x(), foot.y(), width, height)


class _Rows(QAbstractListModel):
    """The model of the suggestions."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: tuple[Suggestion, ...] = ()

    def show(self, rows: Sequence[Suggestion]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.text}, {row.detail}" if row.detail else row.text
        return row if role == Qt.ItemDataRole.UserRole else None


class _RowDelegate(QStyledItemDelegate):
    """A delegate that draws the text at the left and the detail at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), tokens.ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        given: Any = option  # the stubs lack fields that Qt documents
        colours = tokens.colours()
        painter.save()
        rect = given.rect
        if given.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.tint))
            painter.drawRoundedRect(rect, tokens.XS, tokens.XS)
        inner = rect.adjusted(tokens.S, 0, -tokens.S, 0)
        if row.icon:
            picture = icons.pixmap(row.icon, Tone.SOFT, tokens.ICON_SMALL, ratio=painter.device().devicePixelRatioF())
            top = inner.center().y() - tokens.ICON_SMALL // 2
            place = QRect(inner.left(), top, tokens.ICON_SMALL, tokens.ICON_SMALL)
            painter.drawPixmap(QStyle.visualRect(given.direction, inner, place).topLeft(), picture)
            beside = inner.adjusted(tokens.ICON_SMALL + tokens.S, 0, 0, 0)
            inner = QStyle.visualRect(given.direction, inner, beside)
        painter.setFont(tokens.font())
        metrics = painter.fontMetrics()
        right = min(metrics.horizontalAdvance(row.detail) + tokens.RING, inner.width() // 2)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(colours.soft))
        detail = metrics.elidedText(as_data(row.detail), Qt.TextElideMode.ElideRight, right)
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, detail)
        painter.setPen(QColor(colours.text))
        name = metrics.elidedText(as_data(row.text), Qt.TextElideMode.ElideRight, inner.width() - right - tokens.L)
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()
