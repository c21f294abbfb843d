"""A searchable list: a search box, a table and a placeholder for an empty list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from shopdesk.ui.base import icons, shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.scanner import keep_scans, mark_search
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import EmptyState
from shopdesk.ui.widgets.paged_model import PagedModel
from shopdesk.ui.widgets.table import ChoosingTable


class SearchBox(QLineEdit):
    """The field "Search"; Down goes to the list, Esc clears it."""

    down = Signal()  # emitted on Down or Enter

    def __init__(self, hint: str, *, finds_codes: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        (keep_scans if finds_codes else mark_search)(self)
        self.setAccessibleName(tr("Search"))
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        self.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move to the list on Down or Enter; clear the text on Esc."""
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.down.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The rows that the line below a list is about: those selected, or all."""

    rows: tuple[Any, ...] = field(kw_only=False)
    are_selected: bool


class SearchableList(QWidget):
    """A searchable list, paged by key: ``query(session, text=…, after=…, limit=…)``."""

    chosen = Signal(object)  # object: the value of the current row, or None
    opened = Signal(object)  # object: the value of the row opened

    def __init__(
        self,
        context: Context,
        model: PagedModel[Any],
        query: Callable[..., tuple[Any, ...]],
        *,
        name: str,
        keep: str,
        hint: str,
        empty: EmptyState,
        foot: Callable[[Shown], str],
        finds_codes: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._query = query
        self._foot = foot
        self._wanted: object = None
        self.empty = empty
        self._empty_words = (empty.title.text(), empty.text.text())
        self.model = model
        self.search = SearchBox(hint, finds_codes=finds_codes)
        self.search.textChanged.connect(self._on_search)
        self.search.down.connect(self._on_down)
        self.table = ChoosingTable(name, keep=keep, many=True)
        self.table.show_model(model)
        self.table.typed.connect(self._on_typed)
        self.table.chosen.connect(self.chosen)
        self.table.opened.connect(self.opened)
        self.table.above.connect(lambda: self.search.setFocus(Qt.FocusReason.ShortcutFocusReason))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.S)
        column.addWidget(self.search)  # added before the table, for the Tab order
        self._body = QStackedWidget(self)
        self._body.addWidget(self.table)
        self._body.addWidget(empty)
        column.addWidget(self._body, 1)
        self.foot = Label(role="small")
        column.addWidget(self.foot)
        self.table.selected_rows_changed.connect(self.show_foot)
        shortcuts.bind(self, "refresh", model.refresh)
        model.read.connect(self._on_read)
        model.failed.connect(context.report_unanswered)

    def hasHeightForWidth(self) -> bool:
        """Return False: Qt would ask for the usual height of the list where it is empty, not the least."""
        return False

    def read(self) -> None:
        """Read the list from its beginning."""
        self.model.show(self._query, text=self.search.text())

    def choose(self, key: object) -> None:
        """Select the row with this key once it is read; do nothing if it is not in the list."""
        self._wanted = key
        self._choose_wanted()

    def choose_none(self) -> None:
        """Clear the selection."""
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

    def show_foot(self) -> None:
        """Show below the list how many rows it has, or how many are selected if there are several."""
        rows, chosen = self.model.rows, self.table.selected
        if len(chosen) > 1 or (self.model.is_whole and rows):
            several = len(chosen) > 1
            self.foot.setText(self._foot(Shown(chosen if several else rows, are_selected=several)))
        else:
            count = self._context.format.count(len(rows))
            self.foot.setText(tr("Showing the first {count}. Scroll for more.", count=count) if rows else " ")

    def _on_search(self) -> None:
        self.read()

    def _on_typed(self, text: str) -> None:
        if text.strip():
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)  # other reasons would select the text
            self.search.insert(text)

    def _on_down(self) -> None:
        if self.model.rows:
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not self.table.currentIndex().isValid():
                self.table.selectRow(0)

    def _on_read(self) -> None:
        self.show_foot()
        self._body.setCurrentWidget(self.table if self.model.rows else self.empty)
        searched = bool(self.search.text().strip())
        title, text = self._empty_words
        if searched:
            title = tr("Nothing found for “{text}”", text=self.search.text().strip())
            text = tr("Try fewer letters: the beginning of each word is enough.")
        self.empty.set_text(title, text)
        if self.empty.button is not None:
            self.empty.button.setVisible(not searched)
        if self._wanted is not None:
            self._choose_wanted()
