"""A table model over a query with keyset pagination; it never reads the whole list.

The model reads the next page when the view scrolls to its end. After a change it reads only the loaded rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QIcon

from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook
from shopdesk.ui.base.tokens import Tone

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

PAGE = 200
MOST_AT_ONCE = 2000
"""The most rows a refresh reads; a longer list goes back to its first page after a change."""

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The role that returns the value of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOf(Generic[T]):
    """A column: its title and the text of a row; ``look`` adds an icon and a tone to a state.

    ``width`` is in px and grows with the texts; a column with 0 takes the remaining width. Where there is too little
    room, the columns of the highest ``rank`` give way first, those of rank 0 never. ``key`` names the column where its
    width and place are kept. ``order`` is the order of the query that sorts by it; without one it cannot be sorted.
    """

    title: str
    text: Callable[[T], str]
    width: int = 0
    rank: int = 0
    key: str = ""
    order: StrEnum | None = None
    is_number: bool = False
    look: Callable[[T], StatusLook] | None = None
    tip: Callable[[T], str] | None = None


class PagedModel(QAbstractTableModel, Generic[T]):
    """The rows of a query ``query(session, …, after=last row or None, limit=n) -> tuple of values with a key``."""

    read = Signal()  # emitted when a page was read, also an empty one
    failed = Signal(object)  # Exception: emitted when a page could not be read

    def __init__(self, context: Context, columns: Sequence[ColumnOf[T]], *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.columns = tuple(columns)
        self._rows: list[T] = []
        self._query: Callable[..., tuple[T, ...]] | None = None
        self._given: dict[str, Any] = {}
        self._order: dict[str, Any] = {}
        self._asked = 0
        self._is_asking = False
        self._is_whole = True

    # --- rows ---

    @property
    def rows(self) -> tuple[T, ...]:
        """The rows read so far."""
        return tuple(self._rows)

    @property
    def is_whole(self) -> bool:
        """True if every row of the query has been read."""
        return self._is_whole

    def show(self, query: Callable[..., tuple[T, ...]], **given: Any) -> None:
        """Show another query from its first row. The old rows stay until the new ones are read."""
        self._query, self._given = query, given
        self._ask(after=None, limit=PAGE, arrived=self._replace)

    def sort_by(self, column: ColumnOf[T], *, descending: bool) -> None:
        """Show the rows in the order of a column, from the first; later queries keep it."""
        self._order = {"order": column.order, "descending": descending}
        if self._query is not None:
            self._ask(after=None, limit=PAGE, arrived=self._replace)

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of the query, with the order."""
        return self._given | self._order

    def refresh(self) -> None:
        """Read the shown rows again; scroll position and selection stay unless rows came or went."""
        if self._query is not None:
            shown = len(self._rows)
            limit = max(PAGE, shown) if shown <= MOST_AT_ONCE else PAGE
            self._ask(after=None, limit=limit, arrived=self._replace)

    def row(self, index: Index) -> T | None:
        """Return the value at an index, or None."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def _ask(self, *, after: T | None, limit: int, arrived: Callable[[tuple[T, ...], int], None]) -> None:
        if self._query is None:
            return
        self._asked += 1
        self._is_asking = True
        asked = self._asked

        def then(rows: tuple[T, ...]) -> None:
            if asked == self._asked:  # else a newer query replaced this one
                self._is_asking = False
                arrived(rows, limit)
                self.read.emit()

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self._is_asking = False
                self._is_whole = True  # no retry while scrolling; ``refresh`` reads again
                self.failed.emit(error)

        self._context.ask(self._query, owner=self, then=then, failed=failed, after=after, limit=limit, **self.given)

    def _replace(self, rows: tuple[T, ...], limit: int) -> None:
        self._is_whole = len(rows) < limit
        if [_key(row) for row in rows] == [_key(row) for row in self._rows]:
            self._rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def _append(self, rows: tuple[T, ...], limit: int) -> None:
        self._is_whole = len(rows) < limit
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    # --- QAbstractTableModel ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._is_whole and not self._is_asking

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent) and self._rows:
            self._ask(after=self._rows[-1], limit=PAGE, arrived=self._append)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_alignment(self.columns[section]))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        column = self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(_alignment(column))
            case Qt.ItemDataRole.DecorationRole:
                return _icon(column.look(row)) if column.look else None
            case Qt.ItemDataRole.ForegroundRole:
                return _colour(column.look(row)) if column.look else None
            case Qt.ItemDataRole.ToolTipRole:
                return column.tip(row) if column.tip else None
            case _ if role == ROW_ROLE:
                return row
            case _:
                return None


def _key(row: object) -> object:
    return getattr(row, "key", row)


def _alignment(column: ColumnOf[Any]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _icon(look: StatusLook) -> QIcon:
    return icons.icon(look.icon, look.tone)


def _colour(look: StatusLook) -> QColor | None:
    return None if look.tone is Tone.PLAIN else tokens.colour(look.tone)
