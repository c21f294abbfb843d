"""The line edit shown in a table cell while the cashier types."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from shopdesk.ui.base.i18n import tr
from shopdesk.ui.editor.cell_format import ItemColumn

PAUSE_MS = 60
"""Pause in ms after which typed text is saved: shorter than between a person's keys, longer than a scanner's."""

_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_UP_AND_DOWN = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class CellLineEdit(QLineEdit):
    """The editor of one cell. It emits a signal for each key that concerns the table."""

    paused = Signal()  # emitted after a pause in typing, so that the text is saved
    entered = Signal()  # emitted on Enter: accept the text and go to the next cell
    tabbed = Signal(int)  # emitted on Tab: one cell forward (1) or back (-1)
    left_for = Signal(int)  # emitted on an arrow up (-1) or down (1): same column, another row
    escaped = Signal()  # emitted on Esc: stop editing, take back what was typed
    starred = Signal(str)  # emitted on digits followed by *: the digits are a quantity
    remove_wanted = Signal()  # emitted on Ctrl+Delete: remove the row
    undo_wanted = Signal()  # emitted on the Undo key
    redo_wanted = Signal()  # emitted on the Redo key

    def __init__(self, column: ItemColumn, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.column = column
        self._before = ""
        self.setFrame(False)
        self.setAccessibleName(title)
        if column is not ItemColumn.ITEM:
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if column is ItemColumn.ITEM:
            self.setPlaceholderText(tr("Name, code or barcode"))
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)
        self.holds: Callable[[], bool] = lambda: False
        """Return True while the text may be part of a scan; it is then not saved on a pause."""
        self.textChanged.connect(self._pause.start)

    def start(self, text: str) -> None:
        """Show the text of the cell, as unchanged."""
        self._before = text
        self.setText(text)
        self._pause.stop()
        self.selectAll()

    def type(self, text: str) -> None:
        """Replace the text, as typing over a selection does."""
        self.selectAll()
        self.insert(text)

    @property
    def is_changed(self) -> bool:
        """True if the text differs from the cell's text."""
        return self.text() != self._before

    def revert(self) -> None:
        """Restore the cell's text."""
        self.setText(self._before)
        self.rest()

    @property
    def is_ahead(self) -> bool:
        """True if typed text is not saved yet."""
        return self._pause.isActive()

    def rest(self) -> None:
        """Mark the text as saved by the model."""
        self._pause.stop()

    def accept(self) -> None:
        """Make the current text the cell's text, as unchanged."""
        self._before = self.text()

    def _on_pause(self) -> None:
        if self.holds():
            self._pause.start()
        else:
            self.paused.emit()

    def event(self, event: QEvent) -> bool:
        """Handle keys that Qt would use itself: Tab to move the focus, Ctrl+Z and Ctrl+Delete to edit the text."""
        if isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride and _is_ours(event):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}:
                back = event.key() == Qt.Key.Key_Backtab or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.tabbed.emit(-1 if back else 1)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Emit a signal for the table's keys; any other key types."""
        if event.key() in _ENTER:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() in _UP_AND_DOWN:
            self.left_for.emit(_UP_AND_DOWN[Qt.Key(event.key())])
        elif _is_remove(event):
            self.remove_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable():
            self.undo_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable():
            self.redo_wanted.emit()
        elif event.text() == "*" and self.text() and not self.hasSelectedText():
            self.starred.emit(self.text())
        else:
            super().keyPressEvent(event)

    def type_star(self) -> None:
        """Insert the star as text, when no number precedes it."""
        self.insert("*")


def _is_remove(event: QKeyEvent) -> bool:
    with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_Delete and with_control


def _is_ours(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape or _is_remove(event)
