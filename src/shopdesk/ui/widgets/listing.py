"""A list with its search box: what is typed narrows it, the arrows go into it, and an empty one says what it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QTableView, QVBoxLayout, QWidget

from shopdesk.ui import keys, theme
from shopdesk.ui.desk import Desk
from shopdesk.ui.models.paged import ROW_ROLE, PagedModel
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.cards import EmptyState
from shopdesk.ui.widgets.table import Table


class ChoosingTable(Table):
    """A table beside its details: a click chooses a row and shows it there; Enter or a double click opens it."""

    above = Signal()  # Up was pressed in the first row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up from the first row leaves the list."""
        if event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.above.emit()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses and no more."""
        QTableView.mouseReleaseEvent(self, event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens."""
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(index.data(ROW_ROLE))


class ShortTable(ChoosingTable):
    """A table of a few rows, as high as they are; only from ``most`` on it scrolls."""

    def __init__(self, name: str, model: PagedModel[Any], *, most: int, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self._most = most
        self.setProperty("role", "bare")
        self.show_model(model)
        model.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        shown = min(max(self.model().rowCount(), 1), self._most)
        self.setFixedHeight((shown + 1) * theme.ROW + theme.RING)


class SearchBox(QLineEdit):
    """The field "Search"; Down goes to the list, Esc empties it."""

    down = Signal()

    def __init__(self, hint: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Search"))
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        self.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and Enter lead into the list."""
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.down.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class Listing(QWidget):
    """The list of everything of one kind: ``query(session, text=…, after=…, limit=…)``, paged by key."""

    chosen = Signal(object)  # the value behind the current row, or None
    opened = Signal(object)

    def __init__(
        self,
        desk: Desk,
        model: PagedModel[Any],
        query: Callable[..., tuple[Any, ...]],
        *,
        name: str,
        hint: str,
        empty: EmptyState,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._query = query
        self._wanted: object = None
        self.empty = empty
        self._empty_words = (empty.title.text(), empty.text.text())
        self.model = model
        self.search = SearchBox(hint)
        self.search.textChanged.connect(self._on_search)
        self.search.down.connect(self._on_down)
        self.table = ChoosingTable(name)
        self.table.show_model(model)
        self.table.typed.connect(self._on_typed)
        self.table.chosen.connect(self.chosen)
        self.table.opened.connect(self.opened)
        self.table.above.connect(lambda: self.search.setFocus(Qt.FocusReason.ShortcutFocusReason))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.search)  # before the table: Tab goes through them in this order
        self._body = QStackedWidget(self)
        self._body.addWidget(self.table)
        self._body.addWidget(empty)
        column.addWidget(self._body, 1)
        keys.bind(self, "refresh", model.refresh)
        model.read.connect(self._on_read)
        model.failed.connect(desk.unanswered)

    def read(self) -> None:
        """Read the list, from its top."""
        self.model.show(self._query, text=self.search.text())

    def choose(self, key: object) -> None:
        """Make the row of this key the current one, once it has been read; nothing happens where it is not."""
        self._wanted = key
        self._choose_wanted()

    def choose_none(self) -> None:
        """No row is current."""
        self._wanted = None
        self.table.clearSelection()
        self.table.setCurrentIndex(self.model.index(-1, -1))

    def _choose_wanted(self) -> None:
        for at, row in enumerate(self.model.rows):
            if getattr(row, "key", None) == self._wanted:
                self._wanted = None
                if self.table.currentIndex().row() != at:
                    self.table.selectRow(at)
                return

    def _on_search(self) -> None:
        self.read()

    def _on_typed(self, text: str) -> None:
        if text.strip():
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)  # another reason would select what is there
            self.search.insert(text)

    def _on_down(self) -> None:
        if self.model.rows:
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not self.table.currentIndex().isValid():
                self.table.selectRow(0)

    def _on_read(self) -> None:
        self._body.setCurrentWidget(self.table if self.model.rows else self.empty)
        searched = bool(self.search.text().strip())
        title, text = self._empty_words
        if searched:
            title = tr("Nothing found for “{text}”", text=self.search.text().strip())
            text = tr("Words may be shortened: the beginning of each is enough.")
        self.empty.say(title, text)
        if self.empty.button is not None:
            self.empty.button.setVisible(not searched)
        if self._wanted is not None:
            self._choose_wanted()
