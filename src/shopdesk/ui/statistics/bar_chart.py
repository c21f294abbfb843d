"""The bar chart of Statistics: bars over time with a scale, that can be read without colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.statistics.bars_widget import BarsWidget

_WIDE = 0.66
"""The width of a bar, as a part of its column."""
_WIDER = 0.84
"""The width of the line across it."""
_LINES = 4
"""Approximate number of horizontal grid lines."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its height, the height it is compared with (a line across), its label, and a sentence describing it.

    ``is_inside`` is False for bars before the period, shown for comparison.
    """

    value: int
    before: int | None
    foot: str
    description: str
    is_inside: bool = True


class BarChart(BarsWidget[Bar]):
    """A chart of bars; ``write`` formats the values at its grid lines."""

    def __init__(self, name: str, write: Callable[[int], str], *, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self._write = write
        self._lines: list[int] = _lines(0, 0)
        self._scale_width = 0
        self.setFont(tokens.font(tokens.SMALL))
        self.setMinimumHeight(tokens.NARROW // 2)

    def show_bars(self, bars: Sequence[Bar], name: str = "") -> None:
        """Show these bars, none selected, and a scale that fits them."""
        values = [bar.value for bar in bars] + [bar.before or 0 for bar in bars]
        self._lines = _lines(min(values, default=0), max(values, default=0))
        advance = self.fontMetrics().horizontalAdvance
        self._scale_width = max(advance(self._write(value)) for value in self._lines) + tokens.S
        self._current = -1
        super().show_bars(bars, name)

    def plot(self) -> QRectF:
        """Return where the bars are: between the scale, at the side where time begins, and the labels below."""
        line = self.fontMetrics().height()
        sides = (tokens.L, self._scale_width) if self._is_mirrored else (self._scale_width, tokens.L)
        return QRectF(self.rect()).adjusted(sides[0], tokens.S, -sides[1], -line - tokens.S)

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the grid with its scale, the bars with the lines across, and the labels below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scale(painter)
        for at in range(len(self._bars)):
            self._paint_bar(painter, at)
        if any(bar.before for bar in self._bars):
            painter.setPen(QPen(QColor(tokens.colours().text), tokens.RING))
            for at, bar in enumerate(self._bars):
                if bar.before is not None:
                    place = _within(self.column(at), _WIDER)
                    height = self._height_of(bar.before)
                    painter.drawLine(QLineF(place.left(), height, place.right(), height))
        self._paint_feet(painter)
        if self.hasFocus() and self._current < 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.colours().accent), tokens.RING))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), tokens.XS, tokens.XS)
        painter.end()

    def _paint_scale(self, painter: QPainter) -> None:
        colours, plot, line = tokens.colours(), self.plot(), self.fontMetrics().height()
        left = plot.right() + tokens.S if self._is_mirrored else 0.0
        to = Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        to |= Qt.AlignmentFlag.AlignLeft if self._is_mirrored else Qt.AlignmentFlag.AlignRight
        for value in self._lines:
            height = round(self._height_of(value)) + tokens.HAIR / 2  # on a pixel: sharp
            painter.setPen(QPen(QColor(colours.faint if value == 0 else colours.line), tokens.HAIR))
            painter.drawLine(QLineF(plot.left(), height, plot.right(), height))
            painter.setPen(QColor(colours.soft))
            painter.drawText(
                QRectF(left, height - line / 2, self._scale_width - tokens.S, line), to, self._write(value)
            )

    def _paint_bar(self, painter: QPainter, at: int) -> None:
        colours, bar, place = tokens.colours(), self._bars[at], _within(self.column(at), _WIDE)
        zero, height = self._height_of(0), self._height_of(bar.value)
        is_marked = at == self.mark
        usual, marked = (colours.accent, colours.accent_hover) if bar.is_inside else (colours.faint, colours.soft)
        painter.setBrush(QColor(marked if is_marked else usual))
        painter.setPen(Qt.PenStyle.NoPen)
        if is_marked:
            width = tokens.RING if at == self._current and self.hasFocus() else tokens.HAIR
            painter.setPen(QPen(QColor(colours.text), width))
        painter.drawRect(QRectF(place.left(), min(zero, height), place.width(), abs(zero - height)))

    def _paint_feet(self, painter: QPainter) -> None:
        """Paint the labels below: all, or every second, third … where they would overlap."""
        metrics, plot = self.fontMetrics(), self.plot()
        painter.setPen(QColor(tokens.colours().soft))
        widths = [metrics.horizontalAdvance(bar.foot) for bar in self._bars]
        step = max(1, -(-len(widths) * (max(widths, default=0) + tokens.M) // max(int(plot.width()), 1)))
        for at in range(len(widths) - 1, -1, -step):
            left = self.column(at).center().x() - widths[at] / 2
            left = min(max(left, 0), self.width() - widths[at] - 1)  # the first and the last may be wider
            place = QRectF(left, plot.bottom() + tokens.S, widths[at] + 1, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._bars[at].foot)

    def _height_of(self, value: int) -> float:
        """Return the y of a value."""
        plot, least, most = self.plot(), self._lines[0], self._lines[-1]
        return plot.bottom() - (value - least) * plot.height() / (most - least)


def _within(column: QRectF, part: float) -> QRectF:
    """Return the middle part of a column."""
    aside = column.width() * (1 - part) / 2
    return column.adjusted(aside, 0, -aside, 0)


def _lines(least: int, most: int) -> list[int]:
    """Return round values from the lowest to the highest bar for the grid lines: 0, 500, 1,000, …"""
    step = _round_step(max(most, 0) - min(least, 0))
    first = min(least, 0) // step
    last = -(-max(most, 1) // step)
    return [step * at for at in range(first, last + 1)]


def _round_step(size: int) -> int:
    wanted = max(size / _LINES, 1)
    power = 1
    while power * 10 <= wanted:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= wanted)
