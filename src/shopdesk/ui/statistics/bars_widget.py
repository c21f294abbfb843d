"""What the charts have in common: bars over time that are chosen by keys or the pointer, and opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent


class DescribedBar(Protocol):
    """A bar with a sentence that describes it."""

    @property
    def description(self) -> str:
        """The sentence: its days and its amount."""
        ...  # pragma: no cover


B = TypeVar("B", bound=DescribedBar)


class BarsWidget(QWidget, Generic[B]):
    """A row of bars. Left and right move between bars; Enter or a click opens one. A subclass paints them."""

    opened = Signal(int)  # emitted with the index of the bar that was opened
    marked = Signal(int)  # emitted with the index of the bar under the pointer, else of the selected one; -1 for none

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._bars: tuple[B, ...] = ()
        self._current = -1
        self._hovered = -1
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    @property
    def bars(self) -> tuple[B, ...]:
        """The bars shown."""
        return self._bars

    @property
    def current(self) -> int:
        """The index of the selected bar; -1 for none."""
        return self._current

    @property
    def mark(self) -> int:
        """The index of the bar under the pointer, else of the selected one; -1 for none."""
        return self._hovered if self._hovered >= 0 else self._current

    def show_bars(self, bars: Sequence[B], name: str = "") -> None:
        """Show these bars, and change the accessible name if one is given; the selection keeps its place."""
        self._name = name or self._name
        self._bars = tuple(bars)
        self._current, self._hovered = min(self._current, len(bars) - 1), -1
        self.setAccessibleDescription("; ".join(bar.description for bar in bars))
        self._show_mark()

    # --- places ---

    def plot(self) -> QRectF:
        """Return where the bars are, each in a column of the same width."""
        return QRectF(self.rect())

    def column(self, at: int) -> QRectF:
        """Return the column of a bar; time goes as the language is read."""
        plot, step = self.plot(), self._step()
        place = len(self._bars) - 1 - at if self._is_mirrored else at
        return QRectF(plot.left() + place * step, plot.top(), step, plot.height())

    def _at(self, place: QPointF) -> int:
        plot = self.plot()
        if not self._bars or not plot.contains(place):
            return -1
        at = min(int((place.x() - plot.left()) // self._step()), len(self._bars) - 1)
        return len(self._bars) - 1 - at if self._is_mirrored else at

    def _step(self) -> float:
        return self.plot().width() / max(1, len(self._bars))

    @property
    def _is_mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    # --- choosing ---

    def choose(self, at: int) -> None:
        """Select a bar, as the arrow keys do."""
        if self._bars:
            self._current = min(max(at, 0), len(self._bars) - 1)
            self._show_mark()

    def _show_mark(self) -> None:
        chosen = self._bars[self._current].description if self._current >= 0 else ""
        said = f"{self._name}: {chosen}" if chosen else self._name
        if said != self.accessibleName():
            self.setAccessibleName(said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        self.update()
        self.marked.emit(self.mark)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between bars, or open one."""
        last = len(self._bars) - 1
        earlier, later = Qt.Key.Key_Left, Qt.Key.Key_Right
        if self._is_mirrored:
            earlier, later = later, earlier
        moves: dict[int, Callable[[], int]] = {
            earlier: lambda: self._current - 1 if self._current >= 0 else last,
            later: lambda: self._current + 1 if self._current >= 0 else last,
            Qt.Key.Key_Home: lambda: 0,
            Qt.Key.Key_End: lambda: last,
        }
        if event.key() in moves:
            self.choose(moves[event.key()]())
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the bar under the pointer."""
        self._hover(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the bar under the pointer."""
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.setCursor(Qt.CursorShape.PointingHandCursor if at >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()
            self.marked.emit(self.mark)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the clicked bar."""
        at = self._at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and at >= 0:
            self.choose(at)
            self.opened.emit(at)
