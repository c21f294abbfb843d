"""The line of text that stands in a cell while somebody types there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from shopdesk.ui.notation import Column
from shopdesk.ui.text import tr

PAUSE_MS = 60
"""What is typed is kept after so short a pause: between a person's keys, never between a scanner's."""

_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_UP_AND_DOWN = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class CellEdit(QLineEdit):
    """Types into one cell. What each key means for the table is told by signals; the table moves."""

    paused = Signal()  # nothing was typed for a moment: keep what stands here
    entered = Signal()  # Enter: take it, and go on to the next cell
    tabbed = Signal(int)  # Tab: one cell on (1) or back (-1)
    left_for = Signal(int)  # an arrow up (-1) or down (1): the same cell of another row
    escaped = Signal()  # Esc: stop typing, keep what was typed
    starred = Signal(str)  # digits, then *: how many of it
    remove_wanted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, column: Column, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.column = column
        self._before = ""
        self.setFrame(False)
        self.setAccessibleName(title)
        if column is not Column.ITEM:
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if column is Column.ITEM:
            self.setPlaceholderText(tr("Name, code or barcode"))
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)
        self.holds: Callable[[], bool] = lambda: False
        """Whether what was typed may not be meant for this cell: then it is not taken over by itself."""
        self.textChanged.connect(self._pause.start)

    def begin(self, text: str) -> None:
        """Show what stands in the cell; nothing was typed yet."""
        self._before = text
        self.setText(text)
        self._pause.stop()
        self.selectAll()

    def type(self, text: str) -> None:
        """Type over whatever stands here, as the key that opened the cell."""
        self.selectAll()
        self.insert(text)

    @property
    def is_changed(self) -> bool:
        """Whether something else stands here than at first."""
        return self.text() != self._before

    def take_back(self) -> None:
        """What was typed here was not meant for this cell."""
        self.setText(self._before)
        self.rest()

    @property
    def is_ahead(self) -> bool:
        """Whether something was typed that was not taken over yet."""
        return self._pause.isActive()

    def rest(self) -> None:
        """What stands here was taken over by the model."""
        self._pause.stop()

    def take_over(self) -> None:
        """What stands here is what the cell is now: nothing was changed any more."""
        self._before = self.text()

    def _on_pause(self) -> None:
        if self.holds():
            self._pause.start()
        else:
            self.paused.emit()

    def event(self, event: QEvent) -> bool:
        """Keys that Qt would keep for itself: Tab moves the focus, Ctrl+Z and Ctrl+Delete work on the text alone."""
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
        """The table's keys; the rest types."""
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
        """It was no number that stood before the star: the star is text like any other."""
        self.insert("*")


def _is_remove(event: QKeyEvent) -> bool:
    with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_Delete and with_control


def _is_ours(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape or _is_remove(event)
