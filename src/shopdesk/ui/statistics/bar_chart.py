"""The bar chart of Statistics: bars over time that can be read without colour.

It imports pyqtgraph, which is slow: import it only when Statistics opens (``ChartCard.load``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import is_right_to_left

_WIDE = 0.66
_WIDER = 0.84
_HALF = 0.5
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


class BarChart(QWidget):
    """A chart of bars. Left and right move between bars; Enter or a click opens one."""

    opened = Signal(int)  # emitted with the index of the bar that was opened
    marked = Signal(int)  # emitted with the index of the bar under the pointer, else of the selected one; -1 for none

    def __init__(self, name: str, write: Callable[[int], str], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._write = write
        self._bars: tuple[Bar, ...] = ()
        self._current = -1
        self._hovered = -1
        self._items: list[Any] = []
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(tokens.NARROW // 2)
        # Not a PlotWidget: its menus and buttons are of no use at a till.
        self._view = pg.GraphicsLayoutWidget()
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setFrameShape(self._view.Shape.NoFrame)
        self._view.setAntialiasing(True)
        place = self._view.ci
        place.setContentsMargins(*((tokens.L, tokens.S, 0, 0) if is_right_to_left() else (0, tokens.S, tokens.L, 0)))
        place.setSpacing(0)
        is_mirrored = is_right_to_left()  # time goes as the language is read
        self._box = place.addViewBox(row=0, col=1, enableMenu=False, enableMouse=False, defaultPadding=0)
        self._box.invertX(is_mirrored)
        side = "right" if is_mirrored else "left"
        self._scale, self._bottom = (pg.AxisItem(one, linkView=self._box) for one in (side, "bottom"))
        place.addItem(self._scale, row=0, col=0)  # at the other side: the layout is mirrored
        place.addItem(self._bottom, row=1, col=1)
        for axis in (self._scale, self._bottom):
            axis.setStyle(tickLength=0, tickFont=tokens.font(tokens.SMALL), tickTextOffset=tokens.S)
            axis.setStyle(hideOverlappingLabels=False)  # ``_feet`` avoids overlaps; the last label may reach further
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.RING, tokens.RING, tokens.RING, tokens.RING)
        column.addWidget(self._view)
        self._view.scene().sigMouseClicked.connect(self._on_clicked)
        self._view.viewport().installEventFilter(self)

    @property
    def bars(self) -> tuple[Bar, ...]:
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

    def show_bars(self, name: str, bars: Sequence[Bar]) -> None:
        """Show these bars and set the accessible name."""
        self._name = name
        self._bars = tuple(bars)
        self._current = self._hovered = -1
        self.setAccessibleDescription("; ".join(bar.description for bar in bars))
        self._describe()
        self._draw()
        self.marked.emit(self.mark)

    # --- choosing ---

    def choose(self, at: int) -> None:
        """Select a bar, as the arrow keys do."""
        if self._bars:
            self._current = min(max(at, 0), len(self._bars) - 1)
            self._describe()
            self._draw()
            self.marked.emit(self.mark)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between bars, or open one."""
        last = len(self._bars) - 1
        is_none = self._current < 0
        earlier, later = Qt.Key.Key_Left, Qt.Key.Key_Right
        if is_right_to_left():
            earlier, later = later, earlier
        to = {
            earlier: last if is_none else self._current - 1,
            later: last if is_none else self._current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in to:
            self.choose(to[key])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the pointer. The scene's own signal is rate-limited and may drop the last move."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseMove:
            self._hover(self._at(self._view.mapToScene(event.position().toPoint())))
        elif event.type() is QEvent.Type.Leave:
            self._hover(-1)
        return False

    def _describe(self) -> None:
        chosen = self._bars[self._current].description if self._current >= 0 else ""
        said = f"{self._name}: {chosen}" if chosen else self._name
        if said != self.accessibleName():
            self.setAccessibleName(said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def _at(self, place: QPointF) -> int:
        if not self._box.sceneBoundingRect().contains(place):
            return -1
        at = round(self._box.mapSceneToView(place).x())
        return at if 0 <= at < len(self._bars) else -1

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            shape = Qt.CursorShape.PointingHandCursor if at >= 0 else Qt.CursorShape.ArrowCursor
            self._view.viewport().setCursor(shape)
            self._draw()
            self.marked.emit(self.mark)

    def _on_clicked(self, click: Any) -> None:
        at = self._at(click.scenePos())
        if click.button() == Qt.MouseButton.LeftButton and at >= 0:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.choose(at)
            self.opened.emit(at)

    # --- drawing ---

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the labels that fit the new width."""
        super().resizeEvent(event)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_box"):
            self._draw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Outline the selected bar."""
        super().focusInEvent(event)
        self._draw()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Remove the outline."""
        super().focusOutEvent(event)
        self._draw()

    def _draw(self) -> None:
        colours = tokens.colours()
        self._view.setBackground(colours.surface)
        for item in self._items:
            self._box.removeItem(item)
        self._items = []
        values = [bar.value for bar in self._bars] + [bar.before or 0 for bar in self._bars]
        lines = _lines(min(values, default=0), max(values, default=0))
        for at in lines:
            self._add_item(pg.InfiniteLine(at, angle=0, pen=pg.mkPen(colours.faint if at == 0 else colours.line)))
        if self._bars:
            self._add_item(
                pg.BarGraphItem(
                    x=range(len(self._bars)),
                    height=[bar.value for bar in self._bars],
                    width=_WIDE,
                    brushes=[self._fill(at) for at in range(len(self._bars))],
                    pens=[self._outline(at) for at in range(len(self._bars))],
                )
            )
        befores = [(at, bar.before) for at, bar in enumerate(self._bars) if bar.before is not None]
        if any(value for _, value in befores):
            across = [(at + side * _WIDER / 2, value) for at, value in befores for side in (-1, 1)]
            places, heights = ([point[axis] for point in across] for axis in (0, 1))
            self._add_item(
                pg.PlotCurveItem(places, heights, connect="pairs", pen=pg.mkPen(colours.text, width=tokens.RING))
            )
        for axis in (self._scale, self._bottom):
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
            axis.setTextPen(colours.soft)
        self._scale.setTicks([[(at, self._write(at)) for at in lines]])
        self._bottom.setTicks([self._feet()])
        self._box.setXRange(-_HALF, max(len(self._bars), 1) - _HALF, padding=0)
        self._box.setYRange(lines[0], lines[-1], padding=0)

    def _add_item(self, item: Any) -> None:
        self._box.addItem(item)
        self._items.append(item)

    def _fill(self, at: int) -> Any:
        colours = tokens.colours()
        if not self._bars[at].is_inside:
            return pg.mkBrush(colours.soft if at == self.mark else colours.faint)
        return pg.mkBrush(colours.accent_hover if at == self.mark else colours.accent)

    def _outline(self, at: int) -> Any:
        colours = tokens.colours()
        if at == self._current and self.hasFocus():
            return pg.mkPen(colours.text, width=tokens.RING)
        return pg.mkPen(colours.text if at == self.mark else None)

    def _feet(self) -> list[tuple[int, str]]:
        """Return the labels below: all, or every second, third … where they would overlap."""
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(bar.foot) for bar in self._bars), default=1) + tokens.M
        room = max(self.width() - tokens.FIGURE_CARD, 1)
        step = max(1, -(-len(self._bars) * widest // room))
        last = len(self._bars) - 1
        return [(at, bar.foot) for at, bar in enumerate(self._bars) if (last - at) % step == 0]


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
