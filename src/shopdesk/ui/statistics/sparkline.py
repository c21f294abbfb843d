"""The sales of the last days as small bars that can be read without colour."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.statistics.bars_widget import BarsWidget


@dataclass(frozen=True, slots=True)
class SparklineBar:
    """One bar: its height, its label, its formatted amount, and a sentence describing it."""

    value: int
    foot: str
    amount: str
    description: str


class Sparkline(BarsWidget[SparklineBar]):
    """A row of bars: the highest and the selected one show their amount, the last is today, in the accent colour."""

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.marked.connect(self._tell)

    def sizeHint(self) -> QSize:
        """Return the preferred size."""
        return QSize(tokens.NARROW, tokens.FIGURE_CARD)

    def minimumSizeHint(self) -> QSize:
        """Return a size that fits a small window."""
        return QSize(tokens.FIGURE_CARD, 2 * tokens.XXL)

    def _tell(self, at: int) -> None:
        """Describe the bar under the pointer in the tool tip."""
        if at >= 0 and at == self._hovered:
            QToolTip.showText(QCursor.pos(), self._bars[at].description, self)

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
        thick = min(self.width() / len(self._bars) / 2, tokens.XXL)
        highest = max(range(len(self._bars)), key=lambda at: self._bars[at].value) if most else -1
        told = self._current if self.hasFocus() else self._hovered
        for at, bar in enumerate(self._bars):
            column = self.column(at)
            middle = column.center().x()
            is_today = at == len(self._bars) - 1
            height = max(abs(bar.value) * scale, tokens.RING)
            rect = QRectF(middle - thick / 2, zero - height if bar.value >= 0 else zero, thick, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent if is_today else colours.soft if at == told else colours.faint))
            if not bar.value:
                painter.setBrush(QColor(colours.line))
            painter.drawRoundedRect(rect, tokens.RING, tokens.RING)
            painter.setPen(QColor(colours.text if is_today or at == told else colours.soft))
            slot = QRectF(column.left(), foot + tokens.XS, column.width(), line)
            painter.drawText(slot, Qt.AlignmentFlag.AlignCenter, bar.foot)
            if at == told or (at == highest and told < 0):
                self._amount(painter, bar.amount, middle, rect.top() - line - tokens.RING)
        painter.setPen(QPen(QColor(colours.line), tokens.HAIR))
        painter.drawLine(0, round(zero), self.width(), round(zero))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), tokens.RING))
            chosen = self.column(self._current) if self._current >= 0 else QRectF(self.rect())
            painter.drawRoundedRect(chosen.adjusted(1, 1, -1, -1), tokens.XS, tokens.XS)
        painter.end()

    def _amount(self, painter: QPainter, text: str, middle: float, y: float) -> None:
        """Paint an amount above its bar, kept inside the widget."""
        width = painter.fontMetrics().horizontalAdvance(text) + 1
        left = min(max(middle - width / 2, 0), self.width() - width)
        place = QRectF(left, max(y, 0), width, painter.fontMetrics().height())
        painter.setPen(QColor(tokens.colours().text))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
