"""The sales of the last days as small bars that can be read without colour.

Painted without the chart library, whose import takes longer than the rest of the dashboard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from shopdesk.ui.base import tokens


@dataclass(frozen=True, slots=True)
class SparklineBar:
    """One bar: its height, its label, its formatted amount, and a sentence describing it."""

    value: int
    foot: str
    amount: str
    description: str


class Sparkline(QWidget):
    """A row of bars. Left and right move between bars; Enter or a click opens one.

    The highest and the selected bar show their amount; the last bar is today, in the accent colour.
    """

    opened = Signal(int)  # emitted with the index of the bar opened

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._bars: tuple[SparklineBar, ...] = ()
        self._current = -1
        self._hovered = -1
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def bars(self) -> tuple[SparklineBar, ...]:
        """The bars shown."""
        return self._bars

    @property
    def current(self) -> int:
        """The index of the selected bar; -1 for none."""
        return self._current

    def show_bars(self, bars: Sequence[SparklineBar]) -> None:
        """Show these bars; the selection keeps its position."""
        self._bars = tuple(bars)
        self._current = min(self._current, len(bars) - 1)
        self.setAccessibleDescription("; ".join(bar.description for bar in bars))
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the preferred size."""
        return QSize(tokens.NARROW, tokens.FIGURE_CARD)

    def minimumSizeHint(self) -> QSize:
        """Return a size that fits a small window."""
        return QSize(tokens.FIGURE_CARD, 2 * tokens.XXL)

    # --- choosing ---

    def _choose(self, at: int) -> None:
        if self._bars:
            self._current = min(max(at, 0), len(self._bars) - 1)
            self._describe()
            self.update()

    def _describe(self) -> None:
        chosen = self._bars[self._current].description if 0 <= self._current < len(self._bars) else ""
        said = f"{self._name}: {chosen}" if chosen else self._name
        if said != self.accessibleName():
            self.setAccessibleName(said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def _at(self, place: QPoint) -> int:
        step = self.width() / max(1, len(self._bars))
        column = int(place.x() // step) if self.rect().contains(place) else -1
        return self._column(column) if 0 <= column < len(self._bars) else -1

    def _column(self, at: int) -> int:
        """Return the column from the left of a bar, or the bar of a column: time goes as the language is read."""
        return len(self._bars) - 1 - at if self._is_mirrored else at

    @property
    def _is_mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

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
            self._choose(moves[event.key()]())
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Describe the bar under the pointer in the tool tip."""
        at = self._at(event.position().toPoint())
        if at != self._hovered:
            self._hovered = at
            self.setCursor(Qt.CursorShape.PointingHandCursor if at >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()
            if at >= 0:
                QToolTip.showText(event.globalPosition().toPoint(), self._bars[at].description, self)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the bar under the pointer."""
        super().leaveEvent(event)
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the clicked bar."""
        at = self._at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and at >= 0:
            self._choose(at)
            self.opened.emit(at)

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the amounts above, the bars on their base line, and the days below."""
        if not self._bars:
            return
        colours = tokens.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tokens.font(tokens.SMALL))
        line = painter.fontMetrics().height()
        top, foot = line + tokens.XS, self.height() - line - tokens.S
        most = max(*(bar.value for bar in self._bars), 0)
        least = min(*(bar.value for bar in self._bars), 0)
        scale = max(foot - top, 1) / max(most - least, 1)
        zero = top + most * scale if most > least else float(foot)
        step = self.width() / len(self._bars)
        thick = min(step / 2, tokens.XXL)
        highest = max(range(len(self._bars)), key=lambda at: self._bars[at].value) if most else -1
        told = self._current if self.hasFocus() else self._hovered
        for at, bar in enumerate(self._bars):
            middle = step * (self._column(at) + 0.5)
            is_today = at == len(self._bars) - 1
            height = max(abs(bar.value) * scale, tokens.RING)
            rect = QRectF(middle - thick / 2, zero - height if bar.value >= 0 else zero, thick, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent if is_today else colours.soft if at == told else colours.faint))
            if not bar.value:
                painter.setBrush(QColor(colours.line))
            painter.drawRoundedRect(rect, tokens.RING, tokens.RING)
            painter.setPen(QColor(colours.text if is_today or at == told else colours.soft))
            slot = QRectF(step * self._column(at), foot + tokens.XS, step, line)
            painter.drawText(slot, Qt.AlignmentFlag.AlignCenter, bar.foot)
            if at == told or (at == highest and told < 0):
                self._amount(painter, bar.amount, middle, rect.top() - line - tokens.RING)
        painter.setPen(QPen(QColor(colours.line), tokens.HAIR))
        painter.drawLine(0, round(zero), self.width(), round(zero))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), tokens.RING))
            chosen = QRectF(self.rect())
            if self._current >= 0:
                chosen = QRectF(step * self._column(self._current), 0, step, self.height())
            painter.drawRoundedRect(chosen.adjusted(1, 1, -1, -1), tokens.XS, tokens.XS)
        painter.end()

    def _amount(self, painter: QPainter, text: str, middle: float, y: float) -> None:
        """Paint an amount above its bar, kept inside the widget."""
        width = painter.fontMetrics().horizontalAdvance(text) + 1
        left = min(max(middle - width / 2, 0), self.width() - width)
        place = QRectF(left, max(y, 0), width, painter.fontMetrics().height())
        painter.setPen(QColor(tokens.colours().text))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
