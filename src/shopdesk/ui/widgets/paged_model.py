"""A table model over a query with keyset pagination; it never reads the whole list.

The model reads the next page when the view scrolls to its end, or the previous one at its beginning, if it was moved to
the end or into the middle of the list. After a change it reads only the loaded rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon

from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook
from shopdesk.ui.base.tokens import Tone

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
RowsFrom = tuple[T | None, tuple[T, ...]]
Failed = Callable[[Exception], object]

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
    """The rows of a query ``query(session, …, after=last row or None, limit=n) -> tuple of values with a key``.

    ``descending`` is what the query takes its argument of this name for if it is not given; with None it has no such
    argument, and is read from its beginning only.
    """

    read = Signal()  # emitted when a page was read, also an empty one
    failed = Signal(object)  # Exception: emitted when a page could not be read

    def __init__(
        self,
        context: Context,
        columns: Sequence[ColumnOf[T]],
        *,
        descending: bool | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self.columns = tuple(columns)
        self._descending = descending
        self._rows: list[T] = []
        self._query: Callable[..., tuple[T, ...]] | None = None
        self._given: dict[str, Any] = {}
        self._order: dict[str, Any] = {}
        self._asked = 0
        self._is_asking = False
        self._has_last = True
        self._before: T | None = None  # the row before the first one

    # --- rows ---

    @property
    def rows(self) -> tuple[T, ...]:
        """The rows read so far."""
        return tuple(self._rows)

    @property
    def is_whole(self) -> bool:
        """True if every row of the query has been read."""
        return self.has_first and self._has_last

    @property
    def has_first(self) -> bool:
        """True if the rows read so far begin with the first one of the query."""
        return self._before is None

    @property
    def has_last(self) -> bool:
        """True if the rows read so far end with the last one of the query."""
        return self._has_last

    def show(self, query: Callable[..., tuple[T, ...]], **given: Any) -> None:
        """Show another query from its first row. The old rows stay until the new ones are read."""
        self._query, self._given = query, given
        self.to_first()

    def sort_by(self, column: ColumnOf[T], *, descending: bool) -> None:
        """Show the rows in the order of a column, from the first; later queries keep it."""
        self._order = {"order": column.order, "descending": descending}
        self.to_first()

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of the query, with the order."""
        return self._given | self._order

    def refresh(self) -> None:
        """Read the shown rows again; scroll position and selection stay unless rows came or went."""
        shown = len(self._rows)
        if shown <= MOST_AT_ONCE:
            self._ask(after=self._before, limit=max(PAGE, shown), arrived=partial(self._replace, before=self._before))
        else:
            self.to_first()

    def to_first(self, then: Callable[[], object] = lambda: None) -> None:
        """Show the first page, and call ``then``."""

        def arrived(rows: tuple[T, ...], limit: int) -> None:
            self._replace(rows, limit)
            then()

        self._ask(after=None, limit=PAGE, arrived=arrived)

    def to_last(self, then: Callable[[], object] = lambda: None) -> None:
        """Show the last page, and call ``then``. Only for a query that can be turned round."""

        def arrived(rows: tuple[T, ...], limit: int) -> None:
            before = rows[PAGE] if len(rows) == limit else None
            self._replace(rows[:PAGE][::-1], limit, before=before)
            then()

        self._ask(after=None, limit=PAGE + 1, arrived=arrived, is_turned=True)

    @property
    def can_turn(self) -> bool:
        """True if the query can be read from its end."""
        return self._descending is not None

    def read_previous(self) -> None:
        """Read the page before the first row, if there is one."""
        if self._before is not None and self._rows and not self._is_asking:
            self._ask(after=self._rows[0], limit=PAGE + 1, arrived=self._prepend, is_turned=True)

    def show_from(
        self, query: Callable[..., RowsFrom[T]], *, then: Callable[[], object], failed: Failed, **to: Any
    ) -> None:
        """Show rows from the middle of the list, and call ``then``.

        ``query`` returns the row before the first of them, or None, and the rows.
        """

        def arrived(found: RowsFrom[T], limit: int) -> None:
            before, rows = found
            self._replace(rows, limit, before=before)
            then()

        self._read(query, limit=PAGE, arrived=arrived, failed=failed, **to)

    def row(self, index: Index) -> T | None:
        """Return the value at an index, or None."""
        at = index.row()  # -1 if the index is invalid
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def font(self, row: T) -> QFont | None:
        """Return the font of a row; None is the table's."""
        return None

    def _ask(
        self, *, after: T | None, limit: int, arrived: Callable[[tuple[T, ...], int], None], is_turned: bool = False
    ) -> None:
        turned = {"descending": not self.given.get("descending", self._descending)} if is_turned else {}

        def failed(error: Exception) -> None:
            self._has_last, self._before = True, None  # no retry while scrolling; ``refresh`` reads again
            self.failed.emit(error)

        if self._query is not None:
            self._read(self._query, limit=limit, arrived=arrived, failed=failed, after=after, **turned)

    def _read(
        self,
        query: Callable[..., Any],
        *,
        limit: int,
        arrived: Callable[[Any, int], None],
        failed: Failed,
        **more: Any,
    ) -> None:
        self._asked += 1
        self._is_asking = True
        asked = self._asked

        def then(found: Any) -> None:
            if asked == self._asked:  # else a newer query replaced this one
                self._is_asking = False
                arrived(found, limit)
                self.read.emit()

        def on_failed(error: Exception) -> None:
            if asked == self._asked:
                self._is_asking = False
                failed(error)

        self._context.ask(query, owner=self, then=then, failed=on_failed, limit=limit, **(self.given | more))

    def _replace(self, rows: tuple[T, ...], limit: int, *, before: T | None = None) -> None:
        self._has_last, self._before = len(rows) < limit, before
        if [_key(row) for row in rows] == [_key(row) for row in self._rows]:
            self._rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def _append(self, rows: tuple[T, ...], limit: int) -> None:
        self._has_last = len(rows) < limit
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def _prepend(self, rows: tuple[T, ...], limit: int) -> None:
        self._before = rows[PAGE] if len(rows) == limit else None
        if previous := rows[:PAGE][::-1]:
            self.beginInsertRows(QModelIndex(), 0, len(previous) - 1)
            self._rows[:0] = previous
            self.endInsertRows()

    # --- QAbstractTableModel ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._has_last and not self._is_asking

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent) and self._rows:
            self._ask(after=self._rows[-1], limit=PAGE, arrived=self._append)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.columns[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        part = _PARTS.get(role)
        row = self.row(index) if part is not None else None
        return None if part is None or row is None else part(self, self.columns[index.column()], row)


def _key(row: object) -> object:
    return getattr(row, "key", row)


_AT_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_AT_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _alignment(column: ColumnOf[Any]) -> int:
    return _AT_RIGHT if column.is_number else _AT_LEFT


def _icon(column: ColumnOf[Any], row: Any) -> QIcon | None:
    look = column.look(row) if column.look else None
    return icons.icon(look.icon, look.tone) if look else None


def _colour(column: ColumnOf[Any], row: Any) -> QColor | None:
    look = column.look(row) if column.look else None
    return None if look is None or look.tone is Tone.PLAIN else tokens.colour(look.tone)


_PARTS: dict[int, Callable[[PagedModel[Any], ColumnOf[Any], Any], Any]] = {
    int(Qt.ItemDataRole.DisplayRole): lambda _, column, row: column.text(row),
    int(Qt.ItemDataRole.AccessibleTextRole): lambda _, column, row: column.text(row),
    int(Qt.ItemDataRole.TextAlignmentRole): lambda _, column, __: _alignment(column),
    int(Qt.ItemDataRole.DecorationRole): lambda _, column, row: _icon(column, row),
    int(Qt.ItemDataRole.ForegroundRole): lambda _, column, row: _colour(column, row),
    int(Qt.ItemDataRole.FontRole): lambda model, _, row: model.font(row),
    int(Qt.ItemDataRole.ToolTipRole): lambda _, column, row: column.tip(row) if column.tip else None,
    ROW_ROLE: lambda _, __, row: row,
}
"""The content of a cell by role. Qt asks for seven of them whenever it paints one, so they are looked up by number."""
